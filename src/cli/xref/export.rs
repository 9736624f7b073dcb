//! `xref export`: the cross-reference as CSV, every value exactly as it is.

use crate::cli::xref::{instant, standard};
use crate::cli::{Format, Shell};
use crate::domain::Text;
use crate::site::folders::Replacement;
use crate::site::masters::xref_file::{Provenance, XrefWriter};
use crate::store::xrefs::{XrefSource, XrefVersion};
use crate::store::{Micros, Transaction};
use anyhow::{Context as _, Result};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExportArgs {
    /// Where to; standard output if you say nothing.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// As it was recorded at the end of this day, or at this instant (2026-11-20T08:00:00Z).
    #[arg(long, value_name = "DAY", value_parser = instant::parse)]
    as_of: Option<instant::AsOf>,
    /// Only rows with this in their column customer: a customer, group:NAME or *.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,
    /// Only rows that came so.
    #[arg(long, value_enum)]
    source: Option<Source>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Source {
    Masters,
    Import,
    Decision,
}

impl Source {
    fn is(self, source: XrefSource) -> bool {
        source
            == match self {
                Self::Masters => XrefSource::Masters,
                Self::Import => XrefSource::Import,
                Self::Decision => XrefSource::Decision,
            }
    }
}

pub(super) fn export(shell: &Shell, args: &ExportArgs) -> Result<u8> {
    let mut store = shell.open_store()?;
    let mut work = store.read()?;
    let Some(path) = &args.file else {
        let mut out = XrefWriter::new(Gone::new(std::io::stdout().lock()))?;
        write(&mut *work, args, &mut out)?;
        out.finish()?.flush().context("write the last rows")?;
        return Ok(0);
    };
    let mut out = XrefWriter::new(Replacement::of(path)?)?;
    let writing = || format!("write {}", path.display());
    let rows = write(&mut *work, args, &mut out).with_context(writing)?;
    out.finish().with_context(writing)?.finish()?;
    match shell.format {
        Format::Json => shell.json(&json!({"file": path, "rows": rows}))?,
        Format::Text => shell.print(&format!("{}: {rows} rows\n", path.display()))?,
    }
    Ok(0)
}

fn write(work: &mut dyn Transaction, args: &ExportArgs, out: &mut XrefWriter<impl Write>) -> Result<u64> {
    let mut rows = 0;
    // most rows were recorded at one instant, and its text is the same
    let mut instant: (Micros, Text) = (Micros::MIN, Text::default());
    let as_of = args.as_of.map(|as_of| as_of.recorded);
    work.each_xref_version(as_of, &mut |row| {
        let XrefVersion { xref, source, recorded_from, decided_by, reason, .. } = &row;
        let wanted = args.customer.as_ref().is_none_or(|customer| xref.scope.columns().0 == *customer)
            && args.source.is_none_or(|wanted| wanted.is(*source));
        if !wanted {
            return Ok(());
        }
        if instant.0 != *recorded_from {
            instant = (*recorded_from, standard(*recorded_from).into());
        }
        rows += 1;
        out.row(xref, &Provenance { source: source.as_str(), recorded_from: &instant.1, decided_by, reason })
    })?;
    Ok(rows)
}

/// Standard output, whose reader may go away: that is no error, and nothing more is written.
struct Gone<W> {
    out: W,
    gone: bool,
}

impl<W: Write> Gone<W> {
    fn new(out: W) -> Self {
        Self { out, gone: false }
    }
}

impl<W: Write> Write for Gone<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.gone {
            return Ok(bytes.len());
        }
        match self.out.write(bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(bytes.len())
            }
            written => written,
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.gone {
            return Ok(());
        }
        match self.out.flush() {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}
