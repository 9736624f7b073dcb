//! Names of files: safe ones, and ones that are not taken.

use crate::domain::Date;
use crate::site::folders::Folders;
use anyhow::Result;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Bytes of a name that every file system and every ending of ours has room for.
const NAME_BYTES_MAX: usize = 200;

/// Where an input that could not be processed goes, and the account of why beside it. Both relative to the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinePaths {
    pub file: String,
    pub why: String,
}

impl Folders {
    /// `archive/YYYY/MM/DD/<relative>` for an input `relative` to inbox/. Where that is `taken` (by an input whose move
    /// is planned) or there already, the run's id stands before the ending.
    pub fn archive_path(
        &self,
        date: Date,
        relative: &str,
        run_id: &str,
        taken: impl Fn(&str) -> bool,
    ) -> Result<String> {
        let (folder, name) = relative.rsplit_once('/').unwrap_or(("", relative));
        let day = format!("archive/{:04}/{:02}/{:02}", date.year(), date.month(), date.day());
        let folder = if folder.is_empty() { day } else { format!("{day}/{folder}") };
        let free = |path: &str| Ok::<bool, anyhow::Error>(!taken(path) && !self.is_there(path)?);
        for name in candidates(name, run_id) {
            let path = format!("{folder}/{name}");
            if free(&path)? {
                return Ok(path);
            }
        }
        unreachable!("the candidates never end")
    }

    /// `quarantine/NAME` and `quarantine/NAME.why.json` for an input or a part of one; NAME is the last part of `relative`.
    /// Where either is `taken` or there already, the run's id stands before the ending.
    pub fn quarantine_paths(
        &self,
        relative: &str,
        run_id: &str,
        taken: impl Fn(&str) -> bool,
    ) -> Result<QuarantinePaths> {
        let name = relative.rsplit('/').next().unwrap_or(relative);
        let free = |path: &str| Ok::<bool, anyhow::Error>(!taken(path) && !self.is_there(path)?);
        for name in candidates(name, run_id) {
            let file = format!("quarantine/{name}");
            let why = format!("{file}.why.json");
            if free(&file)? && free(&why)? {
                return Ok(QuarantinePaths { file, why });
            }
        }
        unreachable!("the candidates never end")
    }

    fn is_there(&self, relative: &str) -> Result<bool> {
        Ok(self.path(relative)?.symlink_metadata().is_ok())
    }
}

/// A name for a file or folder from any text: everything but letters, digits, `-`, `_` and `.` as `%XX`. Different texts
/// give different names; none is empty, begins with a point, or is longer than 200 bytes.
pub fn safe_file_name(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for (index, byte) in text.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-_".contains(&byte) || (byte == b'.' && index > 0);
        if plain { name.push(char::from(byte)) } else { name.push_str(&format!("%{byte:02X}")) }
    }
    if name.is_empty() {
        return "%".to_owned();
    }
    if name.len() > NAME_BYTES_MAX {
        // all of it is ASCII by now; `%-` begins no encoded byte
        name.truncate(NAME_BYTES_MAX - 2 - 32);
        name.push_str("%-");
        let digest = Sha256::digest(text.as_bytes());
        name.extend(digest.iter().take(16).map(|byte| format!("{byte:02x}")));
    }
    name
}

/// The text of a path. What is not UTF-8 comes as `%XX`, and then so does `%` itself.
pub(super) fn text_of(path: &Path) -> String {
    if let Some(text) = path.to_str() {
        return text.to_owned();
    }
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        text.push_str(&chunk.valid().replace('%', "%25"));
        text.extend(chunk.invalid().iter().map(|byte| format!("%{byte:02X}")));
    }
    text
}

/// `order.edi`, `order-20260301-001.edi`, `order-20260301-001-2.edi`, ...: without end, none too long.
pub(super) fn candidates<'n>(name: &'n str, run_id: &'n str) -> impl Iterator<Item = String> + 'n {
    let (stem, ending) = match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= 16 => name.split_at(at),
        _ => (name, ""),
    };
    let first = std::iter::once_with(move || fitted(stem, ending));
    let second = std::iter::once_with(move || fitted(stem, &format!("-{run_id}{ending}")));
    let others = (2u64..).map(move |number| fitted(stem, &format!("-{run_id}-{number}{ending}")));
    first.chain(second).chain(others)
}

/// `stem` and `ending` in one, the stem shortened so that both fit.
fn fitted(stem: &str, ending: &str) -> String {
    let mut length = stem.len().min(NAME_BYTES_MAX.saturating_sub(ending.len()));
    while !stem.is_char_boundary(length) {
        length -= 1;
    }
    format!("{}{ending}", stem.get(..length).unwrap_or_default())
}
