//! The files of facts that a report reads: found by date, proved readable, scanned in batches of bounded memory.

use crate::domain::{Date, Text};
use crate::facts::schema::{Column, Get};
use crate::report::{Progress, calendar};
use anyhow::{Context, Result, ensure};
use polars::prelude as pl;
use polars::prelude::{DataFrame, Expr, LazyFrame, SerReader, lit};
use std::path::{Path, PathBuf};

/// What a file must have to be read as facts of one kind.
#[derive(Debug)]
pub(super) struct Needed {
    /// `order lines`
    pub kind: &'static str,
    pub columns: &'static [&'static str],
}

/// One file of facts.
#[derive(Debug, Clone)]
pub(super) struct FactFile {
    path: PathBuf,
    rows: u64,
}

/// Facts of one kind in a span of days, oldest first: by date, run and unit.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    files: Vec<FactFile>,
    schema: pl::SchemaRef,
    /// So many rows are asked of the engine at a time; see [`Held::rows`](crate::report::Held).
    batch_rows: u64,
}

impl Facts {
    /// Those below `root` with a date from `from` to `to`, both included; a missing folder has none. Every file is proved to
    /// be Parquet with the columns `needed`; one of an earlier version may lack others, which are null there.
    pub(super) fn find<R>(
        root: &Path,
        (from, to): (Option<Date>, Option<Date>),
        columns: &[Column<R>],
        needed: &Needed,
        batch_rows: u64,
    ) -> Result<Self> {
        let paths = files(root, from, to)?;
        let files = paths.into_iter().map(|path| prove_readable(path, needed)).collect::<Result<_>>()?;
        Ok(Self { files, schema: schema(columns).into(), batch_rows })
    }

    pub(super) fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// All of them at once, for a question that a batch of others is asked beside.
    pub(super) fn all(&self) -> Result<LazyFrame> {
        self.scan(&self.files).context("read facts")
    }

    fn scan(&self, files: &[FactFile]) -> pl::PolarsResult<LazyFrame> {
        let paths = files
            .iter()
            .map(|file| pl::PlRefPath::try_from_path(&file.path))
            .collect::<pl::PolarsResult<_>>()?;
        let args = pl::ScanArgsParquet {
            schema: Some(self.schema.clone()),
            // a file of an earlier version has fewer columns
            allow_missing_columns: true,
            hive_options: pl::HiveOptions::new_disabled(),
            glob: false,
            cache: false,
            ..pl::ScanArgsParquet::default()
        };
        LazyFrame::scan_parquet_files(paths, args)
    }

    /// Asks a question of batches of files, one after the other, and takes each answer: what is in memory is one answer, however
    /// many facts there are. So the answers must be such that they can be added up.
    pub(super) fn each_answer(
        &self,
        progress: &Progress<'_>,
        what: &str,
        question: impl Fn(LazyFrame) -> LazyFrame,
        take: impl FnMut(DataFrame) -> Result<()>,
    ) -> Result<()> {
        self.each_asked(progress, what, |scan| Ok(question(scan)), take)
    }

    /// The same for a question that depends on what a batch has.
    pub(super) fn each_asked(
        &self,
        progress: &Progress<'_>,
        what: &str,
        question: impl Fn(LazyFrame) -> pl::PolarsResult<LazyFrame>,
        mut take: impl FnMut(DataFrame) -> Result<()>,
    ) -> Result<()> {
        let of = self.rows();
        let mut done = 0;
        let mut rest = self.files.as_slice();
        while !rest.is_empty() {
            progress(what, done, of);
            let (batch, after) = rest.split_at(batch_len(rest, self.batch_rows));
            let answer = self
                .scan(batch)
                .and_then(&question)
                .and_then(collect)
                .with_context(|| format!("read {what} from {} files of facts", batch.len()))?;
            take(answer)?;
            done += batch.iter().map(|file| file.rows).sum::<u64>();
            rest = after;
        }
        progress(what, of, of);
        Ok(())
    }
}

/// How many files come to a batch; at least one.
fn batch_len(files: &[FactFile], batch_rows: u64) -> usize {
    let mut rows = 0;
    let more = |file: &FactFile| {
        rows += file.rows;
        rows <= batch_rows
    };
    files.iter().map(more).take_while(|more| *more).count().max(1)
}

/// So many rows of an answer are taken out of the engine's columns at a time.
const SLICE_ROWS: usize = 1 << 16;

/// An answer piece by piece.
pub(super) fn slices(answer: &DataFrame) -> impl Iterator<Item = DataFrame> + '_ {
    let froms = (0..answer.height()).step_by(SLICE_ROWS);
    froms.map(|from| answer.slice(i64::try_from(from).unwrap_or(i64::MAX), SLICE_ROWS))
}

/// Runs a query by the streaming engine, which holds no more of its input than it works on.
pub(super) fn collect(query: LazyFrame) -> pl::PolarsResult<DataFrame> {
    // one query has one answer
    let answer = query.collect_with_engine(pl::Engine::Streaming)?;
    Ok(answer.unwrap_single())
}

/// The newest date that has facts below `root`.
pub(super) fn newest_date(root: &Path) -> Result<Option<Date>> {
    let mut newest = None;
    for (date, path) in dates(root)? {
        if newest.is_none_or(|newest| newest < date) && entries(&path)?.iter().any(|(name, _)| is_facts(name))
        {
            newest = Some(date);
        }
    }
    Ok(newest)
}

fn dates(root: &Path) -> Result<Vec<(Date, PathBuf)>> {
    let mut found = Vec::new();
    for (name, path) in entries(root)? {
        let Some(text) = name.strip_prefix("date=") else { continue };
        let date: Date = text.parse().with_context(|| format!("{} is no date=YYYY-MM-DD", path.display()))?;
        found.push((date, path));
    }
    Ok(found)
}

fn is_facts(name: &str) -> bool {
    name.ends_with(".parquet") && !name.starts_with('.')
}

/// The Parquet files of the dates asked for, oldest first: by date, run and unit.
fn files(root: &Path, from: Option<Date>, to: Option<Date>) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for (date, path) in dates(root)? {
        if from.is_some_and(|from| date < from) || to.is_some_and(|to| date > to) {
            continue;
        }
        let inside = entries(&path)?.into_iter().filter(|(name, _)| is_facts(name));
        // by length first: run 1000 comes after run 999
        found.extend(inside.map(|(name, path)| (date, name.len(), name, path)));
    }
    found.sort();
    Ok(found.into_iter().map(|(_, _, _, path)| path).collect())
}

/// Names and paths in a folder; none where it does not exist.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("list {}", folder.display())),
    };
    let mut found = Vec::new();
    for entry in listed {
        let entry = entry.with_context(|| format!("list {}", folder.display()))?;
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    Ok(found)
}

fn prove_readable(path: PathBuf, needed: &Needed) -> Result<FactFile> {
    let file = std::fs::File::open(&path).with_context(|| format!("open {}", path.display()))?;
    let mut reader = pl::ParquetReader::new(file);
    let unreadable = || format!("{} is no Parquet file that can be read", path.display());
    let schema = reader.schema().with_context(unreadable)?;
    let rows = reader.num_rows().with_context(unreadable)?;
    for name in needed.columns {
        ensure!(schema.contains(name), "{} is no file of {}: it has no {name}", path.display(), needed.kind);
    }
    Ok(FactFile { path, rows: rows as u64 })
}

fn schema<R>(columns: &[Column<R>]) -> pl::Schema {
    let columns = columns.iter().map(|column| {
        let kind = match column.get {
            Get::Date(_) => pl::DataType::Date,
            Get::Text(_) => pl::DataType::String,
            Get::Integer(_) => pl::DataType::Int64,
            Get::Flag(_) => pl::DataType::Boolean,
        };
        (column.name.into(), kind)
    });
    columns.collect()
}

/// Sums of millionths are taken in two halves that cannot pass 64 bits, and put together in 128. A value is its quotient
/// by this, rounded toward zero, times this, and the rest.
const HALF: i64 = 1 << 32;

/// The sum of millionths over a group, in its two halves; [`wholes`] puts them together.
pub(super) fn halves(micros: Expr, name: &str) -> [Expr; 2] {
    let high = micros.clone() / lit(HALF);
    let low = micros - high.clone() * lit(HALF);
    [high.sum().alias(format!("{name}_high")), low.sum().alias(format!("{name}_low"))]
}

/// The sums of each group of an answer to [`halves`].
pub(super) fn wholes(frame: &DataFrame, name: &str) -> Result<Vec<i128>> {
    let high = integers(frame, &format!("{name}_high"))?;
    let low = integers(frame, &format!("{name}_low"))?;
    let whole = |(high, low): (i64, i64)| i128::from(high) * i128::from(HALF) + i128::from(low);
    Ok(high.into_iter().zip(low).map(whole).collect())
}

/// The texts of a column; null of an earlier version's file is empty.
pub(super) fn texts(frame: &DataFrame, name: &str) -> Result<Vec<Text>> {
    let column = frame.column(name)?.str()?;
    Ok(column.iter().map(|text| Text::from(text.unwrap_or_default())).collect())
}

/// The whole numbers of a column; null is 0.
pub(super) fn integers(frame: &DataFrame, name: &str) -> Result<Vec<i64>> {
    let column = frame.column(name)?.cast(&pl::DataType::Int64)?;
    Ok(column.i64()?.iter().map(Option::unwrap_or_default).collect())
}

/// The days of a column of dates; None for null.
pub(super) fn days(frame: &DataFrame, name: &str) -> Result<Vec<Option<Date>>> {
    let column = frame.column(name)?.cast(&pl::DataType::Int32)?;
    column.i32()?.iter().map(|days| days.map(day).transpose()).collect()
}

/// What a group by this name has in each row: a column of text, the day, ISO week or month of the column `date`.
pub(super) fn group_values(frame: &DataFrame, group: &str, date: &str) -> Result<Vec<Text>> {
    let name: fn(Date) -> Text = match group {
        "date" => |date| date.to_string().into(),
        "week" => calendar::week,
        "month" => calendar::month,
        _ => return texts(frame, group),
    };
    Ok(days(frame, date)?.into_iter().map(|day| day.map(name).unwrap_or_default()).collect())
}

fn day(days: i32) -> Result<Date> {
    let epoch = const { jiff::civil::date(1970, 1, 1) };
    Ok(epoch.checked_add(jiff::Span::new().try_days(days)?)?)
}
