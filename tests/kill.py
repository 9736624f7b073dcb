#!/usr/bin/env python3
"""Kills a night again and again, and compares what is left in the end with an undisturbed night. By hand; see CONTRIBUTING.md.

    tests/kill.py target/release/itembridge                    200 kills of nights of 100,000 lines
    tests/kill.py target/debug/itembridge --lines 2000 --kills 20 --seed 7

It makes a site of small files and one large one, runs it once undisturbed, then on fresh copies: SIGKILL at a random moment, and
again until the run has ended. Files, folders and every row of the store must be the same, but for instants and for the empty run
that a kill after the last commit is followed by. Exit 1 and the differences where they are not.
"""

import argparse
import collections
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

DATE = "2026-11-20"
GOLDEN = pathlib.Path(__file__).resolve().parent / "golden/duplicates_over_two_nights/site"
LINES_OF_AN_ORDER = 15
INSTANTS = range(1_500_000_000_000_000, 2_500_000_000_000_000)


def interchange(control, orders):
    """An interchange of so many 850s; all numbers are mapped but one in 50."""
    out = [
        f"ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*2130*U*00401*{control:09}*0*P*>",
        f"GS*PO*ACMEPO*NORTHWIND*20261119*2130*{control}*X*004010",
    ]
    for number in range(1, orders + 1):
        po = f"P{control:05}-{number:05}"
        out += [f"ST*850*{number:04}", f"BEG*00*SA*{po}**20261119"]
        for line in range(1, LINES_OF_AN_ORDER + 1):
            item = (control * 7919 + number * 31 + line) % 5000
            known = "A" if (number + line) % 50 else "UNKNOWN"
            out.append(f"PO1*{line}*{1 + line % 9}*EA*1.5**BP*{known}-{item}")
        out += [f"CTT*{LINES_OF_AN_ORDER}", f"SE*{LINES_OF_AN_ORDER + 4}*{number:04}"]
    out += [f"GE*{orders}*{control}", f"IEA*1*{control:09}"]
    return "~\n".join(out) + "~\n"


def make_site(site, lines):
    shutil.copytree(GOLDEN, site, ignore=shutil.ignore_patterns("inbox"))
    masters = site / "masters"
    items = "".join(f"10-{item},Bolt {item},EA\n" for item in range(5000))
    (masters / "items.csv").write_text("item,description,unit\n" + items)
    xrefs = "".join(f"ACME,A-{item},10-{item}\n" for item in range(5000))
    (masters / "item_xref.csv").write_text("customer,customer_item,item\n" + xrefs)
    settings = site / "itembridge.toml"
    settings.write_text(settings.read_text() + "\n[limits]\nbatch_files = 20\n")
    inbox = site / "inbox/orders/acme"
    inbox.mkdir(parents=True)
    orders = max(2, lines // LINES_OF_AN_ORDER)
    # half of the lines in one file, the rest in files of up to 20 orders
    large = orders // 2
    (inbox / "0-large.edi").write_text(interchange(1, min(large, 9_999)))
    left, control = orders - min(large, 9_999), 2
    while left > 0:
        (inbox / f"{control:05}.edi").write_text(interchange(control, min(20, left)))
        left, control = left - 20, control + 1


def everything(site):
    """Files, folders, rows of the store, in a form that two sites can be compared in."""
    found = {}
    database = site / "state/itembridge.db"
    with sqlite3.connect(database) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if table.startswith("described_text"):
                continue  # an index of words, laid out as it came
            rows = store.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in rows.description]
            # the seal of an entry of the ledger covers its instant; `verify` looks at the end whether it is right
            sealed = names.index("seal") if table == "customer_item_event" else None
            for row in rows:
                row = tuple("seal" if at == sealed else cell for at, cell in enumerate(row))
                cells = ("instant" if isinstance(cell, int) and cell in INSTANTS else plain(str(cell)) for cell in row)
                row = (table, *cells)
                found[row] = found.get(row, 0) + 1
    store.close()
    for path in sorted(site.rglob("*")):
        name = str(path.relative_to(site))
        if name.startswith("state/itembridge.db") or name == "state/lock":
            continue
        if path.is_dir():
            found[("folder", name)] = 1
        elif name.startswith("reports/run-"):
            found[("file", name)] = plain(path.read_text())
        else:
            found[("file", name)] = path.read_bytes()
    return found


def plain(text):
    return text.replace('"resumed": true', '"resumed": false')


def of_second_run(key):
    """Whether it is of the empty run after a night that had ended when it was killed."""
    return any("20261120-002" in part for part in key)


def differences(left, expected):
    keys = {key for key in left.keys() | expected.keys() if left.get(key) != expected.get(key)}
    return sorted((str(key)[:300] for key in keys if not of_second_run(key)))


def published(site):
    """How many files the partners' systems and the ERP may take."""
    return sum(len(files) for top in ("orders", "outbox") for _, _, files in os.walk(site / top))


def phase(site, work):
    """Where a night was when it was killed, by a copy of its store: who opens the store itself mends it."""
    copy = work / "phase"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for file in (site / "state").glob("itembridge.db*"):
        shutil.copy(file, copy)
    try:
        with sqlite3.connect(copy / "itembridge.db") as store:
            one = lambda sql: store.execute(sql).fetchone()[0]
            if one("SELECT count(*) FROM run WHERE ended IS NULL") == 0:
                return "no run, or it had ended"
            if one("SELECT count(*) FROM output WHERE published = 0"):
                gone = (site / "state/work").glob("*/out/**/*")
                staged = sum(path.is_file() for path in gone)
                waiting = one("SELECT count(*) FROM output WHERE published = 0")
                return "a unit was committed, and " + ("not" if staged >= waiting else "partly") + " published"
            return "between units or in one" if one("SELECT count(*) FROM unit") else "before the first commit"
    except sqlite3.OperationalError:
        return "the store was being made"


def kill_somewhere(night, site, chance, duration):
    """Waits for a random moment: anywhere in the night, or soon after something new can be seen by others."""
    moment = time.monotonic() + chance.uniform(0, duration)
    try:
        if chance.random() < 0.5:
            seen = published(site)
            while time.monotonic() < moment + duration and night.poll() is None and published(site) == seen:
                pass
            moment = time.monotonic() + chance.uniform(0, 0.001)
        night.wait(max(0, moment - time.monotonic()))
    except subprocess.TimeoutExpired:
        night.kill()


def run(binary, site):
    return [str(binary), "--quiet", "--site", str(site), "run", "--date", DATE]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--place", type=pathlib.Path, help="a folder on a disk, which is slower to publish on than memory")
    parser.add_argument("--minutes", type=float, default=60)
    args = parser.parse_args()
    binary = args.binary.resolve()
    chance = random.Random(args.seed)
    memory = pathlib.Path("/dev/shm")
    place = args.place or (memory if memory.is_dir() else None)
    work = pathlib.Path(tempfile.mkdtemp(dir=place, prefix="itembridge-kill-"))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    try:
        template, undisturbed = work / "template", work / "undisturbed"
        make_site(template, args.lines)
        shutil.copytree(template, undisturbed)
        begun = time.monotonic()
        ended = subprocess.run(run(binary, undisturbed), **quiet)
        duration = time.monotonic() - begun
        assert ended.returncode in (0, 1), ended.stderr.decode()
        expected = everything(undisturbed)
        proven = subprocess.run([str(binary), "--quiet", "--site", str(undisturbed), "verify"], **quiet).returncode
        print(f"{args.lines} lines: an undisturbed night takes {duration:.2f} s and leaves {len(expected)} things")
        kills, nights, after, phases = 0, 0, 0, collections.Counter()
        until = time.monotonic() + args.minutes * 60
        while kills < args.kills and time.monotonic() < until:
            nights += 1
            site = work / "site"
            shutil.copytree(template, site)
            while True:
                night = subprocess.Popen(run(binary, site), **quiet)
                if kills < args.kills and time.monotonic() < until:
                    kill_somewhere(night, site, chance, duration)
                if night.wait() >= 0:
                    assert night.returncode in (0, 1), night.stderr.read().decode()
                    break
                kills += 1
                phases[phase(site, work)] += 1
            after += (site / "reports/run-20261120-002.json").exists()
            differ = differences(everything(site), expected)
            if differ:
                print(f"night {nights}, after {kills} kills, seed {args.seed}:", *differ[:40], sep="\n  ")
                sys.exit(1)
            proof = subprocess.run([str(binary), "--quiet", "--site", str(site), "verify"], **quiet)
            if proof.returncode != proven:
                print(f"night {nights}, after {kills} kills, seed {args.seed}: verify ends by {proof.returncode}")
                sys.exit(1)
            shutil.rmtree(site)
        for name, count in sorted(phases.items()):
            print(f"  {count:4} kills: {name}")
        print(f"{kills} kills in {nights} nights ({after} after the last commit): no difference")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
