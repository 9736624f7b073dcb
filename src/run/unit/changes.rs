//! `orders/changes-RUN-UUUU`: what a unit's changes make of orders that the ERP has, in every format that the site wants.

use super::{OrdersFile, Unit};
use crate::documents::change_rows::{self, ChangeRow};
use crate::documents::internal_order::Cell;
use crate::domain::Text;
use crate::facts;
use crate::run::source::hexadecimal;
use crate::site::config::OrderFormat;
use anyhow::Result;
use sha2::{Digest as _, Sha256};

/// The files while they are written; memory does not grow with the unit, but for Parquet.
#[derive(Debug, Default)]
pub(super) struct ChangeFiles {
    files: Vec<OrdersFile>,
    parquet: Vec<ChangeRow>,
}

impl Unit<'_> {
    /// Changed lines for the ERP.
    pub(crate) fn add_change_rows(&mut self, rows: Vec<ChangeRow>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        if self.changes.files.is_empty() {
            self.open_changes()?;
        }
        for file in &mut self.changes.files {
            match file.format {
                OrderFormat::Csv => file.write(&change_rows::csv_rows(&rows))?,
                OrderFormat::Jsonl => file.write(&change_rows::jsonl(&rows))?,
                OrderFormat::Parquet => {}
            }
        }
        if self.settings.formats.contains(&OrderFormat::Parquet) {
            self.changes.parquet.extend(rows);
        }
        Ok(())
    }

    fn open_changes(&mut self) -> Result<()> {
        for format in self.settings.formats.iter().filter(|format| **format != OrderFormat::Parquet) {
            let path = self.changes_path(*format);
            let writer = self.staged()?.writer(&path)?;
            let mut file = OrdersFile { format: *format, path, writer, hash: Sha256::new() };
            if *format == OrderFormat::Csv {
                file.write(&change_rows::csv_header())?;
            }
            self.changes.files.push(file);
        }
        Ok(())
    }

    fn changes_path(&self, format: OrderFormat) -> String {
        format!("orders/changes-{}-{:04}.{}", self.run.run_id, self.number, format.extension())
    }

    pub(super) fn write_changes(&mut self) -> Result<()> {
        let ChangeFiles { files, parquet } = std::mem::take(&mut self.changes);
        for file in files {
            let digest = hexadecimal(&file.hash.finalize());
            let staged = file.writer.finish()?;
            self.list("changes", "", "", &file.path, staged, digest)?;
        }
        if !parquet.is_empty() {
            let header: Vec<&str> = change_rows::header().collect();
            let texts: Vec<Vec<Text>> =
                parquet.iter().map(|row| change_rows::cells(row).map(Cell::plain).collect()).collect();
            let bytes = facts::write::text_rows_parquet(&header, &texts, &["line", "xref_id"])?;
            self.stage("changes", "", "", &self.changes_path(OrderFormat::Parquet), &bytes)?;
        }
        Ok(())
    }
}
