//! Invoices one after the other out of a file that is read twice: first which of them come back after others, then the
//! invoices, each as soon as its last row was read.
//!
//! Memory: a few words for each invoice of the file, and the rows of those that are open. In a file that is sorted by invoice
//! that is one.

use super::draft::{Draft, kind_of};
use super::json::{JsonTable, Next};
use super::{COLUMNS, Format, RejectedInvoice};
use crate::documents::csv_reading::table::Table;
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::invoice::{InvoiceType, PostedInvoice};
use hashbrown::{HashMap, HashSet};
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read};

/// Findings about rows whose type cannot be read are kept up to so many; the invoices of their numbers are rejected all the
/// same.
const DOUBTS_MAX: usize = 1_000;

/// An invoice's number and type; None: a type that cannot be read.
type Key = (Text, Option<InvoiceType>);

/// What was read: an invoice with the warnings about its rows, or why it must not be billed.
pub type Posted = Result<(PostedInvoice, Vec<Diagnostic>), RejectedInvoice>;

/// The invoices of a file in the order in which their last rows stand.
#[derive(Debug)]
pub struct Stream<R> {
    rows: Rows<R>,
    plan: Plan,
    /// Those that come back, and the one whose rows are being read.
    open: HashMap<Key, Draft>,
    current: Option<Key>,
    /// What is finished and not handed out.
    ready: VecDeque<(u64, Posted)>,
    read: u64,
}

#[derive(Debug)]
enum Rows<R> {
    Csv(Table<R>),
    Json(JsonTable<R>),
}

impl<R: Read> Rows<R> {
    fn open(input: R, format: Format) -> io::Result<(Self, Vec<Diagnostic>)> {
        match format {
            Format::Csv => Table::open(input, &COLUMNS).map(|(table, findings)| (Self::Csv(table), findings)),
            Format::Json => Ok((Self::Json(JsonTable::new(input)), Vec::new())),
        }
    }

    fn next(&mut self) -> io::Result<Option<Next<'_>>> {
        match self {
            Self::Csv(table) => Ok(table.next_row()?.map(|cells| Next::Row(cells, Box::default()))),
            Self::Json(table) => table.next(),
        }
    }
}

/// What the first look found.
#[derive(Debug, Default)]
struct Plan {
    /// Of an invoice whose rows do not stand together, by its hash: the last of them.
    last_rows: HashMap<u64, u64>,
    /// A row whose type cannot be read may belong to either invoice of its number.
    doubtful: HashMap<Text, Vec<Diagnostic>>,
}

impl Plan {
    fn make(mut rows: Rows<impl Read>) -> io::Result<Self> {
        let mut plan = Self::default();
        let mut seen: HashSet<u64> = HashSet::new();
        let mut current = None;
        let mut doubts = 0;
        while let Some(next) = rows.next()? {
            let mut cells = match next {
                Next::Row(cells, _) => cells,
                Next::Broken { invoice_number, why, .. } => {
                    // a part of the invoice that it names is not there
                    if !invoice_number.is_empty() {
                        let told = plan.doubtful.entry(invoice_number).or_default();
                        if told.is_empty() && doubts < DOUBTS_MAX {
                            told.push(*why);
                            doubts += 1;
                        }
                    }
                    continue;
                }
            };
            let kind = kind_of(&mut cells);
            let number = cells.text("invoice_number");
            let row = cells.row().number;
            if kind.is_none() {
                let told = plan.doubtful.entry(number.clone()).or_default();
                let findings = cells.into_findings();
                let doubt = findings.into_iter().filter(|finding| finding.severity == Severity::Error);
                let room = DOUBTS_MAX.saturating_sub(doubts).min(super::FINDINGS_PER_INVOICE_MAX);
                let before = told.len();
                told.extend(doubt.take(room.saturating_sub(before)));
                doubts += told.len() - before;
            }
            let key = hash(&(number, kind));
            if current != Some(key) {
                // what was left and comes again is open until its last row
                if !seen.insert(key) {
                    plan.last_rows.insert(key, row);
                }
                current = Some(key);
            } else if let Some(last) = plan.last_rows.get_mut(&key) {
                *last = row;
            }
        }
        Ok(plan)
    }
}

fn hash(key: &Key) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

impl<R: Read> Stream<R> {
    /// `first` and `second` read the same bytes. An error among the findings, which are about the file, means that it
    /// cannot be used.
    pub fn open(first: R, second: R, format: Format) -> io::Result<(Self, Vec<Diagnostic>)> {
        let (rows, findings) = Rows::open(first, format)?;
        let broken = findings.iter().any(|finding| finding.severity == Severity::Error);
        let plan = if broken { Plan::default() } else { Plan::make(rows)? };
        let (rows, _) = Rows::open(second, format)?;
        let (open, ready) = (HashMap::new(), VecDeque::new());
        Ok((Self { rows, plan, open, current: None, ready, read: 0 }, findings))
    }

    /// All rows so far, without the header.
    pub fn rows(&self) -> u64 {
        self.read
    }

    /// How many invoices are kept because more rows of them may come.
    #[cfg(test)]
    pub(super) fn open_invoices(&self) -> usize {
        self.open.len()
    }

    /// The next invoice, with the row in which it begins.
    pub fn next_invoice(&mut self) -> io::Result<Option<(u64, Posted)>> {
        while self.ready.is_empty() {
            if !self.take_row()? {
                self.finish_all();
                break;
            }
        }
        Ok(self.ready.pop_front())
    }

    /// False at the end of the file.
    fn take_row(&mut self) -> io::Result<bool> {
        let (key, row, ended) = match self.rows.next()? {
            None => return Ok(false),
            Some(Next::Broken { invoice_number, row, why }) => {
                self.read += 1;
                let rejected =
                    RejectedInvoice { invoice_number, kind: None, diagnostics: vec![*why], rows: vec![row] };
                self.ready.push_back((row, Err(rejected)));
                return Ok(true);
            }
            Some(Next::Row(mut cells, extra)) => {
                self.read += 1;
                let kind = kind_of(&mut cells);
                let key = (cells.text("invoice_number"), kind);
                let row = cells.row().number;
                let draft = self.open.entry(key.clone()).or_insert_with(|| Draft::new(key.0.clone(), kind));
                draft.add(cells, *extra);
                let ended = self.current.replace(key.clone()).filter(|before| *before != key);
                (key, row, ended)
            }
        };
        if let Some(before) = ended
            && !self.plan.last_rows.contains_key(&hash(&before))
        {
            self.finish(&before);
        }
        if self.plan.last_rows.get(&hash(&key)) == Some(&row) {
            self.finish(&key);
        }
        Ok(true)
    }

    fn finish(&mut self, key: &Key) {
        let Some(draft) = self.open.remove(key) else { return };
        let doubt = self.plan.doubtful.get(draft.number());
        // its own rows tell it already
        let doubt = doubt.map(|doubt| if key.1.is_none() { [].as_slice() } else { doubt });
        self.ready.push_back((draft.first_row(), draft.finish(doubt)));
    }

    fn finish_all(&mut self) {
        let mut left: Vec<(u64, Key)> =
            self.open.iter().map(|(key, draft)| (draft.first_row(), key.clone())).collect();
        left.sort_unstable_by_key(|(row, _)| *row);
        for (_, key) in left {
            self.finish(&key);
        }
    }
}
