"""Prints what pyx12 sees in each file named on standard input: one line of JSON a file, or its error."""

import io
import json
import sys

import pyx12.x12file


def seen(path):
    with open(path, encoding="latin-1", newline="") as file:
        reader = pyx12.x12file.X12Reader(io.StringIO(file.read().removeprefix("\u00ef\u00bb\u00bf")))
    interchanges, sets, errors, current = [], [], [], None
    for segment in reader:
        kind = segment.get_seg_id()
        if kind == "ISA":
            interchanges.append({"groups": []})
        elif kind == "GS":
            interchanges[-1]["groups"].append(0)
        elif kind == "ST":
            interchanges[-1]["groups"][-1] += 1
            current = []
            sets.append(current)
        if current is not None:
            subele = reader.subele_term
            current.append([kind] + [element.format(subele) for element in segment.elements])
        if kind == "SE":
            current = None
        errors += [f"{error[0]} {error[1]}" for error in reader.pop_errors()]
    return {"interchanges": interchanges, "sets": sets, "errors": errors}


for name in sys.stdin.read().splitlines():
    try:
        line = seen(name)
    except Exception as error:  # whatever it raises is its answer
        line = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
    print(json.dumps(line))
