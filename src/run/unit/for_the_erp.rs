//! What a unit writes for the ERP, lines of orders and changes of them, each in every format that the site wants.

use super::Unit;
use crate::documents::change_rows::{self, ChangeRow};
use crate::documents::internal_order::{self, Cell, InternalOrderRow};
use crate::domain::Text;
use crate::facts;
use crate::run::source::hexadecimal;
use crate::site::config::OrderFormat;
use crate::site::folders::StagedWriter;
use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;

/// Rows of one kind.
trait Row: Sized {
    /// How their files begin: `orders/<NAME>-RUN-UUUU`.
    const NAME: &'static str;
    fn csv_header() -> Vec<u8>;
    fn csv(rows: &[Self]) -> Vec<u8>;
    fn jsonl(rows: &[Self]) -> Vec<u8>;
    fn columns() -> Vec<&'static str>;
    fn cells(&self) -> Vec<Text>;
}

impl Row for InternalOrderRow {
    const NAME: &'static str = "orders";
    fn csv_header() -> Vec<u8> {
        internal_order::csv_header()
    }
    fn csv(rows: &[Self]) -> Vec<u8> {
        internal_order::csv_rows(rows)
    }
    fn jsonl(rows: &[Self]) -> Vec<u8> {
        internal_order::jsonl(rows)
    }
    fn columns() -> Vec<&'static str> {
        internal_order::COLUMNS.iter().map(|column| column.name).collect()
    }
    fn cells(&self) -> Vec<Text> {
        internal_order::COLUMNS.iter().map(|column| (column.cell)(self).plain()).collect()
    }
}

impl Row for ChangeRow {
    const NAME: &'static str = "changes";
    fn csv_header() -> Vec<u8> {
        change_rows::csv_header()
    }
    fn csv(rows: &[Self]) -> Vec<u8> {
        change_rows::csv_rows(rows)
    }
    fn jsonl(rows: &[Self]) -> Vec<u8> {
        change_rows::jsonl(rows)
    }
    fn columns() -> Vec<&'static str> {
        change_rows::header().collect()
    }
    fn cells(&self) -> Vec<Text> {
        change_rows::cells(self).map(Cell::plain).collect()
    }
}

/// A file that is being written.
#[derive(Debug)]
struct OpenFile {
    format: OrderFormat,
    path: String,
    writer: StagedWriter,
    hash: Sha256,
}

impl OpenFile {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.hash.update(bytes);
        self.writer.write_all(bytes).with_context(|| format!("write {}", self.path))
    }
}

/// The files of one kind of rows. The text formats are written as the rows come, so that memory does not grow with the unit.
#[derive(Debug)]
pub(super) struct ErpFiles<R> {
    files: Vec<OpenFile>,
    parquet: Vec<R>,
}

impl<R> Default for ErpFiles<R> {
    fn default() -> Self {
        Self { files: Vec::new(), parquet: Vec::new() }
    }
}

impl Unit<'_> {
    /// Lines of orders for the ERP.
    pub(crate) fn add_internal_orders(&mut self, rows: Vec<InternalOrderRow>) -> Result<()> {
        let mut files = std::mem::take(&mut self.orders);
        self.add_rows(&mut files, rows)?;
        self.orders = files;
        Ok(())
    }

    /// Changed lines for the ERP.
    pub(crate) fn add_change_rows(&mut self, rows: Vec<ChangeRow>) -> Result<()> {
        let mut files = std::mem::take(&mut self.changes);
        self.add_rows(&mut files, rows)?;
        self.changes = files;
        Ok(())
    }

    /// Ends the files and lists them.
    pub(super) fn end_erp_files(&mut self) -> Result<()> {
        let (orders, changes) = (std::mem::take(&mut self.orders), std::mem::take(&mut self.changes));
        self.end_files(orders)?;
        self.end_files(changes)
    }

    fn add_rows<R: Row>(&mut self, to: &mut ErpFiles<R>, rows: Vec<R>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        if to.files.is_empty() {
            self.open_files(to)?;
        }
        for file in &mut to.files {
            match file.format {
                OrderFormat::Csv => file.write(&R::csv(&rows))?,
                OrderFormat::Jsonl => file.write(&R::jsonl(&rows))?,
                OrderFormat::Parquet => {}
            }
        }
        if self.settings.formats.contains(&OrderFormat::Parquet) {
            to.parquet.extend(rows);
        }
        Ok(())
    }

    fn open_files<R: Row>(&mut self, to: &mut ErpFiles<R>) -> Result<()> {
        for format in self.settings.formats.iter().filter(|format| **format != OrderFormat::Parquet) {
            let path = self.erp_path::<R>(*format);
            let writer = self.staged()?.writer(&path)?;
            let mut file = OpenFile { format: *format, path, writer, hash: Sha256::new() };
            if *format == OrderFormat::Csv {
                file.write(&R::csv_header())?;
            }
            to.files.push(file);
        }
        Ok(())
    }

    /// Parquet has the same columns: texts, with `line` and `xref_id` as integers.
    fn end_files<R: Row>(&mut self, ended: ErpFiles<R>) -> Result<()> {
        for file in ended.files {
            let digest = hexadecimal(&file.hash.finalize());
            let staged = file.writer.finish()?;
            self.list(R::NAME, "", "", &file.path, staged, digest)?;
        }
        if !ended.parquet.is_empty() {
            let texts: Vec<Vec<Text>> = ended.parquet.iter().map(Row::cells).collect();
            let bytes = facts::write::text_rows_parquet(&R::columns(), &texts, &["line", "xref_id"])?;
            self.stage(R::NAME, "", "", &self.erp_path::<R>(OrderFormat::Parquet), &bytes)?;
        }
        Ok(())
    }

    fn erp_path<R: Row>(&self, format: OrderFormat) -> String {
        format!("orders/{}-{}-{:04}.{}", R::NAME, self.run.run_id, self.number, format.extension())
    }
}
