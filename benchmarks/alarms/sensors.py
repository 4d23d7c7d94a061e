"""Sensor of each capture beside its label: right, unknown where something shows it, or wrong.

A label names the sensor and what shows it; ``unknown`` where nothing does.  The captures of a
file and kind are right if all of them say what the label says.

    python -m benchmarks.alarms.sensors
"""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dji_audit.ingest import DEFAULT_SETTINGS, ingest_evidence_paths

LABELS = Path(__file__).parent / "labels" / "sensors.csv"
SHARED = Path(__file__).resolve().parents[3] / "shared"


def compared() -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """Yield what became of each label, its row, and the sensors that the product says."""
    with LABELS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        path = SHARED / row["file"]
        path = path if path.exists() else SHARED / "samples" / row["file"]
        logs = ingest_evidence_paths([path], DEFAULT_SETTINGS).logs
        said = sorted(
            {
                str(sensor)
                for log in logs
                for sensor in log.captures["sensor"][log.captures["kind"] == row["kind"]]
            }
        )
        if said == [row["truth"]]:
            yield "right", row, said
        elif not said:
            yield "no capture", row, said
        else:
            yield "unknown" if said == ["unknown"] else "wrong", row, said


def main() -> None:
    """Print each that is not right, and the counts."""
    counts: Counter[str] = Counter()
    for outcome, row, said in compared():
        counts[outcome] += 1
        if outcome != "right":
            print(f"{outcome:10} {row['file']} {row['kind']}: {row['truth']}, said {said}")
    print(dict(counts))


if __name__ == "__main__":
    main()
