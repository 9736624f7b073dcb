//! What a unit writes for the ERP, lines of orders and changes of them, each in every format that the site wants.

use super::Unit;
use crate::documents::change_rows::{self, ChangeRow};
use crate::documents::internal_order::{self, Cell, InternalOrderRow};
use crate::domain::Text;
use crate::facts;
use crate::facts::write::RowGroups;
use crate::run::source::hexadecimal;
use crate::site::config::OrderFormat;
use crate::site::folders::StagedWriter;
use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::sync::{Arc, Mutex};

/// Columns that are no text in Parquet.
const INTEGERS: [&str; 2] = ["line", "xref_id"];

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

/// The files of one kind of rows, written as the rows come, so that memory does not grow with the unit.
#[derive(Debug)]
pub(super) struct ErpFiles<R> {
    files: Vec<OpenFile>,
    /// Rows that wait for the next group of the Parquet file.
    parquet: Vec<R>,
    /// The Parquet file, where there are more rows than one group of them.
    groups: Option<(RowGroups<Shared>, Shared)>,
}

/// So many rows are a group of a Parquet file.
const GROUP_ROWS_MAX: usize = 50_000;

/// A file that is ended after the writer who keeps it is.
#[derive(Debug, Clone)]
struct Shared(Arc<Mutex<OpenFile>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut file = self.0.lock().map_err(|_| std::io::Error::other("its writer panicked"))?;
        let written = file.writer.write(bytes)?;
        file.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().map_err(|_| std::io::Error::other("its writer panicked"))?.writer.flush()
    }
}

impl<R> Default for ErpFiles<R> {
    fn default() -> Self {
        Self { files: Vec::new(), parquet: Vec::new(), groups: None }
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
            for row in rows {
                if to.parquet.len() == GROUP_ROWS_MAX {
                    self.write_group(to)?;
                }
                to.parquet.push(row);
            }
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
    fn end_files<R: Row>(&mut self, mut ended: ErpFiles<R>) -> Result<()> {
        for file in std::mem::take(&mut ended.files) {
            self.end_file::<R>(file)?;
        }
        if ended.groups.is_some() {
            self.write_group(&mut ended)?;
        } else if !ended.parquet.is_empty() {
            let texts: Vec<Vec<Text>> = ended.parquet.iter().map(Row::cells).collect();
            let bytes = facts::write::text_rows_parquet(&R::columns(), &texts, &INTEGERS)?;
            self.stage(R::NAME, "", "", &self.erp_path::<R>(OrderFormat::Parquet), &bytes)?;
        }
        let Some((groups, file)) = ended.groups else { return Ok(()) };
        groups.finish()?;
        let file = Arc::into_inner(file.0).and_then(|file| file.into_inner().ok());
        self.end_file::<R>(file.context("the Parquet writer has ended")?)
    }

    fn end_file<R: Row>(&mut self, file: OpenFile) -> Result<()> {
        let digest = hexadecimal(&file.hash.finalize());
        let staged = file.writer.finish()?;
        self.list(R::NAME, "", "", &file.path, staged, digest)
    }

    /// Writes the rows that wait as a group of the Parquet file.
    fn write_group<R: Row>(&mut self, to: &mut ErpFiles<R>) -> Result<()> {
        let (columns, rows) = (R::columns(), std::mem::take(&mut to.parquet));
        let (groups, _) = match &mut to.groups {
            Some(groups) => groups,
            none => {
                let (format, path) = (OrderFormat::Parquet, self.erp_path::<R>(OrderFormat::Parquet));
                let writer = self.staged()?.writer(&path)?;
                let file =
                    Shared(Arc::new(Mutex::new(OpenFile { format, path, writer, hash: Sha256::new() })));
                let empty = facts::write::text_columns(&columns, &[], &INTEGERS)?;
                none.insert((RowGroups::begin(file.clone(), empty)?, file))
            }
        };
        let texts: Vec<Vec<Text>> = rows.iter().map(Row::cells).collect();
        groups.add(facts::write::text_columns(&columns, &texts, &INTEGERS)?)
    }

    fn erp_path<R: Row>(&self, format: OrderFormat) -> String {
        format!("orders/{}-{}-{:04}.{}", R::NAME, self.run.run_id, self.number, format.extension())
    }
}
