//! `FILE.problems.csv`: the refused rows of a file that came in, beside it, until all of them are in.

use crate::cli::edited::PROBLEM;
use crate::site::folders::{Replacement, withdraw};
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

/// The file of refused rows of another file. It is touched once what is sound is committed, or nothing will be: it may be the
/// very file that came in, and until then that is the only place where its rows are.
#[derive(Debug)]
pub(super) struct ProblemFile {
    path: PathBuf,
    /// It is the file that came in.
    comes_back: bool,
}

impl ProblemFile {
    /// Of `list.csv`, and of `list.problems.csv` itself: `list.problems.csv`.
    pub(super) fn of(file: &Path) -> Self {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let path = file.with_file_name(format!("{}.problems.csv", stem.trim_end_matches(".problems")));
        Self { comes_back: path == file, path }
    }

    /// Whether a row stands in it. Where nothing is applied, the sound rows of a file that comes back stay in it.
    pub(super) fn has(&self, refused: bool, applied: bool) -> bool {
        refused || (self.comes_back && !applied)
    }

    /// Nothing is refused: what an earlier attempt left goes.
    pub(super) fn withdraw(&self) -> Result<()> {
        withdraw(&self.path)
            .with_context(|| format!("everything is applied, but remove {}", self.path.display()))
    }

    /// Begins it anew, with its header, to which the column of problems is added.
    pub(super) fn begin<'h>(&self, delimiter: u8, header: impl Iterator<Item = &'h str>) -> Result<Problems> {
        let file = Replacement::of(&self.path)?;
        let csv = csv::WriterBuilder::new().delimiter(delimiter).from_writer(file);
        let mut problems = Problems { csv, path: self.path.clone() };
        problems.write(header.chain([PROBLEM]))?;
        Ok(problems)
    }
}

/// A file of refused rows that is being written.
#[derive(Debug)]
pub(super) struct Problems {
    csv: csv::Writer<Replacement>,
    path: PathBuf,
}

impl Problems {
    /// A row, its cells guarded, its problem last.
    pub(super) fn write(&mut self, cells: impl Iterator<Item = impl AsRef<[u8]>>) -> Result<()> {
        self.csv.write_record(cells).with_context(|| format!("write {}", self.path.display()))
    }

    /// Puts it in its place, whole, and returns where that is.
    pub(super) fn finish(self) -> Result<PathBuf> {
        let Self { csv, path } = self;
        let file = csv
            .into_inner()
            .map_err(|error| anyhow::anyhow!("write {}: {}", path.display(), error.error()))?;
        file.finish()?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_problems_that_comes_back_is_its_own() {
        for (file, beside, comes_back) in [
            ("in/list.csv", "in/list.problems.csv", false),
            ("in/list.problems.csv", "in/list.problems.csv", true),
            ("list", "list.problems.csv", false),
        ] {
            let problems = ProblemFile::of(Path::new(file));
            assert_eq!((problems.path.as_path(), problems.comes_back), (Path::new(beside), comes_back));
            assert!(problems.has(true, true) && problems.has(true, false) && !problems.has(false, true));
            assert_eq!(problems.has(false, false), comes_back);
        }
    }
}
