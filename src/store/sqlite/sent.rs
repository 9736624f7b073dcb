//! What went to partners: interchanges with their groups, acknowledgments, resends.

use super::seals::write_sealed;
use super::values::{Columns, Words, first, rows, write, written};
use crate::domain::Date;
use crate::domain::sent::{SentDocument, SentState};
use crate::store::sent::{AcknowledgmentRow, ResendRow, SentFilter, SentGroup, SentOnly, SentRow, SentTo};
use anyhow::{Context, Result, ensure};
use rusqlite::Connection;

/// The columns of an interchange, in the order in which [`read_sent`] takes them.
const COLUMNS: &str = "sent_id, run_id, unit, kind, partner, control, sender, receiver, date, time, usage, path, kept, digest, \
     ta1, ta1_note, resends, resent_date, resent_time";

pub(super) fn add(connection: &Connection, row: &SentRow) -> Result<()> {
    // nothing is written of a row that cannot be written whole
    for group in &row.groups {
        kept(group).with_context(|| format!("group {} of {}", group.control, row.path))?;
    }
    let date = row.date.to_string();
    let values: [&dyn rusqlite::ToSql; 13] = [
        &Words(&row.run_id),
        &row.unit,
        &Words(&row.kind),
        &Words(&row.partner),
        &Words(&row.control),
        &Words(&row.sender),
        &Words(&row.receiver),
        &Words(&date),
        &Words(&row.time),
        &Words(&row.usage),
        &Words(&row.path),
        &Words(&row.kept),
        &Words(&row.digest),
    ];
    write_sealed(
        connection,
        "keep what is sent",
        "INSERT INTO sent_interchange (
             run_id, unit, kind, partner, control, sender, receiver, date, time, usage, path, kept, digest, ta1, ta1_note,
             resends, resent_date, resent_time, seal
         ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', '', 0, '', '', $14)",
        &values,
    )?;
    let sent_id = connection.last_insert_rowid();
    for group in &row.groups {
        add_group(connection, sent_id, group)
            .with_context(|| format!("group {} of {}", group.control, row.path))?;
    }
    Ok(())
}

fn add_group(connection: &Connection, sent_id: i64, group: &SentGroup) -> Result<()> {
    let Kept { states, waiting, rejected, notes } = kept(group)?;
    write(
        connection,
        "keep a group that is sent",
        "INSERT INTO sent_group (
             sent_id, functional_id, control, application_receiver, set_id, documents, states, waiting, rejected, notes
         ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            &sent_id,
            &Words(&group.functional_id),
            &group.control,
            &Words(&group.application_receiver),
            &Words(&group.set_id),
            &Words(&serde_json::to_string(&group.documents)?),
            &Words(&states),
            &waiting,
            &rejected,
            &Words(&notes),
        ],
    )?;
    Ok(())
}

/// What changes of a group, as columns.
struct Kept {
    states: String,
    waiting: i64,
    rejected: i64,
    notes: String,
}

fn kept(group: &SentGroup) -> Result<Kept> {
    ensure!(
        group.states.len() == group.documents.len(),
        "{} documents of the group {} have {} states",
        group.documents.len(),
        group.control,
        group.states.len()
    );
    let count =
        |wanted: SentState| i64::try_from(group.states.iter().filter(|state| **state == wanted).count());
    Ok(Kept {
        states: group.states.iter().map(|state| state.letter()).collect(),
        waiting: count(SentState::Sent)?,
        rejected: count(SentState::Rejected)?,
        notes: if group.notes.is_empty() { String::new() } else { serde_json::to_string(&group.notes)? },
    })
}

pub(super) fn update(connection: &Connection, row: &SentRow) -> Result<()> {
    let changed = write(
        connection,
        "change what is known of what was sent",
        "UPDATE sent_interchange SET ta1 = $1, ta1_note = $2 WHERE sent_id = $3",
        &[&Words(&row.ta1), &Words(&row.ta1_note), &row.sent_id],
    )?;
    ensure!(changed == 1, "nothing was sent under the id {}", row.sent_id);
    for group in &row.groups {
        let Kept { states, waiting, rejected, notes } = kept(group)?;
        let changed = write(
            connection,
            "change what is known of a group that was sent",
            "UPDATE sent_group SET states = $1, waiting = $2, rejected = $3, notes = $4
             WHERE sent_id = $5 AND control = $6 AND length(states) = length($1)",
            &[&Words(&states), &waiting, &rejected, &Words(&notes), &row.sent_id, &group.control],
        )?;
        ensure!(changed == 1, "{} has no group {} with {} sets", row.path, group.control, states.len());
    }
    Ok(())
}

/// The condition on the interchange, and the values of $2 and $3.
fn addressed(to: SentTo<'_>) -> (&'static str, &str, &str) {
    match to {
        SentTo::Anybody => ("$2 = $3", "", ""),
        SentTo::Either { receiver, partner } => ("(receiver = $2 OR partner = $3)", receiver, partner),
    }
}

pub(super) fn with_control(connection: &Connection, control: &str, to: SentTo<'_>) -> Result<Vec<SentRow>> {
    let (who, receiver, partner) = addressed(to);
    let sql =
        format!("SELECT {COLUMNS} FROM sent_interchange WHERE control = $1 AND {who} ORDER BY sent_id DESC");
    let values: [&dyn rusqlite::ToSql; 3] = [&Words(control), &Words(receiver), &Words(partner)];
    let found = rows(connection, "look for an interchange that was sent", &sql, &values, read_sent)?;
    found.into_iter().map(|row| with_groups(connection, row)).collect()
}

pub(super) fn with_group(connection: &Connection, control: u32, to: SentTo<'_>) -> Result<Vec<SentRow>> {
    let (who, receiver, partner) = addressed(to);
    let sql = format!(
        "SELECT {COLUMNS} FROM sent_interchange
         WHERE sent_id IN (SELECT sent_id FROM sent_group WHERE control = $1) AND {who} ORDER BY sent_id DESC"
    );
    let values: [&dyn rusqlite::ToSql; 3] = [&control, &Words(receiver), &Words(partner)];
    let found = rows(connection, "look for a group that was sent", &sql, &values, read_sent)?;
    found.into_iter().map(|row| with_groups(connection, row)).collect()
}

/// So many interchanges are read at once; their groups are read between.
const CHUNK: u32 = 500;

pub(super) fn each(
    connection: &Connection,
    filter: &SentFilter,
    take: &mut dyn FnMut(SentRow) -> Result<()>,
) -> Result<()> {
    let only = match filter.only {
        None => "",
        Some(SentOnly::Waiting) => {
            "AND sent_id IN (SELECT sent_id FROM sent_group WHERE waiting > 0 AND functional_id <> 'FA')"
        }
        Some(SentOnly::Rejected) => "AND sent_id IN (SELECT sent_id FROM sent_group WHERE rejected > 0)",
    };
    let partner = if filter.partner.is_empty() { "$2 = ''" } else { "partner = $2" };
    let run = if filter.run_id.is_empty() { "$3 = ''" } else { "run_id = $3" };
    let sql = format!(
        "SELECT {COLUMNS} FROM sent_interchange
         WHERE sent_id > $1 AND {partner} AND {run} AND date >= $4 {only} ORDER BY sent_id LIMIT $5"
    );
    let since = written(filter.since);
    let mut after = 0_i64;
    loop {
        let values: [&dyn rusqlite::ToSql; 5] =
            [&after, &Words(&filter.partner), &Words(&filter.run_id), &Words(&since), &CHUNK];
        let chunk = rows(connection, "list what was sent", &sql, &values, read_sent)?;
        let Some(last) = chunk.last() else { return Ok(()) };
        after = last.sent_id;
        for row in chunk {
            take(with_groups(connection, row)?)?;
        }
    }
}

fn with_groups(connection: &Connection, row: SentRow) -> Result<SentRow> {
    let groups = rows(
        connection,
        "read the groups of what was sent",
        "SELECT functional_id, control, application_receiver, set_id, documents, states, notes FROM sent_group
         WHERE sent_id = $1 ORDER BY group_id",
        &[&row.sent_id],
        |row| Ok((read_group(row)?, row.string()?, row.text()?, row.string()?)),
    )?;
    let groups: Result<Vec<SentGroup>> = groups
        .into_iter()
        .map(|(group, documents, states, notes)| filled(group, &documents, &states, &notes))
        .collect();
    let groups = groups.with_context(|| format!("read the groups of {}", row.path))?;
    Ok(SentRow { groups, ..row })
}

fn filled(group: SentGroup, documents: &str, states: &str, notes: &str) -> Result<SentGroup> {
    let documents: Vec<SentDocument> = serde_json::from_str(documents)?;
    let states: Option<Vec<SentState>> = states.chars().map(SentState::from_letter).collect();
    let notes = if notes.is_empty() { Vec::new() } else { serde_json::from_str(notes)? };
    Ok(SentGroup { documents, states: states.context("a letter of its states is none")?, notes, ..group })
}

fn read_group(row: &mut Columns<'_, '_>) -> rusqlite::Result<SentGroup> {
    Ok(SentGroup {
        functional_id: row.text()?,
        control: row.whole()?,
        application_receiver: row.text()?,
        set_id: row.text()?,
        ..SentGroup::default()
    })
}

fn read_sent(row: &mut Columns<'_, '_>) -> rusqlite::Result<SentRow> {
    Ok(SentRow {
        sent_id: row.whole()?,
        run_id: row.text()?,
        unit: row.whole()?,
        kind: row.text()?,
        partner: row.text()?,
        control: row.text()?,
        sender: row.text()?,
        receiver: row.text()?,
        date: row.day()?,
        time: row.text()?,
        usage: row.text()?,
        path: row.text()?,
        kept: row.text()?,
        digest: row.text()?,
        ta1: row.text()?,
        ta1_note: row.text()?,
        resends: row.whole()?,
        resent: match (row.date()?, row.text()?) {
            (Some(date), time) => Some((date, time)),
            (None, _) => None,
        },
        groups: Vec::new(),
    })
}

pub(super) fn note_acknowledgment(connection: &Connection, row: &AcknowledgmentRow) -> Result<bool> {
    let new = write(
        connection,
        "keep an acknowledgment",
        "INSERT INTO acknowledgment (acknowledgment_key, sent_id, run_id, file, verdict) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (acknowledgment_key) DO NOTHING",
        &[&Words(&row.key), &row.sent_id, &Words(&row.run_id), &Words(&row.file), &Words(&row.verdict)],
    )?;
    Ok(new == 1)
}

pub(super) fn add_resend(connection: &Connection, row: &ResendRow) -> Result<()> {
    ensure!(!row.decided_by.trim().is_empty(), "a resend needs a name");
    let changed = write(
        connection,
        "count a resend",
        "UPDATE sent_interchange SET resends = resends + 1, resent_date = $1, resent_time = $2 WHERE sent_id = $3",
        &[&Words(&row.date.to_string()), &Words(&row.time), &row.sent_id],
    )?;
    ensure!(changed == 1, "nothing was sent under the id {}", row.sent_id);
    write(
        connection,
        "keep a resend",
        "INSERT INTO resend (sent_id, date, time, decided_by, reason, recorded) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &row.sent_id,
            &Words(&row.date.to_string()),
            &Words(&row.time),
            &Words(&row.decided_by),
            &Words(&row.reason),
            &row.recorded,
        ],
    )?;
    Ok(())
}

pub(super) fn resends(connection: &Connection, sent_id: i64) -> Result<Vec<ResendRow>> {
    rows(
        connection,
        "list the resends of a document",
        "SELECT sent_id, date, time, decided_by, reason, recorded FROM resend WHERE sent_id = $1 ORDER BY resend_id",
        &[&sent_id],
        |row| {
            Ok(ResendRow {
                sent_id: row.whole()?,
                date: row.day()?,
                time: row.text()?,
                decided_by: row.text()?,
                reason: row.text()?,
                recorded: row.whole()?,
            })
        },
    )
}

pub(super) fn answered_on(connection: &Connection) -> Result<Vec<(i64, Date)>> {
    rows(
        connection,
        "look when what was sent was answered",
        "SELECT a.sent_id, min(run.date) FROM acknowledgment AS a JOIN run ON run.run_id = a.run_id
         GROUP BY a.sent_id ORDER BY a.sent_id",
        &[],
        |row| Ok((row.whole()?, row.day()?)),
    )
}

pub(super) fn last_heard(connection: &Connection, partner: &str) -> Result<Option<Date>> {
    first(
        connection,
        "look when a partner was heard",
        "SELECT run.date FROM receipt JOIN run ON run.run_id = receipt.run_id
         WHERE receipt.partner = $1 ORDER BY receipt.run_id DESC LIMIT 1",
        &[&Words(partner)],
        one_day,
    )
}

pub(super) fn first_run(connection: &Connection) -> Result<Option<Date>> {
    let found: Option<Option<Date>> = first(
        connection,
        "look for the first run",
        "SELECT coalesce(min(date), '') FROM run WHERE ended IS NOT NULL",
        &[],
        one_date,
    )?;
    Ok(found.flatten())
}

fn one_day(row: &mut Columns<'_, '_>) -> rusqlite::Result<Date> {
    row.day()
}

fn one_date(row: &mut Columns<'_, '_>) -> rusqlite::Result<Option<Date>> {
    row.date()
}
