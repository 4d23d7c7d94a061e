"""Write down everything that a set of logs gives, and compare two such records.

A change that must not change results (a move, a renaming) is proved with it::

    python benchmarks/results.py write before.json FOLDER...   # in the old checkout
    python benchmarks/results.py write after.json FOLDER...    # in the new one
    python benchmarks/results.py compare before.json after.json --renamed docs/renamed.tsv

``write`` reads every file with every format, joins and audits each folder, and keeps
each number, time, position, outcome and offset, long columns as a digest.  ``compare``
asks for the same values in the same order.  Keys may differ by the table of renamed
words; sentences may differ in their words, and not in the numbers that stand in them.
"""

import argparse
import dataclasses
import datetime as dt
import hashlib
import html
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence, Set
from enum import Enum
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

# The checkout that one stands in is measured, not one that is installed.
sys.path.insert(0, str(Path.cwd()))

import dji_audit
import parsers

#: Columns of up to so many rows are kept value by value.
SHORT = 8
NUMBER = re.compile(r"[-+]?\d[\d.,:]*\d|\d|0x[0-9a-f]+")
DATA_BLOCK = re.compile(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', re.S)

Plain = Any


def digest(data: bytes) -> str:
    """Return a short digest."""
    return hashlib.sha256(data).hexdigest()[:24]


def column(values: pd.Series) -> Plain:
    """Return a column as its values, or, if it is long, as their digest and number."""
    types = pd.api.types
    numbers = types.is_numeric_dtype(values.dtype) or types.is_datetime64_any_dtype(values.dtype)
    if numbers and len(values) > SHORT:
        array = values.to_numpy()
        if array.dtype == object:
            return {"n": len(values), "sha": digest(repr(values.tolist()).encode())}
        return {"n": len(values), "sha": digest(np.ascontiguousarray(array).tobytes())}
    texts = [plain(value) for value in values.tolist()]
    if len(texts) <= SHORT:
        return texts
    if all(text is None or isinstance(text, str) for text in texts):
        stated = [numbers_in(text) if text is not None else None for text in texts]
        words = sorted({text for text in texts if isinstance(text, str)})
        return {"n": len(texts), "sha": digest(repr(stated).encode()), "words": list(words[:60])}
    return {"n": len(texts), "sha": digest(json.dumps(texts, sort_keys=True).encode())}


def plain(value: object) -> Plain:
    """Return any value of the models as JSON has it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if np.isfinite(value) else str(value)
        case Enum():
            return plain(value.value)
        case pd.DataFrame():
            return {str(name): column(value.iloc[:, i]) for i, name in enumerate(value.columns)}
        case pd.Series():
            return column(value)
        case np.ndarray():
            return column(pd.Series(list(value)) if value.ndim > 1 else pd.Series(value))
        case np.generic():
            return plain(value.item()) if value.dtype.kind not in "mM" else str(value)
        case pd.Timestamp() | pd.Timedelta() | dt.datetime() | dt.date() | dt.timedelta() | Path():
            return str(value)
        case bytes():
            return digest(value)
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case Set():
            return sorted((plain(one) for one in value), key=str)
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: plain(getattr(value, name)) for name in value._fields}
    if isinstance(value, Sequence):
        items = [plain(one) for one in value]
        if len(items) > 400 and not any(isinstance(item, dict) for item in items):
            return {"n": len(items), "sha": digest(json.dumps(items, sort_keys=True).encode())}
        return items
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: plain(getattr(value, name)) for name in names if not name.startswith("_")}
    return f"<{type(value).__module__.partition('.')[0]}>"


def of_log(path: Path, name: str, keys: Sequence[parsers.Keychains]) -> Plain:
    """Return what one file gives, every record of it included."""
    try:
        log = parsers.read(path, keys=keys, name=name)
    except parsers.LogError as error:
        return {"error": type(error).__name__, "message": str(error)}
    out = plain(log)
    return out | {
        "records": {name: plain(log.records(name)) for name in log.record_counts},
        "coverage_sizes": plain(log.coverage_sizes),
    }


def of_demo(out: Path) -> Plain:
    """Return what the demo gives: it holds flights against zones, an inventory and the rest."""
    code = "from dji_audit.cli import main; main()"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, '.'); {code}"]
    subprocess.run([*command, "demo", str(out)], check=True, capture_output=True)
    return of_results(out)


def of_folder(folder: Path, out: Path) -> Plain:
    """Return what an audit of a folder gives: flights, report, table and pages."""
    verdict = dji_audit.audit(folder, out=out).verdict
    flights = plain(dji_audit.read_flights(folder))
    return {"verdict": verdict, "flights": flights, **of_results(out)}


def read_table(path: Path) -> pd.DataFrame:
    """Return a table that was written; an empty one has no columns."""
    return pd.read_csv(path) if path.stat().st_size else pd.DataFrame()


def of_results(out: Path) -> dict[str, Plain]:
    """Return what was written into a folder of results."""
    report = json.loads((out / "report.json").read_text("utf-8"))
    pages = {}
    for page in sorted(out.rglob("*.html")):
        text = page.read_text("utf-8")
        blocks = [json.loads(block) for block in DATA_BLOCK.findall(text)]
        # The text of a page without its scripts and styles.
        body = html.unescape(re.sub(r"(?s)<(script|style).*?</\1>|<[^>]+>", " ", text))
        pages[page.relative_to(out).as_posix()] = {
            "data": plain(blocks),
            "numbers": digest(repr(sorted(NUMBER.findall(body))).encode()),
        }
    return {
        "report": plain(report),
        "table": plain(read_table(out / "flights.csv")),
        "pages": pages,
    }


def write(target: Path, folders: Sequence[Path]) -> None:
    """Write what every folder gives into one file of JSON."""
    everything: dict[str, Plain] = {}
    with tempfile.TemporaryDirectory() as out:
        everything["demo"] = of_demo(Path(out) / "demo")
    for folder in folders:
        chains = [
            parsers.load_keychains(path.read_bytes())
            for path in sorted(folder.rglob("*.keychains.json"))
        ]
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                name = path.relative_to(folder).as_posix()
                everything[f"log {folder.name} {name}"] = of_log(path, name, chains)
        with tempfile.TemporaryDirectory() as out:
            everything[f"audit {folder.name}"] = of_folder(folder, Path(out))
    target.write_text(json.dumps(everything, indent=0, sort_keys=True), "utf-8")


def numbers_in(text: str) -> list[str]:
    """Return the numbers that stand in a sentence."""
    return NUMBER.findall(text)


class Comparison:
    """Two records side by side: what is equal, what is worded otherwise, what differs."""

    def __init__(self, renamed: Mapping[str, Set[str]]) -> None:
        """Allow each key of the first record to have one of some names in the second."""
        self.renamed = renamed
        self.equal = 0
        self.reworded: dict[str, str] = {}
        self.differing: list[tuple[str, str, str]] = []

    def values(self, before: Plain, after: Plain, path: str = "") -> None:
        """Compare two values and everything inside them."""
        if isinstance(before, dict) and isinstance(after, dict):
            self._mappings(before, after, path)
        elif isinstance(before, list) and isinstance(after, list) and path.endswith(" words"):
            self.reworded.update(dict.fromkeys(set(before) - set(after), ""))
        elif isinstance(before, list) and isinstance(after, list):
            if len(before) != len(after):
                self.differing.append((path, f"{len(before)} items", f"{len(after)} items"))
            for number, (one, other) in enumerate(zip_longest(before, after)):
                self.values(one, other, f"{path} {number}")
        elif before == after:
            self.equal += 1
        elif isinstance(before, str) and isinstance(after, str) and same_numbers(before, after):
            self.equal += 1
            self.reworded[before] = after
        else:
            self.differing.append((path, str(before)[:140], str(after)[:140]))

    def _mappings(self, before: dict[str, Plain], after: dict[str, Plain], path: str) -> None:
        unseen = dict(after)
        for key, value in before.items():
            names = [name for name in (key, *self.renamed.get(key, ())) if name in unseen]
            if names:
                self.values(value, unseen.pop(names[0]), f"{path} / {key}")
            else:
                self.differing.append((f"{path} / {key}", str(value)[:140], "is not there"))
        for key, value in unseen.items():
            self.differing.append((f"{path} / {key}", "was not there", str(value)[:140]))


def same_numbers(before: str, after: str) -> bool:
    """Return whether two sentences state the same numbers, in whatever order."""
    return sorted(numbers_in(before)) == sorted(numbers_in(after))


def compare(before: Path, after: Path, renamed: Path | None) -> int:
    """Print what differs, and return how many values do."""
    names: dict[str, set[str]] = {}
    lines = renamed.read_text("utf-8").splitlines() if renamed is not None else []
    for line in lines:
        if line and not line.startswith("#"):
            old, new, *_ = line.split("\t")
            names.setdefault(old, set()).add(new)
    compared = Comparison(names)
    compared.values(*(json.loads(path.read_text("utf-8")) for path in (before, after)))
    for path, old, new in compared.differing[:200]:
        print(f"{path}\n   before: {old}\n   after:  {new}")
    print(
        f"{compared.equal:,} values equal, of these {len(compared.reworded):,} sentences "
        f"in other words; {len(compared.differing):,} values differ"
    )
    return len(compared.differing)


def main() -> None:
    """Write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("write")
    one.add_argument("target", type=Path)
    one.add_argument("folders", type=Path, nargs="+")
    two = commands.add_parser("compare")
    two.add_argument("before", type=Path)
    two.add_argument("after", type=Path)
    two.add_argument("--renamed", type=Path)
    given = parser.parse_args()
    if given.command == "write":
        write(given.target, given.folders)
    else:
        raise SystemExit(min(compare(given.before, given.after, given.renamed), 1))


if __name__ == "__main__":
    main()
