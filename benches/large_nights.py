"""A night of very many small files, and a night of one very large one: time, peak memory, open file handles, folder sizes.

    python3 benches/large_nights.py PROGRAM many [FILES]     # 100000 small files, one order each
    python3 benches/large_nights.py PROGRAM large [MEGABYTES] [gz] [one] [answers] [short] [described]   # one 850 file of 2000 MB

With gz it is one compressed file, with one all orders stand in one interchange and one group (else 1,000 in each), with answers
each order is answered by an 855 (each group by a 997 always), with short an order has one line, not 15, with described each line
has a PID of 60 characters, as most partners send one.

PROGRAM is the built itembridge. The site is made in a temporary folder (TMPDIR chooses the disk) and removed afterwards. Needs
Linux: memory and handles are read from /proc while the program runs.
"""

import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ITEMS = 200
TOML = """[company]
name = "Northwind"
interchange_qualifier = "ZZ"
interchange_id = "NORTHWIND"
application_id = "NORTHWIND"
currency = "USD"
usage = "P"
"""
PARTNER = """[partner]
id = "acme"
customer = "ACME"
interchange_qualifier = "01"
interchange_id = "006922827"
application_id = "ACMEPO"
"""


def lay_out(site, answers=False):
    for folder in ("partners", "masters", "inbox/orders"):
        (site / folder).mkdir(parents=True)
    (site / "itembridge.toml").write_text(TOML)
    (site / "partners/acme.toml").write_text(PARTNER + ("[orders]\nacknowledge_order = true\n" if answers else ""))
    (site / "masters/customers.csv").write_text("customer,name\nACME,Acme\n")
    rows = "".join(f"I-{n},Bolt {n},EA\n" for n in range(ITEMS))
    (site / "masters/items.csv").write_text("item,description,unit\n" + rows)
    rows = "".join(f"ACME,C-{n},I-{n}\n" for n in range(ITEMS))
    (site / "masters/item_xref.csv").write_text("customer,customer_item,item\n" + rows)


def order(number, lines, described=False):
    text = "PID*F****HEX BOLT M8 X 40, STAINLESS A2-70, DIN 933, BOX OF 100, LOT%7d~\n"
    said = [f"PO1*{n + 1}*{n + 1}*EA*1.5**BP*C-{(number * 7 + n) % ITEMS}~\n" for n in range(lines)]
    body = "".join(line + (text % (number % 9_999_999) if described else "") for line in said)
    segments = lines * (2 if described else 1) + 4
    return (
        f"ST*850*{number:09}~\nBEG*00*SA*P-{number}**20261119~\n{body}CTT*{lines}~\n"
        f"SE*{segments}*{number:09}~\n"
    )


def interchange(control, sets):
    head = (
        "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*2130*U*00401*"
        f"{control:09}*0*P*>~\nGS*PO*ACMEPO*NORTHWIND*20261119*2130*{control}*X*004010~\n"
    )
    count = 0
    yield head
    for text in sets:
        count += 1
        yield text
    yield f"GE*{count}*{control}~\nIEA*1*{control:09}~\n"


def many(site, count):
    for number in range(1, count + 1):
        text = "".join(interchange(number, [order(number, 3)]))
        (site / f"inbox/orders/{number:06}.edi").write_text(text)
    return count


def large(site, megabytes, packed, one, shape):
    path = site / ("inbox/orders/large.edi.gz" if packed else "inbox/orders/large.edi")
    opened = gzip.open(path, "wt", compresslevel=6) if packed else open(path, "w")
    written, number, control = 0, 0, 0
    with opened as out:
        def sets():
            nonlocal written, number
            while written < megabytes * 1_000_000 and (one or number < control * 1_000):
                number += 1
                text = order(number, *shape)
                written += len(text)
                yield text

        while written < megabytes * 1_000_000:
            control += 1
            for text in interchange(control, sets()):
                out.write(text)
    return number


def status(pid):
    """Peak memory and what of it is no file's, now, in KiB, and open handles; None once the program has ended."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
        said = dict(line.split(":", 1) for line in text.splitlines())
        peak, own = (int(said[key].split()[0]) for key in ("VmHWM", "RssAnon"))
        return peak, own, len(os.listdir(f"/proc/{pid}/fd"))
    except (OSError, KeyError):
        return None


def measure(program, site, arguments):
    began, before = time.monotonic(), os.times().children_user + os.times().children_system
    with open(site.parent / "said", "w") as said:
        run = subprocess.Popen([program, "--site", str(site), *arguments], stdout=said, stderr=said)
        most = (0, 0, 0)
        while run.poll() is None:
            now = status(run.pid)
            if now:
                most = tuple(map(max, most, now))
            time.sleep(0.02)
    took = time.monotonic() - began
    spent = os.times().children_user + os.times().children_system - before
    peak, own, handles = most
    print(f"{' '.join(arguments)}: exit {run.returncode}, {took:.1f} s, {spent:.1f} s of processor, ", end="")
    print(f"peak {peak / 1024:.0f} MiB, of these {own / 1024:.0f} MiB the program's own, {handles} handles")
    print("  " + (site.parent / "said").read_text().strip().replace("\n", "\n  "))


def entries(folder):
    return sum(len(files) for _, _, files in os.walk(folder))


def main():
    program, kind = os.path.abspath(sys.argv[1]), sys.argv[2]
    size = int(sys.argv[3]) if len(sys.argv) > 3 else {"many": 100_000, "large": 2_000}[kind]
    root = pathlib.Path(tempfile.mkdtemp(prefix="itembridge-"))
    try:
        site = root / "site"
        lay_out(site, "answers" in sys.argv)
        shape = (1 if "short" in sys.argv else 15, "described" in sys.argv)
        orders = many(site, size) if kind == "many" else large(site, size, "gz" in sys.argv, "one" in sys.argv, shape)
        print(f"{' '.join(sys.argv[2:])}: {orders} orders in {entries(site / 'inbox')} files")
        measure(program, site, ["run", "--date", "2026-11-20", "--quiet"])
        for folder in ("archive", "outbox", "orders", "state", "quarantine", "inbox"):
            files = [pathlib.Path(at, name) for at, _, names in os.walk(site / folder) for name in names]
            print(f"  {folder}: {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.0f} MB")
        measure(program, site, ["run", "--date", "2026-11-21", "--quiet"])
    finally:
        shutil.rmtree(root)


main()
