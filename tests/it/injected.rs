//! What strangers and masters call things, in everything that a person opens in a spreadsheet, in a browser or on a terminal: one
//! night with such names everywhere, and every command that shows them.

use crate::hostile::{prove_cells, steers};
use crate::nights::{files, program, scratch, write};
use std::path::Path;

/// What must never be markup of a page.
const MARKUP: [&str; 4] =
    ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "\"><b>"];

const FILES: &[(&str, &str)] = &[
    (
        "itembridge.toml",
        "[company]\nname = \"=Northwind\"\ninterchange_qualifier = \"ZZ\"\ninterchange_id = \"NORTHWIND\"\n\
         application_id = \"NORTHWIND\"\ncurrency = \"USD\"\nusage = \"P\"\n\
         [[customer_item_types]]\nname = \"+tool\"\nwarranty_months = 12\nservice_every_months = 1\n",
    ),
    (
        "partners/acme.toml",
        "[partner]\nid = \"-acme\"\ncustomer = \"@ACME\"\ninterchange_qualifier = \"01\"\n\
         interchange_id = \"006922827\"\napplication_id = \"ACMEPO\"\nquiet_after_days = 1\n\n\
         [x12]\ntime = \"0800\"\nacknowledgments_expected = [\"855\", \"810\"]\n\n\
         [orders]\nunresolved = \"hold_line\"\n\n[orders.csv]\n",
    ),
    (
        "masters/items.csv",
        "item,description,unit,customer_item_type\n=1+1,</script><script>alert(1)</script>,EA,+tool\n\
         @I-2,<img src=x onerror=alert(1)>,EA,\n",
    ),
    (
        "masters/customers.csv",
        "customer,name,group\n@ACME,=cmd|' /C calc'!A0,+group\n<svg/onload=alert(1)>,\"\"\"><b>\",-g\n",
    ),
    (
        "masters/item_xref.csv",
        "customer,customer_item,item,rank,valid_from,valid_to\n@ACME,+114,=1+1,,,\n@ACME,<svg/onload=alert(1)>,@I-2,,,\n\
         @ACME,=old,=1+1,,2020-01-01,2020-02-01\n@ACME,=gone,=no-item,,,\n<svg/onload=alert(1)>,-2,=1+1,,,\n",
    ),
    (
        "inbox/orders/-acme/=orders.csv",
        "po_number,po_date,ship_to,line,customer_item,description,quantity,unit,unit_price\n\
         =P-1,2026-11-19,+store,1,+114,=d,2,EA,3\n=P-1,2026-11-19,+store,2,<svg/onload=alert(1)>,\"\"\"><b>\",1,EA,1\n\
         =P-1,2026-11-19,+store,3,=unknown,</script><script>alert(1)</script>,4,EA,1\n\
         <img src=x onerror=alert(1)>,2026-11-19,\"\"\"><b>\",1,@unknown,=d,5,=unit,1\n\
         ,2026-11-19,,1,=row,,1,EA,1\n",
    ),
    (
        "inbox/invoices/+posted.csv",
        "invoice_number,invoice_date,po_number,customer,line,item,quantity,unit,unit_price,serials\n\
         =INV-1,2026-11-20,=P-1,@ACME,1,=1+1,2,EA,3,=S1|@S2\n@INV-2,2026-11-20,=P-1,@ACME,2,@I-2,9,EA,1,\n\
         <svg/onload=alert(1)>,2026-11-20,=P-9,@ACME,1,=1+1,1,EA,1,\n-INV-3,never,=P-1,@ACME,1,=1+1,1,EA,1,\n",
    ),
    (
        "inbox/pos/=sales.csv",
        "receipt,line,sold_at,store,customer,item,quantity,unit_price,serials,paid\n\
         =R1,1,2026-11-20,+S,@ACME,=1+1,1,1,\"\"\"><b>\",yes\n@R2,1,2026-11-20,+S,=nobody,=1+1,1,1,,yes\n",
    ),
];

/// Commands that give both.
const REPORTS: &[&str] = &[
    "report coverage --from 2026-11-01 --to 2026-11-30",
    "report worklist",
    "report ledger",
    "report sales --from 2026-11-01 --to 2026-11-30",
    "report invoiced --from 2026-11-01 --to 2026-11-30",
    "report acknowledgments",
    "report partners",
];

/// Other commands whose standard output is CSV for a spreadsheet, less its `--as csv`. `ledger list` is none of them: it gives every value as
/// it is, as docs/ledger.md says.
const TABLES: &[&str] = &["outbox list", "worklist export", "worklist history", "xref check"];

/// Other commands that make a page, less their `--as html`.
const PAGES: &[&str] = &["order show =P-1", "invoice show =INV-1"];

/// Commands that a person reads on a terminal.
const TEXTS: &[&str] =
    &["status", "worklist export", "outbox list", "ledger list", "order show =P-1", "xref check"];

fn said(site: &Path, command: &str, form: &str) -> String {
    let mut arguments: Vec<&str> = command.split(' ').collect();
    if !form.is_empty() {
        arguments.extend(["--as", form]);
    }
    let out = program(site).args(arguments).output().unwrap();
    let log = String::from_utf8_lossy(&out.stderr);
    assert!(matches!(out.status.code(), Some(0 | 1)), "{command}: {log}");
    assert!(!steers(&log), "{command}: {log:?}");
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(!text.is_empty(), "{command} says nothing");
    text
}

#[test]
fn no_name_becomes_a_formula_markup_or_a_command_of_a_terminal() {
    let site = scratch();
    let site = site.path();
    for (path, text) in FILES {
        write(site, path, text.as_bytes());
    }
    let out = program(site).args(["run", "--date", "2026-11-20"]).output().unwrap();
    assert_eq!(out.status.code(), Some(1), "{}", String::from_utf8_lossy(&out.stderr));
    let mut shown = String::new();
    for command in REPORTS.iter().chain(TABLES) {
        let text = said(site, command, "csv");
        prove_cells(command, text.as_bytes());
        shown += &text;
    }
    for name in ["=1+1", "@ACME", "+tool", "=unknown", "=INV-1", "=gone", "-acme"] {
        assert!(shown.contains(&format!("'{name}")), "{name} is in no table: the tables prove nothing of it");
    }
    let mut pages = String::new();
    for command in REPORTS.iter().chain(PAGES) {
        let page = said(site, command, "html");
        for markup in MARKUP {
            assert!(!page.contains(markup), "{command}: {markup}");
        }
        pages += &page;
    }
    assert!(pages.contains("&lt;img src=x onerror=alert(1)&gt;") || pages.contains("\\u003cimg src=x"));
    for command in TEXTS {
        assert!(!steers(&said(site, command, "")), "{command}");
    }
    refused_rows(site);
    for (path, bytes) in files(&site.join("reports")) {
        if Path::new(&path).extension().is_some_and(|ending| ending == "csv") {
            prove_cells(&path, &bytes);
        }
    }
}

/// Rows that are refused come back in a file beside, for a spreadsheet.
fn refused_rows(site: &Path) {
    let rows = "customer,customer_item,item,description\n@ACME,=x,=nothing,+d\n@ACME,<b>,@I-2,=d\n";
    write(site, "new.csv", rows.as_bytes());
    write(site, "list.csv", b"cause,decision,item,reason\n=cause,map,=1+1,@why\n+cause,reject,,=why\n");
    write(site, "old.csv", b"customer,item,date,serials,document,line\n=nobody,=1+1,2024-01-01,=S,=D,1\n");
    for (command, file) in [
        ("xref import new.csv --by =ann --reason @why", "new.problems.csv"),
        ("worklist apply list.csv --by =ann", "list.problems.csv"),
        ("ledger import old.csv --by =ann", "old.problems.csv"),
    ] {
        let out = program(site).current_dir(site).args(command.split(' ')).output().unwrap();
        assert_eq!(out.status.code(), Some(1), "{command}: {}", String::from_utf8_lossy(&out.stderr));
        prove_cells(file, &std::fs::read(site.join(file)).unwrap());
    }
}
