"""Every part of the flight in the air is told by its records.

A record is the app's or the aircraft's own log.  Media and exports tell of flights too:
where they, or another record, show the aircraft in the air and a record is silent, a part
of that record is not among the files.  Where media or exports alone tell of a flight, its
record is not among them.  A log may be missing because it was never copied, because an
app crashed, or because it was deleted: the rule cannot tell which.

Aircraft number their own logs, and apps write that number down.  A gap in it is listed as
a remark and never as proof: cards are formatted, and other units fly.
"""

from collections.abc import Iterator

import pandas as pd
from pydantic import Field

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
from dji_audit.flights import Flight
from parsers import Source, formats

#: Files that are named one by one.
_SHOWN = 5

Span = tuple[pd.Timestamp, pd.Timestamp]


class MissingLog(Parameters):
    """Parameters of the rule."""

    #: A record may begin so long after take-off, or end before landing.
    tolerance_s: float = Field(10.0, ge=0, description="That a record may miss at either end.")


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List each part in the air that a record leaves out, and gaps in the aircraft's numbers."""
    if not isinstance(parameters, MissingLog):
        raise TypeError("missing_log takes MissingLog")
    remarks = [*_remarks(flight)]
    records = [
        (place, telling)
        for place, telling in enumerate(flight.tellings)
        if not telling.media and not _is_export(telling.log.source) and telling.copy_of is None
    ]
    if not records:
        found = [_no_record(flight, inputs.severity)]
        why = "No record of the flight is among the files."
        return Verdict(Outcome.FAIL, why, (*found, *remarks))
    told = [(place, telling) for place, telling in records if telling.start is not None]
    air = _in_the_air(flight)
    if not told or air is None:
        why = "Nothing that could be read says from when to when the aircraft was in the air."
        return unknowable(why, remarks)
    if why := _alone(flight):
        return unknowable(why, remarks)
    tolerance = pd.Timedelta(seconds=parameters.tolerance_s)
    found = [
        finding
        for place, _ in told
        for finding in _left_out(flight, place, air, tolerance, inputs.severity)
    ]
    if found:
        several = len(found) > 1
        why = f"{len(found)} part{'s' * several} in the air of which a record does not tell."
        return Verdict(Outcome.FAIL, why, (*found, *remarks))
    clean = "No log tells of a time in the air that a record leaves out."
    if len(told) < len(records):
        clean += " One record could not be read far enough to compare."
    return Verdict(Outcome.PASS, clean, tuple(remarks))


def _is_export(source: Source) -> bool:
    return any(known.export for known in formats() if known.name == source.format)


def _alone(flight: Flight) -> str:
    """Return why nothing shows what a record leaves out; empty if something would."""
    if sum(len(one.track) > 0 and one.copy_of is None for one in flight.tellings) > 1:
        return ""
    shown = (flight.takeoff, "take-off"), (flight.landing, "landing")
    lacks = " and no ".join(word for time, word in shown if time is None)
    return f"One log alone tells of the flight, and it shows no {lacks}." if lacks else ""


def _in_the_air(flight: Flight) -> Span | None:
    """Return from when to when the aircraft was in the air, by all logs together.

    Without a take-off or landing that a log states, the first or last fix stands in:
    who sees no landing still sees the aircraft fly.
    """
    tracked = [one for one in flight.tellings if len(one.track)]
    starts = [one.start for one in tracked if one.start is not None]
    ends = [one.end for one in tracked if one.end is not None]
    start = flight.takeoff or min(starts, default=None)
    end = flight.landing or max(ends, default=None)
    return (start, end) if start is not None and end is not None and start < end else None


def _left_out(
    flight: Flight, place: int, air: Span, tolerance: pd.Timedelta, severity: Severity
) -> Iterator[Finding]:
    """Yield what a record leaves out at its beginning and at its end."""
    start, end = flight.tellings[place].start, flight.tellings[place].end
    if start is None or end is None:
        return
    for begin, until, edge in ((air[0], min(start, air[1]), 0), (max(end, air[0]), air[1], -1)):
        witness = _witness(flight, place, begin, until, tolerance)
        if until - begin > tolerance and witness is not None:
            yield _finding(flight, place, witness, (begin, until), edge, severity)


def _witness(
    flight: Flight, place: int, begin: pd.Timestamp, until: pd.Timestamp, tolerance: pd.Timedelta
) -> int | None:
    """Return the first log that tells of a time in which another is silent."""
    for other, telling in enumerate(flight.tellings):
        start, end = telling.start, telling.end
        if other == place or telling.copy_of is not None or start is None or end is None:
            continue
        if min(end, until) - max(start, begin) > tolerance:
            return other
    return None


def _finding(
    flight: Flight, place: int, witness: int, span: Span, edge: int, severity: Severity
) -> Finding:
    record, other = flight.tellings[place], flight.tellings[witness]
    begin, until = span
    what, when = ("begins", record.start) if edge == 0 else ("ends", record.end)
    return Finding(
        RULE.id,
        severity,
        f"{record.log.source.name} {what} at {when:%H:%M:%S} and leaves out "
        f"{(until - begin).total_seconds():.0f} s in the air that {other.log.source.name} tells of",
        "inferred",
        (_edge(flight, place, edge), _edge(flight, witness, edge)),
        begin,
        until,
        *(position_at(flight, begin) or (None, None)),
    )


def _edge(flight: Flight, place: int, edge: int) -> Evidence:
    """Return the first or the last row of a log, and its time."""
    telling = flight.tellings[place]
    when = telling.start if edge == 0 else telling.end
    offset = int(telling.track["source_offset"].iloc[edge]) if len(telling.track) else None
    return evidence(flight, offset, telling.log.track_record, "time", str(when), place)


def _no_record(flight: Flight, severity: Severity) -> Finding:
    """Return that a flight is told by media or exports alone."""
    names = ", ".join(log.source.name for log in flight.logs[:_SHOWN])
    more = f" and {len(flight.logs) - _SHOWN} more" if len(flight.logs) > _SHOWN else ""
    return Finding(
        RULE.id,
        severity,
        f"no record of the flight is among the files; it is told by {names}{more}",
        "inferred",
        (evidence(flight, None, flight.log.track_record, "format", flight.log.source.format),),
        flight.start,
        flight.end,
    )


def _remarks(flight: Flight) -> Iterator[Finding]:
    """Yield gaps in the numbers that the aircraft gave its own logs."""
    for remark in flight.remarks:
        if remark.kind == "log_number":
            number = str(flight.logs[remark.told_by].aircraft_log_number)
            shown = evidence(flight, None, "log", "aircraft_log_number", number, remark.told_by)
            yield Finding(RULE.id, Severity.INFO, remark.text, "reported", (shown,), flight.start)


RULE = Rule(
    "missing_log",
    "Records tell of the whole flight in the air",
    "The span of every log of the flight; the numbers that the aircraft gave its logs.",
    "No log that could be read says when the aircraft was in the air, or one alone tells of it "
    "and shows no take-off or no landing.",
    MissingLog,
    check,
    examples=(
        Example(
            Outcome.PASS,
            "one record from take-off to landing",
            fly(60),
            events=({"kind": "takeoff", "time": 1}, {"kind": "landing", "time": 58}),
        ),
        Example(Outcome.NOT_ASSESSABLE, "one record that begins and ends in the air", fly(60)),
        Example(
            Outcome.FAIL,
            "a record that ends in the air while another goes on",
            fly(120),
            beside=(Beside("b.txt", track=fly(60)),),
        ),
        Example(
            Outcome.FAIL,
            "subtitles alone",
            fly(60),
            format="dji-srt",
            name="DJI_0001.SRT",
        ),
        Example(Outcome.NOT_ASSESSABLE, "an encrypted record", log={"encrypted": True}),
    ),
)
