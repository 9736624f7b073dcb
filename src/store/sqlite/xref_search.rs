//! Looking numbers and descriptions up without reading the whole cross-reference, and the small tables that make it so.

use super::described::{self, Candidates};
use super::records::Record;
use super::values::{Columns, Words, first, one_text, one_whole, rows, write};
use super::xref_rows::{COLUMNS, Covering, SOURCE, VERSION, version};
use crate::domain::Text;
use crate::domain::item::{Item, Xref};
use crate::store::Micros;
use crate::store::xrefs::{NewNumbers, XrefFound, XrefHit, XrefLookup, XrefQuery, XrefVersion};
use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, ToSql};

/// The form of the number $1: small letters, no hyphens, blanks, points, slashes, no leading zeros. The migration to version
/// 2 of the schema says the same.
pub(super) const FORM_OF_TEXT: &str =
    "ltrim(replace(replace(replace(replace(lower($1), '-', ''), ' ', ''), '.', ''), '/', ''), '0')";

/// [`FORM_OF_TEXT`] of another expression.
fn form(of: &str) -> String {
    FORM_OF_TEXT.replace("$1", of)
}

/// Lets lookups know the numbers of rows of the cross-reference that were recorded at `now`; very many are left to
/// [`learn_unlearnt`].
pub(super) fn learn_xrefs(connection: &Connection, numbers: &NewNumbers, now: Micros) -> Result<()> {
    let what = "keep the numbers of the cross-reference for lookups";
    if numbers.many {
        let sql = "INSERT INTO xref_unlearnt (recorded) VALUES ($1) ON CONFLICT DO NOTHING";
        write(connection, what, sql, &[&now])?;
        return Ok(());
    }
    for [customer, customer_item, item] in &numbers.few {
        let values: [&dyn ToSql; 2] = [&Words(customer_item), &Words(customer)];
        write(
            connection,
            what,
            &format!(
                "INSERT INTO xref_number (form, customer_item, customer) VALUES ({FORM_OF_TEXT}, $1, $2)
                 ON CONFLICT DO NOTHING"
            ),
            &values,
        )?;
        write(
            connection,
            what,
            "INSERT INTO xref_item (customer_item, customer, item) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            &[values[0], values[1], &Words(item)],
        )?;
    }
    Ok(())
}

/// Whether rows wait to be learnt.
pub(super) fn has_unlearnt(connection: &Connection) -> Result<bool> {
    let sql = "SELECT recorded FROM xref_unlearnt LIMIT 1";
    let found: Option<Micros> = first(connection, "look for numbers to learn", sql, &[], one_whole)?;
    Ok(found.is_some())
}

/// Fails while rows wait to be learnt: nothing is found incompletely without a word.
pub(super) fn all_learnt(connection: &Connection) -> Result<()> {
    ensure!(!has_unlearnt(connection)?, "the numbers of the last sync are not learnt yet");
    Ok(())
}

/// Learns what very large syncs left, in the order of the tables' keys.
pub(super) fn learn_unlearnt(connection: &Connection) -> Result<()> {
    if !has_unlearnt(connection)? {
        return Ok(());
    }
    let what = "learn the numbers of the cross-reference";
    let form = form("customer_item");
    let waits = "recorded_from IN (SELECT recorded FROM xref_unlearnt)";
    for sql in [
        &format!(
            "INSERT INTO xref_number (form, customer, customer_item)
             SELECT {form}, customer, customer_item FROM item_xref WHERE {waits} ORDER BY 1, 2, 3
             ON CONFLICT DO NOTHING"
        ),
        &format!(
            "INSERT INTO xref_item (item, customer, customer_item)
             SELECT item, customer, customer_item FROM item_xref WHERE {waits} ORDER BY 1, 2, 3
             ON CONFLICT DO NOTHING"
        ),
        "DELETE FROM xref_unlearnt",
    ] {
        write(connection, what, sql, &[])?;
    }
    Ok(())
}

/// Lets lookups know new items.
pub(super) fn learn_items(connection: &Connection, numbers: &NewNumbers) -> Result<()> {
    let what = "keep the numbers of the items for lookups";
    if numbers.many {
        let form = form("item");
        let sql = format!(
            "INSERT INTO item_number (form, item) SELECT {form}, item FROM item WHERE true ORDER BY 1, 2
             ON CONFLICT DO NOTHING"
        );
        write(connection, what, &sql, &[])?;
        return Ok(());
    }
    for [_, _, item] in &numbers.few {
        let sql = format!(
            "INSERT INTO item_number (form, item) VALUES ({FORM_OF_TEXT}, $1) ON CONFLICT DO NOTHING"
        );
        write(connection, what, &sql, &[&Words(item)])?;
    }
    Ok(())
}

pub(super) fn find(connection: &Connection, query: &XrefQuery<'_>) -> Result<XrefFound> {
    all_learnt(connection)?;
    let mut search = Search { connection, query, found: XrefFound::default() };
    match query.by {
        XrefLookup::Exact => search.exactly()?,
        XrefLookup::Prefix => search.by_prefix()?,
        XrefLookup::Description => search.by_description()?,
    }
    let XrefFound { mut rows, more } = search.found;
    for hit in &mut rows {
        if let (Some(row), None) = (&hit.row, &hit.item) {
            hit.item = item(connection, &row.xref.item, query.as_of)?;
        }
    }
    Ok(XrefFound { rows, more })
}

/// A search under way.
struct Search<'s> {
    connection: &'s Connection,
    query: &'s XrefQuery<'s>,
    found: XrefFound,
}

/// What holds of every row `x` that is shown: it stood at the instant $2, is of one of the customers $3 to $5 (empty: of any),
/// and of the ship-to $6 or of none (NULL: of any).
const SHOWN: &str = "x.recorded_from <= $2 AND (x.recorded_to IS NULL OR x.recorded_to > $2)
    AND ($3 = '' OR x.customer IN ($3, $4, $5)) AND ($6 IS NULL OR x.ship_to IN ('', $6))";

const KEY_OF_NUMBER: &str = "x.ship_to, x.qualifier, x.unit, x.item, x.valid_from, x.source, x.ordinal";

impl Search<'_> {
    fn exactly(&mut self) -> Result<()> {
        let text = self.query.text;
        self.take_rows(
            text,
            &format!(
                "SELECT {VERSION} FROM xref_number AS n
                 JOIN item_xref AS x ON x.customer = n.customer AND x.customer_item = n.customer_item
                 WHERE n.form = {FORM_OF_TEXT} AND {SHOWN}
                 ORDER BY n.customer_item <> $1, n.customer_item, n.customer, {KEY_OF_NUMBER}"
            ),
        )?;
        let items = self.items(&format!(
            "SELECT item FROM item_number WHERE form = {FORM_OF_TEXT} UNION SELECT $1 ORDER BY 1 LIMIT $2"
        ))?;
        self.take_items(&items)
    }

    fn by_prefix(&mut self) -> Result<()> {
        let form: Option<Text> = first(
            self.connection,
            "read a number",
            &format!("SELECT {FORM_OF_TEXT}"),
            &[&Words(self.query.text)],
            one_text,
        )?;
        if form.is_none_or(|form| form.is_empty()) {
            // nothing is left to look for: every number begins so
            return self.exactly();
        }
        let end = "|| char(1114111)";
        // who types leading zeros means them
        let zeros = |of: &str| form_with_zeros(of);
        let as_typed = |of: &str| format!("($1 NOT LIKE '0%' OR instr({}, {}) = 1)", zeros(of), zeros("$1"));
        let text = self.query.text;
        self.take_rows(
            text,
            &format!(
                "SELECT {VERSION} FROM xref_number AS n
                 JOIN item_xref AS x ON x.customer = n.customer AND x.customer_item = n.customer_item
                 WHERE n.form >= {FORM_OF_TEXT} AND n.form < {FORM_OF_TEXT} {end} AND {} AND {SHOWN}
                     AND ($3 = '' OR n.customer IN ($3, $4, $5))
                 ORDER BY n.form, n.customer, n.customer_item, {KEY_OF_NUMBER}",
                as_typed("n.customer_item"),
            ),
        )?;
        let items = self.items(&format!(
            "SELECT item FROM item_number
             WHERE form >= {FORM_OF_TEXT} AND form < {FORM_OF_TEXT} {end} AND {} ORDER BY form, item LIMIT $2",
            as_typed("item"),
        ))?;
        self.take_items(&items)
    }

    /// The items' own descriptions first; the customers' are read only as long as there is room.
    fn by_description(&mut self) -> Result<()> {
        let words: Vec<&str> = self.query.text.split_whitespace().take(WORDS_MAX).collect();
        if words.is_empty() {
            return Ok(());
        }
        let candidates = described::candidates(self.connection, &words)?;
        let words: Vec<String> = words.into_iter().map(like).collect();
        let (described, question) = match &candidates {
            Candidates::None => return Ok(()),
            Candidates::Many => (false, ""),
            Candidates::Matching(question) => (true, question.as_str()),
        };
        let items = self.items_described(&words, described.then_some(question))?;
        self.take_items(&items)?;
        if self.found.more {
            return Ok(());
        }
        let has = all_like("x.description", 7, words.len());
        let asked = 7 + words.len();
        let sql = if described {
            // every row of the numbers: one whose description fits may be covered by one whose does not
            format!(
                "SELECT {VERSION}, {has} FROM (
                     SELECT DISTINCT customer, number FROM described
                     WHERE place IN (SELECT rowid FROM described_text WHERE described_text MATCH ${asked})
                         AND customer <> ''
                 ) AS n CROSS JOIN item_xref AS x ON x.customer = n.customer AND x.customer_item = n.number
                 WHERE {SHOWN} ORDER BY x.customer, x.customer_item, {KEY_OF_NUMBER}"
            )
        } else {
            let of = if self.query.customers.is_empty() { "" } else { "x.customer IN ($3, $4, $5) AND" };
            format!(
                "SELECT {VERSION}, {has} FROM item_xref AS x
                 WHERE {of} ({has} OR x.source <> 'masters') AND {SHOWN} AND ${asked} = ''
                 ORDER BY x.customer, x.customer_item, {KEY_OF_NUMBER}"
            )
        };
        self.take_rows_with(self.query.text, &words, Some(question), &numbered(&sql))
    }

    /// The items whose descriptions have all the words, of those that the question finds or of all.
    fn items_described(&self, words: &[String], question: Option<&str>) -> Result<Vec<Text>> {
        let as_of = self.query.as_of.unwrap_or(Micros::MAX);
        let (limit, question_text) = (self.limit(), Words(question.unwrap_or_default()));
        let mut values: Vec<&dyn ToSql> = vec![&as_of];
        values.extend(words.iter().map(|word| word as &dyn ToSql));
        values.push(&limit);
        let from = if question.is_some() {
            values.push(&question_text);
            format!(
                "(SELECT DISTINCT number FROM described WHERE customer = ''
                      AND place IN (SELECT rowid FROM described_text WHERE described_text MATCH ${})) AS n
                 CROSS JOIN item ON item.item = n.number",
                words.len() + 3
            )
        } else {
            "item".to_owned()
        };
        rows(
            self.connection,
            "look for words in the descriptions of the items",
            &numbered(&format!(
                "SELECT DISTINCT item FROM {from}
                 WHERE recorded_from <= $1 AND (recorded_to IS NULL OR recorded_to > $1) AND {}
                 ORDER BY item LIMIT ${}",
                all_like("description", 2, words.len()),
                words.len() + 2
            )),
            &values,
            one_text,
        )
    }

    fn items(&self, sql: &str) -> Result<Vec<Text>> {
        let what = "look for items by their number";
        rows(self.connection, what, sql, &[&Words(self.query.text), &self.limit()], one_text)
    }

    /// The rows that name these items; an item without any stands for itself.
    fn take_items(&mut self, items: &[Text]) -> Result<()> {
        for name in items {
            let before = self.found.rows.len();
            self.take_rows(
                name,
                &format!(
                    "SELECT {VERSION} FROM xref_item AS n
                     JOIN item_xref AS x ON x.customer = n.customer AND x.customer_item = n.customer_item AND x.item = $1
                     WHERE n.item = $1 AND {SHOWN}
                     ORDER BY n.customer, n.customer_item, {KEY_OF_NUMBER}"
                ),
            )?;
            if self.found.more {
                return Ok(());
            }
            if self.found.rows.len() == before
                && !self.has_item(name)
                && let Some(item) = item(self.connection, name, self.query.as_of)?
            {
                self.found.rows.push(XrefHit { row: None, item: Some(item) });
            }
        }
        Ok(())
    }

    fn has_item(&self, item: &str) -> bool {
        self.found.rows.iter().filter_map(|hit| hit.row.as_ref()).any(|row| row.xref.item == item)
    }

    fn take_rows(&mut self, text: &str, sql: &str) -> Result<()> {
        self.take_rows_with(text, &[], None, sql)
    }

    /// Rows in the order of the answer until the limit is passed; each version once. With a question for the index, which is
    /// the last value, the column after those of a version says whether a row fits.
    fn take_rows_with(
        &mut self,
        text: &str,
        words: &[String],
        question: Option<&str>,
        sql: &str,
    ) -> Result<()> {
        let what = "cannot look for numbers in the cross-reference";
        let as_of = self.query.as_of.unwrap_or(Micros::MAX);
        let customer = |at: usize| Words(self.query.customers.get(at).map_or("", Text::as_str));
        let (text, customers) = (Words(text), [customer(0), customer(1), customer(2)]);
        let ship_to = self.query.ship_to.map(Words);
        let mut values: Vec<&dyn ToSql> = vec![&text, &as_of];
        values.extend(customers.iter().map(|customer| customer as &dyn ToSql));
        values.push(&ship_to);
        values.extend(words.iter().map(|word| word as &dyn ToSql));
        let question = question.map(Words);
        values.extend(question.iter().map(|question| question as &dyn ToSql));
        let mut statement = self.connection.prepare_cached(sql).context(what)?;
        let mut answer = statement.query(values.as_slice()).context(what)?;
        let mut covering = Covering::default();
        while let Some(row) = answer.next().context(what)? {
            let covered = covering.covers(row, Xref::KEY.len(), SOURCE).context(what)?;
            if covered || (question.is_some() && !row.get::<_, bool>(COLUMNS).context(what)?) {
                continue;
            }
            let row = version(&mut Columns::of(row)).context(what)?;
            if self.has(&row) {
                continue;
            }
            if self.found.rows.len() >= self.query.limit {
                self.found.more = true;
                return Ok(());
            }
            self.found.rows.push(XrefHit { row: Some(row), item: None });
        }
        Ok(())
    }

    fn has(&self, row: &XrefVersion) -> bool {
        let same = |known: &XrefVersion| known.xref.xref_id == row.xref.xref_id && known.xref == row.xref;
        self.found.rows.iter().filter_map(|hit| hit.row.as_ref()).any(same)
    }

    fn limit(&self) -> i64 {
        i64::try_from(self.query.limit).unwrap_or(i64::MAX).saturating_add(1)
    }
}

/// More words make no search narrower for a person.
const WORDS_MAX: usize = 16;

/// SQLite counts `$1` by where it stands first and `?1` by its number.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

/// Whether a column has all the words, which are values from a place on.
fn all_like(column: &str, first: usize, words: usize) -> String {
    let each = (first..first + words).map(|place| format!("{column} LIKE ${place} ESCAPE '\\'"));
    each.collect::<Vec<_>>().join(" AND ")
}

/// The pattern of texts that have the word.
fn like(word: &str) -> String {
    let mut pattern = String::from("%");
    for letter in word.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern + "%"
}

fn form_with_zeros(of: &str) -> String {
    format!("replace(replace(replace(replace(lower({of}), '-', ''), ' ', ''), '.', ''), '/', '')")
}

fn item(connection: &Connection, item: &str, as_of: Option<Micros>) -> Result<Option<Item>> {
    first(
        connection,
        "look for an item",
        "SELECT item, description, unit, gtin, status, successor, price, customer_item_type, serial_tracking, fractions
         FROM item
         WHERE item = $1 AND recorded_from <= $2 AND (recorded_to IS NULL OR recorded_to > $2)
         ORDER BY source, ordinal LIMIT 1",
        &[&Words(item), &as_of.unwrap_or(Micros::MAX)],
        Item::read,
    )
}
