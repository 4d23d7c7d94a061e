"""Precision of the medium and high findings, and passes that rest on nothing, by the labels.

All real logs at hand are audited under the pack ``default``; each medium or high finding of a rule
that fails is looked up among the labels (``labels/findings.csv``, ``labels/findings_later.csv``),
and so is each pass (``labels/passes.csv``).  What has no label is listed: look at it, and label it.

::

    python benchmarks/alarms/findings.py [REPORT_JSON]
"""

import csv
import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SAMPLES = HERE.parents[2] / "shared" / "samples"
LABELS = HERE / "labels"
#: Seconds within which a finding of today is that of a label.
_SAME_S = 10.0
#: Seconds within which a take-off of today is that of a label.
_SAME_FLIGHT_S = 60.0
Row = Mapping[str, Any]


def audit(folder: Path) -> Row:
    """Return ``report.json`` of an audit of all real logs."""
    program = Path(sys.executable).parent / "dji-audit"
    subprocess.run(
        [str(program), "audit", str(SAMPLES), "-o", str(folder), "--allow-partial"],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    report: Row = json.loads((folder / "report.json").read_text("utf-8"))
    return report


def labels(*names: str) -> list[dict[str, str]]:
    """Return the rows of some files of labels; of a file that is not there none."""
    rows: list[dict[str, str]] = []
    for name in names:
        path = LABELS / name
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as stream:
                rows += csv.DictReader(stream)
    return rows


def seconds_apart(one: str | None, other: str | None) -> float:
    """Return the seconds between two instants; 0 where either is not known."""
    if not one or not other:
        return 0.0
    return abs((datetime.fromisoformat(one) - datetime.fromisoformat(other)).total_seconds())


def label_of(
    finding: Row,
    flight: Row,
    known: Sequence[Mapping[str, str]],
    used: Collection[str] = (),
) -> Mapping[str, str] | None:
    """Return the label of a finding: of the same rule and log, with its words or its time."""
    files = {source["file"] for source in flight["sources"]} | {flight["file"]}
    candidates = [row for row in known if row["rule"] == finding["rule"] and row["file"] in files]
    for row in candidates:
        if row["summary"] == finding["summary"] and not seconds_apart(
            row["start"], finding["start"]
        ):
            return row
    near = [
        (
            seconds_apart(row["start"], finding["start"]),
            row["label"] != "true" or row["number"] in used,
            row,
        )
        for row in candidates
        if seconds_apart(row["start"], finding["start"]) <= _SAME_S
        or within(row["start"], finding["start"], finding["end"])
    ]
    # The first finding of an episode carries its label; its repetitions are merged into it.
    return min(near, key=lambda each: (each[1], each[0]))[2] if near else None


def within(instant: str, start: str | None, end: str | None) -> bool:
    """Return whether an instant lies in an interval."""
    if not instant or not start or not end:
        return False
    parsed = [datetime.fromisoformat(each) for each in (start, instant, end)]
    return parsed[0] <= parsed[1] <= parsed[2]


def judged(report: Row) -> Iterator[tuple[str, Row, Row]]:
    """Yield label, finding and flight of each medium or high finding that fails."""
    known = labels("findings.csv", "findings_later.csv")
    flights = {flight["id"]: flight for flight in report["flights"]}
    used: set[str] = set()
    for finding in report["findings"]:
        if finding["severity"] not in ("medium", "high") or finding["outcome"] != "fail":
            continue
        flight = flights[finding["flight"]]
        row = label_of(finding, flight, known, used)
        label = "not labelled" if row is None else row["label"]
        if row is not None and label == "true":
            label = "repeated" if row["number"] in used else "true"
            used.add(row["number"])
        yield label, finding, flight


def outcomes_now(report: Row, label: str) -> Iterator[tuple[Row, str, str]]:
    """Yield each pass of a label with its outcome and reason now; of a flight that is gone none."""
    flights = {flight["id"]: flight for flight in report["flights"]}
    by_rule: defaultdict[str, list[tuple[Row, Row]]] = defaultdict(list)
    for result in report["results"]:
        by_rule[result["rule"]].append((flights[result["flight"]], result))
    for row in labels("passes.csv", "passes_later.csv"):
        if row["label"] != label:
            continue
        for flight, result in by_rule[row["rule"]]:
            files = {source["file"] for source in flight["sources"]} | {flight["file"]}
            apart = seconds_apart(row["flight_takeoff"], flight["takeoff"])
            if row["file"] in files and apart <= _SAME_FLIGHT_S:
                yield row, result["outcome"], result["reason"]
                break
        else:
            yield row, "no flight", ""


def lost(report: Row) -> Iterator[Row]:
    """Yield each label of a true finding that no finding of any severity tells any more."""
    flights = {flight["id"]: flight for flight in report["flights"]}
    for row in labels("findings.csv", "findings_later.csv"):
        told = (
            label_of(finding, flights[finding["flight"]], [row])
            for finding in report["findings"]
            if finding["flight"] in flights
        )
        if row["label"] == "true" and not any(told):
            yield row


def main() -> None:
    """Print the figures, and what has no label."""
    if len(sys.argv) > 1:
        report: Row = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    else:
        with tempfile.TemporaryDirectory() as folder:
            report = audit(Path(folder))
    counts: Counter[str] = Counter()
    for label, finding, flight in judged(report):
        counts[label] += 1
        if label != "true":
            print(f"{label:18} {finding['severity']:6} {finding['rule']:18} {flight['file']}")
            print(f"{'':18} {finding['start'] or '':24} {finding['summary'][:160]}")
    total = sum(counts.values())
    flown = len(report["flights"])
    hours = sum(flight["duration_s"] or 0.0 for flight in report["flights"]) / 3600
    still = [row for row, outcome, _ in outcomes_now(report, "unearned") if outcome == "pass"]
    for row in still:
        print(f"unearned pass      {row['rule']:18} {row['file']}: {row['reason'][:120]}")
    kept: Counter[str] = Counter()
    for row, outcome, reason in outcomes_now(report, "earned"):
        kept[outcome] += 1
        if outcome not in ("pass", "no flight"):
            print(f"earned pass gone   {row['rule']:18} {row['file']}: {outcome}: {reason[:120]}")
    for row in lost(report):
        where = f"{row['file']} {row['start']}"
        print(f"lost               {row['rule']:18} {where}: {row['summary'][:100]}")
    print(dict(counts))
    print(f"precision          {counts['true']} of {total} ({counts['true'] / max(total, 1):.0%})")
    print(f"false              {counts['false']} in {flown} flights")
    print(f"findings           {total / max(hours, 1e-9):.2f} per flight hour ({hours:.1f} h)")
    of = sum(row["label"] == "unearned" for row in labels("passes.csv", "passes_later.csv"))
    print(f"unearned passes    {len(still)} of {of} labelled")
    print(f"earned passes      {dict(kept)}")


if __name__ == "__main__":
    main()
