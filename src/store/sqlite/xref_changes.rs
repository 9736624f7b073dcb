//! Imports and decisions: rows that end and begin at the instant of a signed change set, and nothing overwritten.

use super::records::Record;
use super::sync::take_row_numbers;
use super::values::{Columns, Whole, Words, first, one_whole, rows, write};
use super::xref_search;
use crate::domain::item::Xref;
use crate::store::Micros;
use crate::store::xrefs::{
    NewNumbers, NewTexts, XrefChange, XrefChangeSet, XrefCounts, XrefEffect, XrefSignature, XrefSource,
};
use anyhow::{Context, Result, bail, ensure};
use rusqlite::Connection;

/// The instant of the last change set.
pub(super) fn last(connection: &Connection) -> Result<Option<Micros>> {
    first(
        connection,
        "look for the last change of the cross-reference",
        "SELECT recorded FROM xref_change ORDER BY recorded DESC LIMIT 1",
        &[],
        one_whole,
    )
}

pub(super) fn begin(connection: &Connection, by: &XrefSignature) -> Result<XrefChangeSet> {
    ensure!(by.source != XrefSource::Masters, "the masters are synced, not changed here");
    ensure!(!by.decided_by.trim().is_empty(), "a change of the cross-reference needs a name");
    let unsaid = by.source == XrefSource::Decision && by.reason.trim().is_empty();
    ensure!(!unsaid, "a decision about the cross-reference needs a reason");
    let synced: Option<Micros> = first(
        connection,
        "look for the last sync of the cross-reference",
        "SELECT synced FROM master_file WHERE name = 'item_xref'",
        &[],
        one_whole,
    )?;
    let before = last(connection)?.max(synced);
    let at = before.map_or(by.now, |before| by.now.max(before + 1));
    Ok(XrefChangeSet {
        by: by.clone(),
        at,
        counts: XrefCounts::default(),
        numbers: NewNumbers::default(),
        texts: NewTexts::default(),
        free_id: None,
    })
}

pub(super) fn change(
    connection: &Connection,
    set: &mut XrefChangeSet,
    change: &XrefChange,
) -> Result<XrefEffect> {
    let (XrefChange::Put(row) | XrefChange::End(row)) = change;
    let changing = || format!("change the cross-reference of {:?} to {:?}", row.customer_item, row.item);
    row.check().with_context(changing)?;
    let standing = standing(connection, row).with_context(changing)?;
    let effect = match change {
        XrefChange::Put(row) => put(connection, set, &standing, row),
        XrefChange::End(_) => end_row(connection, set, &standing),
    };
    let effect = effect.with_context(changing)?;
    set.counts.count(effect);
    Ok(effect)
}

pub(super) fn end(connection: &Connection, set: &XrefChangeSet) -> Result<()> {
    let XrefCounts { added, changed, ended, .. } = set.counts;
    if added + changed + ended == 0 {
        return Ok(());
    }
    if let Some(free) = set.free_id {
        let taken = take_row_numbers(connection, Xref::TABLE, usize::try_from(added)?)?;
        ensure!(taken == free, "somebody else numbered rows of the cross-reference meanwhile");
    }
    xref_search::learn_xrefs(connection, &set.numbers, set.at)?;
    xref_search::learn_unlearnt(connection)?;
    Xref::learn_texts(connection, &set.texts, set.at)?;
    write(
        connection,
        "keep who changed the cross-reference",
        "INSERT INTO xref_change (recorded, source, decided_by, reason, origin, added, changed, ended)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &set.at,
            &set.by.source.as_str(),
            &Words(&set.by.decided_by),
            &Words(&set.by.reason),
            &Words(&set.by.origin),
            &Whole(added),
            &Whole(changed),
            &Whole(ended),
        ],
    )?;
    Ok(())
}

/// A current row with the key that is to be changed.
#[derive(Debug)]
struct Standing {
    row: Xref,
    source: XrefSource,
    recorded_from: Micros,
}

/// The strongest first; several only of one source, the masters, or of several sources.
fn standing(connection: &Connection, row: &Xref) -> Result<Vec<Standing>> {
    let key: Vec<_> = (0..Xref::KEY.len()).map(|column| row.key(column)).collect();
    let words: Vec<Words<'_>> = key.iter().map(|text| Words(text)).collect();
    let values: Vec<&dyn rusqlite::ToSql> = words.iter().map(|word| word as &dyn rusqlite::ToSql).collect();
    rows(
        connection,
        "look for the rows with this key",
        "SELECT customer, customer_item, ship_to, qualifier, unit, item, valid_from, valid_to, unit_factor, rank, active,
             description, xref_id, source, recorded_from FROM item_xref
         WHERE customer = $1 AND customer_item = $2 AND ship_to = $3 AND qualifier = $4 AND unit = $5 AND item = $6
             AND valid_from = $7 AND recorded_to IS NULL
         ORDER BY source, ordinal",
        &values,
        |columns| {
            Ok(Standing {
                row: Xref::read(columns)?,
                source: source(columns)?,
                recorded_from: columns.whole()?,
            })
        },
    )
}

/// The source column of a row.
pub(super) fn source(columns: &mut Columns<'_, '_>) -> rusqlite::Result<XrefSource> {
    let word = columns.text()?;
    let known = XrefSource::ALL.into_iter().find(|source| source.as_str() == word);
    known.ok_or_else(|| {
        rusqlite::types::FromSqlError::Other(format!("{word:?} is no source of a row").into()).into()
    })
}

fn put(
    connection: &Connection,
    set: &mut XrefChangeSet,
    standing: &[Standing],
    row: &Xref,
) -> Result<XrefEffect> {
    let own = set.by.source;
    let Some(best) = standing.first() else {
        let free = match set.free_id {
            Some(free) => free,
            None => *set.free_id.insert(take_row_numbers(connection, Xref::TABLE, 0)?),
        };
        insert(connection, set, row, free + i64::try_from(set.counts.added)?)?;
        row.new_numbers(&mut set.numbers);
        row.new_texts(&mut set.texts);
        return Ok(XrefEffect::Added);
    };
    if standing.iter().take_while(|other| other.source == best.source).any(|other| same(&other.row, row)) {
        return Ok(XrefEffect::Unchanged);
    }
    if best.source < own {
        return Ok(XrefEffect::Outranked);
    }
    if best.source == own {
        end_version(connection, set, best)?;
    }
    insert(connection, set, row, best.row.xref_id)?;
    if row.description != best.row.description {
        row.new_texts(&mut set.texts);
    }
    Ok(XrefEffect::Changed)
}

fn end_row(connection: &Connection, set: &XrefChangeSet, standing: &[Standing]) -> Result<XrefEffect> {
    let own = set.by.source;
    let Some(best) = standing.first() else { return Ok(XrefEffect::Unchanged) };
    let weaker = standing.iter().find(|other| other.source > own);
    if best.source < own {
        return Ok(if best.row.active { XrefEffect::Outranked } else { XrefEffect::Unchanged });
    }
    if best.source == own {
        if weaker.is_some() && !best.row.active {
            return Ok(XrefEffect::Unchanged);
        }
        end_version(connection, set, best)?;
    }
    if let Some(weaker) = weaker {
        // what the masters say comes back with each of their exports; it is covered instead
        let covering = Xref { active: false, ..weaker.row.clone() };
        insert(connection, set, &covering, best.row.xref_id)?;
    }
    Ok(XrefEffect::Ended)
}

fn same(a: &Xref, b: &Xref) -> bool {
    (0..Xref::VALUES.len()).all(|column| a.value(column) == b.value(column))
}

fn end_version(connection: &Connection, set: &XrefChangeSet, standing: &Standing) -> Result<()> {
    if standing.recorded_from >= set.at {
        bail!("the row was changed before in the same change");
    }
    let key: Vec<_> = (0..Xref::KEY.len()).map(|column| standing.row.key(column)).collect();
    let words: Vec<Words<'_>> = key.iter().map(|text| Words(text)).collect();
    let source = standing.source.as_str();
    let mut values: Vec<&dyn rusqlite::ToSql> = vec![&set.at];
    values.extend(words.iter().map(|word| word as &dyn rusqlite::ToSql));
    values.extend([&source as &dyn rusqlite::ToSql, &standing.recorded_from]);
    let ended = write(
        connection,
        "end a row of the cross-reference",
        "UPDATE item_xref SET recorded_to = $1
         WHERE customer = $2 AND customer_item = $3 AND ship_to = $4 AND qualifier = $5 AND unit = $6 AND item = $7
             AND valid_from = $8 AND source = $9 AND ordinal = 0 AND recorded_from = $10",
        &values,
    )?;
    ensure!(ended == 1, "{ended} rows ended instead of one");
    Ok(())
}

fn insert(connection: &Connection, set: &XrefChangeSet, row: &Xref, xref_id: i64) -> Result<()> {
    let key: Vec<_> = (0..Xref::KEY.len()).map(|column| row.key(column)).collect();
    let words: Vec<Words<'_>> = key.iter().map(|text| Words(text)).collect();
    let valid_to = super::values::written(row.valid_to);
    let factor = super::values::written(row.unit_factor);
    let source = set.by.source.as_str();
    let mut values: Vec<&dyn rusqlite::ToSql> =
        words.iter().map(|word| word as &dyn rusqlite::ToSql).collect();
    let (valid_to, factor, description) = (Words(&valid_to), Words(&factor), Words(&row.description));
    let (by, reason) = (Words(&set.by.decided_by), Words(&set.by.reason));
    let rest: [&dyn rusqlite::ToSql; 10] =
        [&source, &set.at, &valid_to, &factor, &row.rank, &row.active, &description, &xref_id, &by, &reason];
    values.extend(rest);
    write(
        connection,
        "add a row to the cross-reference",
        "INSERT INTO item_xref
             (customer, customer_item, ship_to, qualifier, unit, item, valid_from, source, ordinal, recorded_from, valid_to,
             unit_factor, rank, active, description, xref_id, decided_by, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        &values,
    )?;
    Ok(())
}
