//! One pass over a file: which orders stand in which rows.

use super::{Columns, CsvHeader, CsvIndex, CsvLimits, CsvOrder, Field, RowRun};
use crate::documents::csv_reading::{Dialect, Findings, Header, Row, RowReader};
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::partner::CsvLayout;
use crate::domain::rules::csv as rules;
use hashbrown::hash_table::{Entry, HashTable};
use std::hash::BuildHasher;
use std::io::{self, Read};

/// Finds the header and lists the orders by (customer, PO number, release). Only reading can fail; whatever is wrong
/// with the file is a finding, and no row is lost: each is in one order's runs or in `bad_rows`, unless the whole file
/// is refused.
pub fn scan(input: impl Read, layout: &CsvLayout, limits: &CsvLimits) -> io::Result<CsvIndex> {
    let dialect = Dialect {
        delimiter: layout.delimiter.0,
        encoding: layout.encoding,
        lone_cr: false,
        row_bytes_max: limits.row_bytes_max.max(2),
    };
    let mut reader = RowReader::new(input, dialect)?;
    let mut row = Row::default();
    let (header, mut refused) = read_header(&mut reader, &mut row, layout, limits)?;
    let mut finder = Finder::new(header, *limits);
    let mut rows = 0;
    while reader.read(&mut row)? {
        rows += 1;
        if refused.iter().all(|finding| finding.severity < Severity::Error) {
            refused.extend(finder.add(&row));
        }
    }
    Ok(finder.finish(refused, rows, reader.offset()))
}

/// The header and what is wrong with it.
fn read_header<R: Read>(
    reader: &mut RowReader<R>,
    row: &mut Row,
    layout: &CsvLayout,
    limits: &CsvLimits,
) -> io::Result<(CsvHeader, Vec<Diagnostic>)> {
    let mut header = CsvHeader {
        dialect: reader.dialect(),
        diagnostics_max: limits.diagnostics_max,
        ..CsvHeader::default()
    };
    if reader.is_utf16_big_endian() {
        return Ok((header, vec![Diagnostic::new(&rules::ENCODING_UNSUPPORTED, Location::default())]));
    }
    if !reader.read(row)? {
        return Ok((header, vec![Diagnostic::new(&rules::HEADER_MISSING, Location::default())]));
    }
    header.names = Header::new(row);
    let (columns, mut missing) = Columns::find(&header.names, layout, &row.at());
    header.columns = columns;
    let mut findings = header.names.findings(row);
    if findings.iter().all(|finding| finding.severity < Severity::Error) {
        findings.append(&mut missing);
    }
    let seen = header.names.names().join(", ");
    for finding in findings.iter_mut().filter(|finding| finding.rule == &rules::COLUMN_MISSING) {
        *finding = finding.clone().found(&seen);
    }
    Ok((header, findings))
}

/// The orders found so far.
struct Finder {
    index: CsvIndex,
    limits: CsvLimits,
    findings: Findings,
    /// Orders by their key, as indexes: the keys stand in the orders alone.
    by_key: HashTable<u32>,
    hasher: hashbrown::DefaultHashBuilder,
    /// Whether the row before was a bad one.
    last_was_bad: bool,
}

impl Finder {
    fn new(header: CsvHeader, limits: CsvLimits) -> Self {
        Self {
            index: CsvIndex { header, ..CsvIndex::default() },
            limits,
            findings: Findings::new(limits.diagnostics_max),
            by_key: HashTable::new(),
            hasher: hashbrown::DefaultHashBuilder::default(),
            last_was_bad: false,
        }
    }

    /// Puts the row where it belongs; a finding if a limit is passed, and the file with it.
    fn add(&mut self, row: &Row) -> Option<Diagnostic> {
        let columns = self.index.header.columns;
        if row.too_long || columns.value(row, Field::PoNumber).is_empty() {
            return self.add_bad(row);
        }
        let Some(order) = self.order_of(row, columns) else {
            return Some(limit(row, "orders in the file", self.limits.orders_per_file_max));
        };
        let last = self.index.runs.last_mut().filter(|run| run.order == order && !self.last_was_bad);
        let added = if let Some(run) = last {
            extend(run, row)
        } else {
            self.index.runs.push(RowRun { order, ..run_of(row) });
            row.length
        };
        self.last_was_bad = false;
        let order = self.index.orders.get_mut(order as usize)?;
        order.rows += 1;
        order.bytes += added;
        if order.rows > self.limits.lines_per_order_max {
            return Some(limit(row, "lines in an order", self.limits.lines_per_order_max as usize));
        }
        if order.bytes > self.limits.order_bytes_max {
            let max = usize::try_from(self.limits.order_bytes_max).unwrap_or(usize::MAX);
            return Some(limit(row, "bytes of an order", max));
        }
        self.too_many_runs(row)
    }

    fn add_bad(&mut self, row: &Row) -> Option<Diagnostic> {
        if !row.too_long {
            let column = self.index.header.columns.of(Field::PoNumber);
            let at = row.at_column(&self.index.header.names, column);
            self.findings.push(Diagnostic::new(&rules::PO_NUMBER_MISSING, at));
        }
        let findings = &mut self.findings;
        row.findings(&self.index.header.names, |finding| findings.push(finding));
        match self.index.bad_rows.last_mut().filter(|_| self.last_was_bad) {
            Some(run) => {
                extend(run, row);
            }
            None => self.index.bad_rows.push(run_of(row)),
        }
        self.last_was_bad = true;
        self.too_many_runs(row)
    }

    fn too_many_runs(&self, row: &Row) -> Option<Diagnostic> {
        let max = self.limits.runs_per_file_max;
        let runs = self.index.runs.len() + self.index.bad_rows.len();
        (runs > max).then(|| limit(row, "changes from one order to another in the file", max))
    }

    /// The index of the row's order, a new one if need be; None if the limit is passed.
    fn order_of(&mut self, row: &Row, columns: Columns) -> Option<u32> {
        let key = (
            columns.value(row, Field::Customer),
            columns.value(row, Field::PoNumber),
            columns.value(row, Field::Release),
        );
        let orders = &mut self.index.orders;
        let hasher = &self.hasher;
        let is_key = |at: &u32| orders.get(*at as usize).is_some_and(|order| order.key() == key);
        let hash_of = |at: &u32| orders.get(*at as usize).map_or(0, |order| hasher.hash_one(order.key()));
        match self.by_key.entry(hasher.hash_one(key), is_key, hash_of) {
            Entry::Occupied(found) => Some(*found.get()),
            Entry::Vacant(vacant) => {
                let at = u32::try_from(orders.len()).ok()?;
                if orders.len() >= self.limits.orders_per_file_max {
                    return None;
                }
                vacant.insert(at);
                let (customer, po_number, release) = key;
                orders.push(CsvOrder {
                    customer: customer.into(),
                    po_number: po_number.into(),
                    release: release.into(),
                    ..CsvOrder::default()
                });
                Some(at)
            }
        }
    }

    fn finish(self, refused: Vec<Diagnostic>, rows: u64, length: u64) -> CsvIndex {
        let mut index = self.index;
        index.diagnostics = refused;
        index.diagnostics.extend(self.findings.into_vec());
        index.sound = !index.diagnostics.iter().any(is_about_the_file);
        index.rows = rows;
        index.length = length;
        if !index.sound {
            index.orders = Vec::new();
            index.runs = Vec::new();
            return index;
        }
        index.orders.shrink_to_fit();
        index.runs.shrink_to_fit();
        index.runs.sort_unstable_by_key(|run| (run.order, run.offset));
        let mut at = 0;
        for run in index.runs.chunk_by(|a, b| a.order == b.order) {
            let end = at + run.len();
            if let Some(order) = run.first().and_then(|run| index.orders.get_mut(run.order as usize)) {
                order.runs = (to_u32(at), to_u32(end));
            }
            at = end;
        }
        index
    }
}

impl CsvOrder {
    fn key(&self) -> (&str, &str, &str) {
        (&self.customer, &self.po_number, &self.release)
    }
}

/// Whether a finding refuses the file: an error that is not about one bad row.
fn is_about_the_file(finding: &Diagnostic) -> bool {
    let row = finding.rule == &rules::PO_NUMBER_MISSING
        || (finding.rule == &rules::ROW_TOO_LONG && finding.at.row > 0);
    finding.severity == Severity::Error && !row
}

fn run_of(row: &Row) -> RowRun {
    RowRun {
        first_row: row.number,
        first_line: row.line,
        offset: row.offset,
        length: row.length,
        rows: 1,
        order: 0,
    }
}

/// Appends a row to the run before it; gives the bytes by which the run grew, blank rows between included.
fn extend(run: &mut RowRun, row: &Row) -> u64 {
    let length = row.offset + row.length - run.offset;
    let added = length - run.length;
    run.length = length;
    run.rows += 1;
    added
}

fn limit(row: &Row, what: &str, max: usize) -> Diagnostic {
    Diagnostic::new(&rules::LIMIT_PASSED, row.at()).detail(format!("more than {max} {what}"))
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
