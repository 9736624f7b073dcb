//! What a past input would give as of another day: the bytes of the archive, or of any file, through the same stages, held
//! against what was made of them. Nothing is written.

use crate::documents::internal_order::customer_item;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::fact::OrderLineFact;
use crate::domain::item::Masters;
use crate::domain::partner::{OrderSettings, PartnerProfile};
use crate::domain::resolution::DecidedOrder;
use crate::domain::{Date, Text};
use crate::facts::ORDER_LINES_DIR;
use crate::pipeline::decide::decide;
use crate::pipeline::process::Body;
use crate::run::input::{Content, Input, Plan, Surroundings};
use crate::run::stream::Judge;
use crate::run::verify::documents::{Document, Documents};
use crate::run::verify::files::{Standing, input_standing, standing};
use crate::run::verify::versions;
use crate::run::verify::walk::{Facts, Orders};
use crate::run::{Options, Source, open_store, order_facts};
use crate::site::Site;
use crate::site::config::Settings;
use crate::site::folders::{ClaimedFile, Folders};
use crate::store::{Micros, ReceiptRow, Transaction, lines};
use crate::xref::index::XrefIndex;
use anyhow::{Context as _, Result, bail, ensure};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// So many lines are listed; the others are counted.
const LINES_MAX: u64 = 100_000;
/// So many documents, too.
const DOCUMENTS_MAX: u64 = 100_000;

/// On which day of each clock the cross-reference is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// The last instant whose records count.
    pub recorded: Micros,
    /// The day for which a row must be valid.
    pub day: Date,
}

/// What came of a replay.
#[derive(Debug, Default, Serialize)]
pub struct Replay {
    /// None: by what is known now, for each order's own date.
    pub xref_as_of: Option<Date>,
    pub inputs: Vec<ReplayInput>,
    pub orders: u64,
    pub lines: u64,
    /// Lines that would be judged otherwise than they were; of a file that never came there are none.
    pub differ: u64,
    /// From which outcome and state to which, and how often, of the lines that differ.
    pub changes: BTreeMap<String, u64>,
    pub lines_left_out: u64,
    /// Documents that are counted and not listed, with all their lines.
    #[serde(skip_serializing_if = "is_zero")]
    pub documents_left_out: u64,
    #[serde(skip)]
    documents_listed: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// One input.
#[derive(Debug, Default, Serialize)]
pub struct ReplayInput {
    pub file: Text,
    /// Of the run that took it: empty for a file that never came.
    pub run_id: Text,
    /// What became of it then: `processed`, `duplicate`, `partial`, `quarantined`.
    pub state: Text,
    /// Why nothing of it is replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed_over: Option<String>,
    pub documents: Vec<ReplayDocument>,
    /// What would go to quarantine, or was noticed about the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
}

/// One document of it.
#[derive(Debug, Default, Serialize)]
pub struct ReplayDocument {
    /// `order`, `change`, `rejected`, `acknowledgment`, `message`.
    pub kind: &'static str,
    pub offset: u64,
    pub po_number: Text,
    pub partner: Text,
    pub customer: Text,
    /// Our number of the order that was made of it; empty where none was: a duplicate, a change, a test.
    pub order_id: Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    pub lines: Vec<ReplayLine>,
}

#[derive(Debug, Default, Serialize)]
pub struct ReplayLine {
    pub line: u32,
    pub customer_item: Text,
    pub customer_item_qualifier: Text,
    /// None where no order was made of it.
    pub then: Option<Fate>,
    pub now: Fate,
    pub differs: bool,
}

/// How a line is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Fate {
    pub outcome: Text,
    pub state: Text,
    pub via: Text,
    pub item: Text,
    pub xref_id: Option<i64>,
    pub unit: Text,
    pub quantity_micro: Option<i64>,
}

impl Fate {
    fn of(fact: &OrderLineFact) -> Self {
        Self {
            outcome: fact.outcome.clone(),
            state: fact.state.clone(),
            via: fact.via.clone(),
            item: fact.item.clone(),
            xref_id: fact.xref_id,
            unit: fact.unit.clone(),
            quantity_micro: fact.quantity_micro,
        }
    }

    /// By which row or scope a line came to the same result makes no difference.
    fn differs(&self, other: &Self) -> bool {
        let said = |fate: &Self| Self { via: Text::default(), xref_id: None, ..fate.clone() };
        said(self) != said(other)
    }
}

/// What a replay works with.
struct Desk<'d> {
    settings: &'d Settings,
    profiles: &'d [PartnerProfile],
    folders: &'d Folders,
    index: XrefIndex,
    as_of: Option<AsOf>,
}

/// Replays a run, or a file: one on the disk, or one that came, by its name below inbox/ or its place in the archive.
pub fn replay(site: &Path, options: &Options, what: &str, as_of: Option<AsOf>) -> Result<Replay> {
    let Site { mut settings, partners } = crate::site::load(site)?;
    if let Some(location) = &options.store {
        settings.store = location.clone();
    }
    let path = settings.store.sqlite_path(site);
    ensure!(
        path.exists(),
        "there is no store {}: the masters come into it with the first run",
        path.display()
    );
    let folders = Folders::open(site)?;
    let mut store = open_store(site, &settings)?;
    let mut tx = store.read()?;
    let masters: Masters = tx.masters(as_of.map(|as_of| as_of.recorded)).context("load the masters")?;
    ensure!(
        as_of.is_none() || !masters.items.is_empty(),
        "the store had no items then: it knows what was recorded since its first run"
    );
    let (index, _) = XrefIndex::build(masters, settings.customer_item_types.clone());
    let desk = Desk { settings: &settings, profiles: &partners, folders: &folders, index, as_of };
    let mut replay = Replay { xref_as_of: as_of.map(|as_of| as_of.day), ..Replay::default() };
    if let Some(run) = tx.run(what)? {
        for unit in tx.units(&run.run_id)? {
            for receipt in tx.unit_receipts(&run.run_id, unit.unit)? {
                came(&desk, tx.as_mut(), &mut replay, &receipt, run.date)?;
            }
        }
        return Ok(replay);
    }
    if Path::new(what).is_file() {
        on_disk(&desk, tx.as_mut(), &mut replay, Path::new(what))?;
        return Ok(replay);
    }
    let inside = what.strip_prefix("inbox/").unwrap_or(what);
    let Some(receipt) = tx.receipts_of(inside)?.pop() else {
        bail!("{what} is no run, no file, and no input that came");
    };
    let run = tx.run(&receipt.run_id)?.context("a receipt has its run")?;
    came(&desk, tx.as_mut(), &mut replay, &receipt, run.date)?;
    Ok(replay)
}

/// An input that came: its bytes are in the archive.
fn came(
    desk: &Desk<'_>,
    tx: &mut dyn Transaction,
    replay: &mut Replay,
    receipt: &ReceiptRow,
    date: Date,
) -> Result<()> {
    let mut input = ReplayInput {
        file: receipt.name.clone(),
        run_id: receipt.run_id.clone(),
        state: receipt.state.clone(),
        ..ReplayInput::default()
    };
    if receipt.stage != "orders" {
        input.passed_over =
            Some(format!("the cross-reference decides nothing in the stage {}", receipt.stage));
        replay.inputs.push(input);
        return Ok(());
    }
    let why = match input_standing(desk.folders, receipt, &desk.settings.limits.gz)? {
        Standing::Intact(_) => None,
        Standing::Missing => Some(match tx.removed(&receipt.archive_path, &receipt.run_id)? {
            Some(day) => format!("{} was taken away by retention on {day}", receipt.archive_path),
            None => format!("{} is not there", receipt.archive_path),
        }),
        Standing::Altered(_) => Some(format!("{} is not as it came", receipt.archive_path)),
        Standing::Unreadable(why) => Some(format!("{}: {why}", receipt.archive_path)),
    };
    if why.is_some() {
        input.passed_over = why;
        replay.inputs.push(input);
        return Ok(());
    }
    let source = Source::look_into(&desk.folders.path(&receipt.archive_path)?, &desk.settings.limits.gz)?;
    let claimed = ClaimedFile {
        relative: receipt.name.to_string(),
        work_path: receipt.archive_path.to_string(),
        came_from: None,
    };
    documents(desk, tx, replay, (input, claimed, source), Some(receipt), date)
}

/// A file that stands somewhere; where its bytes came before, they are compared with what was made of them.
fn on_disk(desk: &Desk<'_>, tx: &mut dyn Transaction, replay: &mut Replay, path: &Path) -> Result<()> {
    let (source, packed) = Source::look_into(path, &desk.settings.limits.gz)?;
    let digest = source.digest(0, source.length)?;
    let first = tx.receipts_of(&digest)?.into_iter().find(|receipt| receipt.stage == "orders");
    let text = path.to_string_lossy().into_owned();
    let relative = first.as_ref().map_or_else(|| as_dropped(desk, path), |first| first.name.to_string());
    let date = match &first {
        Some(first) => tx.run(&first.run_id)?.map(|run| run.date),
        None => desk.as_of.map(|as_of| as_of.day),
    };
    let today = || jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::system()).date();
    let input = ReplayInput {
        file: text.into(),
        run_id: first.as_ref().map(|first| first.run_id.clone()).unwrap_or_default(),
        state: first.as_ref().map(|first| first.state.clone()).unwrap_or_default(),
        ..ReplayInput::default()
    };
    let claimed = ClaimedFile { relative, work_path: String::new(), came_from: None };
    let date = date.unwrap_or_else(today);
    documents(desk, tx, replay, (input, claimed, (source, packed)), first.as_ref(), date)
}

/// The name that the file would have below inbox/: a folder named after a partner tells whose CSV it is.
fn as_dropped(desk: &Desk<'_>, path: &Path) -> String {
    let name = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let folder = name(path.parent().and_then(Path::file_name));
    let file = name(path.file_name());
    if desk.profiles.iter().any(|profile| profile.id().as_str() == folder) {
        format!("orders/{folder}/{file}")
    } else {
        format!("orders/{file}")
    }
}

fn documents(
    desk: &Desk<'_>,
    tx: &mut dyn Transaction,
    replay: &mut Replay,
    (mut told, claimed, source): (ReplayInput, ClaimedFile, (Source, Option<Diagnostic>)),
    receipt: Option<&ReceiptRow>,
    date: Date,
) -> Result<()> {
    let Desk { settings, profiles, folders, index, .. } = desk;
    let time = Text::default();
    let site = Surroundings { settings, folders, profiles, date, time: &time, run_id: "" };
    let input = Input::of(claimed, source, site)?;
    let (company, unresolved, limits) = (&settings.company, settings.unresolved, &settings.limits.x12);
    let judge = Judge { company, profiles, index, unresolved, date, limits };
    told.findings = findings(&input.content);
    let unknown = ReceiptRow::default();
    let mut past = receipt.map(|receipt| Past::of(desk, tx, receipt)).transpose()?;
    let mut walk = Documents::of(judge, &input, receipt.unwrap_or(&unknown));
    while let Some(Document { offset, processed, .. }) = walk.next(tx)? {
        let mut document = ReplayDocument { offset, ..ReplayDocument::default() };
        let order = match processed.body {
            Body::Order(order) => Some(again(desk, &judge, *order)?),
            Body::Change(change) => {
                document.kind = "change";
                document.po_number = change.order.po_number;
                None
            }
            Body::Rejected => {
                document.kind = "rejected";
                let found = &processed.acknowledgment.diagnostics;
                document.findings = found.iter().map(ToString::to_string).collect();
                None
            }
            Body::Acknowledgment(_) => {
                document.kind = "acknowledgment";
                None
            }
            Body::Message(_) => {
                document.kind = "message";
                None
            }
        };
        let number = order.as_ref().map(|order| order.order.po_number.as_str());
        let then = match (&mut past, receipt) {
            (Some(past), Some(receipt)) => past.at(desk, tx, receipt, offset, number)?,
            _ => None,
        };
        if let Some(order) = &order {
            document.kind = "order";
            line_by_line(desk, replay, &mut document, order, then.as_ref());
        }
        // an order of which no line is listed any more says nothing
        let empty = document.kind == "order" && document.lines.is_empty() && replay.lines_left_out > 0;
        if empty || replay.documents_listed == DOCUMENTS_MAX {
            replay.lines_left_out += document.lines.len() as u64;
            replay.documents_left_out += 1;
        } else {
            replay.documents_listed += 1;
            told.documents.push(document);
        }
    }
    replay.inputs.push(told);
    Ok(())
}

/// What is wrong with the file, or with an interchange of it that would not be processed.
fn findings(content: &Content) -> Vec<String> {
    let words = |found: &[crate::domain::diagnostic::Diagnostic]| -> Vec<String> {
        found.iter().map(ToString::to_string).collect()
    };
    match content {
        Content::X12 { index, plans } => {
            let mut all = words(&index.diagnostics);
            for plan in plans {
                if let Plan::Refuse { why, .. } = plan {
                    all.extend(words(why));
                }
            }
            all
        }
        Content::Csv { index, .. } => words(&index.diagnostics),
        Content::Refused(why) => words(why),
    }
}

/// The order as it would be decided on the day that is asked for.
fn again(desk: &Desk<'_>, judge: &Judge<'_>, order: DecidedOrder) -> Result<DecidedOrder> {
    let Some(as_of) = desk.as_of else { return Ok(order) };
    let profile = desk.profiles.iter().position(|profile| *profile.id() == order.partner);
    let profile = profile.context("the partner has a profile")?;
    let mut asked = order.order;
    asked.po_date = Some(as_of.day);
    Ok(decide(&judge.context(profile), asked).0)
}

fn line_by_line(
    desk: &Desk<'_>,
    replay: &mut Replay,
    document: &mut ReplayDocument,
    order: &DecidedOrder,
    then: Option<&(Text, Vec<OrderLineFact>)>,
) {
    document.po_number.clone_from(&order.order.po_number);
    document.partner.clone_from(&order.partner);
    document.customer.clone_from(&order.customer);
    document.order_id = then.map(|(order_id, _)| order_id.clone()).unwrap_or_default();
    replay.orders += 1;
    let settings = settings_of(desk, &order.partner);
    let now =
        order_facts::rows(order, &settings, &document.order_id, Date::default(), &document.order_id, false);
    for ((line, decided), now) in order.order.lines.iter().zip(&order.lines).zip(now) {
        replay.lines += 1;
        let now = Fate::of(&now);
        let then = then.and_then(|(_, facts)| facts.iter().find(|fact| fact.line == line.line)).map(Fate::of);
        let differs = then.as_ref().is_some_and(|then| then.differs(&now));
        if let Some(then) = then.as_ref().filter(|_| differs) {
            replay.differ += 1;
            let words = |fate: &Fate| format!("{} {}", fate.outcome, fate.state);
            *replay.changes.entry(format!("{} -> {}", words(then), words(&now))).or_default() += 1;
        }
        if replay.lines > LINES_MAX {
            replay.lines_left_out += 1;
            continue;
        }
        let number = customer_item(line, &decided.resolution, &settings).or(line.numbers.first()).cloned();
        let number = number.unwrap_or_default();
        document.lines.push(ReplayLine {
            line: line.line,
            customer_item: number.value,
            customer_item_qualifier: number.qualifier,
            then,
            now,
            differs,
        });
    }
}

fn settings_of(desk: &Desk<'_>, partner: &Text) -> OrderSettings {
    let profile = desk.profiles.iter().find(|profile| profile.id() == partner);
    profile.map(|profile| profile.orders.clone()).unwrap_or_default()
}

/// What was made of an input: its orders, and the facts of the unit that took them; where these are gone, the orders as they
/// stand.
struct Past {
    orders: Orders,
    facts: Facts,
}

impl Past {
    fn of(desk: &Desk<'_>, tx: &mut dyn Transaction, receipt: &ReceiptRow) -> Result<Self> {
        let (mut parts, mut complete) = (Vec::new(), true);
        for listed in tx.unit_outputs(&receipt.run_id, receipt.unit)? {
            let output = &listed.output;
            if output.kind != "facts" || !output.path.starts_with(ORDER_LINES_DIR) {
                continue;
            }
            let path = if listed.published { &output.path } else { &output.staged };
            match standing(desk.folders, path, &output.digest)? {
                Standing::Intact(_) => parts.push(desk.folders.path(path)?),
                _ => complete = false,
            }
        }
        let mut orders = Orders::of(&receipt.run_id, receipt.unit);
        orders.skip_to(tx, &receipt.name)?;
        Ok(Self { orders, facts: Facts::of(parts, complete) })
    }

    fn at(
        &mut self,
        desk: &Desk<'_>,
        tx: &mut dyn Transaction,
        receipt: &ReceiptRow,
        offset: u64,
        po_number: Option<&str>,
    ) -> Result<Option<(Text, Vec<OrderLineFact>)>> {
        let Some(row) = self.orders.next_at(tx, &receipt.name, offset, po_number)? else { return Ok(None) };
        while self.facts.next_order_before(&row.order_id)?.is_some() {}
        if let Some(facts) = self.facts.next_order_if(&row.order_id)? {
            return Ok(Some((row.order_id, facts)));
        }
        // as it came, if it was changed since
        let first = versions::before(tx, &row)?.into_iter().next();
        let stored = first.map_or_else(|| lines::order_from_row(&row), Ok)?;
        let settings = settings_of(desk, &row.partner);
        let facts = order_facts::rows(&stored, &settings, &row.order_id, Date::default(), &row.run_id, false);
        let facts = facts.collect();
        Ok(Some((row.order_id, facts)))
    }
}
