"""Recordings of a flight as rules look at them: intervals with their bytes."""

from dataclasses import dataclass

import pandas as pd

from dji_audit.compliance.findings import Evidence
from dji_audit.compliance.rules._events import instant
from dji_audit.compliance.rules._rule import evidence
from dji_audit.flights import Flight


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording; ``None``: its time is not known."""

    kind: str
    sensor: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    shown: Evidence


def recordings(flight: Flight) -> list[Recording]:
    """Return the recordings of a flight, in time order."""
    found = []
    for row in flight.captures.to_dict("records"):
        start, kind = instant(row["start"]), str(row["kind"])
        record = str(row["source"])
        shown = evidence(
            flight, int(row["source_offset"]), record, kind, str(start), int(row["told_by"])
        )
        found.append(
            Recording(kind, str(row["sensor"]), start, instant(row["end"]) or start, shown)
        )
    return found


def counted(found: list[Recording]) -> str:
    """Return how many photos, videos and recordings of sound there are, in words."""
    words = {"photo": "photo", "video": "video", "audio": "recording of sound"}
    parts = []
    for kind, word in words.items():
        count = sum(each.kind == kind for each in found)
        if count:
            plural = word.replace("recording", "recordings") if kind == "audio" else f"{word}s"
            parts.append(f"{count} {word if count == 1 else plural}")
    return " and ".join(parts)


def untold(flight: Flight) -> str:
    """Return why a flight's logs cannot show that nothing was recorded; empty if they can."""
    if flight.is_sealed:
        return "The log is encrypted and no key for it was given."
    if all("captures" in log.cannot_tell for log in flight.logs):
        return "No log of the flight tells whether anything was recorded."
    if not len(flight.track) and not len(flight.captures):
        return "The log holds no flight data."
    return ""
