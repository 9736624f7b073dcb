//! itembridge.toml: what was written, then what is so.

mod types;

use crate::domain::customer_item::CustomerItemType;
use crate::domain::partner::Company;
use crate::domain::resolution::UnresolvedPolicy;
use crate::site::toml_file::{Checker, Problem, TomlFile, refusal};
use crate::x12::envelope;
use anyhow::Result;
use serde::Deserialize;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// The name of the file in its site.
pub const FILE: &str = "itembridge.toml";

/// itembridge.toml, checked: every value may be used as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub company: Company,
    pub store: StoreLocation,
    /// For partners that choose nothing themselves.
    pub unresolved: UnresolvedPolicy,
    /// Never empty, no format twice.
    pub formats: Vec<OrderFormat>,
    /// No name twice.
    pub customer_item_types: Vec<CustomerItemType>,
    /// An inbox file younger than this is left for the next run; 0: every file is taken.
    pub settle_seconds: u64,
    pub prove_again: ProveAgain,
    /// None: as many as the machine has cores.
    pub threads: Option<NonZeroUsize>,
    pub limits: Limits,
    pub retention: Retention,
}

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreLocation {
    /// A SQLite file, relative to the site or absolute.
    Sqlite(PathBuf),
}

impl StoreLocation {
    /// A store URL as `[store] url` or `--store` has it; the error says what was expected.
    pub fn parse(url: &str) -> Result<Self, String> {
        let expected = "expected sqlite:PATH, such as \"sqlite:state/itembridge.db\"";
        let Some(path) = url.strip_prefix("sqlite:") else {
            let (scheme, _) = url.split_once(':').unwrap_or(("", url));
            return Err(match scheme {
                "" => format!("{url:?} is no store URL, {expected}"),
                "postgres" | "postgresql" => format!("PostgreSQL is no store of this version, {expected}"),
                _ => format!("{scheme:?} is no store that is known, {expected}"),
            });
        };
        let path = match path.strip_prefix("//") {
            Some(absolute) if absolute.starts_with('/') => absolute,
            Some(_) => return Err(format!("two slashes name a machine, and SQLite is a file: {expected}")),
            None => path,
        };
        if path.is_empty() || path.starts_with(':') || path.ends_with('/') || path.contains(['?', '\0']) {
            return Err(format!("{path:?} is no file, {expected}"));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// The database file of a site.
    pub fn sqlite_path(&self, site: &Path) -> PathBuf {
        match self {
            Self::Sqlite(path) => site.join(path),
        }
    }
}

/// A format in which internal orders are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderFormat {
    Csv,
    Jsonl,
    Parquet,
}

impl OrderFormat {
    /// The ending of the file's name, without the point.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

/// `[ledger]`: how much of what was recorded before a night looks at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProveAgain {
    /// In so many nights all of it.
    pub days: u32,
    /// At most so many entries a night, whatever the days come to.
    pub entries_max: u32,
}

impl ProveAgain {
    /// A night's part is no smaller than this, so that a small ledger is looked at whole.
    const ENTRIES_MIN: u64 = 1_000;

    /// The part of one night, of so many entries.
    pub fn part(&self, recorded: u64) -> u32 {
        let part = recorded.div_ceil(u64::from(self.days.max(1))).max(Self::ENTRIES_MIN);
        u32::try_from(part).unwrap_or(u32::MAX).min(self.entries_max)
    }
}

/// `[retention]`: for how many days files of old runs are kept; 0: for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    pub archive_days: u32,
    pub facts_days: u32,
    pub sent_days: u32,
    pub reports_days: u32,
    pub quarantine_days: u32,
}

/// `[limits]`: what a stranger may not make grow without bound, and how much is one unit of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub x12: envelope::Limits,
    pub gz: GzLimits,
    /// Files that one run takes out of one stage's drop folder.
    pub inbox_files_max: u32,
    /// Bytes of one CSV record.
    pub csv_record_bytes_max: u32,
    /// Rows of one order in a CSV file.
    pub csv_lines_per_order_max: u32,
    /// Findings that are told of one CSV file; the others are counted.
    pub csv_diagnostics_per_file_max: u32,
    /// A unit of work is so many small files, or so many bytes, whichever comes first; a larger file is a unit by itself.
    pub batch_files: u32,
    pub batch_bytes: u64,
}

/// How far a compressed file may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GzLimits {
    /// Bytes of the content of one file.
    pub bytes_max: u64,
    /// Bytes of content for one byte of the file, where the content is over a megabyte.
    pub ratio_max: u32,
}

impl Default for GzLimits {
    fn default() -> Self {
        Self { bytes_max: 4 << 30, ratio_max: 250 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        RawLimits::default().checked()
    }
}

/// Reads and checks itembridge.toml of a site.
pub fn load(site: &Path) -> Result<Settings> {
    match read(site)? {
        (Some(settings), problems) if problems.is_empty() => Ok(settings),
        (_, problems) => Err(refusal(&problems)),
    }
}

/// The settings, if the file could be read as a whole, and everything that is wrong with it.
pub fn read(site: &Path) -> Result<(Option<Settings>, Vec<Problem>)> {
    let path = site.join(FILE);
    anyhow::ensure!(
        path.is_file(),
        "{} is no site: it has no {FILE} (`itembridge init DIR` makes a new site)",
        site.display()
    );
    Ok(match TomlFile::open(site, FILE)? {
        Ok(file) => settings(&file),
        Err(problems) => (None, problems),
    })
}

pub(crate) fn settings(file: &TomlFile) -> (Option<Settings>, Vec<Problem>) {
    match file.read::<Raw>(REQUIRED) {
        Ok(raw) => {
            let mut checker = Checker::new(file);
            let settings = checked(raw, &mut checker);
            (settings, checker.problems)
        }
        Err(problems) => (None, problems),
    }
}

/// The required keys, and what a person is told to put there.
const REQUIRED: &[(&str, &str)] = &[
    (
        "company",
        "a table [company] with name, interchange_qualifier, interchange_id, application_id and currency",
    ),
    ("company.name", "the company's name, as it stands on documents"),
    (
        "company.interchange_qualifier",
        "the qualifier of our interchange id, two characters (ISA05), such as \"ZZ\"",
    ),
    ("company.interchange_id", "our interchange id, 1 to 15 characters (ISA06)"),
    ("company.application_id", "our application code, 1 to 15 characters (GS02)"),
    ("company.currency", "an ISO 4217 code, such as \"USD\""),
    ("customer_item_types.name", "the name that items.csv uses in customer_item_type"),
    ("customer_item_types.fields.name", "the name of its column: small letters, digits and _"),
];

/// The file as written. Top-level keys that are missing have the defaults that config/itembridge.toml documents.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    company: Company,
    #[serde(default)]
    store: RawStore,
    #[serde(default)]
    orders: RawOrders,
    #[serde(default)]
    inbox: RawInbox,
    #[serde(default)]
    run: RawRun,
    #[serde(default)]
    ledger: RawLedger,
    #[serde(default)]
    limits: RawLimits,
    #[serde(default)]
    retention: Retention,
    #[serde(default)]
    customer_item_types: Vec<CustomerItemType>,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawStore {
    url: String,
}

impl Default for RawStore {
    fn default() -> Self {
        Self { url: "sqlite:state/itembridge.db".to_owned() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawOrders {
    unresolved: UnresolvedPolicy,
    formats: Vec<OrderFormat>,
}

impl Default for RawOrders {
    fn default() -> Self {
        Self { unresolved: UnresolvedPolicy::default(), formats: vec![OrderFormat::Csv] }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawInbox {
    settle_seconds: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawRun {
    threads: u32,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawLedger {
    prove_again_days: u32,
    prove_again_entries_max: u32,
}

impl Default for RawLedger {
    fn default() -> Self {
        Self { prove_again_days: 30, prove_again_entries_max: 100_000 }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawLimits {
    segment_bytes_max: u32,
    set_bytes_max: u64,
    segments_per_set_max: u32,
    sets_per_file_max: u32,
    interchanges_per_file_max: u32,
    envelope_findings_max: u32,
    diagnostics_per_set_max: u32,
    lines_per_order_max: u32,
    csv_record_bytes_max: u32,
    csv_lines_per_order_max: u32,
    csv_diagnostics_per_file_max: u32,
    gz_bytes_max: u64,
    gz_ratio_max: u32,
    inbox_files_max: u32,
    batch_files: u32,
    batch_bytes: u64,
}

impl Default for RawLimits {
    fn default() -> Self {
        let x12 = envelope::Limits::default();
        let gz = GzLimits::default();
        Self {
            segment_bytes_max: x12.segment_bytes_max,
            set_bytes_max: x12.set_bytes_max,
            segments_per_set_max: x12.segments_per_set_max,
            sets_per_file_max: x12.sets_per_file_max,
            interchanges_per_file_max: x12.interchanges_per_file_max,
            envelope_findings_max: x12.envelope_findings_max,
            diagnostics_per_set_max: x12.diagnostics_per_set_max,
            lines_per_order_max: x12.lines_per_order_max,
            csv_record_bytes_max: 1 << 20,
            csv_lines_per_order_max: 200_000,
            csv_diagnostics_per_file_max: 100,
            gz_bytes_max: gz.bytes_max,
            gz_ratio_max: gz.ratio_max,
            inbox_files_max: 1_000_000,
            batch_files: 1_000,
            batch_bytes: 16 << 20,
        }
    }
}

impl RawLimits {
    /// Each key with its value and the least that makes sense.
    fn table(&self) -> [(&'static str, u64, u64); 16] {
        [
            ("segment_bytes_max", self.segment_bytes_max.into(), 256),
            ("set_bytes_max", self.set_bytes_max, 1_024),
            ("segments_per_set_max", self.segments_per_set_max.into(), 10),
            ("sets_per_file_max", self.sets_per_file_max.into(), 1),
            ("interchanges_per_file_max", self.interchanges_per_file_max.into(), 1),
            ("envelope_findings_max", self.envelope_findings_max.into(), 1),
            ("diagnostics_per_set_max", self.diagnostics_per_set_max.into(), 1),
            ("lines_per_order_max", self.lines_per_order_max.into(), 1),
            ("csv_record_bytes_max", self.csv_record_bytes_max.into(), 256),
            ("csv_lines_per_order_max", self.csv_lines_per_order_max.into(), 1),
            ("csv_diagnostics_per_file_max", self.csv_diagnostics_per_file_max.into(), 1),
            ("gz_bytes_max", self.gz_bytes_max, 1_024),
            ("gz_ratio_max", self.gz_ratio_max.into(), 2),
            ("inbox_files_max", self.inbox_files_max.into(), 1),
            ("batch_files", self.batch_files.into(), 1),
            ("batch_bytes", self.batch_bytes, 1),
        ]
    }

    fn checked(&self) -> Limits {
        Limits {
            x12: envelope::Limits {
                segment_bytes_max: self.segment_bytes_max,
                set_bytes_max: self.set_bytes_max,
                segments_per_set_max: self.segments_per_set_max,
                sets_per_file_max: self.sets_per_file_max,
                interchanges_per_file_max: self.interchanges_per_file_max,
                envelope_findings_max: self.envelope_findings_max,
                diagnostics_per_set_max: self.diagnostics_per_set_max,
                lines_per_order_max: self.lines_per_order_max,
            },
            gz: GzLimits { bytes_max: self.gz_bytes_max, ratio_max: self.gz_ratio_max },
            inbox_files_max: self.inbox_files_max,
            csv_record_bytes_max: self.csv_record_bytes_max,
            csv_lines_per_order_max: self.csv_lines_per_order_max,
            csv_diagnostics_per_file_max: self.csv_diagnostics_per_file_max,
            batch_files: self.batch_files,
            batch_bytes: self.batch_bytes,
        }
    }
}

/// More threads than that only wait for each other.
const THREADS_MAX: u32 = 1_024;

fn checked(raw: Raw, checker: &mut Checker<'_>) -> Option<Settings> {
    check_company(&raw.company, checker);
    let store = match StoreLocation::parse(&raw.store.url) {
        Ok(store) => Some(store),
        Err(message) => {
            checker.check(&["store", "url"], Some(message));
            None
        }
    };
    let mut formats = raw.orders.formats;
    checker.expect(!formats.is_empty(), &["orders", "formats"], || {
        "an empty list, expected at least one of \"csv\", \"jsonl\", \"parquet\"".to_owned()
    });
    formats.sort_unstable();
    let written = formats.len();
    formats.dedup();
    checker.expect(formats.len() == written, &["orders", "formats"], || "a format stands twice".to_owned());
    checker.expect(raw.run.threads <= THREADS_MAX, &["run", "threads"], || {
        format!("{} threads, expected 0 (one a core) to {THREADS_MAX}", raw.run.threads)
    });
    for (key, value, least) in raw.limits.table() {
        checker.expect(value >= least, &["limits", key], || format!("{value}, expected {least} or more"));
    }
    let ledger = raw.ledger;
    for (key, value) in [
        ("prove_again_days", ledger.prove_again_days),
        ("prove_again_entries_max", ledger.prove_again_entries_max),
    ] {
        checker.expect(value >= 1, &["ledger", key], || format!("{value}, expected 1 or more"));
    }
    types::check_types(&raw.customer_item_types, checker);
    Some(Settings {
        company: raw.company,
        store: store?,
        unresolved: raw.orders.unresolved,
        formats,
        customer_item_types: raw.customer_item_types,
        prove_again: ProveAgain {
            days: ledger.prove_again_days,
            entries_max: ledger.prove_again_entries_max,
        },
        settle_seconds: raw.inbox.settle_seconds,
        threads: usize::try_from(raw.run.threads).ok().and_then(NonZeroUsize::new),
        limits: raw.limits.checked(),
        retention: raw.retention,
    })
}

fn check_company(company: &Company, checker: &mut Checker<'_>) {
    let name_length = company.name.chars().count();
    checker.expect(
        (1..=60).contains(&name_length) && !company.name.trim().is_empty(),
        &["company", "name"],
        || format!("{:?}, expected a name of 1 to 60 characters (N102)", company.name),
    );
    checker.check(&["company", "interchange_qualifier"], qualifier_problem(&company.interchange_qualifier));
    checker.check(&["company", "interchange_id"], id_problem(&company.interchange_id, "ISA06"));
    checker.check(&["company", "application_id"], id_problem(&company.application_id, "GS02"));
    let currency = &company.currency;
    let letters = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    checker.expect(letters, &["company", "currency"], || {
        format!("{currency:?}, expected three capital letters (ISO 4217), such as \"USD\"")
    });
}

/// What is wrong with an ISA05 qualifier, if anything.
pub(crate) fn qualifier_problem(qualifier: &str) -> Option<String> {
    let fine = qualifier.len() == 2 && qualifier.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (!fine).then(|| format!("{qualifier:?}, expected two letters or digits, such as \"ZZ\" or \"01\""))
}

/// What is wrong with an id of the envelope (ISA06, GS02), if anything.
pub(crate) fn id_problem(id: &str, element: &str) -> Option<String> {
    let length = id.chars().count();
    if !(1..=15).contains(&length) {
        return Some(format!("{length} characters, expected 1 to 15 ({element})"));
    }
    let fine = id.trim() == id && id.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    (!fine).then(|| format!("{id:?}, expected printable ASCII without blanks around it ({element})"))
}
