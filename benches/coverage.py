"""Coverage over very many facts: itembridge beside DuckDB and polars from Python, on the same files in one run.

    python3 benches/coverage.py ITEMBRIDGE [--rows 10000000] [--rounds 3] [--folder DIR] [--keep] [--alone]

ITEMBRIDGE is a release binary. The facts are made up by DuckDB from row numbers, the same at each run: 30 days, 40 partners,
400 customers, 20,000 items, two currencies; one line in 50 waits and is looked at again later. What is not installed is left
out with a message (`python3 -m venv V && V/bin/pip install duckdb polars psutil` has all). The engines take turns, so that
whatever else the machine does meets them alike; each is a process of its own, and the best of the rounds counts.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

BY = ["partner", "customer", "via", "currency"]
DAYS = 30
FILES_A_DAY = 4
PERIOD = ["--from", "2026-11-01", "--to", "2026-11-30"]
# Beside the first: those that count other groups or need more passes.
SECTIONS = ["change", "unmapped", "heat-map", "time-to-map", "ship-tos", "items", "supersessions", "conversions"]

# What the first section of `report coverage` counts: every line as its newest fact has it.
COUNTED = """
    count(*) AS lines,
    count(*) FILTER (outcome = 'mapped') AS mapped_lines,
    sum(ordered_quantity_micro) AS quantity,
    sum(ordered_quantity_micro) FILTER (outcome = 'mapped') AS mapped_quantity,
    sum(value_micro) AS value,
    sum(value_micro) FILTER (outcome = 'mapped') AS mapped_value,
    count(*) FILTER (outcome = 'ambiguous') AS ambiguous,
    count(*) FILTER (outcome = 'unmapped') AS unmapped,
    count(*) FILTER (outcome = 'conflict') AS conflict,
    count(*) FILTER (outcome = 'invalid') AS invalid,
    count(*) FILTER (converted) AS converted_lines,
    count(*) FILTER (superseded <> '') AS superseded_lines
"""
COUNTS = [line.split(" AS ")[1].strip(" ,") for line in COUNTED.strip().splitlines()]


def make(folder: pathlib.Path, rows: int) -> None:
    """Facts of `rows` first looks, and a later look at one in 50 of them."""
    import duckdb

    con = duckdb.connect(config={"threads": 2})
    con.execute("SET enable_progress_bar = false")
    per_file = max(1, rows // (DAYS * FILES_A_DAY))
    for day in range(DAYS):
        date = f"2026-11-{day + 1:02d}"
        inside = folder / "facts" / "order_lines" / f"date={date}"
        inside.mkdir(parents=True, exist_ok=True)
        for part in range(FILES_A_DAY):
            first = (day * FILES_A_DAY + part) * per_file
            last = first + per_file
            looks = [f"SELECT i, false AS again FROM range({first}, {last}) AS r(i)"]
            if day >= 5 and part == FILES_A_DAY - 1:
                # what came five days ago and waited
                before = (day - 5) * FILES_A_DAY * per_file
                looks.append(
                    f"SELECT i, true AS again FROM range({before}, {before + FILES_A_DAY * per_file}) AS r(i) WHERE i % 50 = 7"
                )
            con.execute(facts_sql(" UNION ALL ".join(looks), date, inside / f"run-202611{day + 1:02d}-001-{part + 1:04d}.parquet"))


def facts_sql(looks: str, date: str, path: pathlib.Path) -> str:
    return f"""
    COPY (
      WITH looks AS ({looks}),
      numbered AS (
        SELECT i, again, i // 12 AS po, i % 12 + 1 AS line, hash(i) % 1000 AS luck, hash(i * 31) % 20000 AS item_no,
               hash(i // 12) % 400 AS customer_no
        FROM looks
      ),
      judged AS (
        SELECT *, CASE WHEN again THEN 'mapped' WHEN i % 50 = 7 THEN 'unmapped' WHEN luck < 5 THEN 'ambiguous'
                       WHEN luck < 8 THEN 'conflict' WHEN luck < 10 THEN 'invalid' ELSE 'mapped' END AS outcome
        FROM numbered
      )
      SELECT DATE '{date}' AS date, '{date.replace("-", "")}-001' AS run_id, 'O' || lpad(po::VARCHAR, 9, '0') AS order_id,
             'partner' || (customer_no % 40) AS partner, 'CUST' || lpad(customer_no::VARCHAR, 4, '0') AS customer,
             'ST' || lpad((customer_no * 10 + po % 10)::VARCHAR, 5, '0') AS ship_to, 'PO' || (4500000000 + po) AS po_number,
             DATE '{date}' AS po_date, line::BIGINT AS line, line::VARCHAR AS po_line_id,
             'C-' || lpad(item_no::VARCHAR, 7, '0') AS customer_item, CASE WHEN luck % 3 = 0 THEN 'BP' ELSE 'IN' END
             AS customer_item_qualifier,
             CASE WHEN outcome = 'mapped' THEN '10-' || lpad(item_no::VARCHAR, 6, '0') ELSE '' END AS item, outcome,
             CASE WHEN outcome <> 'mapped' THEN '' WHEN luck < 700 THEN 'customer' WHEN luck < 800 THEN 'ship_to'
                  WHEN luck < 900 THEN 'vendor' ELSE 'gtin' END AS via,
             CASE WHEN outcome = 'mapped' THEN item_no::BIGINT END AS xref_id,
             CASE WHEN outcome = 'mapped' THEN 'ordered' ELSE 'held' END AS state, 'EA' AS ordered_unit,
             ((luck % 40 + 1) * 1000000)::BIGINT AS ordered_quantity_micro, 'EA' AS unit,
             ((luck % 40 + 1) * 1000000)::BIGINT AS quantity_micro,
             ((luck % 40 + 1) * (item_no % 9000 + 25) * 10000)::BIGINT AS value_micro,
             CASE WHEN customer_no % 20 = 3 THEN 'EUR' ELSE 'USD' END AS currency,
             CASE WHEN luck = 500 THEN '09-' || item_no ELSE '' END AS superseded, luck % 25 = 1 AS converted, again
      FROM judged ORDER BY again, i
    ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"""


# The same questions as the program asks: each line once, as its newest fact has it. `plain` is what one would write down first,
# `spare` spells out that few lines have a second fact.
DUCKDB_PLAIN = f"""
SELECT {", ".join(BY)}, {COUNTED} FROM (
  SELECT * FROM read_parquet('{{files}}')
  WHERE state IN ('ordered', 'held', 'rejected')
  QUALIFY row_number() OVER (PARTITION BY order_id, line ORDER BY date DESC, run_id DESC, again DESC) = 1
) GROUP BY ALL ORDER BY ALL"""
DUCKDB_SPARE = f"""
WITH facts AS (SELECT * FROM read_parquet('{{files}}') WHERE state IN ('ordered', 'held', 'rejected')),
later AS (
  SELECT * FROM facts WHERE again
  QUALIFY row_number() OVER (PARTITION BY order_id, line ORDER BY date DESC, run_id DESC) = 1
)
SELECT {", ".join(BY)}, {COUNTED} FROM (
  SELECT * FROM facts WHERE NOT again AND NOT EXISTS (
    SELECT 1 FROM later WHERE later.order_id = facts.order_id AND later.line = facts.line)
  UNION ALL SELECT * FROM later
) GROUP BY ALL ORDER BY ALL"""

CHILD = r"""
import json, resource, sys, time
engine, files, by, query = sys.argv[1:5]
by = json.loads(by)
began = time.perf_counter()
if engine.startswith("duckdb"):
    import duckdb
    con = duckdb.connect(config={"threads": 2})
    con.execute("SET enable_progress_bar = false")
    names = None
    result = con.execute(query)
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row)) for row in result.fetchall()]
else:
    import polars as pl
    facts = pl.scan_parquet(files, hive_partitioning=False).filter(pl.col("state").is_in(["ordered", "held", "rejected"]))
    key = ["order_id", "line"]
    if engine == "polars plain":
        newest = facts.unique(key, keep="last", maintain_order=True)
    else:
        later = facts.filter(pl.col("again")).unique(key, keep="last", maintain_order=True)
        newest = pl.concat([facts.filter(~pl.col("again")).join(later, on=key, how="anti"), later])
    q, v, mapped = pl.col("ordered_quantity_micro"), pl.col("value_micro"), pl.col("outcome") == "mapped"
    is_ = lambda outcome: (pl.col("outcome") == outcome).sum().alias(outcome)
    answer = newest.group_by(by).agg(
        pl.len().alias("lines"), mapped.sum().alias("mapped_lines"), q.sum().alias("quantity"),
        q.filter(mapped).sum().alias("mapped_quantity"), v.sum().alias("value"), v.filter(mapped).sum().alias("mapped_value"),
        is_("ambiguous"), is_("unmapped"), is_("conflict"), is_("invalid"), pl.col("converted").sum().alias("converted_lines"),
        (pl.col("superseded") != "").sum().alias("superseded_lines"),
    ).sort(by)
    rows = answer.collect(engine="streaming").to_dicts()
print(json.dumps({"seconds": time.perf_counter() - began, "rows": [[str(row[n]) for n in by] + [int(row[n] or 0) for n in json.loads(sys.argv[5])] for row in rows],
                  "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def child(engine: str, site: pathlib.Path, query: str) -> dict:
    files = str(site / "facts" / "order_lines" / "*" / "*.parquet")
    command = [sys.executable, "-c", CHILD, engine, files, json.dumps(BY), query.replace("{files}", files), json.dumps(COUNTS)]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {**json.loads(done.stdout), "wall": time.perf_counter() - began}


def micro(text: str) -> int:
    whole, _, fraction = text.partition(".")
    return int(whole) * 1_000_000 + int((fraction + "000000")[:6]) * (-1 if whole.startswith("-") else 1)


def run(command: list[str]) -> tuple[bytes, float, int]:
    """What a command says, how long it took, and its peak memory in KiB."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"itembridge ended with {process.returncode}"
    return out, time.perf_counter() - began, usage.ru_maxrss


def ours(binary: str, site: pathlib.Path, _query: str, section: str = "coverage") -> dict:
    command = [binary, "--site", str(site), "report", "coverage", "--as", "json", *PERIOD]
    command += ["--section", section] if section != "coverage" else ["--by", ",".join(BY)]
    out, wall, peak = run(command)
    decimal = {"quantity", "mapped_quantity", "value", "mapped_value"}
    rows = [[row[name] for name in BY] + [micro(row[n]) if n in decimal else row[n] for n in COUNTS] for row in json.loads(out)] if section == "coverage" else []
    return {"seconds": wall, "wall": wall, "rows": sorted(rows), "peak": peak}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--alone", action="store_true", help="without the other engines")
    parser.add_argument("--plain", action="store_true", help="also what one would write down first, which takes much memory")
    args = parser.parse_args()
    have = {name: importlib.util.find_spec(name) is not None for name in ("duckdb", "polars")}
    if not have["duckdb"]:
        sys.exit("skipped: DuckDB, which makes the facts, is not installed in this Python")
    site = args.folder or pathlib.Path(tempfile.mkdtemp(prefix="coverage-"))
    if not (site / "itembridge.toml").exists():
        subprocess.run([args.binary, "init", str(site)], check=True, stdout=subprocess.DEVNULL)
        make(site, args.rows)
    engines = {"itembridge": lambda: ours(args.binary, site, "")}
    if not args.alone:
        engines["duckdb spare"] = lambda: child("duckdb spare", site, DUCKDB_SPARE)
    if have["polars"] and not args.alone:
        engines["polars spare"] = lambda: child("polars spare", site, "")
    elif not args.alone:
        print("polars is not installed in this Python: left out")
    if args.plain:
        engines["duckdb plain"] = lambda: child("duckdb plain", site, DUCKDB_PLAIN)
        if have["polars"]:
            engines["polars plain"] = lambda: child("polars plain", site, "")
    best: dict = {}
    answers: dict = {}
    for _ in range(args.rounds):
        for name, ask in engines.items():
            found = ask()
            answers[name] = sorted(found["rows"])
            if name not in best or found["seconds"] < best[name]["seconds"]:
                best[name] = {key: found[key] for key in ("seconds", "wall", "peak")}
    for name, answer in answers.items():
        assert answer == answers["itembridge"], f"{name} counts otherwise"
    facts = args.rows + args.rows * (DAYS - 5) // DAYS // 50
    print(f"{facts:,} facts, {len(answers['itembridge'])} groups, best of {args.rounds}; all counts agree")
    print("| | query | with start of the process | peak memory |\n|---|---|---|---|")
    for name, took in best.items():
        print(f"| {name} | {took['seconds']:.2f} s | {took['wall']:.2f} s | {took['peak'] / 1024:,.0f} MB |")
    for section in SECTIONS:
        took = ours(args.binary, site, "", section)
        print(f"| itembridge --section {section} | | {took['wall']:.2f} s | {took['peak'] / 1024:,.0f} MB |")
    wall, peak = run([args.binary, "--site", str(site), "report", "coverage", *PERIOD])[1:]
    print(f"| itembridge, what a terminal shows | | {wall:.2f} s | {peak / 1024:,.0f} MB |")
    if not args.keep and not args.folder:
        shutil.rmtree(site)


if __name__ == "__main__":
    main()
