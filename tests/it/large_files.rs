//! Interchanges of which more goes out, or comes in, than is held in memory.

use crate::nights::{acme_site, files_in, night, run, summary, write};
use itembridge::x12::envelope::{Limits, scan};
use std::path::Path;

const INPUT: &str = "inbox/orders/large.edi";

fn interchange(groups: &[String]) -> String {
    let mut text =
        "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*2130*U*00401*000000001*0*P*>~\n"
            .to_owned();
    for (control, sets) in (1..).zip(groups) {
        let count = sets.matches("ST*").count();
        text += &format!(
            "GS*PO*ACMEPO*NORTHWIND*20261119*2130*{control}*X*004010~\n{sets}GE*{count}*{control}~\n"
        );
    }
    text + &format!("IEA*{}*000000001~\n", groups.len())
}

fn order(number: usize) -> String {
    format!(
        "ST*850*{number:04}~BEG*00*SA*P-{number}**20261119~PO1*1*1*EA*1.5**BP*A-1~CTT*1~SE*5*{number:04}~\n"
    )
}

/// What lies in the outbox: kind, ISA13, and the numbers of groups and sets.
fn sent(site: &std::path::Path) -> Vec<(String, usize, usize)> {
    files_in(site, &["outbox"])
        .into_iter()
        .map(|(path, bytes)| {
            let index = scan(bytes.as_slice(), &Limits::default()).unwrap();
            let [interchange] = index.interchanges.as_slice() else { panic!("{path}") };
            assert!(interchange.is_sound() && index.diagnostics.is_empty(), "{path}");
            let sets: usize = interchange.groups.iter().map(|group| group.sets.len()).sum();
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            (name, interchange.groups.len(), sets)
        })
        .collect()
}

#[test]
fn a_thousand_orders_are_answered_at_the_end_and_of_more_the_first_thousand_while_they_come() {
    for (orders, expected) in [
        (1_000, vec![("855-000000002.edi", 1, 1_000), ("997-000000001.edi", 1, 1)]),
        (
            1_001,
            vec![("855-000000001.edi", 1, 1_000), ("855-000000003.edi", 1, 1), ("997-000000002.edi", 1, 1)],
        ),
    ] {
        let site = acme_site();
        let text = interchange(&[(1..=orders).map(order).collect::<String>()]);
        write(site.path(), INPUT, text.as_bytes());
        assert_eq!(night(site.path(), &[]), 0);
        let sent = sent(site.path());
        let sent: Vec<(&str, usize, usize)> =
            sent.iter().map(|(name, groups, sets)| (name.as_str(), *groups, *sets)).collect();
        assert_eq!(sent, expected);
        let documents = summary(site.path(), "20261120-001")["documents"].clone();
        assert_eq!(documents, serde_json::json!({"855": orders, "997": 1}));
    }
}

#[test]
fn of_many_groups_the_first_thousand_are_acknowledged_while_they_come() {
    let site = acme_site();
    let text = interchange(&(1..=1_001).map(order).collect::<Vec<_>>());
    write(site.path(), INPUT, text.as_bytes());
    assert_eq!(night(site.path(), &[]), 0);
    let acknowledged: Vec<usize> = sent(site.path())
        .into_iter()
        .filter(|(name, ..)| name.starts_with("997"))
        .map(|(_, _, sets)| sets)
        .collect();
    assert_eq!(acknowledged, [1_000, 1]);
}

/// The findings of a set take some 10 KB of its 997, so that few sets are more than is held in memory.
#[test]
fn a_997_that_does_not_fit_into_memory_is_one_all_the_same() {
    const SETS: usize = 150;
    let bad = "x".repeat(90);
    let set = |number: usize| {
        let line = format!("PO1*1*{bad}*EA*1.5**BP*A-1~");
        format!(
            "ST*850*{number:04}~BEG*00*SA*P-{number}**20261119~{}SE*{}*{number:04}~\n",
            line.repeat(90),
            90 + 3
        )
    };
    let site = acme_site();
    let text = interchange(&[(1..=SETS).map(set).collect::<String>(), order(900)]);
    write(site.path(), INPUT, text.as_bytes());
    assert_eq!(night(site.path(), &[]), 1);
    let outbox = files_in(site.path(), &["outbox"]);
    let texts: Vec<String> =
        outbox.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    let large = texts.iter().find(|text| text.contains("\nAK1*PO*1~")).unwrap();
    assert!(large.len() > 1 << 20, "{} bytes", large.len());
    assert_eq!(large.matches("\nAK2*850*").count(), SETS);
    assert!(large.contains(&format!("\nAK9*E*{SETS}*{SETS}*{SETS}~")), "{}", &large[large.len() - 200..]);
    assert!(texts.iter().any(|text| text.contains("\nAK1*PO*2~") && text.contains("\nAK9*A*1*1*1~")));
    assert_eq!(sent(site.path()).len(), 3, "two 997s and an 855, each a sound interchange");
    // its digest is that of its bytes, and nothing is left of what it was written in
    let proved = run(site.path(), &["verify"]);
    assert_eq!(proved.status.code(), Some(0), "{}", String::from_utf8_lossy(&proved.stdout));
    assert!(files_in(site.path(), &["state"]).keys().all(|path| !path.contains("unpacked")));
}

#[test]
fn parquet_of_more_rows_than_a_group_has_them_all_in_their_order() {
    const LINES: usize = 50_010;
    let site = acme_site();
    let toml = std::fs::read_to_string(site.path().join("itembridge.toml")).unwrap();
    let (before, formats) = (toml.clone(), "formats = [\"csv\", \"parquet\"]\n");
    let toml = if toml.contains("[orders]\n") {
        toml.replace("[orders]\n", &format!("[orders]\n{formats}"))
    } else {
        format!("{toml}\n[orders]\n{formats}")
    };
    assert_ne!(toml, before);
    write(site.path(), "itembridge.toml", toml.as_bytes());
    let mut csv = "po_number,po_date,line,customer_item,quantity,unit,unit_price\n".to_owned();
    for line in 1..=LINES {
        let order = line / 1_000 + 1;
        csv += &format!("{order},2026-11-19,{line},A-1,{line},EA,1.5\n");
    }
    write(site.path(), "inbox/orders/acme/large.csv", csv.as_bytes());
    assert_eq!(night(site.path(), &[]), 0);
    let orders = files_in(site.path(), &["orders"]);
    let ending =
        |path: &str, wanted: &str| Path::new(path).extension().is_some_and(|ending| ending == wanted);
    let csv = orders.iter().find(|(path, _)| ending(path, "csv")).unwrap().1;
    let parquet = orders.keys().find(|path| ending(path, "parquet")).unwrap();
    let frame = {
        use polars::prelude::{ParquetReader, SerReader as _};
        ParquetReader::new(std::fs::File::open(site.path().join(parquet)).unwrap()).finish().unwrap()
    };
    assert_eq!(frame.height(), LINES);
    let quantities = frame.column("quantity").unwrap().str().unwrap().clone();
    let written = String::from_utf8_lossy(csv);
    let column = written.lines().next().unwrap().split(',').position(|name| name == "quantity").unwrap();
    for (at, row) in written.lines().skip(1).enumerate() {
        assert_eq!(row.split(',').nth(column), quantities.get(at), "row {at}");
    }
}
