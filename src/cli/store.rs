//! `store`: the database itself.

use crate::cli::{Format, Shell};
use crate::site::config;
use crate::store::sqlite::SqliteStore;
use anyhow::Result;
use serde_json::json;

#[derive(Debug, clap::Subcommand)]
pub(super) enum StoreCommand {
    /// Bring the schema up to date, as every other command does when it opens the store; say from what to what.
    Migrate,
}

pub(super) fn store(shell: &Shell, command: &StoreCommand) -> Result<u8> {
    let StoreCommand::Migrate = command;
    let settings = config::load(&shell.site)?;
    let location = shell.store.as_ref().unwrap_or(&settings.store);
    let path = location.sqlite_path(&shell.site);
    let before = SqliteStore::schema_version(&path)?;
    drop(shell.open_store()?);
    let after = SqliteStore::schema_version(&path)?;
    match shell.format {
        Format::Json => shell.json(&json!({"store": path, "from": before, "to": after}))?,
        Format::Text if before == after => {
            shell.print(&format!("{} is up to date: schema version {after}\n", path.display()))?;
        }
        Format::Text => {
            shell.print(&format!("{}: schema version {before} -> {after}\n", path.display()))?;
        }
    }
    Ok(0)
}
