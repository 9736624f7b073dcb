//! A release after mapping gives what a run after mapping would have given: random orders, mapped bit by bit.

use crate::nights::{files_in, lay_out, order, repository, run, scratch, write};
use crate::releases::{LEFT, answers, open, ordered};
use itembridge::report::table::Cell;
use itembridge::report::{Params, coverage};
use proptest::prelude::*;
use serde_json::Value;
use std::path::Path;

/// One line: the customer's number (0 to 5), its quantity, whether an SDQ splits it into two stores.
type Line = (usize, u32, bool);

/// An order, and whether it comes as CSV.
type Order = (Vec<Line>, bool);

#[derive(Debug, Clone)]
struct Site {
    orders: Vec<Order>,
    hold_line: bool,
    /// For each number: the night, from 0, from which it is mapped.
    mapped_from: Vec<usize>,
}

fn any_site() -> impl Strategy<Value = Site> {
    let line = (0..6usize, 1..9u32, any::<bool>());
    let order = (prop::collection::vec(line, 1..5), any::<bool>());
    (prop::collection::vec(order, 1..4), any::<bool>(), prop::collection::vec(0..4usize, 6))
        .prop_map(|(orders, hold_line, mapped_from)| Site { orders, hold_line, mapped_from })
}

impl Site {
    fn lay_out(&self, at: &Path) {
        lay_out(&repository("tests/golden/duplicates_over_two_nights/site"), at);
        std::fs::remove_dir_all(at.join("inbox")).unwrap();
        let path = at.join("partners/acme.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let policy = if self.hold_line { "hold_line" } else { "hold_order" };
        let text = format!("{text}unresolved = \"{policy}\"\n\n[orders.csv]\n");
        std::fs::write(path, text).unwrap();
        write(
            at,
            "masters/items.csv",
            b"item,description,unit\nI-0,a,EA\nI-1,b,EA\nI-2,c,EA\nI-3,d,EA\nI-4,e,EA\nI-5,f,EA\n",
        );
        let mut rows = "po_number,po_date,line,customer_item,quantity,unit,unit_price\n".to_owned();
        let mut sets = String::new();
        let mut count = 0;
        for (number, (lines, as_csv)) in self.orders.iter().enumerate() {
            if *as_csv {
                for (at, (item, quantity, _)) in lines.iter().enumerate() {
                    rows += &format!("P-{number},2026-11-19,{at},N-{item},{quantity},EA,1.25\n");
                }
                continue;
            }
            count += 1;
            let mut body = format!("BEG*00*SA*P-{number}**20261119~\n");
            for (at, (item, quantity, split)) in lines.iter().enumerate() {
                body += &format!("PO1*{at}*{}*EA*2.5**BP*N-{item}~\n", quantity + u32::from(*split));
                if *split {
                    body += &format!("SDQ*EA*92*0001*{quantity}*0002*1~\n");
                }
            }
            let segments = body.lines().count() + 2;
            sets += &format!("ST*850*{count:04}~\n{body}SE*{segments}*{count:04}~\n");
        }
        write(at, "inbox/orders/acme/orders.csv", rows.as_bytes());
        if count > 0 {
            let envelope = order(1, "X", "00", 1);
            let head = &envelope[..envelope.find("ST*").unwrap()];
            let text = format!("{head}{sets}GE*{count}*1~\nIEA*1*000000001~\n");
            write(at, "inbox/orders/orders.edi", text.as_bytes());
        }
    }

    /// The cross-reference of a night: the ids of its rows do not depend on when they became active.
    fn map(&self, at: &Path, night: usize) {
        let mut rows = "customer,customer_item,item,unit_factor,status\n".to_owned();
        for (number, from) in self.mapped_from.iter().enumerate() {
            let status = if *from <= night { "active" } else { "inactive" };
            rows += &format!("ACME,N-{number},I-{number},{},{status}\n", number + 1);
        }
        write(at, "masters/item_xref.csv", rows.as_bytes());
    }
}

/// The newest 855 of each order, its purpose, dates and what depends on them aside.
fn newest_answers(site: &Path) -> Vec<Vec<String>> {
    let mut newest = std::collections::BTreeMap::new();
    for mut set in answers(site) {
        let bak: Vec<&str> = set[0].split('*').collect();
        let (po_number, kind) = (bak[3].to_owned(), bak[2].to_owned());
        set[0] = format!("BAK*{kind}*{po_number}");
        forget_items_on_hold(&mut set);
        newest.insert(po_number, set);
    }
    newest.into_values().collect()
}

/// A second look that moves no line is answered by nothing: of a line on hold our item may be known by now, and not told.
fn forget_items_on_hold(set: &mut [String]) {
    for at in 0..set.len() {
        let acks = set[at + 1..].iter().take_while(|segment| segment.starts_with("ACK*"));
        let on_hold = acks.clone().count() > 0 && acks.clone().all(|ack| ack.starts_with("ACK*IH*"));
        if set[at].starts_with("PO1*") && on_hold {
            let end = set[at].find("*VP*").unwrap_or(set[at].len());
            set[at].truncate(end);
        }
    }
}

/// Every column of text of each line's newest fact, and its sums.
fn facts(site: &Path) -> Vec<Vec<String>> {
    let by = [
        "order_id",
        "partner",
        "customer",
        "ship_to",
        "po_number",
        "po_line_id",
        "customer_item",
        "customer_item_qualifier",
        "item",
        "outcome",
        "via",
        "state",
        "ordered_unit",
        "unit",
        "superseded",
    ];
    let params = Params { by: by.map(str::to_owned).to_vec(), ..Params::default() };
    let table = coverage::table(site, &params).unwrap();
    // how a line arrived is what differs
    let arrival = |name: &str| name.starts_with("arrived") || name.starts_with("first_pass");
    let kept = |row: &Vec<Cell>| {
        let cells = table.columns.iter().zip(row).filter(|(column, _)| !arrival(column.name));
        cells.map(|(_, cell)| cell.plain().into_owned()).collect()
    };
    table.rows.iter().map(kept).collect()
}

fn at(site: &Path, night: usize, command: &str) {
    let date = format!("2026-11-{}", 20 + night);
    let code = run(site, &[command, "--date", &date]).status.code();
    assert!(matches!(code, Some(0 | 1)), "{code:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_release_after_mapping_gives_what_a_run_after_mapping_would_have_given(site in any_site()) {
        let (released, run_later) = (scratch(), scratch());
        site.lay_out(released.path());
        for night in 0..3 {
            site.map(released.path(), night);
            at(released.path(), night, if night == 1 { "release" } else { "run" });
        }
        site.lay_out(run_later.path());
        site.map(run_later.path(), 2);
        at(run_later.path(), 0, "run");

        prop_assert_eq!(ordered(released.path()), ordered(run_later.path()));
        prop_assert_eq!(newest_answers(released.path()), newest_answers(run_later.path()));
        prop_assert_eq!(facts(released.path()), facts(run_later.path()));
        prop_assert_eq!(open(released.path()), open(run_later.path()));
        let shown = |site: &Path| -> Vec<Value> {
            (0..3).filter_map(|number| {
                let out = run(site, &["--format", "json", "order", "show", &format!("P-{number}")]);
                serde_json::from_slice(&out.stdout).ok()
            }).collect()
        };
        prop_assert_eq!(shown(released.path()), shown(run_later.path()));

        let left = files_in(released.path(), LEFT);
        at(released.path(), 2, "release");
        prop_assert!(files_in(released.path(), LEFT) == left, "a release more leaves nothing");
    }
}
