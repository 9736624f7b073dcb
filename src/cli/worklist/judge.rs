//! A row of a worklist that came back: what was decided, or what is wrong with it.

use crate::cli::edited::{EditedFile, FileRow};
use crate::cli::worklist::changes::{self, Word};
use crate::domain::item::{Xref, XrefScope};
use crate::domain::unit::Fraction;
use crate::domain::{Date, Text};
use crate::report::causes::Cause;
use crate::xref::clash::ItemEnd;
use crate::xref::import::Known;

/// What a row decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// The number is this item; of a cause that is not open any more the row cannot be known.
    Map(Option<Box<Xref>>),
    Reject,
    Ignore(Date),
    /// An invoice goes out in spite of what holds it, or (`drop`) never does.
    Invoice {
        drop: bool,
    },
    /// What becomes of a change of an order.
    Change(Word),
}

impl Decision {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Map(_) => "map",
            Self::Reject | Self::Invoice { drop: true } => "reject",
            Self::Ignore(_) => "ignore",
            Self::Invoice { drop: false } => "release",
            Self::Change(word) => word.as_str(),
        }
    }
}

/// A decision with its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decided {
    /// The row's number in the file.
    pub(super) row: u64,
    pub(super) cause: Text,
    pub(super) decision: Decision,
    /// All that was decided, in one text.
    pub(super) terms: Text,
    pub(super) by: Text,
    pub(super) reason: Text,
}

/// What rows are judged by.
#[derive(Debug)]
pub(super) struct Judge<'j> {
    pub(super) known: &'j Known,
    /// Who signs where a row says nothing; empty: nobody.
    pub(super) by: &'j str,
    pub(super) reason: &'j str,
    pub(super) today: Date,
}

impl Judge<'_> {
    /// None for a row without a decision. `cause` is None where the row's cause is not open; `last` has the terms of what was
    /// decided of it last.
    pub(super) fn judge(
        &self,
        file: &EditedFile,
        row: &FileRow,
        cause: Option<&Cause>,
        last: Option<&str>,
    ) -> Result<Option<Decided>, Vec<String>> {
        let cell = |column: &str| file.cell(row, column);
        if let Some(problem) = row.problem {
            return Err(vec![problem.to_owned()]);
        }
        let word = cell("decision").to_lowercase();
        if word.is_empty() {
            return Ok(None);
        }
        let mut problems = Vec::new();
        let or = |said: &str, default: &str| Text::from(if said.is_empty() { default } else { said });
        let (by, reason) = (or(cell("decided_by"), self.by), or(cell("reason"), self.reason.trim()));
        if cell("cause").is_empty() {
            problems.push("cause is missing: it says what the row is about".to_owned());
        }
        if by.is_empty() {
            problems.push("decided_by is missing: a decision is signed, here or with --by".to_owned());
        }
        if reason.is_empty() {
            problems.push("reason is missing: a decision says why, here or with --reason".to_owned());
        }
        let decision = match word.as_str() {
            "apply" | "done" | "reject" if is_change(cause, cell("cause")) => {
                Word::of(&word).map(Decision::Change)
            }
            "apply" | "done" => {
                problems.push(format!("{word} is for changes of orders alone"));
                None
            }
            "map" => {
                let said = last == Some(&*terms(&Decision::Map(None), file, row));
                self.map(file, row, (cause, said), &mut problems)
            }
            "reject" if is_invoice(cause, cell("cause")) => Some(Decision::Invoice { drop: true }),
            "reject" => reject(cause, &mut problems),
            "release" if is_invoice(cause, cell("cause")) => Some(Decision::Invoice { drop: false }),
            "release" => {
                problems
                    .push("only an invoice is released by name; lines go when they are mapped".to_owned());
                None
            }
            "ignore" => self.ignore(cell("ignore_until"), &mut problems),
            _ => {
                problems
                    .push(format!("decision {word:?} is none of map, reject, ignore, release, apply, done"));
                None
            }
        };
        match decision {
            Some(decision) if problems.is_empty() => Ok(Some(Decided {
                row: row.number,
                cause: cell("cause").into(),
                terms: terms(&decision, file, row),
                decision,
                by,
                reason,
            })),
            _ => Err(problems),
        }
    }

    fn ignore(&self, until: &str, problems: &mut Vec<String>) -> Option<Decision> {
        if until.is_empty() {
            problems.push("ignore_until is missing: a cause is ignored up to a day".to_owned());
            return None;
        }
        let day = date("ignore_until", until, problems)?;
        if day < self.today {
            problems.push(format!("ignore_until {day} is past"));
            return None;
        }
        Some(Decision::Ignore(day))
    }

    /// What was `said` before was for lines that may be gone by now.
    fn map(
        &self,
        file: &EditedFile,
        row: &FileRow,
        (cause, said): (Option<&Cause>, bool),
        problems: &mut Vec<String>,
    ) -> Option<Decision> {
        let cell = |column: &str| file.cell(row, column);
        self.item(cell("item"), problems);
        let (factor, from) = (cell("unit_factor"), cell("valid_from"));
        let unit_factor = Fraction::parse(factor);
        if unit_factor.is_none() && !factor.is_empty() {
            problems.push(format!("unit_factor {factor:?} is not a positive factor such as 12, 0.5 or 1/2"));
        }
        let valid_from = if from.is_empty() { None } else { date("valid_from", from, problems) };
        let Some(cause) = cause else { return Some(Decision::Map(None)) };
        if !cause.can_be_mapped() {
            problems
                .push("there is no number of the customer's in it that could be led to an item".to_owned());
            return None;
        }
        let unit = Text::from(cell("unit"));
        if !unit.is_empty() && !said && !cause.unit_words.contains(&unit) {
            let ordered: Vec<&str> = cause.unit_words.iter().map(Text::as_str).collect();
            problems.push(format!("unit {unit:?}: the lines are ordered in {}", ordered.join(", ")));
        }
        let scope = self.scope(cell("scope"), cell("ship_to"), (cause, said));
        let scope = scope.map_err(|problem| problems.push(problem)).ok()?;
        Some(Decision::Map(Some(Box::new(Xref {
            xref_id: 0,
            scope,
            customer_item: cause.number.value.clone(),
            item: cell("item").into(),
            qualifier: cause.number.qualifier.clone(),
            unit,
            unit_factor,
            rank: 1,
            valid_from,
            valid_to: None,
            active: true,
            description: cause.description.clone(),
        }))))
    }

    fn item(&self, item: &str, problems: &mut Vec<String>) {
        if item.is_empty() {
            problems.push("item is missing: to what is it mapped?".to_owned());
            return;
        }
        problems.extend(self.known.item_problem(item));
        match self.known.items.end_of(item) {
            ItemEnd::Discontinued(at) => {
                problems.push(format!("item {item}: {at} is discontinued and has no successor"));
            }
            ItemEnd::Broken(at) => problems.push(format!("item {item}: the successor of {at} is no item")),
            ItemEnd::Sold(_) | ItemEnd::Circle(_) | ItemEnd::Unknown => {}
        }
    }

    fn scope(&self, word: &str, ship_to: &str, (cause, said): (&Cause, bool)) -> Result<XrefScope, String> {
        let customer = &cause.customer;
        let scope = match word.to_lowercase().as_str() {
            "" | "customer" => XrefScope::Customer(customer.clone()),
            "ship_to" if said || cause.ship_tos.contains(ship_to) => {
                XrefScope::ShipTo { customer: customer.clone(), ship_to: ship_to.into() }
            }
            "ship_to" => {
                let known: Vec<&str> = cause.ship_tos.iter().map(Text::as_str).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(format!("ship_to {ship_to:?} is none of those of the lines: {known}"));
            }
            "group" if cause.group.is_empty() => return Err(format!("customer {customer} is in no group")),
            "group" => XrefScope::Group(cause.group.clone()),
            "everyone" => XrefScope::Everyone,
            _ => return Err(format!("scope {word:?} is none of ship_to, customer, group, everyone")),
        };
        if self.known.has_scope(&scope) {
            Ok(scope)
        } else {
            Err(format!("unknown customer {customer:?}: customers.csv does not have it"))
        }
    }
}

/// Of a cause that is not open any more its text tells.
fn is_invoice(cause: Option<&Cause>, text: &str) -> bool {
    cause.map_or_else(|| text.starts_with("invoice/"), |cause| cause.kind == "invoice")
}

fn is_change(cause: Option<&Cause>, text: &str) -> bool {
    let kind = cause.map_or_else(|| text.split('/').next().unwrap_or_default(), |cause| &cause.kind);
    changes::KINDS.contains(&kind)
}

fn reject(cause: Option<&Cause>, problems: &mut Vec<String>) -> Option<Decision> {
    if let Some(cause) = cause
        && cause.held == 0
    {
        problems.push("no line waits that could be rejected".to_owned());
        return None;
    }
    Some(Decision::Reject)
}

fn date(column: &str, text: &str, problems: &mut Vec<String>) -> Option<Date> {
    let day = if text.len() == 10 { text.parse().ok() } else { None };
    if day.is_none() {
        problems.push(format!(
            "{column} {text:?} is not a date as YYYY-MM-DD: where a spreadsheet writes dates its own way, make the column text first"
        ));
    }
    day
}

/// The cells that the decision rests on, so that the same row is known again.
fn terms(decision: &Decision, file: &EditedFile, row: &FileRow) -> Text {
    let columns: &[&str] = match decision {
        Decision::Map(_) => &["item", "unit", "unit_factor", "scope", "valid_from"],
        Decision::Reject | Decision::Invoice { .. } | Decision::Change(_) => &[],
        Decision::Ignore(_) => &["ignore_until"],
    };
    let mut terms = decision.word().to_owned();
    for column in columns {
        let cell = file.cell(row, column);
        if !cell.is_empty() {
            terms += &format!(" {column}={cell}");
        }
    }
    if file.cell(row, "scope").eq_ignore_ascii_case("ship_to") && matches!(decision, Decision::Map(_)) {
        terms += &format!(" ship_to={}", file.cell(row, "ship_to"));
    }
    terms.into()
}
