//! Files that were made to do harm. `tests/hostile/CASE/` holds files that go into the site's inbox, or nothing where the file is
//! made here because of its size; `expected.txt` says what a night makes of it. Beside that each night must leave everything
//! outside the site as it was, put no formula into a table and no control character on a terminal, stay below a bound of memory,
//! and leave nothing for the next night. `UPDATE_EXPECT=1 cargo test hostile` writes expected.txt anew; read what it wrote.

use crate::errors::SITE;
use crate::nights::{Files, files, files_in, lay_out, repository, run, scratch, summary, write};
use itembridge::report::table::guarded;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

/// So much address space a night may have, in KiB; a stack and an arena for each thread stand in it beside what is used.
const MEMORY_KIB: u64 = 3 << 20;

const ISA: &str = "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*2130*U*00401*000000001*0*P*>~";
const GS: &str = "GS*PO*ACMEPO*NORTHWIND*20261119*2130*1*X*004010~";
const BEG: &str = "ST*850*0001~BEG*00*SA*P-1**20261119~";
const END: &str = "CTT*1~SE*5*0001~GE*1*1~IEA*1*000000001~";

type Make = fn() -> Vec<u8>;

/// Files that are too large to be kept: case, place below inbox/, and what makes it.
#[rustfmt::skip]
const MADE: &[(&str, &str, Make)] = &[
    ("bomb", "orders/1.edi.gz", || packed(&vec![0; 64 << 20])),
    ("bomb_of_blanks_as_csv", "pos/1.csv.gz", || packed(&vec![b' '; 64 << 20])),
    ("compressed_twice", "orders/1.gz", || packed(&packed(b"ISA"))),
    ("one_endless_segment", "orders/1.edi", || [format!("{ISA}{GS}{BEG}PO1*").into_bytes(), vec![b'x'; 20 << 20]].concat()),
    ("one_element_of_20_MB", "orders/1.edi", || format!("{ISA}{GS}{BEG}PO1*1*1*EA*1**BP*{}~{END}", "9".repeat(20 << 20)).into_bytes()),
    ("empty_segments", "orders/1.edi", || format!("{ISA}{GS}{BEG}{}{END}", "~".repeat(300_000)).into_bytes()),
    ("empty_elements", "orders/1.edi", || format!("{ISA}{GS}{BEG}PO1{}~{END}", "*".repeat(60_000)).into_bytes()),
    ("terminators_alone", "orders/1.edi", || [ISA.as_bytes(), &vec![b'~'; 5 << 20]].concat()),
    ("isa_again_and_again", "orders/1.edi", || ISA.repeat(300).into_bytes()),
    ("loops_in_loops", "orders/1.edi", || format!("{ISA}{GS}{BEG}{}{END}", "PO1*1*1*EA*1**BP*114-2~SLN*1**I~N1*ST*x~SCH*1*EA~".repeat(3_000)).into_bytes()),
    ("a_column_for_each_byte", "orders/acme/1.csv", || format!("po_number,{}\n1\n", "x,".repeat(100_000)).into_bytes()),
    ("commas_alone", "orders/acme/1.csv", || format!("po_number,customer_item,quantity\n{}\n", ",".repeat(900_000)).into_bytes()),
    ("one_quote_over_all", "orders/acme/1.csv", || format!("po_number,customer_item,quantity\n\"{}", "7001,114-2,5\n".repeat(20_000)).into_bytes()),
    ("quotes_alone", "orders/acme/1.csv", || format!("po_number,customer_item,quantity\n{}\n", "\"".repeat(2_000_001)).into_bytes()),
    ("an_order_for_each_row", "orders/acme/1.csv", || format!("po_number,customer_item,quantity\n{}", (0..2_000).map(|n| format!("{n},x{n},1\n")).collect::<String>()).into_bytes()),
    ("changes_without_end", "orders/1.edi", || changes(300).into_bytes()),
    ("orders_that_differ_without_end", "orders/1.edi", || many_sets(300, |n| format!("BEG*00*SA*P-1**20261119~PO1*1*{n}*EA*1.5**BP*114-2~CTT*1~")).into_bytes()),
    ("orders_that_say_the_same_without_end", "orders/1.edi", || many_sets(1_000, |_| "BEG*00*SA*P-1**20261119~PO1*1*1*EA*1.5**BP*114-2~CTT*1~".to_owned()).into_bytes()),
    ("sets_that_cannot_be_read", "orders/1.edi", || many_sets(1_000, |n| format!("BEG*00*SA*P-{n}**20261119~PO1*1*two*EA*1.5**BP*114-2~CTT*1~")).into_bytes()),
    ("ship_tos_without_end", "orders/1.edi", || many_sets(1, |_| format!("BEG*00*SA*P-1**20261119~PO1*1*1*EA*1.5**BP*114-2~{}CTT*1~", format!("SDQ*EA*{}~", "*S*1".repeat(10)).repeat(1_000))).into_bytes()),
    ("lines_that_all_wait", "orders/acme/1.csv", || format!("po_number,customer_item,quantity\n{}", (0..3_000).map(|n| format!("7001,x{n},1\n")).collect::<String>()).into_bytes()),
    ("rows_without_an_order", "orders/acme/1.csv", || format!("po_number,customer_item,quantity\n7001,114-2,1\n{}", ",x,1\n".repeat(100_000)).into_bytes()),
    ("rows_without_a_quantity", "orders/acme/1.csv", || format!("po_number,customer_item,quantity\n{}", "7001,114-2,many\n".repeat(3_000)).into_bytes()),
    ("invoices_that_cannot_be_read", "invoices/1.csv", || format!("{INVOICES}{}", (0..3_000).map(|n| format!("A{n},never,P-1,ACME,1,I-1,x,EA,1\n")).collect::<String>()).into_bytes()),
    ("nul_bytes", "orders/1.edi", || vec![0; 1 << 20]),
    ("nul_bytes_as_csv", "pos/1.csv", || vec![0; 5 << 20]),
    ("line_ends_alone", "pos/1.csv", || vec![b'\n'; 5 << 20]),
    ("sales_in_great_number", "pos/1.csv", || format!("{SALES}{}", (0..3_000).map(|n| format!("R{n},1,2026-11-20,S,,I-1,1,1,,yes\n")).collect::<String>()).into_bytes()),
    ("json_in_json", "invoices/1.jsonl", || format!("{}{}\n", "{\"lines\":[".repeat(100_000), "]}".repeat(100_000)).into_bytes()),
    ("json_without_end", "invoices/1.jsonl", || format!("{{\"invoice_number\":\"{}", "x".repeat(5 << 20)).into_bytes()),
    ("utf16_with_lone_surrogates", "orders/acme/1.csv", || utf16("po_number,customer_item,quantity\n7001,\u{1}14-2,5\n")),
    ("no_utf8", "orders/acme/1.csv", || b"po_number,customer_item,quantity\n7001,\xff\xfe\xc0\xaf114-2,5\n7001,\xed\xa0\x80,5\n".to_vec()),
];

const INVOICES: &str = "invoice_number,invoice_date,po_number,customer,line,item,quantity,unit,unit_price\n";
const SALES: &str = "receipt,line,sold_at,store,customer,item,quantity,unit_price,serials,paid\n";

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// An interchange of so many orders; each has what is made of its number.
fn many_sets(count: u32, set: fn(u32) -> String) -> String {
    let mut text = format!("{ISA}{GS}");
    for number in 1..=count {
        let body = set(number);
        let segments = body.matches('~').count() + 2;
        text += &format!("ST*850*{number:04}~{body}SE*{segments}*{number:04}~");
    }
    text + &format!("GE*{count}*1~IEA*1*000000001~")
}

/// An order, and so many changes of it, each with another quantity under a number of its own.
fn changes(count: u32) -> String {
    let order = format!("{ISA}{GS}{BEG}PO1*1*1*EA*1.5**BP*114-2~{END}");
    let heading = format!(
        "{}{}",
        ISA.replace("000000001", "000000002"),
        GS.replace("GS*PO", "GS*PC").replace("*1*X", "*2*X")
    );
    let mut text = order + &heading;
    for number in 1..=count {
        text += &format!(
            "ST*860*{number:04}~BCH*04*SA*P-1**{number}*20261119******20261119~\
             POC*1*QI*{}*1*EA*1.5**BP*114-2~CTT*1~SE*5*{number:04}~",
            number + 1
        );
    }
    text + &format!("GE*{count}*2~IEA*1*000000002~")
}

/// UTF-16 in which each control character became half a surrogate pair.
fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().map(|unit| if unit == 1 { 0xD800 } else { unit });
    [0xFEFF].into_iter().chain(units).flat_map(u16::to_le_bytes).collect()
}

/// A night with a bound of memory.
fn bounded(site: &Path, arguments: &[&str]) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -v {MEMORY_KIB}; exec \"$0\" \"$@\"")]);
    shell.arg(env!("CARGO_BIN_EXE_itembridge")).arg("--site").arg(site).args(arguments);
    shell.env_remove("ITEMBRIDGE_LOG").output().unwrap()
}

/// A control character other than a line end, or a mark that turns text.
pub(crate) fn steers(text: &str) -> bool {
    text.chars().any(|c| (c.is_control() && c != '\n') || itembridge::domain::steers_text(c))
}

struct Hostile {
    /// The site, with a neighbour that must stay as it is.
    around: tempfile::TempDir,
}

impl Hostile {
    fn new(put: &dyn Fn(&Path)) -> Self {
        let around = scratch();
        let site = around.path().join("site");
        for (path, text) in SITE {
            write(&site, path, text.as_bytes());
        }
        put(&site);
        write(around.path(), "neighbour/file", b"as it was");
        Self { around }
    }

    fn site(&self) -> std::path::PathBuf {
        self.around.path().join("site")
    }

    /// What one night made of it, in a few lines.
    fn night(&self, run_id: &str) -> String {
        let out = bounded(&self.site(), &["run", "--date", "2026-11-20"]);
        let (said, log) = (String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap());
        assert!(!steers(&said) && !steers(&log), "{said}{log}");
        let code = out.status.code().unwrap_or_else(|| panic!("killed: {:?} {said}{log}", out.status));
        assert!(code < 2, "{code} {log}");
        let report = summary(&self.site(), run_id);
        let mut text = format!("exit {code}\n");
        for name in ["files", "orders", "lines", "sales", "invoices"] {
            let counts = report[name].as_object().cloned().unwrap_or_default();
            let counts: Vec<String> = counts
                .iter()
                .filter(|(_, count)| count.as_u64().is_some_and(|count| count > 0))
                .map(|(what, count)| format!("{count} {what}"))
                .collect();
            if !counts.is_empty() {
                text += &format!("{name}: {}\n", counts.join(", "));
            }
        }
        let mut causes: BTreeMap<String, u32> = BTreeMap::new();
        for row in report["waiting"].as_array().unwrap() {
            *causes.entry(row["cause"].as_str().unwrap().escape_debug().to_string()).or_default() += 1;
        }
        for (cause, count) in causes.iter().take(25) {
            text += &format!("waits: {cause} ({count})\n");
        }
        text
    }

    fn prove_contained(&self) {
        let beside: Vec<String> = std::fs::read_dir(self.around.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "site")
            .collect();
        assert_eq!(beside, ["neighbour"]);
        let neighbour = files(&self.around.path().join("neighbour"));
        assert_eq!(neighbour, Files::from([("file".to_owned(), b"as it was".to_vec())]));
        for (path, bytes) in files_in(&self.site(), &["reports"]) {
            if is_csv(&path) {
                prove_cells(&path, &bytes);
            }
        }
    }

    /// What people look at afterwards.
    fn prove_shown(&self) {
        let site = self.site();
        for form in [
            "worklist export --as csv",
            "worklist history --as csv",
            "report coverage --as csv",
            "ledger list --as csv",
        ] {
            let out = run(&site, &form.split(' ').collect::<Vec<_>>());
            if out.status.code() == Some(0) {
                prove_cells(form, &out.stdout);
            }
        }
        for form in ["worklist export", "worklist history", "status", "worklist export --as json"] {
            let out = run(&site, &form.split(' ').collect::<Vec<_>>());
            assert_eq!(out.status.code(), Some(0), "{form}: {}", String::from_utf8_lossy(&out.stderr));
            let said = String::from_utf8(out.stdout).unwrap();
            assert!(form.contains("json") || !steers(&said), "{form}: {said:?}");
        }
        let list = run(&site, &["worklist", "export", "--as", "json", "--all"]);
        drop(list);
        for number in self.po_numbers() {
            let out = run(&site, &["order", "show", &number, "--as", "html"]);
            let page = String::from_utf8(out.stdout).unwrap();
            let lower = page.to_lowercase();
            for evil in ["<script", "<img", "<svg", "<iframe", "javascript:\"", "onerror=\"", "src=\"http"] {
                assert!(!lower.contains(evil), "{number:?}: {evil} in {page}");
            }
        }
    }

    /// Those of the orders that went to the ERP or wait, the first few.
    fn po_numbers(&self) -> Vec<String> {
        let mut numbers: Vec<String> = Vec::new();
        for (path, bytes) in files_in(&self.site(), &["orders"]) {
            if !is_csv(&path) {
                continue;
            }
            let mut rows = csv::Reader::from_reader(bytes.as_slice());
            let at = rows.headers().unwrap().iter().position(|name| name == "po_number").unwrap();
            numbers.extend(rows.records().take(20).map(|row| row.unwrap()[at].to_owned()));
        }
        let report = summary(&self.site(), "20261120-001");
        let waiting = report["waiting"].as_array().unwrap().iter();
        numbers.extend(waiting.filter_map(|row| row["po_number"].as_str()).take(20).map(str::to_owned));
        numbers.sort();
        numbers.dedup();
        numbers.retain(|number| !number.is_empty() && !number.starts_with('-'));
        numbers.truncate(8);
        numbers
    }
}

/// No cell is one that a spreadsheet would run.
pub(crate) fn prove_cells(what: &str, bytes: &[u8]) {
    let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    for row in rows.byte_records() {
        for cell in &row.unwrap() {
            let text = String::from_utf8_lossy(cell);
            let number = text.parse::<f64>().is_ok();
            assert!(number || matches!(guarded(&text), std::borrow::Cow::Borrowed(_)), "{what}: {text:?}");
        }
    }
}

fn cases() -> Vec<String> {
    let entries = std::fs::read_dir(repository("tests/hostile")).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .chain(MADE.iter().map(|(name, ..)| (*name).to_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn is_csv(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|ending| ending == "csv")
}

#[test]
fn every_hostile_file_gives_what_is_written_and_harms_nothing() {
    let mut wrong = Vec::new();
    for case in cases() {
        let folder = repository("tests/hostile").join(&case);
        let made = MADE.iter().find(|(name, ..)| *name == case);
        let hostile = Hostile::new(&|site| {
            lay_out(&folder.join("inbox"), &site.join("inbox"));
            if let Some((_, place, make)) = made {
                write(site, &format!("inbox/{place}"), &make());
            }
        });
        let first = hostile.night("20261120-001");
        hostile.prove_contained();
        hostile.prove_shown();
        assert_eq!(files(&hostile.site().join("inbox")), Files::new(), "{case}");
        assert_eq!(hostile.night("20261120-002"), "exit 0\n", "{case}: the next night");
        let path = folder.join("expected.txt");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            write(&folder, "expected.txt", first.as_bytes());
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        if first != kept {
            wrong.push(format!("{case}: expected:\n{kept}came:\n{first}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
