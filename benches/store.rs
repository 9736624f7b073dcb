//! What the store costs: `cargo bench --bench store [FOLDER [XREFS [ORDERS]]]` prints sizes and times.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may panic and prints its figures")]

use itembridge::domain::item::{Masters, Xref, XrefScope};
use itembridge::domain::order::{ItemNumber, OrderLine, PurchaseOrder};
use itembridge::domain::resolution::{Candidate, DecidedLine, LineOutcome, Resolution, Via};
use itembridge::domain::unit::Fraction;
use itembridge::domain::{Date, Decimal, Text};
use itembridge::store::lines::{decode, encode, encode_header};
use itembridge::store::sqlite::SqliteStore;
use itembridge::store::{OrderRow, Store};
use rusqlite::Connection;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Instant;

const LINES: usize = 15;
const DAY: Date = Date::constant(2026, 3, 1);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let folder = arguments.first().map_or_else(std::env::temp_dir, PathBuf::from);
    let number =
        |index: usize, otherwise| arguments.get(index).map_or(otherwise, |text| text.parse().unwrap());
    cross_references(&folder, number(1, 1_000_000));
    let orders: Vec<_> = (0..number(2, 20_000)).map(order).collect();
    forms(&orders);
    tables(&folder, &orders);
}

/// Runs it, prints how long it took, and passes on what it gave.
fn time<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let value = work();
    println!("{:>10} ms  {what}", begin.elapsed().as_millis());
    value
}

fn fresh(folder: &Path, name: &str) -> PathBuf {
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("{name}{end}")));
    }
    folder.join(name)
}

fn size(path: &Path) -> String {
    format!("{} KiB", std::fs::metadata(path).unwrap().len() / 1024)
}

fn cross_references(folder: &Path, count: u32) {
    println!("{count} cross-references");
    let path = fresh(folder, "bench-xrefs.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let mut rows = Masters { xrefs: (0..count).map(xref).collect(), ..Masters::default() };
    let mut now = 0;
    let mut sync = |what: &str, rows: &Masters| {
        now += 1;
        let counts = time(what, || {
            let mut work = store.begin().unwrap();
            let counts = work.sync_master("item_xref", "d", rows, now).unwrap();
            work.commit().unwrap();
            counts
        });
        println!("               {counts:?}");
    };
    sync("first load and commit", &rows);
    sync("the same again", &rows);
    for row in rows.xrefs.iter_mut().step_by(1_000) {
        row.rank += 1;
    }
    sync("every thousandth has another rank", &rows);
    rows.xrefs.reverse();
    sync("the same, not in order", &rows);
    for row in &mut rows.xrefs {
        row.description = "new".into();
    }
    sync("all changed", &rows);
    let mut bytes = 0;
    time("every row read", || {
        let mut add = |row: Xref| {
            bytes += row.item.len();
            Ok(())
        };
        store.read().unwrap().each_xref(None, &mut add).unwrap();
    });
    drop(store);
    println!("               {bytes} bytes of items, the file has {}", size(&path));
}

fn xref(index: u32) -> Xref {
    Xref {
        xref_id: 0,
        scope: XrefScope::Customer(format!("C{:05}", index / 2_000).into()),
        customer_item: format!("CI-{index:08}").into(),
        item: format!("10-{:06}", index % 200_000).into(),
        qualifier: if index.is_multiple_of(3) { "BP".into() } else { Text::default() },
        unit: Text::default(),
        unit_factor: index.is_multiple_of(5).then(|| Fraction::new(12, 1).unwrap()),
        rank: 1,
        valid_from: Some(DAY),
        valid_to: None,
        active: true,
        description: Text::default(),
    }
}

fn order(index: u32) -> (PurchaseOrder, Vec<DecidedLine>) {
    let lines: Vec<_> = (1..=15).map(|line| order_line(index, line)).collect();
    let decided = lines.iter().map(decided_line).collect();
    let po_number = format!("45{index:08}").into();
    let order = PurchaseOrder {
        purpose: "00".into(),
        order_type: "SA".into(),
        po_number,
        lines,
        ..PurchaseOrder::default()
    };
    (order, decided)
}

fn order_line(order: u32, line: u32) -> OrderLine {
    let seed = order * 31 + line * 7;
    let number =
        |qualifier: &str, value: String| ItemNumber { qualifier: qualifier.into(), value: value.into() };
    let quantity = Decimal::from(seed % 97 + 1);
    OrderLine {
        line,
        po_line_id: line.to_string().into(),
        quantity: Some(quantity),
        quantity_text: quantity.to_string().into(),
        unit: "CA".into(),
        unit_text: "CA".into(),
        price: Some(Decimal::new(i64::from(seed % 9_973), 2)),
        numbers: vec![
            number("BP", format!("CI-{seed:08}")),
            number("UP", format!("{:012}", 36_000_000_000 + u64::from(seed))),
        ],
        description: "HEX BOLT M8 X 40 ZINC".into(),
        ship_to: "0007".into(),
        requested_date: Some(DAY),
        segment: line * 2 + 8,
        offset: u64::from(order) * 1_300 + u64::from(line) * 65,
        ..OrderLine::default()
    }
}

fn decided_line(line: &OrderLine) -> DecidedLine {
    let item: Text = format!("10-{:06}", line.segment * 71).into();
    let candidate = |via, number: &ItemNumber, chosen, reason: &str| Candidate {
        via,
        number: number.clone(),
        item: item.clone(),
        xref_id: Some(line.segment.into()),
        chosen,
        reason: reason.into(),
    };
    let candidates = vec![
        candidate(Via::Customer, &line.numbers[0], true, "the customer's only row"),
        candidate(Via::Gtin, &line.numbers[1], false, "agrees"),
    ];
    let resolution = Resolution {
        outcome: LineOutcome::Mapped,
        item,
        via: Some(Via::Customer),
        xref_id: Some(line.segment.into()),
        matched: line.numbers[0].clone(),
        quantity: line.quantity.map(|quantity| quantity * Decimal::from(12)),
        unit: "EA".into(),
        factor: Fraction::new(12, 1),
        candidates,
        ..Resolution::default()
    };
    DecidedLine { resolution, unit_price: line.price, ..DecidedLine::default() }
}

type Orders = [(PurchaseOrder, Vec<DecidedLine>)];

fn forms(orders: &Orders) {
    println!("\n{} orders of {LINES} lines as JSON", orders.len());
    let kib = |texts: &[String]| texts.iter().map(String::len).sum::<usize>() / 1024;
    let arrays: Vec<String> =
        time("arrays written", || orders.iter().map(|(o, d)| encode(&o.lines, d).unwrap()).collect());
    time("arrays read", || arrays.iter().map(|text| decode(text).unwrap().0.len()).sum::<usize>());
    println!("               {} KiB", kib(&arrays));
    let objects: Vec<String> = time("objects written", || {
        orders.iter().map(|(o, d)| serde_json::to_string(&(&o.lines, d)).unwrap()).collect()
    });
    time("objects read", || {
        let read =
            |text: &String| serde_json::from_str::<(Vec<OrderLine>, Vec<DecidedLine>)>(text).unwrap().0.len();
        objects.iter().map(read).sum::<usize>()
    });
    println!("               {} KiB", kib(&objects));
    let header = |form: &dyn Fn(&PurchaseOrder) -> String| {
        orders.iter().map(|(o, _)| form(o).len()).sum::<usize>() / 1024
    };
    let bare = |order: &PurchaseOrder| {
        serde_json::to_string(&PurchaseOrder { lines: Vec::new(), ..order.clone() }).unwrap()
    };
    println!(
        "               headers {} KiB, as derived {} KiB",
        header(&|o| encode_header(o).unwrap()),
        header(&bare)
    );
}

fn tables(folder: &Path, orders: &Orders) {
    println!("\nstored in one transaction, durable; both forms are ready as values");
    let rows: Vec<OrderRow> =
        orders.iter().enumerate().map(|(index, order)| order_row(index, order)).collect();
    let path = fresh(folder, "bench-rows.db");
    let mut store = SqliteStore::open(&path).unwrap();
    time("one row an order, its lines as JSON", || {
        let mut work = store.begin().unwrap();
        work.start_run(DAY, 0).unwrap();
        for row in &rows {
            work.add_order(row).unwrap();
        }
        work.commit().unwrap();
    });
    time("every order read by its id", || {
        let mut work = store.read().unwrap();
        for row in &rows {
            assert!(work.order(&row.order_id).unwrap().is_some());
        }
    });
    drop(store);
    println!("               the file has {}", size(&path));

    let path = fresh(folder, "bench-lines.db");
    drop(SqliteStore::open(&path).unwrap());
    let lines: Vec<Vec<Vec<String>>> = rows.iter().map(|row| columns(&row.lines)).collect();
    let mut database = Connection::open(&path).unwrap();
    database.execute_batch(LINE_TABLE).unwrap();
    let places = (1..=18).map(|n| format!("${n}")).collect::<Vec<_>>().join(",");
    time("a row an order and a row a line", || {
        let work = database.transaction().unwrap();
        for (number, (row, lines)) in (0i64..).zip(rows.iter().zip(&lines)) {
            work.prepare_cached("INSERT INTO head VALUES ($1,$2,$3,$4)")
                .unwrap()
                .execute((number, &*row.order_id, &*row.po_number, &row.header))
                .unwrap();
            let mut insert = work.prepare_cached(&format!("INSERT INTO line VALUES ({places})")).unwrap();
            for line in lines {
                insert.raw_bind_parameter(1, number).unwrap();
                line.iter()
                    .enumerate()
                    .for_each(|(at, value)| insert.raw_bind_parameter(at + 2, value).unwrap());
                insert.raw_execute().unwrap();
            }
        }
        work.commit().unwrap();
    });
    time("every order read by its id", || {
        for (number, row) in (0i64..).zip(&rows) {
            let mut head = database.prepare_cached("SELECT header FROM head WHERE order_id = $1").unwrap();
            head.query_row([&*row.order_id], |row| row.get::<_, String>(0)).unwrap();
            let mut lines =
                database.prepare_cached("SELECT * FROM line WHERE number = $1 ORDER BY line").unwrap();
            let read = |row: &rusqlite::Row<'_>| {
                (1..18).map(|at| row.get::<_, String>(at)).collect::<Result<Vec<_>, _>>()
            };
            assert_eq!(lines.query_map([number], read).unwrap().map(Result::unwrap).count(), LINES);
        }
    });
    drop(database);
    println!("               the file has {}", size(&path));
}

const LINE_TABLE: &str = "
    PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;
    CREATE TABLE head (number INTEGER PRIMARY KEY, order_id TEXT UNIQUE, po_number TEXT, header TEXT) STRICT;
    CREATE INDEX head_po ON head (po_number);
    CREATE TABLE line (number INTEGER, line TEXT, po_line_id TEXT, item TEXT, outcome TEXT, state TEXT, via TEXT,
        ordered_quantity TEXT, ordered_unit TEXT, quantity TEXT, unit TEXT, unit_price TEXT, customer_item TEXT,
        qualifier TEXT, xref_id TEXT, ship_to TEXT, requested_date TEXT, rest TEXT, PRIMARY KEY (number, line))
        STRICT, WITHOUT ROWID;";

/// The sixteen named columns of each line, and the rest as JSON.
fn columns(lines: &str) -> Vec<Vec<String>> {
    let lines: Vec<Vec<Value>> = serde_json::from_str(lines).unwrap();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let columns = |line: Vec<Value>| {
        let (named, rest) = line.split_at(16);
        named.iter().map(text).chain([serde_json::to_string(rest).unwrap()]).collect()
    };
    lines.into_iter().map(columns).collect()
}

fn order_row(index: usize, (order, decided): &(PurchaseOrder, Vec<DecidedLine>)) -> OrderRow {
    OrderRow {
        order_id: format!("20260301-001-{index:07}").into(),
        run_id: "20260301-001".into(),
        unit: 1,
        partner: "acme".into(),
        customer: "ACME".into(),
        po_number: order.po_number.clone(),
        received: DAY,
        currency: "USD".into(),
        state: "ordered".into(),
        header: encode_header(order).unwrap(),
        lines: encode(&order.lines, decided).unwrap(),
        input: "acme/0001.edi".into(),
        ..OrderRow::default()
    }
}
