//! Names of files: safe ones, and ones that are not taken.

use crate::domain::{Date, steers_text};
use crate::site::folders::{Folders, walk};
use anyhow::{Context as _, Result};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::PoisonError;

/// Bytes of a name that every file system and every ending of ours has room for.
const NAME_BYTES_MAX: usize = 200;

/// Where an input that could not be processed goes, and the account of why beside it. Both relative to the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinePaths {
    pub file: String,
    pub why: String,
}

impl Folders {
    /// `archive/YYYY/MM/DD/<relative>` for an input `relative` to inbox/. Where that is `taken` or there already, or was handed
    /// out before, the run's id stands before the ending. No two of these paths are one on a disk that knows no case.
    pub fn archive_path(
        &self,
        date: Date,
        relative: &str,
        run_id: &str,
        taken: impl Fn(&str) -> bool,
    ) -> Result<String> {
        let (folder, name) = relative.rsplit_once('/').unwrap_or(("", relative));
        let day = format!("archive/{:04}/{:02}/{:02}", date.year(), date.month(), date.day());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.look(self, &day)?;
        let mut place = day;
        for part in folder.split('/').filter(|part| !part.is_empty()) {
            // a file of an earlier run may have the folder's name
            let free = |part: &String| !seen.is_file(&format!("{place}/{part}"));
            let Some(part) = candidates(part, run_id).find(free) else { continue };
            place = format!("{place}/{part}");
            seen.add_folder(&place);
        }
        let free = |path: &str| {
            Ok::<bool, anyhow::Error>(seen.is_free(path) && !taken(path) && !self.is_there(path)?)
        };
        for name in candidates(name, run_id) {
            let path = format!("{place}/{name}");
            if free(&path)? {
                seen.add_file(&path);
                return Ok(path);
            }
        }
        unreachable!("the candidates never end")
    }

    /// `quarantine/NAME` and `quarantine/NAME.why.json` for an input or a part of one; NAME is the last part of `relative`.
    /// Where either is `taken` or there already, or was handed out before, the run's id stands before the ending.
    pub fn quarantine_paths(
        &self,
        relative: &str,
        run_id: &str,
        taken: impl Fn(&str) -> bool,
    ) -> Result<QuarantinePaths> {
        let name = relative.rsplit('/').next().unwrap_or(relative);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.look(self, "quarantine")?;
        let free = |path: &str| {
            Ok::<bool, anyhow::Error>(seen.is_free(path) && !taken(path) && !self.is_there(path)?)
        };
        for name in candidates(name, run_id) {
            let file = format!("quarantine/{name}");
            let why = format!("{file}.why.json");
            if free(&file)? && free(&why)? {
                seen.add_file(&file);
                seen.add_file(&why);
                return Ok(QuarantinePaths { file, why });
            }
        }
        unreachable!("the candidates never end")
    }

    fn is_there(&self, relative: &str) -> Result<bool> {
        Ok(self.path(relative)?.symlink_metadata().is_ok())
    }
}

/// The places below some folders that are taken or were handed out, whatever their case: eight bytes each, so that a night of
/// very many files neither lists a folder again for each of them nor grows much.
#[derive(Debug, Default)]
pub(super) struct SeenPlaces {
    by_top: BTreeMap<String, Places>,
}

#[derive(Debug, Default)]
struct Places {
    files: HashSet<u64>,
    folders: HashSet<u64>,
}

impl SeenPlaces {
    /// What is below a folder of the site, looked through once.
    fn look(&mut self, folders: &Folders, top: &str) -> Result<&mut Places> {
        if !self.by_top.contains_key(top) {
            let mut places = Places::default();
            let path = folders.path(top)?;
            if path.is_dir() {
                let (below, files) = walk(&path)?;
                for folder in &below {
                    places.add_folder(&folders.relative(folder));
                }
                for file in &files {
                    places.add_file(&folders.relative(file));
                }
            }
            self.by_top.insert(top.to_owned(), places);
        }
        self.by_top.get_mut(top).context("the places were just looked through")
    }
}

impl Places {
    fn add_file(&mut self, path: &str) {
        self.files.insert(folded(path));
    }

    fn add_folder(&mut self, path: &str) {
        self.folders.insert(folded(path));
    }

    fn is_file(&self, path: &str) -> bool {
        self.files.contains(&folded(path))
    }

    fn is_free(&self, path: &str) -> bool {
        !self.is_file(path) && !self.folders.contains(&folded(path))
    }
}

/// A path without its case, as a hash: two paths with one hash only make a longer name.
fn folded(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.to_uppercase().to_lowercase().hash(&mut hasher);
    hasher.finish()
}

/// Names that some systems keep for devices, whatever stands behind a point.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// A name as every file system can hold it and every terminal can show it: control characters, marks that turn the direction
/// of text, and what Windows does not take in a name come as `%XX`, and then so does `%` itself. Other names are as they are.
pub(super) fn portable(name: &str) -> String {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let numbered = stem.len() == 4
        && stem
            .get(..3)
            .is_some_and(|port| port.eq_ignore_ascii_case("COM") || port.eq_ignore_ascii_case("LPT"))
        && stem.ends_with(|c: char| c.is_ascii_digit());
    let device = numbered || DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem));
    let odd = |at: usize, c: char| {
        let last = at + c.len_utf8() == name.len();
        c.is_control()
            || steers_text(c)
            || "<>:\"\\|?*".contains(c)
            || (device && at == 0)
            || (last && matches!(c, '.' | ' '))
    };
    if !name.char_indices().any(|(at, c)| odd(at, c)) {
        return name.to_owned();
    }
    let mut text = String::with_capacity(name.len());
    for (at, c) in name.char_indices() {
        if odd(at, c) || c == '%' {
            let mut bytes = [0; 4];
            text.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
        } else {
            text.push(c);
        }
    }
    text
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
    let stem = stem.get(..length).unwrap_or_default();
    // what is cut off may leave an end that not every system keeps
    if ending.is_empty() { stem.trim_end_matches([' ', '.']).to_owned() } else { format!("{stem}{ending}") }
}
