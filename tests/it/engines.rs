//! The facts as other engines read them: their sums are those of the reports.

use crate::books::{golden, json};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// Each line once, as its newest fact, with what docs/facts.md says of the columns and nothing else; the sums on one line.
const POLARS: &str = r#"
import sys
try:
    import polars as pl
except ImportError:
    sys.exit(77)
folder = sys.argv[1]
facts = pl.scan_parquet(folder + "/facts/order_lines/*/*.parquet", hive_partitioning=False)
newest = facts.sort("date", "run_id", "again", maintain_order=True).unique(["order_id", "line"], keep="last", maintain_order=True)
mapped = pl.col("outcome") == "mapped"
print(*newest.select(
    pl.len(), mapped.sum().alias("mapped"), pl.col("ordered_quantity_micro").sum(), pl.col("value_micro").sum(),
    pl.col("value_micro").filter(mapped).sum().alias("mapped_value"), pl.col("converted").sum(), (~pl.col("again")).sum(),
).collect().row(0))
bills = pl.scan_parquet(folder + "/facts/invoice_lines/*/*.parquet", hive_partitioning=False)
sign = pl.when(pl.col("kind") == "CR").then(-1).otherwise(1)
print(*bills.select(pl.len(), (pl.col("quantity_micro") * sign).sum(), (pl.col("amount_micro") * sign).sum()).collect().row(0))
"#;

const DUCKDB: &str = r#"
import sys
try:
    import duckdb
except ImportError:
    sys.exit(77)
folder = sys.argv[1]
connection = duckdb.connect()
print(*connection.execute(f"""
    SELECT count(*), count(*) FILTER (outcome = 'mapped'), sum(ordered_quantity_micro), sum(value_micro),
           sum(value_micro) FILTER (outcome = 'mapped'), count(*) FILTER (converted), count(*) FILTER (NOT again)
    FROM (SELECT * FROM read_parquet('{folder}/facts/order_lines/*/*.parquet')
          QUALIFY row_number() OVER (PARTITION BY order_id, line ORDER BY date DESC, run_id DESC, again DESC) = 1)
""").fetchone())
print(*connection.execute(f"""
    SELECT count(*), sum(CASE kind WHEN 'CR' THEN -quantity_micro ELSE quantity_micro END),
           sum(CASE kind WHEN 'CR' THEN -amount_micro ELSE amount_micro END)
    FROM read_parquet('{folder}/facts/invoice_lines/*/*.parquet')
""").fetchone())
"#;

/// What the program prints, or None where Python or the engine is not there.
fn asked(script: &str, site: &Path) -> Option<String> {
    let done = Command::new("python3").args(["-c", script]).arg(site).output().ok()?;
    if done.status.code() == Some(77) {
        return None;
    }
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(String::from_utf8(done.stdout).unwrap())
}

/// The sums over the rows of a report, decimals in millionths.
fn sums(site: &Path, report: &str, columns: &[&str]) -> String {
    let rows = json(site, &["report", report, "--as", "json"]);
    let micros = |text: &str| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{fraction:0<6}").parse::<i128>().unwrap()
    };
    let sum = |name: &&str| -> String {
        let cells = rows.as_array().unwrap().iter().map(|row| &row[*name]);
        let number = |cell: &serde_json::Value| match cell.as_str() {
            Some(text) => micros(text),
            None => i128::from(cell.as_u64().unwrap()),
        };
        cells.map(number).sum::<i128>().to_string()
    };
    columns.iter().map(sum).collect::<Vec<_>>().join(" ")
}

#[test]
fn duckdb_and_polars_find_in_the_facts_what_the_reports_say() {
    let site = golden("billed_as_ordered");
    let lines =
        ["lines", "mapped_lines", "quantity", "value", "mapped_value", "converted_lines", "arrived_lines"];
    let ours = format!(
        "{}\n{}\n",
        sums(site.path(), "coverage", &lines),
        sums(site.path(), "sales", &["lines", "quantity", "amount"])
    );
    for (engine, script) in [("polars", POLARS), ("duckdb", DUCKDB)] {
        match asked(script, site.path()) {
            Some(theirs) => assert_eq!(theirs, ours, "{engine}"),
            None => writeln!(std::io::stderr(), "skipped: the Python here has no {engine}").unwrap(),
        }
    }
}
