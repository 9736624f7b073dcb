//! A masters file against its table: both in the order of the key, side by side; only what differs is written.

use super::records::{Cell, Record};
use super::values::{Columns, Words, first, one_whole};
use crate::domain::Text;
use crate::store::xrefs::{NewNumbers, NewTexts};
use crate::store::{Micros, SyncCounts};
use anyhow::{Context, Result};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Statement};
use std::cmp::Ordering;

/// Makes the current rows from masters equal to `rows`. What it needs beside them is one pointer a row and the changes.
pub(super) fn sync<T: Record>(connection: &Connection, rows: &[T], now: Micros) -> Result<SyncCounts> {
    for row in rows {
        row.check()?;
    }
    let wanted = in_order(rows);
    let plan = compare::<T>(connection, &wanted)
        .with_context(|| format!("cannot compare the table {} with its file", T::TABLE))?;
    apply(connection, &wanted, &plan, now)
        .with_context(|| format!("cannot write the changes of the table {}", T::TABLE))?;
    let mut numbers = NewNumbers::default();
    for wanted in plan.added.iter().filter_map(|at| wanted.get(*at)) {
        wanted.row.new_numbers(&mut numbers);
    }
    T::learn(connection, &numbers, now)?;
    let mut texts = NewTexts::default();
    let changed = plan.changed.iter().map(|(at, _)| at);
    for wanted in plan.added.iter().chain(changed).filter_map(|at| wanted.get(*at)) {
        wanted.row.new_texts(&mut texts);
    }
    T::learn_texts(connection, &texts, now)?;
    Ok(SyncCounts {
        added: plan.added.len() as u64,
        changed: plan.changed.len() as u64,
        ended: plan.ended.len() as u64,
        duplicates: (rows.len() - wanted.len()) as u64,
    })
}

/// `a, b, c`.
pub(super) fn list<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    columns.into_iter().collect::<Vec<_>>().join(", ")
}

/// A row of the file, and which it is of those with its key.
struct Wanted<'a, T> {
    row: &'a T,
    ordinal: u32,
}

/// The rows in the order of their keys, those with one key in the order of the file, exact repetitions left out.
fn in_order<T: Record>(rows: &[T]) -> Vec<Wanted<'_, T>> {
    let mut wanted: Vec<Wanted<'_, T>> = rows.iter().map(|row| Wanted { row, ordinal: 0 }).collect();
    if !wanted.is_sorted_by(|a, b| by_key(a.row, b.row).is_le()) {
        wanted.sort_by(|a, b| by_key(a.row, b.row));
    }
    let mut kept: Vec<Wanted<'_, T>> = Vec::with_capacity(wanted.len());
    for Wanted { row, .. } in wanted {
        // keys are seldom shared, so this looks at one row or two
        let twins = kept.iter().rev().take_while(|other| by_key(other.row, row).is_eq());
        let mut ordinal = 0;
        let mut repeated = false;
        for twin in twins {
            ordinal += 1;
            repeated |= same_values(twin.row, row);
        }
        if !repeated {
            kept.push(Wanted { row, ordinal });
        }
    }
    kept
}

fn by_key<T: Record>(a: &T, b: &T) -> Ordering {
    let columns = 0..T::KEY.len();
    columns
        .map(|column| a.key(column).cmp(&b.key(column)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn same_values<T: Record>(a: &T, b: &T) -> bool {
    (0..T::VALUES.len()).all(|column| a.value(column) == b.value(column))
}

/// What is to be written, as places in the list of wanted rows.
#[derive(Debug, Default)]
struct Plan {
    added: Vec<usize>,
    changed: Vec<(usize, Stored)>,
    ended: Vec<(Vec<Text>, Stored)>,
}

/// What identifies a stored row beside its key.
#[derive(Debug, Clone, Copy)]
struct Stored {
    ordinal: i64,
    recorded_from: Micros,
    number: Option<i64>,
}

fn compare<T: Record>(connection: &Connection, wanted: &[Wanted<'_, T>]) -> Result<Plan> {
    let (key, values) = (list(T::KEY.iter().copied()), list(T::VALUES.iter().copied()));
    let number = T::NUMBER.unwrap_or("NULL");
    let mut statement = connection.prepare(&format!(
        "SELECT {key}, ordinal, recorded_from, {number}, {values} FROM {table}
         WHERE source = 'masters' AND recorded_to IS NULL ORDER BY {key}, ordinal",
        table = T::TABLE
    ))?;
    let mut plan = Plan::default();
    let mut at = 0;
    let mut answer = statement.query([])?;
    while let Some(found) = answer.next()? {
        let ordinal = found.get(T::KEY.len())?;
        let recorded_from = found.get(T::KEY.len() + 1)?;
        let stored = Stored { ordinal, recorded_from, number: found.get(T::KEY.len() + 2)? };
        loop {
            let order = wanted.get(at).map(|wanted| against(wanted, found, ordinal)).transpose()?;
            match order {
                Some(Ordering::Less) => plan.added.push(at),
                Some(Ordering::Equal) => {
                    if wanted.get(at).is_some_and(|wanted| !holds(found, wanted.row)) {
                        plan.changed.push((at, stored));
                    }
                }
                Some(Ordering::Greater) | None => plan.ended.push((key_of::<T>(found)?, stored)),
            }
            if order.is_some_and(Ordering::is_le) {
                at += 1;
            }
            if order != Some(Ordering::Less) {
                break;
            }
        }
    }
    plan.added.extend(at..wanted.len());
    Ok(plan)
}

/// How a wanted row stands to a stored one.
fn against<T: Record>(wanted: &Wanted<'_, T>, found: &Row<'_>, ordinal: i64) -> Result<Ordering> {
    for column in 0..T::KEY.len() {
        let order = wanted.row.key(column).as_ref().cmp(found.get_ref(column)?.as_str()?);
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(i64::from(wanted.ordinal).cmp(&ordinal))
}

/// Whether a stored row has the wanted values.
fn holds<T: Record>(found: &Row<'_>, row: &T) -> bool {
    let first = T::KEY.len() + 3;
    (0..T::VALUES.len()).all(|column| match (found.get_ref(first + column), row.value(column)) {
        (Ok(ValueRef::Text(stored)), Cell::Text(wanted)) => stored == wanted.as_bytes(),
        (Ok(ValueRef::Integer(stored)), Cell::Whole(wanted)) => stored == wanted,
        _ => false,
    })
}

fn key_of<T: Record>(found: &Row<'_>) -> Result<Vec<Text>> {
    let mut columns = Columns::of(found);
    let key: rusqlite::Result<Vec<Text>> = T::KEY.iter().map(|_| columns.text()).collect();
    Ok(key?)
}

fn apply<T: Record>(
    connection: &Connection,
    wanted: &[Wanted<'_, T>],
    plan: &Plan,
    now: Micros,
) -> Result<()> {
    let mut ender = Ender::new::<T>(connection, now)?;
    for (key, stored) in &plan.ended {
        ender.end(key.iter().map(Text::as_str), *stored)?;
    }
    let mut inserter = Inserter::new::<T>(connection, now)?;
    for (at, stored) in &plan.changed {
        let Some(wanted) = wanted.get(*at) else { continue };
        let key: Vec<_> = (0..T::KEY.len()).map(|column| wanted.row.key(column)).collect();
        ender.end(key.iter().map(AsRef::as_ref), *stored)?;
        inserter.insert(wanted, stored.number)?;
    }
    let mut number = match T::NUMBER {
        Some(_) if !plan.added.is_empty() => Some(take_row_numbers(connection, T::TABLE, plan.added.len())?),
        _ => None,
    };
    for wanted in plan.added.iter().filter_map(|at| wanted.get(*at)) {
        inserter.insert(wanted, number)?;
        number = number.map(|number| number + 1);
    }
    Ok(())
}

/// The first of `count` numbers for new rows. They are never given again.
pub(super) fn take_row_numbers(connection: &Connection, table: &str, count: usize) -> Result<i64> {
    let count = i64::try_from(count)?;
    let last: Option<i64> = first(
        connection,
        "number new rows",
        "INSERT INTO control_number (sequence, last_number) VALUES ($1, $2)
         ON CONFLICT (sequence) DO UPDATE SET last_number = control_number.last_number + excluded.last_number
         RETURNING last_number",
        &[&Words(&format!("rows of {table}")), &count],
        one_whole,
    )?;
    Ok(last.context("a sequence gives a number")? - count + 1)
}

/// Ends stored rows. One that began at the same instant goes altogether: no instant ever saw it.
struct Ender<'c> {
    end: Statement<'c>,
    remove: Statement<'c>,
    now: Micros,
}

impl<'c> Ender<'c> {
    fn new<T: Record>(connection: &'c Connection, now: Micros) -> Result<Self> {
        let columns = T::KEY.iter().copied().chain(["ordinal", "recorded_from"]);
        let is = |first: usize| {
            let each = columns.clone().enumerate();
            each.map(|(index, column)| format!("{column} = ${}", first + index))
                .collect::<Vec<_>>()
                .join(" AND ")
        };
        let table = T::TABLE;
        let end = format!("UPDATE {table} SET recorded_to = $1 WHERE {} AND source = 'masters'", is(2));
        let remove = format!("DELETE FROM {table} WHERE {} AND source = 'masters'", is(1));
        Ok(Self { end: connection.prepare(&end)?, remove: connection.prepare(&remove)?, now })
    }

    fn end<'k>(&mut self, key: impl Iterator<Item = &'k str>, stored: Stored) -> Result<()> {
        let gone = stored.recorded_from == self.now;
        let statement = if gone { &mut self.remove } else { &mut self.end };
        let mut at = 1;
        if !gone {
            statement.raw_bind_parameter(at, self.now)?;
            at += 1;
        }
        for column in key {
            statement.raw_bind_parameter(at, Words(column))?;
            at += 1;
        }
        statement.raw_bind_parameter(at, stored.ordinal)?;
        statement.raw_bind_parameter(at + 1, stored.recorded_from)?;
        let changed = statement.raw_execute()?;
        anyhow::ensure!(changed == 1, "{changed} rows ended instead of one");
        Ok(())
    }
}

struct Inserter<'c> {
    insert: Statement<'c>,
    now: Micros,
}

impl<'c> Inserter<'c> {
    fn new<T: Record>(connection: &'c Connection, now: Micros) -> Result<Self> {
        let columns: Vec<&str> = T::KEY
            .iter()
            .copied()
            .chain(["ordinal", "recorded_from"])
            .chain(T::VALUES.iter().copied())
            .chain(T::NUMBER)
            .collect();
        let places = (1..=columns.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
        let sql =
            format!("INSERT INTO {} ({}, source) VALUES ({places}, 'masters')", T::TABLE, list(columns));
        Ok(Self { insert: connection.prepare(&sql)?, now })
    }

    fn insert<T: Record>(&mut self, wanted: &Wanted<'_, T>, number: Option<i64>) -> Result<()> {
        let statement = &mut self.insert;
        let mut at = 1;
        for column in 0..T::KEY.len() {
            statement.raw_bind_parameter(at, Words(&wanted.row.key(column)))?;
            at += 1;
        }
        statement.raw_bind_parameter(at, wanted.ordinal)?;
        statement.raw_bind_parameter(at + 1, self.now)?;
        at += 2;
        for column in 0..T::VALUES.len() {
            match wanted.row.value(column) {
                Cell::Text(text) => statement.raw_bind_parameter(at, Words(&text))?,
                Cell::Whole(whole) => statement.raw_bind_parameter(at, whole)?,
            }
            at += 1;
        }
        if let Some(number) = number {
            statement.raw_bind_parameter(at, number)?;
        }
        statement.raw_execute()?;
        Ok(())
    }
}
