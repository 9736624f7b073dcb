"""Our reading of many files against pyx12's and node-x12's; every difference has a reason, or the exit code is 1.

    python3 compare.py FILE_OR_FOLDER ...      (see README.md for what must be installed)
"""

import collections
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TARGET = os.environ.get("CARGO_TARGET_DIR", HERE / "segments" / "target")
READERS = {
    "ours": [f"{TARGET}/release/segments"],
    "pyx12": [sys.executable, str(HERE / "pyx12_reader.py")],
    "node-x12": ["node", str(HERE / "node_x12.js")],
}

WIDE = "theirs: a character of several bytes in the ISA; they count bytes"
PADDING = "ours, stated: where the line's end is the terminator, blanks before it are padding"
NO_ISA16 = "theirs: ISA16 is missing (E109); they take the line break for the terminator and leave the real one in the data"

# Differences of one file, for both peers where the peer is empty.
BY_FILE = {
    "edi-map-check/fixtures/audit_kit/850_05_truncated.edi": "theirs: the last segment, cut off, is dropped without a word; E120 tells",
    "x12-doctor/edge/truncated_mid_segment.edi": "theirs: the last segment, cut off, is dropped without a word; E120 tells",
    "edi-net/x12.850.issue135.edi": "the file: a ~ is lost in it, and its ISA ends in ~ and a line break; they take the line break for the terminator, we the ~, and tell E109 and E122",
    "staedi/extracted/ErrorEventsTest_java_08.edi": "theirs: pyx12 drops trailing empty components; we give the element as it is",
    "staedi/x12/simple_with_binary_segment.edi": "ours, stated: a line break before a terminator is no data, also in BIN, which no set of ours has",
    "staedi/x12/issue109/ts214_ellipses_segterm.edi": "theirs: the terminator is a character of three bytes",
    "bots-plugins/demo/one-on-one_x12_xml/x122xml/x12/mailbag01.x12": "theirs: interchanges with other separators follow the first; one set of separators is used for all",
    "gozer/x12.base.no.line.breaks.odd.char.txt": "theirs: the terminator is a character of two bytes",
    "edi-net/x12.850.edi": WIDE,
    "oopfactory/ORD/856/Example3.txt": WIDE,
    "oopfactory/ORD/180/FromLowes.txt": WIDE,
    "oopfactory/ORD/811/GraniteNetExample.txt": WIDE,
    "oopfactory/ORD/810/Example5_Walmart.txt": PADDING,
    "oopfactory/ORD/820/Example1_MortgageBankers.txt": PADDING,
    "oopfactory/ORD/820/Example2_ScanaEnergy.txt": PADDING,
    "oopfactory/ORD/855/Example1_Adobe.txt": PADDING,
    "oopfactory/ORD/850/Example3_Adobe_CLP.txt": NO_ISA16,
    "oopfactory/ORD/850/Example4_Adobe_ShrinkWrapped.txt": NO_ISA16,
    "oopfactory/ORD/860/Example1.txt": NO_ISA16,
    "gozer/x12.missing.ISA.txt": "the file: it has no ISA; we tell E101 and read on",
}


def reason(peer, ours, theirs):
    """Why the two differ; None where nobody knows."""
    told = set(ours["findings"])
    error = theirs.get("error", "")
    if "Version Number is unknown" in error:
        return "theirs: no ISA12 but 00401 and 00501" + ("; the ISA is not in its widths (E109)" if "E109" in told else "")
    flat = lambda seen: [count for interchange in seen["interchanges"] for count in interchange["groups"]]
    if not error and peer == "node-x12" and ours["sets"] == theirs["sets"] and flat(ours) == flat(theirs):
        return "theirs: the groups of all interchanges are put into the first"
    if told & {"E109", "E115"} and (error or not theirs["sets"]):
        return "theirs: an ISA that is not in its widths (E109) is not read"
    if told & {"E101", "E102", "E103", "E107", "E111", "E112", "E120"} and error:
        return "theirs: an exception of the program for an envelope that is broken (" + ", ".join(sorted(told)) + ")"
    if error and not ours["sets"]:
        return "theirs: an exception of the program for an interchange without a group"
    return None


def run(reader, names):
    out = subprocess.run(READERS[reader], input="\n".join(names) + "\n", capture_output=True, text=True, check=True)
    lines = out.stdout.splitlines()
    assert len(lines) == len(names), f"{reader}: {len(lines)} answers for {len(names)} files"
    return [json.loads(line) for line in lines]


def groups(seen):
    return [interchange["groups"] for interchange in seen["interchanges"]]


def main():
    names = []
    for argument in map(pathlib.Path, sys.argv[1:]):
        found = [argument] if argument.is_file() else sorted(argument.rglob("*"))
        names += [str(path) for path in found if path.is_file() and path.suffix not in (".csv", ".tsv", ".md", ".json")]
    ours = run("ours", names)
    segments = sum(len(one) for seen in ours for one in seen["sets"])
    elements = sum(len(segment) - 1 for seen in ours for one in seen["sets"] for segment in one)
    print(f"{len(names)} files, {sum(len(seen['sets']) for seen in ours)} sets, {segments} segments, {elements} elements")
    unexplained = 0
    for peer in ("pyx12", "node-x12"):
        counts, table = collections.Counter(), []
        for name, mine, theirs in zip(names, ours, run(peer, names)):
            if "error" not in theirs and groups(mine) == groups(theirs) and mine["sets"] == theirs["sets"]:
                counts["the same"] += 1
                continue
            by_file = next((why for path, why in BY_FILE.items() if name.endswith(path)), None)
            refused = "Version Number is unknown" in theirs.get("error", "")
            why = None if refused else by_file
            why = why or reason(peer, mine, theirs)
            counts[why or "UNEXPLAINED"] += 1
            unexplained += why is None
            table.append((name, why or f"UNEXPLAINED {mine['findings']} {theirs.get('error', '')}"))
        print(f"\n{peer}")
        for why, count in counts.most_common():
            print(f"{count:6}  {why}")
        out = HERE / "out" / f"{peer}.tsv"
        out.parent.mkdir(exist_ok=True)
        out.write_text("".join(f"{name}\t{why}\n" for name, why in table))
        for name, why in table:
            if why.startswith("UNEXPLAINED"):
                print(f"    {name}: {why}")
    sys.exit(1 if unexplained else 0)


main()
