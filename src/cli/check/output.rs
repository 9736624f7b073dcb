//! Findings written as they come, as text or as JSON, in memory that their number does not change.

use super::Summary;
use crate::cli::{Format, Shell};
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::run::Source;
use crate::x12::excerpt::{self, Context, Tally};
use crate::x12::lexer::Separators;
use anyhow::{Context as _, Result};

/// Bytes around a finding that its excerpt is cut from, where the file is read for it.
const AROUND: u64 = 4_096;
/// So much is written at once.
const PENDING_MAX: usize = 1 << 16;

/// Standard output of one `check`: an array of files for programs, messages for people.
pub(super) struct Output<'s> {
    shell: &'s Shell,
    pending: String,
    file: String,
    files: u64,
    /// Of the file at hand.
    findings: u64,
    errors: u64,
    warnings: u64,
    tally: Tally,
}

/// How a finding is written, for all threads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style<'f> {
    format: Format,
    file: &'f str,
}

/// Findings in writing.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// All of them as JSON.
    text: String,
    /// For people: each finding with its message, where it may be among the first of its kind.
    messages: Vec<(Diagnostic, Option<String>)>,
    tally: Tally,
    findings: u64,
    errors: u64,
    warnings: u64,
}

impl Told {
    pub(super) fn add(
        &mut self,
        style: Style<'_>,
        finding: &Diagnostic,
        context: Option<Context<'_>>,
    ) -> Result<()> {
        match style.format {
            Format::Text => {
                // What is not among the first of these is not among the first of the file.
                let message = self.tally.admits(finding).then(|| {
                    let context = context.filter(|context| !context.is_empty());
                    excerpt::render(finding, style.file, context) + "\n"
                });
                self.messages.push((finding.clone(), message));
            }
            Format::Json => {
                let separator = if self.findings == 0 { "" } else { "," };
                self.text += separator;
                // No line break stands inside a JSON string.
                self.text +=
                    &format!("\n{}", serde_json::to_string_pretty(finding)?).replace('\n', "\n      ");
            }
        }
        self.findings += 1;
        self.errors += u64::from(finding.severity == Severity::Error);
        self.warnings += u64::from(finding.severity == Severity::Warning);
        Ok(())
    }

    /// With the excerpt read from the file, where the finding stands alone.
    pub(super) fn add_from(
        &mut self,
        style: Style<'_>,
        finding: &Diagnostic,
        source: &Source,
        separators: Option<Separators>,
    ) -> Result<()> {
        if style.format == Format::Json {
            return self.add(style, finding, None);
        }
        let at = finding.at.offset;
        let start = at.saturating_sub(AROUND);
        let end = at.saturating_add(u64::from(finding.at.length).min(AROUND));
        let end = end.saturating_add(AROUND).min(source.length);
        let bytes = source.read(start, end.saturating_sub(start)).context("read the excerpt")?;
        self.add(style, finding, Context::around(&bytes, start, at, separators))
    }
}

impl<'s> Output<'s> {
    pub(super) fn new(shell: &'s Shell) -> Self {
        Self {
            shell,
            pending: String::new(),
            file: String::new(),
            files: 0,
            findings: 0,
            errors: 0,
            warnings: 0,
            tally: Tally::default(),
        }
    }

    pub(super) fn begin(&mut self, file: &str) -> Result<()> {
        file.clone_into(&mut self.file);
        (self.findings, self.errors, self.warnings) = (0, 0, 0);
        self.tally = Tally::default();
        if self.shell.format == Format::Json {
            let separator = if self.files == 0 { "[" } else { "," };
            let name = serde_json::to_string(file)?;
            self.pending += &format!("{separator}\n  {{\n    \"file\": {name},\n    \"findings\": [");
        }
        self.files += 1;
        Ok(())
    }

    pub(super) fn style(&self) -> Style<'_> {
        Style { format: self.shell.format, file: &self.file }
    }

    /// The next findings of the file, in the order in which they stand.
    pub(super) fn append(&mut self, told: &Told) -> Result<()> {
        if told.findings == 0 {
            return Ok(());
        }
        if self.shell.format == Format::Json && self.findings > 0 {
            self.pending.push(',');
        }
        self.pending += &told.text;
        for (finding, message) in &told.messages {
            if self.tally.admits(finding) {
                self.pending += message.as_deref().unwrap_or_default();
            }
        }
        self.findings += told.findings;
        self.errors += told.errors;
        self.warnings += told.warnings;
        if self.pending.len() > PENDING_MAX {
            self.flush()?;
        }
        Ok(())
    }

    /// Errors and warnings of the file so far.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.errors, self.warnings)
    }

    /// What the file came to: one line for people, the other fields for programs. An unreadable file has told its error
    /// already.
    pub(super) fn end(&mut self, mut summary: Summary) -> Result<()> {
        (summary.errors, summary.warnings) = self.counts();
        match self.shell.format {
            Format::Json => {
                let close = if self.findings == 0 { "]" } else { "\n    ]" };
                let fields = serde_json::to_string_pretty(&summary)?;
                let fields = fields.trim_start_matches('{').replace('\n', "\n  ");
                self.pending += &format!("{close},{fields}");
            }
            Format::Text => {
                let rest = self.tally.rest();
                if !rest.is_empty() {
                    self.pending += &(rest + "\n");
                }
                if summary.error.is_empty() {
                    self.pending += &sentence(&self.file, &summary);
                }
            }
        }
        self.flush()
    }

    pub(super) fn finish(mut self) -> Result<()> {
        if self.shell.format == Format::Json {
            self.pending += "\n]\n";
        }
        self.flush()
    }

    pub(super) fn flush(&mut self) -> Result<()> {
        match self.shell.format {
            Format::Json => self.shell.print(&self.pending)?,
            Format::Text => self.shell.print_findings(&self.pending)?,
        }
        self.pending.clear();
        Ok(())
    }
}

/// `orders.edi: 1 interchange, 1 group, 2 x 850, 30 lines: 0 errors, 1 warning`.
fn sentence(file: &str, summary: &Summary) -> String {
    let content = match summary.kind {
        "x12" => {
            let mut parts =
                vec![counted(summary.interchanges, "interchange"), counted(summary.groups, "group")];
            parts.extend(summary.sets.iter().map(|(id, count)| format!("{count} x {id}")));
            parts.join(", ")
        }
        "other" => "neither X12 nor CSV".to_owned(),
        kind => kind.replace('_', " "),
    };
    let counts = [(summary.lines, "line"), (summary.errors, "error"), (summary.warnings, "warning")];
    let [lines, errors, warnings] = counts.map(|(count, what)| counted(count, what));
    format!("{file}: {content}, {lines}: {errors}, {warnings}\n")
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
