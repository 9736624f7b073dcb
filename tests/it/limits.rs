//! Every limit in `[limits]`: what stands at it passes without a word, one more is told under the limit's own code.

use crate::errors::SITE;
use crate::nights::{night, repository, scratch, summary, write};
use std::collections::BTreeSet;
use std::io::Write as _;

/// The key and its value; the files at the limit and one over it; the code of what is over.
struct Row {
    key: &'static str,
    value: u64,
    at: fn() -> Files,
    over: fn() -> Files,
    code: &'static str,
}

type Files = Vec<(&'static str, Vec<u8>)>;

const EDI: &str = "inbox/orders/1.edi";
const CSV: &str = "inbox/orders/acme/1.csv";

/// Keys that bound nothing of a stranger's: they cut work into units.
const CUTS: [&str; 2] = ["batch_files", "batch_bytes"];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { key: "segment_bytes_max", value: 256, at: || x12(&padded(256)), over: || x12(&padded(257)), code: "E130" },
    Row { key: "set_bytes_max", value: 1024, at: || x12(&of_size(1024)), over: || x12(&of_size(1025)), code: "E131" },
    Row { key: "segments_per_set_max", value: 10, at: || x12(&"ZZZ*1~".repeat(5)), over: || x12(&"ZZZ*1~".repeat(6)), code: "E131" },
    Row { key: "sets_per_file_max", value: 3, at: || x12(""), over: || x12("SE*9*0001~ST*850*0002~"), code: "E132" },
    Row { key: "interchanges_per_file_max", value: 2, at: || many(2), over: || many(3), code: "E132" },
    Row { key: "envelope_findings_max", value: 2, at: || with_ta1(2), over: || with_ta1(3), code: "E132" },
    Row { key: "diagnostics_per_set_max", value: 2, at: || x12("ZZA*1~ST1*1~"), over: || x12("ZZA*1~CTT*1~ZZB*1~CTT*1~ZZC*1~"), code: "E200" },
    Row { key: "lines_per_order_max", value: 3, at: || ship_tos(2), over: || ship_tos(3), code: "E436" },
    Row { key: "lines_per_order_max", value: 3, at: || lines(3), over: || lines(5), code: "E436" },
    Row { key: "csv_record_bytes_max", value: 256, at: || csv_row(256), over: || csv_row(257), code: "E515" },
    Row { key: "csv_lines_per_order_max", value: 2, at: || csv_rows(2, "5"), over: || csv_rows(3, "5"), code: "E506" },
    Row { key: "csv_diagnostics_per_file_max", value: 2, at: || csv_rows_without_po(2), over: || csv_rows_without_po(3), code: "E599" },
    Row { key: "gz_bytes_max", value: 1024, at: || packed(&noise(1024)), over: || packed(&noise(1025)), code: "E620" },
    Row { key: "gz_ratio_max", value: 2, at: || packed(&vec![b' '; 1 << 20]), over: || packed(&vec![b' '; (1 << 20) + 1]), code: "E621" },
    Row { key: "inbox_files_max", value: 2, at: || files(2), over: || files(3), code: "E624" },
];

fn x12(extra: &str) -> Files {
    vec![(EDI, interchange(1, extra).into_bytes())]
}

fn interchange(control: u32, extra: &str) -> String {
    format!(
        "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*2130*U*00401*{control:09}*0*P*>~\
         GS*PO*ACMEPO*NORTHWIND*20261119*2130*{control}*X*004010~ST*850*0001~BEG*00*SA*P-{control}**20261119~\
         PO1*1*2*EA*1.5**BP*114-2~{extra}CTT*1~SE*5*0001~GE*1*{control}~IEA*1*{control:09}~"
    )
}

fn with_ta1(count: usize) -> Files {
    let ta1 = "TA1*000000001*261119*2130*A*000~".repeat(count);
    vec![(EDI, interchange(1, "").replacen("GS*", &format!("{ta1}GS*"), 1).into_bytes())]
}

/// An order of one line, and of one that goes to so many ship-tos.
fn ship_tos(count: u32) -> Files {
    let pairs: String = (1..=count).map(|number| format!("*S{number}*1")).collect();
    let lines = format!("PO1*2*{count}*EA*1.5**BP*114-2~SDQ*EA*{pairs}~");
    let text = interchange(1, &lines).replace("CTT*1~SE*5*", "CTT*2~SE*7*");
    vec![(EDI, text.into_bytes())]
}

/// An order of so many lines.
fn lines(count: u32) -> Files {
    let more: String = (2..=count).map(|line| format!("PO1*{line}*2*EA*1.5**BP*114-2~")).collect();
    let trailers = format!("CTT*{count}~SE*{}*", count + 4);
    vec![(EDI, interchange(1, &more).replace("CTT*1~SE*5*", &trailers).into_bytes())]
}

/// A segment of so many bytes, without its terminator.
fn padded(bytes: usize) -> String {
    format!("ZZZ*{}~", "x".repeat(bytes - 4))
}

/// What makes the set so many bytes, from ST to the terminator of SE.
fn of_size(bytes: usize) -> String {
    let whole = interchange(1, "");
    let set = whole.find("GE*").unwrap() - whole.find("ST*").unwrap();
    let rest = bytes - set;
    format!("{}{}", "ZZZ*1~".repeat(rest / 6 - 2), padded(12 + rest % 6 - 1))
}

fn many(count: u32) -> Files {
    vec![(EDI, (1..=count).map(|control| interchange(control, "")).collect::<String>().into_bytes())]
}

const HEADER: &str = "po_number,po_date,line,customer_item,quantity,unit,unit_price,description\n";

fn csv_row(bytes: usize) -> Files {
    let row = "7001,2026-11-19,1,114-2,5,EA,1.25,";
    let row = format!("{row}{}\n", "x".repeat(bytes - row.len() - 1));
    vec![(CSV, format!("{HEADER}{row}").into_bytes())]
}

fn csv_rows(count: u32, quantity: &str) -> Files {
    let row = |line| format!("7001,2026-11-19,{line},114-2,{quantity},EA,1.25,\n");
    vec![(CSV, format!("{HEADER}{}", (1..=count).map(row).collect::<String>()).into_bytes())]
}

fn csv_rows_without_po(count: usize) -> Files {
    let rows = ",2026-11-19,1,114-2,5,EA,1.25,\n".repeat(count);
    vec![(CSV, format!("{HEADER}7001,2026-11-19,1,114-2,5,EA,1.25,\n{rows}").into_bytes())]
}

fn noise(length: u32) -> Vec<u8> {
    (0..length).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect()
}

fn packed(content: &[u8]) -> Files {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(content).unwrap();
    vec![("inbox/orders/1.gz", packer.finish().unwrap())]
}

fn files(count: u32) -> Files {
    let names = ["inbox/orders/1.edi", "inbox/orders/2.edi", "inbox/orders/3.edi"];
    (1..=count).zip(names).map(|(control, name)| (name, interchange(control, "").into_bytes())).collect()
}

/// Whether a night says the code anywhere: among its findings, on its worklist, in quarantine, in its notes.
fn says(row: &Row, files: &Files) -> bool {
    let site = scratch();
    for (path, text) in SITE {
        write(site.path(), path, text.as_bytes());
    }
    let toml = SITE[0].1.to_owned() + &format!("\n[limits]\n{} = {}\n", row.key, row.value);
    write(site.path(), "itembridge.toml", toml.as_bytes());
    for (path, bytes) in files {
        write(site.path(), path, bytes);
    }
    assert_ne!(night(site.path(), &[]), 2, "{}", row.key);
    let mut said = summary(site.path(), "20261120-001").to_string();
    for (path, bytes) in crate::nights::files_in(site.path(), &["quarantine"]) {
        if path.ends_with(".why.json") {
            said += &String::from_utf8_lossy(&bytes);
        }
    }
    said.contains(row.code)
}

#[test]
fn what_stands_at_a_limit_passes_and_one_more_is_told() {
    let wrong: Vec<String> = ROWS
        .iter()
        .filter_map(|row| {
            let (at, over) = (says(row, &(row.at)()), says(row, &(row.over)()));
            (at || !over).then(|| format!("{}: {} at the limit: {at}, over it: {over}", row.key, row.code))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_limit_of_the_configuration_stands_in_the_table() {
    let text = std::fs::read_to_string(repository("config/itembridge.toml")).unwrap();
    let section = text.split("[limits]").nth(1).unwrap().split("\n[retention]").next().unwrap();
    let documented: BTreeSet<&str> = section
        .lines()
        .filter_map(|line| line.strip_prefix('#')?.split_once(" = "))
        .map(|(key, _)| key)
        .filter(|key| !key.contains(' '))
        .collect();
    let tested: BTreeSet<&str> = ROWS.iter().map(|row| row.key).chain(CUTS).collect();
    assert_eq!(documented, tested);
}

/// A limit and its value, and a sixth of a file.
type End = (&'static str, u64, fn(u32) -> String);

/// Limits that end the look through a file of six orders behind the third.
#[rustfmt::skip]
const ENDS: &[End] = &[
    ("interchanges_per_file_max", 3, |control| interchange(control, "")),
    ("sets_per_file_max", 9, |control| interchange(control, "")),
    ("envelope_findings_max", 2, |control| interchange(control, "") + "THIS IS NO SEGMENT~"),
    // inside the fourth
    ("sets_per_file_max", 11, |control| interchange(control, "")),
];

#[test]
fn what_stands_behind_a_limit_is_kept_and_taken_when_it_comes_again_under_a_higher_one() {
    for (key, value, part) in ENDS {
        let site = scratch();
        for (path, text) in SITE {
            write(site.path(), path, text.as_bytes());
        }
        let toml = SITE[0].1.to_owned() + &format!("\n[limits]\n{key} = {value}\n");
        write(site.path(), "itembridge.toml", toml.as_bytes());
        let file: String = (1..=6).map(part).collect();
        write(site.path(), EDI, file.as_bytes());
        assert_eq!(night(site.path(), &[]), 1, "{key}");
        let said = summary(site.path(), "20261120-001");
        assert_eq!(said["files"], serde_json::json!({"partial": 1}), "{key}: {said}");
        assert_eq!(said["lines"]["ordered"], 3, "{key}: {said}");
        let kept = crate::nights::files_in(site.path(), &["quarantine"]);
        for control in 4..=6 {
            let order = format!("BEG*00*SA*P-{control}*");
            let holds = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(&order);
            assert_eq!(
                kept.values().filter(|bytes| holds(bytes)).count(),
                1,
                "{key} {control}: {:?}",
                kept.keys()
            );
        }
        write(site.path(), "itembridge.toml", SITE[0].1.as_bytes());
        write(site.path(), EDI, file.as_bytes());
        night(site.path(), &[]);
        let said = summary(site.path(), "20261120-002");
        assert_eq!(said["lines"]["ordered"], 3, "{key}: {said}");
        assert_eq!(said["lines"]["duplicate"], 3, "{key}: {said}");
    }
}

#[test]
fn answers_behind_a_limit_or_cut_off_are_told_and_may_come_again() {
    const ANSWERS: &str = "inbox/acknowledgments/1.edi";
    let answer = |control: u32| {
        format!(
            "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*2130*U*00401*{control:09}*0*P*>~\
             GS*FA*ACMEPO*NORTHWIND*20261119*2130*{control}*X*004010~ST*997*0001~AK1*PR*{control}~AK9*R*1*1*0~\
             SE*4*0001~GE*1*{control}~IEA*1*{control:09}~"
        )
    };
    let all: String = (1..=3).map(answer).collect();
    let cut = answer(1) + &answer(2)[..60];
    for (limit, file, code, states) in [
        ("interchanges_per_file_max = 2", &all, "E132", ["partial", "partial"]),
        ("", &cut, "E101", ["partial", "partial"]),
    ] {
        let site = scratch();
        for (path, text) in SITE {
            write(site.path(), path, text.as_bytes());
        }
        let toml = SITE[0].1.to_owned() + &format!("\n[limits]\n{limit}\n");
        write(site.path(), "itembridge.toml", toml.as_bytes());
        write(site.path(), ANSWERS, file.as_bytes());
        assert_eq!(night(site.path(), &[]), 1, "{code}");
        let said = summary(site.path(), "20261120-001");
        assert!(said.to_string().contains(&format!("input/{code}")), "{said}");
        assert_eq!(said["files"], serde_json::json!({states[0]: 1}), "{code}: {said}");
        write(site.path(), "itembridge.toml", SITE[0].1.as_bytes());
        write(site.path(), ANSWERS, all.as_bytes());
        night(site.path(), &[]);
        let said = summary(site.path(), "20261120-002");
        assert_eq!(said["files"], serde_json::json!({states[1]: 1}), "{code}: {said}");
        assert_eq!(said["acknowledged"]["unmatched"], 3, "{code}: {said}");
    }
}
