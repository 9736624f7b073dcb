//! `store`: the database itself, and files that are kept for so many days.

use crate::cli::xref::instant;
use crate::cli::{Format, Shell};
use crate::domain::Date;
use crate::run::retention::{Pruned, prune};
use crate::site::Site;
use crate::site::config::{self, StoreLocation};
use crate::site::folders::{Folders, beside, clear_beside, lock, put_in_place};
use crate::store::copy::copy as copy_rows;
use crate::store::sqlite::SqliteStore;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Subcommand)]
pub(super) enum StoreCommand {
    /// Bring the schema up to date, as every other command does when it opens the store; say from what to what.
    Migrate,
    /// A consistent copy of the store in one file, also while a run is going. Open it with --store sqlite:DEST.
    Backup(BackupArgs),
    /// Every row from one store into another that is empty.
    Copy(CopyArgs),
    /// Take away the files that are older than [retention] in itembridge.toml keeps them, as each run does when it has ended.
    Prune(PruneArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// The file to write, relative to where you are.
    dest: PathBuf,
    /// Take the place of a file that stands there.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct CopyArgs {
    /// A store, as sqlite:PATH, relative to the site.
    #[arg(value_name = "FROM", value_parser = StoreLocation::parse)]
    from: StoreLocation,
    /// Another one. It is made if it is not there; nothing may stand in it.
    #[arg(value_name = "TO", value_parser = StoreLocation::parse)]
    to: StoreLocation,
}

#[derive(Debug, clap::Args)]
pub(super) struct PruneArgs {
    /// Say what would go, and take nothing away.
    #[arg(long)]
    dry_run: bool,
    /// The day from which the days are counted, YYYY-MM-DD; today if it is not given.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Wait for a run that is under way, instead of giving up.
    #[arg(long)]
    wait: bool,
}

pub(super) fn store(shell: &Shell, command: &StoreCommand) -> Result<u8> {
    match command {
        StoreCommand::Migrate => migrate(shell),
        StoreCommand::Backup(args) => backup(shell, args),
        StoreCommand::Copy(args) => copy(shell, args),
        StoreCommand::Prune(args) => retention(shell, args),
    }
}

fn location(shell: &Shell) -> Result<PathBuf> {
    let settings = config::load(&shell.site)?;
    Ok(shell.store.as_ref().unwrap_or(&settings.store).sqlite_path(&shell.site))
}

fn migrate(shell: &Shell) -> Result<u8> {
    let path = location(shell)?;
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

fn backup(shell: &Shell, args: &BackupArgs) -> Result<u8> {
    let (path, dest) = (location(shell)?, &args.dest);
    ensure!(!dest.is_dir(), "{} is a folder: name a file", dest.display());
    let there = dest.symlink_metadata().is_ok();
    if there && let (Ok(one), Ok(other)) = (path.canonicalize(), dest.canonicalize()) {
        ensure!(one != other, "{} is the store itself", dest.display());
    }
    ensure!(args.force || !there, "{} stands there already; --force takes its place", dest.display());
    let log = with_suffix(dest, "-wal");
    ensure!(!log.exists(), "{} is a store in use: {} stands beside it", dest.display(), log.display());
    // of an attempt that was stopped
    clear_beside(dest)?;
    let copied = SqliteStore::back_up(&path, &beside(dest));
    let version = match copied {
        Ok(version) => version,
        Err(error) => {
            clear_beside(dest)?;
            return Err(error);
        }
    };
    put_in_place(dest)?;
    let bytes = dest.metadata().with_context(|| format!("look at {}", dest.display()))?.len();
    match shell.format {
        Format::Json => {
            shell.json(&json!({"store": path, "backup": dest, "bytes": bytes, "schema_version": version}))?;
        }
        Format::Text => shell.print(&format!(
            "{} is in {}: {bytes} bytes, schema version {version}\n",
            path.display(),
            dest.display()
        ))?,
    }
    Ok(0)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn copy(shell: &Shell, args: &CopyArgs) -> Result<u8> {
    let (from, to) = (args.from.sqlite_path(&shell.site), args.to.sqlite_path(&shell.site));
    ensure!(from.is_file(), "there is no store {}", from.display());
    if let (Ok(one), Ok(other)) = (from.canonicalize(), to.canonicalize()) {
        ensure!(one != other, "{} and {} are one store", from.display(), to.display());
    }
    let mut source = SqliteStore::open(&from)?;
    let mut target = SqliteStore::open(&to)?;
    let mut rows = source.copy_source()?;
    let copied = copy_rows(&mut rows, target.copy_target()?)
        .with_context(|| format!("copy {} into {}", from.display(), to.display()))?;
    let tables: BTreeMap<&str, u64> =
        copied.iter().filter(|(_, rows)| *rows > 0).map(|(name, rows)| (name.as_str(), *rows)).collect();
    let total: u64 = tables.values().sum();
    match shell.format {
        Format::Json => shell.json(&json!({"from": from, "to": to, "rows": total, "tables": tables}))?,
        Format::Text => shell.print(&format!(
            "{total} rows of {} tables of {} are in {}\n",
            tables.len(),
            from.display(),
            to.display()
        ))?,
    }
    Ok(0)
}

fn retention(shell: &Shell, args: &PruneArgs) -> Result<u8> {
    let Site { settings, partners } = crate::site::load(&shell.site)?;
    let folders = Folders::open(&shell.site)?;
    let today = args.date.unwrap_or_else(|| instant::now().1);
    let lock = if args.dry_run {
        None
    } else {
        let mut lock = lock(&shell.site, args.wait)?;
        lock.note("taking old files away")?;
        Some(lock)
    };
    let mut store = shell.open_store()?;
    let pruned = prune(store.as_mut(), &folders, (&settings, &partners), (today, args.dry_run))?;
    drop(lock);
    match shell.format {
        Format::Json => shell.json(&pruned)?,
        Format::Text => shell.print(&told(&pruned))?,
    }
    if let Some((path, why)) = pruned.kept.first_key_value() {
        bail!(
            "{} files could not be taken away, and the next run tries again; {path}: {why}",
            pruned.kept.len()
        );
    }
    Ok(0)
}

fn told(pruned: &Pruned) -> String {
    if pruned.kinds.is_empty() {
        return "everything is kept for ever: [retention] in itembridge.toml names no days\n".to_owned();
    }
    let mut out: String = pruned.files.iter().map(|path| format!("{path}\n")).collect();
    if pruned.files_left_out > 0 {
        out += &format!("and {} more\n", pruned.files_left_out);
    }
    for (kind, of) in &pruned.kinds {
        let verb = if pruned.dry_run { "would go" } else { "are gone" };
        out += &format!("{kind}: {} files of runs before {} {verb}, {} bytes", of.files, of.before, of.bytes);
        if of.waiting > 0 {
            out += &format!("; {} that wait for an acknowledgment stay", of.waiting);
        }
        out.push('\n');
    }
    out
}
