//! Log lines: what happens while a command runs, on standard error, as text or as JSON. Results never go there.
//!
//! The lines carry fields that do not change: `run`, `unit`, `stage`, `file`, `partner`, `interchange`, `group`, `set` (control
//! numbers), `order`, `po_number`, `state`, `rule`. Nothing that a stranger wrote begins a line or steers a terminal.

use crate::domain::steers_text;
use crate::site::toml_file::Refusal;
use std::fmt::Write as _;
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Form {
    Text,
    Json,
}

/// The log of this process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log {
    form: Form,
}

/// Warnings by default; `-v`, `-vv` and `-q` say otherwise, and `ITEMBRIDGE_LOG` overrides. The form is the option's, else that of
/// `ITEMBRIDGE_LOG_FORMAT`, else text.
pub(super) fn begin(verbose: u8, quiet: bool, form: Option<Form>) -> Log {
    let level = match (quiet, verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "itembridge=info,warn",
        (false, _) => "itembridge=debug,warn",
    };
    let filter = EnvFilter::try_from_env("ITEMBRIDGE_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let wanted = std::env::var("ITEMBRIDGE_LOG_FORMAT").unwrap_or_default();
    let known = match wanted.trim().to_ascii_lowercase().as_str() {
        "" | "text" => Some(Form::Text),
        "json" => Some(Form::Json),
        _ => None,
    };
    let form = form.or(known).unwrap_or(Form::Text);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Lines);
    // A second subscriber in one process (tests) is refused and does no harm.
    let _ = match form {
        Form::Text => lines.without_time().with_target(false).try_init(),
        Form::Json => lines.json().flatten_event(true).with_target(false).with_current_span(false).try_init(),
    };
    if known.is_none() {
        tracing::warn!(wanted, "ITEMBRIDGE_LOG_FORMAT is neither text nor json");
    }
    Log { form }
}

impl Log {
    /// Why a command could not go on: one line, but for the problems of a configuration, which its owner wrote and reads in their
    /// places. There is nobody left to tell if this cannot be written.
    pub(super) fn last_word(self, why: &anyhow::Error) {
        match self.form {
            Form::Text => {
                let text = format!("itembridge: {why:#}\n");
                let several = why.downcast_ref::<Refusal>().is_some();
                let text = if several { indented(&text) } else { one_line(&text) };
                let _ = io::stderr().write_all(text.as_bytes());
            }
            Form::Json => tracing::error!("{why:#}"),
        }
    }
}

/// Text of several lines, such as the problems of a configuration: those after the first stand indented, so that none of them,
/// whoever wrote it, begins as a line of ours does.
fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.trim_end().split('\n').enumerate() {
        let line = one_line(line.trim_end_matches('\r'));
        out += if number == 0 || line.is_empty() { "" } else { "  " };
        out += &line;
        out.push('\n');
    }
    out
}

/// Standard error, a whole line at a time.
struct Lines;

impl<'l> MakeWriter<'l> for Lines {
    type Writer = Line;

    fn make_writer(&'l self) -> Line {
        Line
    }
}

struct Line;

impl Write for Line {
    /// The subscriber hands over one event at once.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(one_line(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// One line, whatever stands in it: what could end it, or steer a terminal, is written as `\u001b`, which JSON reads as what it was.
fn one_line(text: &str) -> String {
    let (line, end) = match text.strip_suffix('\n') {
        Some(line) => (line, "\n"),
        None => (text, ""),
    };
    let mut out = String::with_capacity(text.len());
    for c in line.chars() {
        if c.is_control() || steers_text(c) {
            // writing to a text cannot fail
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_line_ends_it_or_steers_a_terminal() {
        for (text, expected) in [
            ("INFO a file\n", "INFO a file\n"),
            ("WARN x\nERROR forged\n", "WARN x\\u000aERROR forged\n"),
            ("a\r\u{1b}[2J\u{9b}b\u{202e}c\u{2028}d", "a\\u000d\\u001b[2J\\u009bb\\u202ec\\u2028d"),
            ("größe 龍\n", "größe 龍\n"),
        ] {
            assert_eq!(one_line(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_last_word_may_have_lines_and_none_of_them_begins_as_one_of_ours() {
        for (text, expected) in [
            ("itembridge: no", "itembridge: no\n"),
            ("itembridge: no\n\nitembridge: forged\n", "itembridge: no\n\n  itembridge: forged\n"),
            ("a\r\n\u{1b}[2J | ^^", "a\n  \\u001b[2J | ^^\n"),
        ] {
            assert_eq!(indented(text), expected, "{text:?}");
        }
    }
}
