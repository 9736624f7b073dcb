//! Descriptions by their words: the full-text index beside the masters and the cross-reference, and what asks it.
//!
//! The index gives candidates, more than fit: whoever asks looks at the descriptions themselves. A word of the question may
//! stand anywhere in a word of a description, so it is looked for in the list of all words first.

use super::values::{Columns, Words, first, one_text, one_whole, rows, write};
use crate::domain::Text;
use crate::store::Micros;
use crate::store::xrefs::NewTexts;
use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, ToSql};

/// Whose descriptions are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The items' own.
    Ours,
    /// The rows' of the cross-reference.
    Theirs,
}

/// A piece of a question that more words have than these says too little to ask for all of them.
const WORDS_OF_PIECE: usize = 200;

/// With more candidates than these, reading the table in its order finds the first rows sooner.
const CANDIDATES: usize = 2_000;

/// The table that waits to be indexed: the same index, for a moment, gives the words of some new texts alone.
const WAITING: &str = "DROP TABLE IF EXISTS temp.new_described; CREATE TEMP TABLE new_described
    (place INTEGER PRIMARY KEY, customer TEXT NOT NULL, number TEXT NOT NULL, text TEXT NOT NULL)";

/// Lets lookups know the descriptions of rows that were recorded at `now`; very many are left to [`learn_unlearnt`].
pub(super) fn learn(connection: &Connection, whose: Whose, texts: &NewTexts, now: Micros) -> Result<()> {
    let what = "keep the descriptions for lookups";
    let ours = whose == Whose::Ours;
    if texts.many {
        let sql = "INSERT INTO described_unlearnt (recorded, ours) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        write(connection, what, sql, &[&now, &ours])?;
        return Ok(());
    }
    if texts.few.is_empty() {
        return Ok(());
    }
    connection.execute_batch(WAITING).context(what)?;
    let known = known(whose, "$1", "$2", "$3", "$4");
    let sql = format!(
        "INSERT INTO temp.new_described (customer, number, text) SELECT $1, $2, $3 WHERE NOT EXISTS ({known})"
    );
    for [customer, number, text] in &texts.few {
        let customer = if ours { "" } else { customer };
        write(connection, what, &sql, &[&Words(customer), &Words(number), &Words(text), &now])?;
    }
    index_waiting(connection)
}

/// Whether a description of that number stood before an instant, so that it is indexed already.
fn known(whose: Whose, customer: &str, number: &str, text: &str, before: &str) -> String {
    match whose {
        Whose::Ours => format!(
            "SELECT 1 FROM item AS known WHERE known.item = {number} AND known.description = {text}
                 AND known.recorded_from < {before} AND {customer} IS {customer}"
        ),
        Whose::Theirs => format!(
            "SELECT 1 FROM item_xref AS known WHERE known.customer = {customer} AND known.customer_item = {number}
                 AND known.description = {text} AND known.recorded_from < {before}"
        ),
    }
}

/// Puts what waits behind what is indexed, in ascending order: the full-text index writes itself out at each step back.
fn index_waiting(connection: &Connection) -> Result<()> {
    connection
        .execute_batch(
            "CREATE TEMP TABLE last_described AS SELECT coalesce(max(place), 0) AS place FROM described;
             INSERT INTO described (place, customer, number)
                 SELECT new.place + last.place, customer, number FROM temp.last_described AS last
                 CROSS JOIN temp.new_described AS new ORDER BY new.place;
             INSERT INTO described_text (rowid, text)
                 SELECT new.place + last.place, text FROM temp.last_described AS last
                 CROSS JOIN temp.new_described AS new ORDER BY new.place;
             CREATE VIRTUAL TABLE IF NOT EXISTS temp.new_text USING fts5
                 (text, content = '', columnsize = 0, detail = 'none', tokenize = 'unicode61 remove_diacritics 0');
             CREATE VIRTUAL TABLE IF NOT EXISTS temp.new_word USING fts5vocab ('temp', 'new_text', 'row');
             INSERT INTO temp.new_text (rowid, text) SELECT place, text FROM temp.new_described ORDER BY place;
             INSERT OR IGNORE INTO described_word (word) SELECT term FROM temp.new_word;
             INSERT INTO temp.new_text (new_text) VALUES ('delete-all');
             DROP TABLE temp.new_described; DROP TABLE temp.last_described",
        )
        .context("index the descriptions for lookups")
}

/// Whether descriptions wait to be indexed.
pub(super) fn has_unlearnt(connection: &Connection) -> Result<bool> {
    let sql = "SELECT recorded FROM described_unlearnt LIMIT 1";
    let found: Option<Micros> = first(connection, "look for descriptions to index", sql, &[], one_whole)?;
    Ok(found.is_some())
}

/// Indexes what very large syncs and imports left.
pub(super) fn learn_unlearnt(connection: &Connection) -> Result<()> {
    if !has_unlearnt(connection)? {
        return Ok(());
    }
    let what = "index the descriptions for lookups";
    connection.execute_batch(WAITING).context(what)?;
    for (whose, table, customer, number) in [
        (Whose::Theirs, "item_xref", "new.customer", "new.customer_item"),
        (Whose::Ours, "item", "''", "new.item"),
    ] {
        let ours = whose == Whose::Ours;
        let known = known(whose, customer, number, "new.description", "new.recorded_from");
        let sql = format!(
            "INSERT INTO temp.new_described (customer, number, text)
             SELECT DISTINCT {customer}, {number}, description FROM {table} AS new
             WHERE recorded_from IN (SELECT recorded FROM described_unlearnt WHERE ours = $1) AND description <> ''
                 AND NOT EXISTS ({known})"
        );
        write(connection, what, &sql, &[&ours])?;
    }
    index_waiting(connection)?;
    write(connection, what, "DELETE FROM described_unlearnt", &[])?;
    Ok(())
}

/// What the index knows of descriptions that have all the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Candidates {
    /// Nobody has them all.
    None,
    /// So many that it is better to read the descriptions in their order.
    Many,
    /// A question for `described_text` that finds all that may fit.
    Matching(String),
}

pub(super) fn candidates(connection: &Connection, words: &[&str]) -> Result<Candidates> {
    ensure!(!has_unlearnt(connection)?, "the descriptions of the last sync are not indexed yet");
    let mut question: Vec<String> = Vec::new();
    for piece in pieces(words) {
        let limit = i64::try_from(WORDS_OF_PIECE + 1).unwrap_or(i64::MAX);
        let sql = "SELECT word FROM described_word WHERE instr(word, $1) > 0 LIMIT $2";
        let known: Vec<Text> = rows(connection, "look for words", sql, &[&Words(&piece), &limit], one_text)?;
        match known.len() {
            0 => return Ok(Candidates::None),
            found if found <= WORDS_OF_PIECE => {
                let known = known.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\"")));
                question.push(format!("({})", known.collect::<Vec<_>>().join(" OR ")));
            }
            _ => {}
        }
    }
    if question.is_empty() {
        return Ok(Candidates::Many);
    }
    let question = question.join(" AND ");
    let limit = i64::try_from(CANDIDATES).unwrap_or(i64::MAX);
    let sql = "SELECT rowid FROM described_text WHERE described_text MATCH $1 LIMIT 1 OFFSET $2";
    let values: [&dyn ToSql; 2] = [&Words(&question), &limit];
    let more: Option<i64> =
        first(connection, "look for descriptions", sql, &values, |row: &mut Columns<'_, '_>| row.whole())?;
    Ok(if more.is_some() { Candidates::Many } else { Candidates::Matching(question) })
}

/// What stands in the words between other signs, in small letters. Letters beyond ASCII end a piece too: how the index writes
/// them is its own affair, and what is left is in its word all the same.
fn pieces(words: &[&str]) -> Vec<String> {
    let cut = |word: &&str| {
        let pieces = word.split(|letter: char| !letter.is_ascii_alphanumeric());
        pieces.filter(|piece| !piece.is_empty()).map(str::to_ascii_lowercase).collect::<Vec<_>>()
    };
    let mut pieces: Vec<String> = words.iter().flat_map(cut).collect();
    pieces.sort();
    pieces.dedup();
    pieces
}
