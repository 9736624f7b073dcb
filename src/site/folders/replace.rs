//! Files that are written anew: reports, of which the last one counts.

use crate::site::folders::{Folders, sync_folder};
use anyhow::{Context, Result};
use std::fs::File;
use std::io::Write;

impl Folders {
    /// Puts a whole file in the place of what stood there, in one step: a reader sees the old one or the new one.
    pub fn replace(&self, relative: &str, bytes: &[u8]) -> Result<()> {
        let target = self.path(relative)?;
        let folder = target.parent().unwrap_or(self.root());
        self.create_inside(folder)?;
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(".part");
        let beside = target.with_file_name(name);
        let writing = || format!("write {}", target.display());
        let mut file = File::create(&beside).with_context(writing)?;
        file.write_all(bytes).with_context(writing)?;
        file.sync_all().with_context(writing)?;
        std::fs::rename(&beside, &target).with_context(writing)?;
        sync_folder(folder)
    }
}
