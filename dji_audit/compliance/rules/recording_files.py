"""Every recording that a record tells of has its file, and every file its recording.

A record says when the camera recorded; the camera's card holds the files.  A recording
without a file may have been deleted, lie on another card, or never have been copied; a
file without a recording may be of another flight, or the record may have been cut or
edited.  The rule says which, with the bytes; it cannot say why.

It holds against one another only what both could tell: files that were given, and times
for which a log that tells of recording could be read.  Cameras count up the numbers of
their files; a gap is listed as a remark and never as proof.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from dji_audit.compliance.findings import Evidence, Finding, Outcome, Severity
from dji_audit.compliance.rules._example import Beside, Example, fly
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    position_at,
    unknowable,
)
from dji_audit.flights import Flight, capture_name
from parsers import Log

#: Kinds that records tell of; sound is a part of a file and no recording of its own.
_KINDS = ("photo", "video")
#: More than so many of one kind are one finding, with the bytes of the first.
_APART, _SHOWN = 5, 20
#: Letter of the camera in the name of a photo, and how many photos make a custom.
_LETTER = re.compile(r"_([A-Z])\.[A-Za-z0-9]+$")
_ENOUGH = 4


@dataclass(frozen=True, slots=True)
class _Capture:
    """One row of the captures: when, what, and which logs show it."""

    kind: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    told_by: tuple[tuple[int, int], ...]


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List recordings without a file, files without a recording, and gaps in numbers."""
    remarks = list(_remarks(flight))
    files = frozenset(
        (place, int(offset))
        for place, telling in enumerate(flight.tellings)
        if telling.media
        for offset, name in zip(
            telling.log.captures["source_offset"], telling.log.captures["file"], strict=True
        )
        if not pd.isna(name)
    )
    if not files:
        return unknowable("No media file of the flight is among the files.", remarks)
    records = [
        place
        for place, telling in enumerate(flight.tellings)
        if not telling.media
        and telling.start is not None
        and len(telling.track)
        and _tells_of_recording(telling.log)
    ]
    if not records:
        return unknowable("No record that could be read tells of recording.", remarks)
    captures = _captures(flight)
    whole, lacking, strange = _held(flight, captures, files, records)
    halves = list(_halves(flight, inputs.severity))
    found = [
        *_findings(flight, lacking, "no file of it is among the media files", inputs.severity),
        *_findings(flight, strange, "no record tells of it, though one covers it", inputs.severity),
        *halves,
    ]
    rest = len(captures) - len(whole) - len(lacking) - len(strange)
    apart = f" {rest} more at times of which no record tells." if rest else ""
    if not found and not whole:
        return unknowable(f"No recording can be held against a file.{apart}", remarks)
    if not found:
        clean = f"{len(whole)} recordings, each with its file and told by a record.{apart}"
        return Verdict(Outcome.PASS, clean, tuple(remarks))
    parts = (
        (len(lacking), "recordings without a file"),
        (len(strange), "files without a recording"),
        (len(halves), "photos that lack the file of one camera"),
    )
    why = ", ".join(f"{count} {what}" for count, what in parts if count) + f".{apart}"
    return Verdict(Outcome.FAIL, why, (*found, *remarks))


def _held(
    flight: Flight,
    captures: Sequence[_Capture],
    files: frozenset[tuple[int, int]],
    records: Sequence[int],
) -> tuple[list[_Capture], list[_Capture], list[_Capture]]:
    """Return the recordings with file and record, those without a file, those without a record.

    What no record could have told of is in none of them.
    """
    whole, lacking, strange = list[_Capture](), list[_Capture](), list[_Capture]()
    for one in captures:
        filed = not files.isdisjoint(one.told_by)
        recorded = any(place in records for place, _ in one.told_by)
        if recorded:
            (whole if filed else lacking).append(one)
        elif filed and _covered(flight, records, one):
            strange.append(one)
    return whole, lacking, strange


def _tells_of_recording(log: Log) -> bool:
    """Return whether a record would have told of a recording.

    The app's record always does; of other logs only those are known to that did once.
    """
    if log.encrypted or "captures" in log.cannot_tell:
        return False
    return log.source.format == "dji-txt" or len(log.captures) > 0


def _halves(flight: Flight, severity: Severity) -> Iterator[Finding]:
    """Yield photos that lack the file of a camera which every other photo has."""
    presses: dict[str, dict[str, int]] = defaultdict(dict)
    for place, telling in enumerate(flight.tellings):
        found = _LETTER.search(telling.log.source.name) if telling.media else None
        if found and (telling.log.captures["kind"] == "photo").any():
            presses[capture_name(telling.log.source.name)][found[1]] = place
    for letter in sorted({letter for letters in presses.values() for letter in letters}):
        without = [letters for letters in presses.values() if letter not in letters]
        if not without or len(presses) < _ENOUGH or len(without) > len(presses) // _ENOUGH:
            continue
        for letters in without:
            place = min(letters.values())
            name = flight.logs[place].source.name
            others = len(presses) - len(without)
            shown = evidence(flight, None, "file", "name", name, place)
            start = flight.tellings[place].start
            text = f"{name} has no _{letter} beside it, as {others} others of the flight have"
            yield Finding(RULE.id, severity, text, "inferred", (shown,), start, start)


def _captures(flight: Flight) -> list[_Capture]:
    rows = flight.captures
    return [
        _Capture(str(kind), _instant(start), _instant(end), told_by)
        for kind, start, end, told_by in zip(
            rows["kind"], rows["start"], rows["end"], flight.captures_told_by, strict=True
        )
        if kind in _KINDS
    ]


def _covered(flight: Flight, records: Sequence[int], one: _Capture) -> bool:
    """Return whether a record tells of the time of a file."""
    if one.start is None:
        return False
    for place in records:
        start, end = flight.tellings[place].start, flight.tellings[place].end
        if start is not None and end is not None and start <= one.start <= end:
            return True
    return False


def _findings(
    flight: Flight, captures: Sequence[_Capture], why: str, severity: Severity
) -> Iterator[Finding]:
    for kind in _KINDS:
        some = [one for one in captures if one.kind == kind]
        if len(some) <= _APART:
            for one in some:
                when = "at a time not known" if one.start is None else f"at {one.start:%H:%M:%S}"
                yield _finding(flight, [one], f"{kind} {when}: {why}", severity)
            continue
        first = some[0].start
        since = "" if first is None else f", the first at {first:%H:%M:%S}"
        yield _finding(flight, some, f"{len(some)} {kind}s{since}: {why}", severity)


def _finding(
    flight: Flight, captures: Sequence[_Capture], summary: str, severity: Severity
) -> Finding:
    shown: list[Evidence] = []
    for one in captures[:_SHOWN]:
        place, offset = one.told_by[0]
        value = "" if one.start is None else str(one.start)
        shown.append(evidence(flight, offset, "capture", "start", value, place))
    first, last = captures[0], captures[-1]
    position = position_at(flight, first.start) or (None, None)
    return Finding(
        RULE.id, severity, summary, "reported", tuple(shown), first.start, last.end, *position
    )


def _remarks(flight: Flight) -> Iterator[Finding]:
    """Yield gaps in the numbers of media files."""
    for remark in flight.remarks:
        if remark.kind == "media_number":
            name = flight.logs[remark.told_by].source.name
            shown = evidence(flight, None, "file", "name", name, remark.told_by)
            yield Finding(RULE.id, Severity.INFO, remark.text, "inferred", (shown,))


def _instant(value: object) -> pd.Timestamp | None:
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None


_TAKEN = {"kind": "photo", "start": 30, "end": 30}
_FILE = Beside(
    "DJI_0001.JPG",
    "dji-photo",
    track=fly(1, 30),
    captures=({**_TAKEN, "file": "DJI_0001.JPG", "sensor": "visible"},),
)
_LATER = Beside(
    "DJI_0002.JPG",
    "dji-photo",
    track=fly(1, 75),
    captures=({"kind": "photo", "start": 75, "end": 75, "file": "DJI_0002.JPG"},),
)

RULE = Rule(
    "recording_files",
    "Every recording has its file, and every file its recording",
    "Captures of records and of media files; the numbers of media files.",
    "No media file of the flight was given, or no record tells of recording at its time.",
    Parameters,
    check,
    examples=(
        Example(Outcome.PASS, "a photo and its file", fly(60), captures=(_TAKEN,), beside=(_FILE,)),
        Example(
            Outcome.FAIL,
            "two photos and the file of one",
            fly(60),
            captures=(_TAKEN, {"kind": "photo", "start": 50, "end": 50}),
            beside=(_FILE,),
        ),
        Example(
            Outcome.FAIL,
            "a file of a photo of which the record does not tell",
            fly(60),
            captures=({"kind": "photo", "start": 50, "end": 50},),
            beside=(_FILE,),
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a file of a photo taken after the record had ended",
            fly(60),
            format="dji-txt",
            beside=(_LATER,),
        ),
        Example(Outcome.NOT_ASSESSABLE, "no media files", fly(60), captures=(_TAKEN,)),
    ),
)
