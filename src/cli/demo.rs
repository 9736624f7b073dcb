//! `demo`: the sample site, which is inside the binary, laid out and its night run.

use crate::cli::{Format, Shell, run};
use crate::world;
use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;

/// Every file of samples/site: path, bytes.
static SAMPLE_SITE: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/sample_site.rs"));

#[derive(Debug, clap::Args)]
pub(super) struct DemoArgs {
    /// Where to lay the sample site out; the folder must be empty or not there.
    #[arg(default_value = "itembridge-demo")]
    dir: PathBuf,
}

pub(super) fn demo(shell: &Shell, args: &DemoArgs) -> Result<u8> {
    let dir = &args.dir;
    let empty = std::fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none());
    if !empty {
        bail!("{} is not empty; remove it, or name another folder: itembridge demo DIR", dir.display());
    }
    for (path, bytes) in SAMPLE_SITE {
        let path = dir.join(path);
        let parent = path.parent().unwrap_or(dir);
        world::make_folders(parent).with_context(|| format!("make {}", parent.display()))?;
        world::write(&path, bytes).with_context(|| format!("write {}", path.display()))?;
    }
    let options = crate::run::Options { store: shell.store.clone(), ..crate::run::Options::default() };
    let summary = run::night(shell, dir, &options)?;
    if shell.format == Format::Text {
        shell.print(&where_to_look(&dir.display().to_string()))?;
    }
    Ok(summary.exit_code)
}

fn where_to_look(dir: &str) -> String {
    format!(
        "\nThe sample site is in {dir}. Where to look:\n  \
         {dir}/orders/             internal orders for the ERP\n  \
         {dir}/outbox/             997, 855 and 810 for each partner\n  \
         {dir}/quarantine/         what could not be processed, and why\n  \
         {dir}/reports/            the run's summary; coverage, worklist and ledger as CSV\n  \
         {dir}/archive/            every input as it came\n\
         Next:\n  \
         itembridge --site {dir} report coverage\n  \
         itembridge --site {dir} report coverage --as html --out coverage.html\n  \
         itembridge --site {dir} ledger list\n  \
         itembridge --site {dir} status\n"
    )
}
