//! Which of the rows for one number counts, and what is said of the others.

use crate::domain::order::ItemNumber;
use crate::domain::resolution::{Candidate, Via};
use crate::domain::unit::Fraction;
use crate::domain::{Date, Text};
use crate::xref::index::{Scopes, Terms, XrefIndex};

/// So many candidates that did not count are kept for a line.
const CANDIDATES_MAX: usize = 50;

/// Where a number leads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub via: Via,
    /// Before supersession.
    pub item: u32,
    pub factor: Option<Fraction>,
    pub xref_id: Option<i64>,
    /// Its place in the trace.
    pub candidate: usize,
}

/// What one number gave in one step.
#[derive(Debug)]
pub(super) struct Finding<'l> {
    pub number: &'l ItemNumber,
    pub target: Target,
    /// Where the other targets of equal standing end; empty unless the number is ambiguous.
    pub others: Vec<u32>,
}

/// The candidates of a line, in the order in which they were looked at.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub candidates: Vec<Candidate>,
    pub left_out: usize,
}

impl Trace {
    /// Returns the candidate's place. `counts` keeps it also past the limit.
    pub(super) fn push(&mut self, counts: bool, candidate: Candidate) -> usize {
        if !counts && self.candidates.len() >= CANDIDATES_MAX {
            self.left_out += 1;
            return usize::MAX;
        }
        if self.candidates.is_empty() {
            // most lines have one
            self.candidates.reserve_exact(1);
        }
        self.candidates.push(candidate);
        self.candidates.len() - 1
    }

    pub(super) fn say(&mut self, at: usize, chosen: bool, reason: Text) {
        if let Some(candidate) = self.candidates.get_mut(at) {
            candidate.chosen = chosen;
            candidate.reason = reason;
        }
    }
}

/// A number as it is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a, 'l> {
    pub index: &'a XrefIndex,
    pub number: &'l ItemNumber,
    /// The ordered unit as received, and as the partner's aliases have it.
    pub units: [&'a str; 2],
    pub as_of: Date,
    /// The step that is named instead of the scope.
    pub step: Option<Via>,
}

/// Buffers that live as long as an order.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub rows: Vec<u32>,
    fits: Vec<Fit>,
}

/// How near a row is to the line: no unit named, rank, no qualifier named. The smallest counts.
type Standing = (bool, u32, bool);

#[derive(Debug, Clone, Copy)]
struct Fit {
    row: u32,
    standing: Standing,
    /// Whether the row's item has a successor in its place.
    superseded: bool,
    /// The item at the end of supersession, and the row's factor.
    target: (u32, Option<Fraction>),
}

/// Asks the scopes from the narrowest on; the first with a row that fits decides. `rows_of` adds a scope's rows for the
/// number. None: no row fits anywhere.
pub(super) fn ask_scopes<'l>(
    asked: &Asked<'_, 'l>,
    scopes: &Scopes,
    rows_of: impl Fn(u32, &mut Vec<u32>),
    scratch: &mut Scratch,
    trace: &mut Trace,
) -> Option<Finding<'l>> {
    let mut found: Option<Finding<'l>> = None;
    for (via, scope) in scopes {
        let Some(scope) = *scope else { continue };
        scratch.rows.clear();
        rows_of(scope, &mut scratch.rows);
        if scratch.rows.len() > 1 {
            sort(asked.index, &mut scratch.rows);
        }
        let via = asked.step.unwrap_or(*via);
        scratch.fits.clear();
        for at in &scratch.rows {
            let terms = asked.index.terms(asked.index.row(*at));
            match misfit(asked, terms) {
                Some(reason) => {
                    trace.push(false, candidate(asked, via, *at, reason));
                }
                None => scratch.fits.push(fit(asked.index, *at, terms)),
            }
        }
        if found.is_none() {
            found = decide(asked, via, &scratch.fits, trace);
        } else {
            for fit in &scratch.fits {
                trace.push(false, candidate(asked, via, fit.row, NARROWER));
            }
        }
    }
    found
}

/// Rows come in the order in which the masters were read: what is shown must not depend on it.
fn sort(index: &XrefIndex, rows: &mut [u32]) {
    rows.sort_unstable_by(|a, b| {
        let key = |at: u32| {
            let row = index.row(at);
            (row.xref_id, index.item_name(row.item), index.terms(row), index.number(row))
        };
        key(*a).cmp(&key(*b))
    });
}

fn fit(index: &XrefIndex, at: u32, terms: &Terms) -> Fit {
    let row = index.row(at);
    let end = index.end(row.item).item;
    Fit {
        row: at,
        standing: (terms.unit.is_empty(), terms.rank, terms.qualifier.is_empty()),
        superseded: end != row.item,
        target: (end, terms.factor),
    }
}

/// Why a row is no match for the line at all.
fn misfit(asked: &Asked<'_, '_>, terms: &Terms) -> Option<Text> {
    if !terms.active {
        return Some(INACTIVE);
    }
    if let Some(from) = terms.valid_from.filter(|from| asked.as_of < *from) {
        return Some(format!("valid only from {from}").into());
    }
    if let Some(to) = terms.valid_to.filter(|to| asked.as_of > *to) {
        return Some(format!("expired, valid until {to}").into());
    }
    if !terms.qualifier.is_empty() && terms.qualifier != asked.number.qualifier {
        return Some(format!("is for numbers under {}", terms.qualifier).into());
    }
    if !terms.unit.is_empty() && !asked.units.contains(&&*terms.unit) {
        return Some(format!("is for the unit {}", terms.unit).into());
    }
    None
}

/// Of the rows that fit in one scope: the best standing counts, if all of that standing have one target.
fn decide<'l>(asked: &Asked<'_, 'l>, via: Via, fits: &[Fit], trace: &mut Trace) -> Option<Finding<'l>> {
    let best = fits.iter().map(|fit| fit.standing).min()?;
    let equals = || fits.iter().filter(|fit| fit.standing == best);
    // a row that names the item that is sold today goes before one that names what it replaced
    let first = equals().find(|fit| !fit.superseded).or_else(|| equals().next())?;
    let mut others: Vec<(u32, Option<Fraction>)> =
        equals().map(|fit| fit.target).filter(|target| *target != first.target).collect();
    others.sort_unstable();
    others.dedup();
    let mut place = usize::MAX;
    for fit in fits {
        let counts = fit.row == first.row;
        let reason = if fit.standing != best {
            outdone(fit.standing, best)
        } else if !others.is_empty() {
            EQUAL
        } else if counts {
            if asked.step.is_some() { COUNTS_IN_FORM } else { COUNTS }
        } else {
            SAME_TARGET
        };
        let at = trace.push(counts, candidate(asked, via, fit.row, reason));
        if counts {
            place = at;
        }
    }
    let row = asked.index.row(first.row);
    let factor = asked.index.terms(row).factor;
    let target = Target { via, item: row.item, factor, xref_id: Some(row.xref_id), candidate: place };
    Some(Finding { number: asked.number, target, others: others.into_iter().map(|(end, _)| end).collect() })
}

fn outdone(standing: Standing, best: Standing) -> Text {
    if standing.0 != best.0 {
        OUTDONE_BY_UNIT
    } else if standing.1 != best.1 {
        OUTDONE_BY_RANK
    } else {
        OUTDONE_BY_QUALIFIER
    }
}

fn candidate(asked: &Asked<'_, '_>, via: Via, at: u32, reason: Text) -> Candidate {
    let row = asked.index.row(at);
    Candidate {
        via,
        number: asked.number.clone(),
        item: asked.index.item_name(row.item).into(),
        xref_id: Some(row.xref_id),
        chosen: false,
        reason,
    }
}

const COUNTS: Text = Text::const_new("the best valid row of the narrowest scope that has one");
const COUNTS_IN_FORM: Text =
    Text::const_new("the best valid row for the number in the partner's match forms");
const SAME_TARGET: Text = Text::const_new("says the same as the row that counts");
const EQUAL: Text = Text::const_new("stands equal with a row that has another target");
const OUTDONE_BY_UNIT: Text = Text::const_new("a row that names the ordered unit goes before");
const OUTDONE_BY_RANK: Text = Text::const_new("a row of better rank goes before");
const OUTDONE_BY_QUALIFIER: Text = Text::const_new("a row that names the qualifier goes before");
const NARROWER: Text = Text::const_new("a row of a narrower scope goes before");
const INACTIVE: Text = Text::const_new("inactive");
