//! How values become columns and columns values, and the three ways in which statements are asked.

use crate::domain::{Date, Decimal, Text};
use anyhow::{Context, Result};
use rusqlite::types::{FromSqlError, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use std::fmt::Write;
use std::str::FromStr;

/// Text on its way in. A NUL is refused: PostgreSQL cannot hold it, and many tools end the text there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a>(pub(super) &'a str);

impl ToSql for Words<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        if self.0.contains('\0') {
            let reason = format!("{:?} has a NUL character, which the store does not keep", self.0);
            return Err(rusqlite::Error::ToSqlConversionFailure(reason.into()));
        }
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0.as_bytes())))
    }
}

/// A whole number without sign on its way in. What passes 63 bits is refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole(pub(super) u64);

impl ToSql for Whole {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let whole = i64::try_from(self.0);
        whole.map(ToSqlOutput::from).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
    }
}

/// A value in its one written form, empty for none.
pub(super) fn written<T: std::fmt::Display>(value: Option<T>) -> Text {
    let mut text = Text::default();
    if let Some(value) = value {
        // writing to a text cannot fail
        let _ = write!(text, "{value}");
    }
    text
}

/// The columns of a row from left to right.
#[derive(Debug)]
pub(super) struct Columns<'r, 's> {
    row: &'r rusqlite::Row<'s>,
    at: usize,
}

impl<'r, 's> Columns<'r, 's> {
    pub(super) fn of(row: &'r rusqlite::Row<'s>) -> Self {
        Self { row, at: 0 }
    }

    pub(super) fn text(&mut self) -> rusqlite::Result<Text> {
        Ok(Text::from(self.borrowed()?))
    }

    pub(super) fn string(&mut self) -> rusqlite::Result<String> {
        Ok(self.borrowed()?.to_owned())
    }

    /// None where the text is empty; a text that is no `T` is an error.
    pub(super) fn parsed<T: FromStr>(&mut self) -> rusqlite::Result<Option<T>>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        self.parsed_by(|text| text.parse().map_err(FromSqlError::other))
    }

    /// None where the text is empty.
    pub(super) fn parsed_by<T>(
        &mut self,
        parse: impl FnOnce(&str) -> Result<T, FromSqlError>,
    ) -> rusqlite::Result<Option<T>> {
        let text = self.borrowed()?;
        if text.is_empty() { Ok(None) } else { Ok(parse(text).map(Some)?) }
    }

    pub(super) fn date(&mut self) -> rusqlite::Result<Option<Date>> {
        self.parsed()
    }

    /// The day that must be there.
    pub(super) fn day(&mut self) -> rusqlite::Result<Date> {
        self.date()?.ok_or_else(|| FromSqlError::Other("the date is empty".into()).into())
    }

    pub(super) fn decimal(&mut self) -> rusqlite::Result<Option<Decimal>> {
        self.parsed()
    }

    pub(super) fn flag(&mut self) -> rusqlite::Result<bool> {
        Ok(self.whole::<i64>()? != 0)
    }

    pub(super) fn whole<T: TryFrom<i64>>(&mut self) -> rusqlite::Result<T>
    where
        T::Error: std::error::Error + Send + Sync + 'static,
    {
        self.maybe_whole()?.ok_or_else(|| FromSqlError::Other("the number is NULL".into()).into())
    }

    pub(super) fn maybe_whole<T: TryFrom<i64>>(&mut self) -> rusqlite::Result<Option<T>>
    where
        T::Error: std::error::Error + Send + Sync + 'static,
    {
        let value = self.value()?.as_i64_or_null()?;
        Ok(value.map(|value| T::try_from(value).map_err(FromSqlError::other)).transpose()?)
    }

    fn borrowed(&mut self) -> rusqlite::Result<&'r str> {
        Ok(self.value()?.as_str()?)
    }

    fn value(&mut self) -> rusqlite::Result<ValueRef<'r>> {
        self.at += 1;
        self.row.get_ref(self.at - 1)
    }
}

/// The one column of a row.
pub(super) fn one_text(row: &mut Columns<'_, '_>) -> rusqlite::Result<Text> {
    row.text()
}

pub(super) fn one_whole<T: TryFrom<i64>>(row: &mut Columns<'_, '_>) -> rusqlite::Result<T>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    row.whole()
}

pub(super) fn one_flag(row: &mut Columns<'_, '_>) -> rusqlite::Result<bool> {
    row.flag()
}

/// Runs a statement and returns how many rows it changed; `what` says in an error what was being done.
pub(super) fn write(connection: &Connection, what: &str, sql: &str, values: &[&dyn ToSql]) -> Result<usize> {
    let run = || connection.prepare_cached(sql)?.execute(values);
    run().with_context(|| format!("cannot {what}"))
}

/// All rows of an answer.
pub(super) fn rows<T>(
    connection: &Connection,
    what: &str,
    sql: &str,
    values: &[&dyn ToSql],
    read: impl Fn(&mut Columns<'_, '_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let ask = || {
        let mut statement = connection.prepare_cached(sql)?;
        let found = statement.query_map(values, |row| read(&mut Columns::of(row)))?;
        found.collect::<rusqlite::Result<Vec<T>>>()
    };
    ask().with_context(|| format!("cannot {what}"))
}

/// The rows of an answer one after the other; an error of `take` ends the walk and comes back.
pub(super) fn rows_each<T>(
    connection: &Connection,
    what: &str,
    sql: &str,
    values: &[&dyn ToSql],
    read: impl Fn(&mut Columns<'_, '_>) -> rusqlite::Result<T>,
    take: &mut dyn FnMut(T) -> Result<()>,
) -> Result<()> {
    let failed = || format!("cannot {what}");
    let mut statement = connection.prepare_cached(sql).with_context(failed)?;
    let mut answer = statement.query(values).with_context(failed)?;
    while let Some(row) = answer.next().with_context(failed)? {
        take(read(&mut Columns::of(row)).with_context(failed)?)?;
    }
    Ok(())
}

/// The first row of an answer.
pub(super) fn first<T>(
    connection: &Connection,
    what: &str,
    sql: &str,
    values: &[&dyn ToSql],
    read: impl Fn(&mut Columns<'_, '_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    let ask = || {
        let mut statement = connection.prepare_cached(sql)?;
        let mut answer = statement.query(values)?;
        // the statement runs to its end, so that one that writes and returns is done
        let found = answer.next()?.map(|row| read(&mut Columns::of(row))).transpose()?;
        while answer.next()?.is_some() {}
        Ok::<_, rusqlite::Error>(found)
    };
    ask().with_context(|| format!("cannot {what}"))
}
