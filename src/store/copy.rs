//! From one store to another, table by table: a store gives its rows as plain values and takes them, whatever database it is.

use crate::domain::Text;
use anyhow::{Result, ensure};

/// A value of a column. Every store keeps whole numbers and text alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Integer(i64),
    Text(String),
}

/// A table that is copied: all columns in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
}

/// A store that is read as it stood at one instant.
pub trait CopySource {
    /// The tables of the newest schema; what is derived from others (indexes for lookups) is left out.
    fn tables(&mut self) -> Result<Vec<Table>>;
    /// All rows of a table. An error of `take` ends the walk and comes back.
    fn each_row(&mut self, table: &Table, take: &mut dyn FnMut(&[Value]) -> Result<()>) -> Result<()>;
}

/// A store that takes all rows in one transaction.
pub trait CopyTarget {
    /// The tables that it has, with their columns.
    fn tables(&mut self) -> Result<Vec<Table>>;
    /// Whether nothing stands in the table.
    fn is_empty(&mut self, table: &Table) -> Result<bool>;
    fn add(&mut self, table: &Table, row: &[Value]) -> Result<()>;
    /// Makes what is derived, and commits.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// Copies everything, or nothing. How many rows each table has.
pub fn copy(source: &mut dyn CopySource, mut target: Box<dyn CopyTarget + '_>) -> Result<Vec<(Text, u64)>> {
    let tables = source.tables()?;
    ensure!(tables == target.tables()?, "the two stores have not the same tables");
    for table in &tables {
        ensure!(
            target.is_empty(table)?,
            "the target is not empty: something stands in its table {}",
            table.name
        );
    }
    let mut copied = Vec::new();
    for table in &tables {
        let mut rows = 0;
        source.each_row(table, &mut |row| {
            rows += 1;
            target.add(table, row)
        })?;
        copied.push((table.name.as_str().into(), rows));
    }
    target.finish()?;
    Ok(copied)
}
