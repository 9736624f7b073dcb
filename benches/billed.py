"""What the reports over invoices take at very many facts: `invoiced`, which puts both kinds side by side, and `sales`.

    python3 benches/billed.py ITEMBRIDGE [--rows 10000000] [--folder DIR] [--keep]

ITEMBRIDGE is a release binary. Order lines are those of benches/coverage.py; every mapped one is billed two days later, one in 20 by
half, and one in 100 gets a credit of a unit. `invoiced` is also asked by DuckDB, and both must count the same.
"""

import argparse
import importlib.util
import json
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import coverage

FROM, TO = ["--from", "2026-11-01"], ["--to", "2026-12-02"]

INVOICED = """
WITH ordered AS (
  SELECT * FROM read_parquet('{orders}') QUALIFY row_number() OVER (PARTITION BY order_id, line ORDER BY date DESC, again DESC) = 1
), billed AS (
  SELECT order_id, line, sum(CASE kind WHEN 'CR' THEN -quantity_micro ELSE quantity_micro END) AS quantity
  FROM read_parquet('{invoices}') GROUP BY ALL
)
SELECT count(*), count(*) FILTER (coalesce(billed.quantity, 0) >= ordered.quantity_micro), sum(ordered.quantity_micro), sum(billed.quantity)
FROM ordered LEFT JOIN billed USING (order_id, line) WHERE state = 'ordered'"""


def bill(site: pathlib.Path) -> int:
    """Invoice lines for the order lines of each day."""
    import duckdb

    con = duckdb.connect(config={"threads": 2})
    con.execute("SET enable_progress_bar = false")
    billed = 0
    for day, folder in enumerate(sorted((site / "facts" / "order_lines").iterdir())):
        date = f"2026-11-{day + 3:02d}" if day < 28 else f"2026-12-{day - 27:02d}"
        inside = site / "facts" / "invoice_lines" / f"date={date}"
        inside.mkdir(parents=True, exist_ok=True)
        for number, file in enumerate(sorted(folder.iterdir())):
            path = inside / f"run-{date.replace('-', '')}-001-{number + 1:04d}.parquet"
            con.execute(f"""
            COPY (
              WITH lines AS (SELECT *, hash(order_id, line) % 100 AS luck FROM read_parquet('{file}') WHERE outcome = 'mapped'),
              bills AS (SELECT *, 'DI' AS kind, CASE WHEN luck < 5 THEN quantity_micro // 2 ELSE quantity_micro END AS billed FROM lines
                        UNION ALL SELECT *, 'CR', 1000000 FROM lines WHERE luck = 50)
              SELECT DATE '{date}' AS date, '{date.replace("-", "")}-001' AS run_id, 'I' || substr(order_id, 2) AS invoice_number, kind,
                     DATE '{date}' AS invoice_date, partner, customer, po_number, line, po_line_id, item, customer_item,
                     customer_item_qualifier, unit, billed AS quantity_micro,
                     ((value_micro::HUGEINT * billed // quantity_micro) // 10000 * 10000)::BIGINT AS amount_micro, currency, order_id
              FROM bills
            ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)""")
            billed += con.execute(f"SELECT count(*) FROM read_parquet('{path}')").fetchone()[0]
    return billed


def ask(binary: str, site: pathlib.Path, *args: str) -> tuple[bytes, float, float]:
    out, wall, peak = coverage.run([binary, "--site", str(site), "report", *args])
    return out, wall, peak / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    if importlib.util.find_spec("duckdb") is None:
        sys.exit("skipped: DuckDB, which makes the facts, is not installed in this Python")
    site = args.folder or pathlib.Path(tempfile.mkdtemp(prefix="billed-"))
    if not (site / "itembridge.toml").exists():
        subprocess.run([args.binary, "init", str(site)], check=True, stdout=subprocess.DEVNULL)
    if not (site / "facts" / "order_lines").exists():
        coverage.make(site, args.rows)
    if not (site / "facts" / "invoice_lines").exists():
        print(f"{bill(site):,} invoice lines")
    rows, took, peak = ask(args.binary, site, "invoiced", *FROM, *TO, "--as", "json")
    rows = json.loads(rows)
    ours = [sum(row[name] for row in rows) for name in ("lines", "billed_lines")]
    ours += [sum(coverage.micro(row[name]) for row in rows) for name in ("quantity", "billed_quantity")]
    print("| | time | peak memory |\n|---|---|---|")
    print(f"| itembridge invoiced | {took:.1f} s | {peak:,.0f} MB |")
    query = INVOICED.format(orders=site / "facts/order_lines/*/*.parquet", invoices=site / "facts/invoice_lines/*/*.parquet")
    child = "import duckdb, sys; c = duckdb.connect(config={'threads': 2}); c.execute('SET enable_progress_bar = false')\n"
    child += "print(*c.execute(sys.argv[1]).fetchone())"
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", child, query], check=True, capture_output=True, text=True)
    took, peak = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"| duckdb, four sums of the same | {took:.1f} s | {peak:,.0f} MB at most |")
    assert [int(text) for text in done.stdout.split()] == ours, (done.stdout, ours)
    for report in (["invoiced"], ["invoiced", "--section", "items"], ["sales"], ["sales", "--section", "customer-numbers"], ["partners"]):
        _, took, peak = ask(args.binary, site, *report, *(FROM if report != ["partners"] else []), *TO, *(["--as", "csv"] if report[1:] else []))
        print(f"| itembridge {' '.join(report)} | {took:.1f} s | {peak:,.0f} MB |")
    if not args.keep and not args.folder:
        shutil.rmtree(site)


if __name__ == "__main__":
    main()
