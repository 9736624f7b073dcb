//! A site: the folder that holds one company's work: its settings, its partners, its masters, its files.
//!
//! - [`config`]: itembridge.toml, checked
//! - [`partner_profile`]: partners/*.toml, checked, and which of them a document belongs to
//! - [`masters`]: masters/*.csv to the rows of the trade
//! - [`folders`]: the one place that moves files
//! - [`init`]: a new site

pub mod config;
pub mod folders;
pub mod init;
pub mod masters;
pub mod partner_profile;
pub mod toml_file;

use crate::domain::partner::PartnerProfile;
use anyhow::Result;
use std::path::Path;

/// Everything that a site's TOML files say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub settings: config::Settings,
    /// In the order of their file names.
    pub partners: Vec<PartnerProfile>,
}

/// Reads itembridge.toml and partners/*.toml. Whatever is wrong in any of them is told together.
pub fn load(site: &Path) -> Result<Site> {
    let (settings, mut problems) = config::read(site)?;
    let company = settings.as_ref().map(|settings| &settings.company);
    let (partners, more) = partner_profile::read(site, company)?;
    problems.extend(more);
    match settings {
        Some(settings) if problems.is_empty() => Ok(Site { settings, partners }),
        _ => Err(toml_file::refusal(&problems)),
    }
}

#[cfg(test)]
mod tests;
