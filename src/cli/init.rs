//! `init`: a new site.

use crate::cli::Shell;
use anyhow::Result;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct InitArgs {
    /// The folder to make the site in; it must not hold a site already.
    dir: PathBuf,
}

pub(super) fn init(shell: &Shell, args: &InitArgs) -> Result<u8> {
    let written = crate::site::init::init(&args.dir)?;
    let dir = args.dir.display();
    let mut text = format!("a new site in {dir}:\n");
    for path in &written {
        text += &format!("  {}\n", path.display());
    }
    text += &format!(
        "next: fill in [company] in {dir}/itembridge.toml, one file a partner in {dir}/partners, and the masters; then\n  \
         itembridge --site {dir} run\n"
    );
    shell.print(&text)?;
    Ok(0)
}
