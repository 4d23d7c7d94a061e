"""Flights of real logs beside those that were found from their bytes: how many are right.

A log is right if it has as many flights as the label says, each of them begins and ends as
labelled (or begins or ends in the air, as labelled), and lasts as long: within 5 s or 5 %.
Each log that is not right stands in a line, and the share that is right at the end.

    python -m benchmarks.alarms.flights [--uncertain] [FILE ...]
"""

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import parsers
from dji_audit.flights import Flight, assemble_flights
from dji_audit.ingest import DEFAULT_SETTINGS, ingest_evidence_paths

LABELS = Path(__file__).parent / "labels"
SHARED = Path(__file__).resolve().parents[3] / "shared"
#: A time or duration is right within the larger of these: seconds, and share of the duration.
SECONDS, SHARE = 5.0, 0.05

Row = dict[str, str]


@dataclass(frozen=True)
class LabelledLog:
    """One file, or several parts of one recording, and the flights in it."""

    files: tuple[str, ...]
    #: One row for each flight; none, if nothing flew.
    rows: tuple[Row, ...]
    uncertain: bool

    @property
    def name(self) -> str:
        """The file, or the first of several."""
        return self.files[0]


def labelled_logs() -> Iterator[LabelledLog]:
    """Yield the labelled logs whose number of flights is known."""
    by_file: dict[str, list[Row]] = defaultdict(list)
    for table in ("flights_mavlink.csv", "flights_dji.csv"):
        with (LABELS / table).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                by_file[row["file"]].append(row)
    parts: dict[str, list[str]] = defaultdict(list)
    for file, rows in by_file.items():
        whole = rows[0].get("same_flight_as") or ""
        if Path(whole).parent == Path(file).parent and Path(file).suffix.upper() == ".SRT":
            parts[whole].append(file)
    for file, rows in by_file.items():
        if rows[0]["flights"] == "unknown" or any(file in more for more in parts.values()):
            continue
        # What drives or dives does not fly.
        flown = tuple(
            row for row in rows if row["number"] not in ("", "0") and row.get("kind") != "ground"
        )
        uncertain = any(row["uncertain"] == "yes" for row in rows)
        yield LabelledLog((file, *parts[file]), flown, uncertain)


def path_of(file: str) -> Path:
    """Return where a labelled file lies."""
    return SHARED / file if file.startswith("cases/") else SHARED / "samples" / file


def read_logs(path: Path) -> list[parsers.Log]:
    """Return the logs of a file or archive, decrypted with the keychains of its name beside it."""
    return list(ingest_evidence_paths([path], DEFAULT_SETTINGS).logs)


def faults_of(labelled: LabelledLog) -> list[str]:
    """Return what is wrong with the flights of a log, as the product finds them; empty: nothing."""
    logs = [log for file in labelled.files for log in read_logs(path_of(file))]
    flights = sorted(
        assemble_flights(*logs), key=lambda flight: str(flight.takeoff or flight.start)
    )
    if len(flights) != len(labelled.rows):
        return [f"{len(flights)} flights for {len(labelled.rows)}"]
    rows = list(labelled.rows)
    if len({row.get("system") for row in rows}) > 1:
        rows.sort(key=lambda row: float(row["takeoff_receiver_utc"][-4:-1] or 0))
    return [
        f"flight {number}: {fault}"
        for number, (flight, row) in enumerate(zip(flights, rows, strict=True), 1)
        for fault in _faults_of_flight(flight, row)
    ]


def _faults_of_flight(flight: Flight, row: Row) -> Iterator[str]:
    duration_s = float(row["duration_s"]) if row["duration_s"] else None
    allowed = max(SECONDS, SHARE * (duration_s or 0.0))
    for name, cut, air in (
        ("takeoff", "starts_in_air", "begins_in_air"),
        ("landing", "ends_in_air", "ends_in_air"),
    ):
        found: pd.Timestamp | None = getattr(flight, name)
        stated = [
            pd.Timestamp(row[column])
            for column in (f"{name}_utc", f"{name}_receiver_utc")
            if row.get(column)
        ]
        if row[cut] == "yes":
            if found is not None:
                yield f"{name} at {found:%H:%M:%S.%f}, and there is none in the log"
        elif row[cut] != "no":
            continue
        elif found is None and getattr(flight, air) is not False:
            yield f"no {name}"
        elif (
            found is not None
            and stated
            and min(abs((found - it).total_seconds()) for it in stated) > allowed
        ):
            yield f"{name} at {found:%F %T.%f}, not {stated[0]:%T.%f}"
    if duration_s is None:
        return
    if flight.duration_s is None:
        yield f"no duration for {duration_s:.1f} s"
    elif abs(flight.duration_s - duration_s) > allowed:
        yield f"{flight.duration_s:.1f} s for {duration_s:.1f} s"


def main(arguments: Sequence[str]) -> int:
    """Print each log that is wrong, and the share that is right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uncertain", action="store_true", help="list uncertain labels too")
    parser.add_argument("files", nargs="*", help="only files whose name contains one of these")
    options = parser.parse_args(arguments)
    right = {True: 0, False: 0}
    total = {True: 0, False: 0}
    for labelled in labelled_logs():
        if options.files and not any(part in labelled.name for part in options.files):
            continue
        faults = faults_of(labelled)
        total[labelled.uncertain] += 1
        right[labelled.uncertain] += not faults
        if faults and (options.uncertain or not labelled.uncertain):
            mark = " (uncertain)" if labelled.uncertain else ""
            print(f"{labelled.name}{mark}: {'; '.join(faults)}")
    for uncertain, word in ((False, "certain"), (True, "uncertain")):
        if total[uncertain]:
            share = right[uncertain] / total[uncertain]
            print(f"{word}: {right[uncertain]} of {total[uncertain]} logs right ({share:.1%})")
    return 0 if right[False] >= 0.98 * total[False] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
