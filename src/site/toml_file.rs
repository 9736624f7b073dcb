//! A TOML file that remembers where each key stands, so that every complaint shows its line.

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// Something wrong with one key of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Relative to the site, such as `partners/acme.toml`.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// Such as `orders.unresolved`; empty where the file as a whole is meant.
    pub key: String,
    /// What is wrong and what was expected.
    pub message: String,
    /// The line, and the characters of it that are meant; empty where there is no line to show.
    excerpt: String,
    marked: Range<usize>,
}

impl std::fmt::Display for Problem {
    /// File, line, key and message on the first line, the line itself under it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, line {}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        if self.excerpt.is_empty() {
            return Ok(());
        }
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let blank = " ".repeat(self.marked.start);
        let carets = "^".repeat(self.marked.len().max(1));
        write!(f, "\n{gutter} |\n{number} | {}\n{gutter} | {blank}{carets}", self.excerpt)
    }
}

/// The error of a command that cannot go on with what the files say: every problem, file by file and line by line.
pub fn refusal(problems: &[Problem]) -> anyhow::Error {
    let mut problems: Vec<&Problem> = problems.iter().collect();
    // `itembridge.toml` sorts before `partners/`
    problems.sort_by_key(|problem| (problem.file.as_str(), problem.line));
    let count = match problems.len() {
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    };
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    anyhow::Error::new(Refusal(format!("{count} in the configuration\n\n{}", texts.join("\n\n"))))
}

/// What is wrong with a configuration, in several lines.
#[derive(Debug)]
pub struct Refusal(String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// The longest piece of a line that a person is shown.
const EXCERPT_CHARACTERS_MAX: usize = 160;

/// How often a file is read again without the key that was wrong; more problems than that are not told.
const PROBLEMS_MAX: usize = 100;

/// More bytes than any configuration has: it is another file. Nothing in the file can say otherwise.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A file that is TOML, whatever it says.
#[derive(Debug)]
pub(crate) struct TomlFile {
    name: String,
    text: String,
}

impl TomlFile {
    /// Reads `site/name`. The inner error says what is wrong with the file's syntax.
    pub(crate) fn open(site: &Path, name: &str) -> Result<Result<Self, Vec<Problem>>> {
        let path = site.join(name);
        let reading = || format!("read {}", path.display());
        let file = File::open(&path).with_context(reading)?;
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).with_context(reading)?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            let message = format!("more than {FILE_BYTES_MAX} bytes; nothing of the file was read");
            return Ok(Err(vec![problem(name, "", None, String::new(), message)]));
        }
        Ok(match String::from_utf8(bytes) {
            Ok(text) => Self::parse(name, text),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let message = "a byte that is not UTF-8; save the file as UTF-8".to_owned();
                Err(vec![problem(name, &text, Some(at..at), String::new(), message)])
            }
        })
    }

    pub(crate) fn parse(name: &str, text: String) -> Result<Self, Vec<Problem>> {
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let (_, errors) = DeTable::parse_recoverable(&text);
        if errors.is_empty() {
            return Ok(Self { name: name.to_owned(), text });
        }
        let told = |error: &toml::de::Error| {
            problem(name, &text, error.span(), String::new(), format!("not TOML: {}", error.message()))
        };
        Err(errors.iter().take(PROBLEMS_MAX).map(told).collect())
    }

    /// The file as a `T`, or every key that is wrong: after each complaint the file is read again without the key in
    /// question. `required` says of each required key (`company.name`) what is expected there.
    pub(crate) fn read<T: DeserializeOwned>(&self, required: &[(&str, &str)]) -> Result<T, Vec<Problem>> {
        let original = self.root();
        let mut root = original.clone();
        let mut problems: Vec<Problem> = Vec::new();
        let mut put_in: Vec<Vec<String>> = Vec::new();
        while problems.len() < PROBLEMS_MAX {
            let whole = Spanned::new(0..0, DeValue::Table(root.clone()));
            let error = match T::deserialize(ValueDeserializer::from(whole)) {
                Ok(value) if problems.is_empty() => return Ok(value),
                Ok(_) => break,
                Err(error) => error,
            };
            if let Some(missing) = quoted(error.message(), "missing field `") {
                let mut path = find(&root, error.span().as_ref());
                path.push(missing.to_owned());
                if put_in.contains(&path) {
                    break;
                }
                // a key that was there and wrong has been told already
                if locate(&original, &path).1 < path.len() {
                    problems.push(self.missing(&path, required));
                }
                insert_blank(&mut root, &path);
                put_in.push(path);
            } else {
                let path = find(&root, error.span().as_ref());
                if path.is_empty() || put_in.contains(&path) {
                    break;
                }
                problems.push(problem(
                    &self.name,
                    &self.text,
                    error.span(),
                    path.join("."),
                    plain(error.message()),
                ));
                if !remove(&mut root, &path) {
                    break;
                }
            }
        }
        Err(problems)
    }

    /// Relative to the site.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the file itself has this key.
    pub(crate) fn has(&self, path: &[&str]) -> bool {
        locate(&self.root(), path).1 == path.len()
    }

    /// A complaint about the value of a key, shown at the key, or at the table that should have it.
    pub(crate) fn problem(&self, path: &[&str], message: impl Into<String>) -> Problem {
        let (span, _) = locate(&self.root(), path);
        problem(&self.name, &self.text, span, path.join("."), message.into())
    }

    /// What the file says; read anew, because it borrows from the text.
    fn root(&self) -> DeTable<'_> {
        DeTable::parse(&self.text).map(Spanned::into_inner).unwrap_or_default()
    }

    fn missing(&self, path: &[String], required: &[(&str, &str)]) -> Problem {
        let key = path.join(".");
        let general: Vec<&str> =
            path.iter().map(String::as_str).filter(|part| part.parse::<usize>().is_err()).collect();
        let general = general.join(".");
        let expected = required.iter().find(|(name, _)| *name == general);
        let message = match expected {
            Some((_, expected)) => format!("missing key, expected {expected}"),
            None => "missing key".to_owned(),
        };
        let (span, _) = locate(&self.root(), path);
        problem(&self.name, &self.text, span, key, message)
    }
}

/// What was wrong with a file, collected while its settings are checked.
#[derive(Debug)]
pub(crate) struct Checker<'a> {
    file: &'a TomlFile,
    pub(crate) problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(file: &'a TomlFile) -> Self {
        Self { file, problems: Vec::new() }
    }

    /// Whether the file itself has this key.
    pub(crate) fn has(&self, path: &[&str]) -> bool {
        self.file.has(path)
    }

    /// Notes a problem unless `holds`.
    pub(crate) fn expect(&mut self, holds: bool, path: &[&str], message: impl FnOnce() -> String) {
        if !holds {
            self.problems.push(self.file.problem(path, message()));
        }
    }

    /// Notes the problem that a check found, if it found one.
    pub(crate) fn check(&mut self, path: &[&str], found: Option<String>) {
        if let Some(message) = found {
            self.problems.push(self.file.problem(path, message));
        }
    }
}

fn problem(file: &str, text: &str, span: Option<Range<usize>>, key: String, message: String) -> Problem {
    let span = span.unwrap_or(0..0);
    let start = floor(text, span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = floor(text, span.end).clamp(start, line_end);
    let columns = |piece: &str| piece.chars().count();
    let whole = text[line_start..line_end].trim_end_matches('\r');
    let excerpt: String =
        whole.chars().take(EXCERPT_CHARACTERS_MAX).map(|c| if c == '\t' { ' ' } else { c }).collect();
    let from = columns(&text[line_start..start]);
    let shown = excerpt.chars().count();
    let marked = from.min(shown)..(from + columns(&text[start..end])).min(shown);
    let known = !key.is_empty() || span != (0..0);
    Problem {
        file: file.to_owned(),
        line: text[..start].matches('\n').count() + 1,
        key,
        message,
        excerpt: if known { excerpt } else { String::new() },
        marked,
    }
}

/// The nearest place at or before `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// `unknown field` and the like in the words of a file's reader.
fn plain(message: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("unknown field ", "unknown key "),
        ("unknown variant ", "unknown value "),
        ("invalid type: ", "wrong value: "),
        ("invalid value: ", "wrong value: "),
        ("expected a sequence", "expected a list"),
        ("expected a map", "expected a table"),
        ("expected u32", "expected a whole number, 0 or more"),
        ("expected u64", "expected a whole number, 0 or more"),
        ("expected a boolean", "expected true or false"),
        ("wanted string or table", "wrong value: expected text in quotes"),
        ("there are no fields", "no key is known here"),
    ];
    let mut text = message.to_owned();
    for (from, to) in WORDS {
        text = text.replace(from, to);
    }
    if let Some(at) = text.find("expected struct ") {
        text.truncate(at);
        text.push_str("expected a table");
    }
    text
}

fn quoted<'m>(message: &'m str, before: &str) -> Option<&'m str> {
    message.strip_prefix(before)?.split('`').next()
}

/// The path of the innermost key whose name or value holds the span; empty: the file itself.
fn find(root: &DeTable<'_>, span: Option<&Range<usize>>) -> Vec<String> {
    let mut path = Vec::new();
    let Some(span) = span.filter(|span| **span != (0..0)) else { return path };
    let holds = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
    let mut tables: Vec<(Vec<String>, &DeTable<'_>)> = vec![(Vec::new(), root)];
    while let Some((above, table)) = tables.pop() {
        for (key, value) in table {
            let mut here = above.clone();
            here.push(key.get_ref().to_string());
            if (holds(key.span()) || holds(value.span())) && here.len() > path.len() {
                path.clone_from(&here);
            }
            match value.get_ref() {
                DeValue::Table(inner) => tables.push((here, inner)),
                DeValue::Array(list) => {
                    for (index, entry) in list.iter().enumerate() {
                        if let DeValue::Table(inner) = entry.get_ref() {
                            let mut numbered = here.clone();
                            numbered.push(index.to_string());
                            if holds(entry.span()) && numbered.len() > path.len() {
                                path.clone_from(&numbered);
                            }
                            tables.push((numbered, inner));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    path
}

/// The value at the end of the path, or the deepest part of it that is there, and how many parts were found.
fn locate<S: AsRef<str>>(root: &DeTable<'_>, path: &[S]) -> (Option<Range<usize>>, usize) {
    let mut span = None;
    let mut at: Option<&DeValue<'_>> = None;
    for (depth, part) in path.iter().enumerate() {
        let part = part.as_ref();
        let next = match at {
            None => root.get(part),
            Some(DeValue::Table(table)) => table.get(part),
            Some(DeValue::Array(list)) => part.parse().ok().and_then(|index: usize| list.get(index)),
            Some(_) => None,
        };
        let Some(value) = next else { return (span, depth) };
        span = Some(value.span());
        at = Some(value.get_ref());
    }
    (span, path.len())
}

/// The table that has the last part of the path.
fn parent<'t, 'i>(root: &'t mut DeTable<'i>, path: &[String]) -> Option<&'t mut DeTable<'i>> {
    let mut at = root;
    let mut parts = path.iter().take(path.len().saturating_sub(1)).peekable();
    while let Some(part) = parts.next() {
        at = match at.get_mut(part.as_str())?.get_mut() {
            DeValue::Table(table) => table,
            DeValue::Array(list) => {
                let index: usize = parts.next()?.parse().ok()?;
                match list.get_mut(index)?.get_mut() {
                    DeValue::Table(table) => table,
                    _ => return None,
                }
            }
            _ => return None,
        };
    }
    Some(at)
}

fn remove(root: &mut DeTable<'_>, path: &[String]) -> bool {
    let (Some(last), Some(table)) = (path.last(), parent(root, path)) else { return false };
    table.remove(last.as_str()).is_some()
}

/// Puts an empty text where a required key is missing, so that the keys after it are looked at too.
fn insert_blank(root: &mut DeTable<'_>, path: &[String]) {
    if let (Some(last), Some(table)) = (path.last(), parent(root, path)) {
        let key = Spanned::new(0..0, last.clone().into());
        table.insert(key, Spanned::new(0..0, DeValue::String(String::new().into())));
    }
}
