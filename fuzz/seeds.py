"""Seeds of a fuzz target: what the repository has for it, and the corpus where it is beside the project."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
BYTES_MAX = 8192


def x12():
    folders = [ROOT / "samples", ROOT / "tests" / "errors", ROOT / "tests" / "golden", CORPUS]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in (".edi", ".txt", ".x12", ".dat", ".edifile") and path.is_file():
                yield path, path.read_bytes()
    yield from changes()


def changes():
    """Orders and what changes them, of several nights, as one file."""
    for case in sorted((ROOT / "tests" / "golden").iterdir()):
        files = [path for path in sorted(case.rglob("*.edi")) if "inbox" in path.parts]
        first = [path for path in files if "site" in path.parts]
        for later in files:
            if "site" not in later.parts:
                yield later, b"".join(path.read_bytes() for path in first) + later.read_bytes()


def csv():
    for folder in (ROOT / "samples", ROOT / "tests" / "errors", ROOT / "tests" / "golden", CORPUS):
        for path in sorted(folder.rglob("*.csv")):
            name = str(path)
            choices = b"\0" if "sales" in name else b"\1" if "invoice" in name else b"\2\3\4\5\6\7"
            for choice in choices:
                yield f"{path}-{choice}", bytes([choice]) + path.read_bytes()
        for path in sorted(folder.rglob("*.jsonl")):
            if "invoice" in str(path):
                yield f"{path}-8", b"\x08" + path.read_bytes()


def round_trip():
    for number in range(64):
        yield f"{number}", bytes((number * 37 + place * place * 11) % 256 for place in range(16 * number + 8))


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for number, (_, data) in enumerate({"x12": x12, "csv": csv, "round_trip": round_trip}[target]()):
        if len(data) <= BYTES_MAX:
            (folder / f"{number:05}").write_bytes(data)


main()
