//! masters/*.csv, as the ERP exports them, to the rows of the trade. A row that cannot be read is named and left out; a
//! file without a required column stops the run, because syncing it would end every row.

mod rows;
mod table;
pub mod xref_file;

pub use rows::{read_conversions, read_customers, read_items, read_kits, read_xrefs};
pub use table::Rows;

use crate::domain::customer_item::CustomerItemType;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::item::Masters;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// One of the five files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MasterFile {
    Items,
    Customers,
    ItemXref,
    ItemKits,
    Uom,
}

impl MasterFile {
    /// In the order in which they are synced.
    pub const ALL: [Self; 5] = [Self::Items, Self::Customers, Self::ItemXref, Self::ItemKits, Self::Uom];

    /// Its name in the store and, with `.csv`, in masters/.
    pub fn name(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Customers => "customers",
            Self::ItemXref => "item_xref",
            Self::ItemKits => "item_kits",
            Self::Uom => "uom",
        }
    }

    /// Relative to the site.
    pub fn path(self) -> String {
        format!("masters/{}.csv", self.name())
    }

    /// Whether a site needs the file. A site without kits or without units to convert needs none of these.
    pub fn required(self) -> bool {
        matches!(self, Self::Items | Self::Customers | Self::ItemXref)
    }
}

/// What one file gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MasterRead {
    /// Only the list of the file that was read is filled, sorted by its key.
    pub rows: Masters,
    /// The first 100; each says of one value what is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// How many findings there were in all.
    pub findings: u64,
    /// Rows that are not in `rows`.
    pub left_out: u64,
}

/// SHA-256 of a master of the site, in hexadecimal. None: the file is not there and need not be. A required file that is
/// missing is an error that names it.
pub fn digest(site: &Path, master: MasterFile) -> Result<Option<String>> {
    match open(site, master)? {
        Some(file) => digest_of(file).with_context(|| format!("read {}", master.path())).map(Some),
        None => Ok(None),
    }
}

/// Reads a master of the site; one that is not there and need not be gives no rows. `types` are those of itembridge.toml.
pub fn read(site: &Path, master: MasterFile, types: &[CustomerItemType]) -> Result<MasterRead> {
    let Some(file) = open(site, master)? else { return Ok(MasterRead::default()) };
    let mut rows = Masters::default();
    let told = match master {
        MasterFile::Items => read_items(file, types)?.split(&mut rows.items),
        MasterFile::Customers => read_customers(file)?.split(&mut rows.customers),
        MasterFile::ItemXref => read_xrefs(file)?.split(&mut rows.xrefs),
        MasterFile::ItemKits => read_kits(file)?.split(&mut rows.kits),
        MasterFile::Uom => read_conversions(file)?.split(&mut rows.conversions),
    };
    Ok(MasterRead { rows, diagnostics: told.diagnostics, findings: told.findings, left_out: told.left_out })
}

/// SHA-256 of everything that a reader gives, in hexadecimal, in bounded memory.
pub fn digest_of(mut input: impl Read) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => hash.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn open(site: &Path, master: MasterFile) -> Result<Option<File>> {
    let path = site.join(master.path());
    match File::open(&path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound && !master.required() => Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            anyhow::bail!("{} is missing; a file with a header and no rows is enough", path.display())
        }
        Err(error) => Err(error).with_context(|| format!("open {}", path.display())),
    }
}

#[cfg(test)]
mod tests;
