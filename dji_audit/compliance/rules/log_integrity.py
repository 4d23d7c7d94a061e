"""The log was read whole, and what it states of itself agrees with what it holds.

An inconsistency is an observation, not an accusation: apps crash, cards fill,
and the app's own totals are sometimes wrong.  The finding gives both values
and the bytes.
"""

from collections.abc import Iterator

import numpy as np
from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    unknowable,
)
from dji_audit.flights import Flight
from parsers import Issue, Log, Stated

#: Issues listed one by one; the rest are counted.
_LISTED = 20


class LogIntegrity(Parameters):
    """Parameters of the rule: how far two values may lie apart."""

    height_tolerance_m: float = Field(0.1, ge=0, description="Of the greatest height.")
    speed_tolerance_mps: float = Field(0.1, ge=0, description="Of the greatest ground speed.")
    count_tolerance: int = Field(9, ge=0, description="Of the number of fixes.")
    start_tolerance_s: float = Field(10.0, ge=0, description="Of the first fix after the start.")
    duration_tolerance_s: float = Field(10.0, ge=0, description="Of the duration.")


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List the bytes not decoded, and each total that does not agree, of every log."""
    if not isinstance(parameters, LogIntegrity):
        raise TypeError("log_integrity takes LogIntegrity")
    judged_here = [(place, flight.logs[place]) for place in flight.first_of]
    remarks = [
        finding
        for place, log in judged_here
        for finding in _issues(flight, place, log, inputs.severity)
    ]
    sealed = [log for _, log in judged_here if log.encrypted]
    totals = [
        finding
        for place, log in judged_here
        if not log.encrypted
        for finding in _totals(flight, place, log, parameters, inputs.severity)
    ]
    if sealed:
        which = "The log" if len(judged_here) == 1 else sealed[0].source.name
        why = f"{which} is encrypted and no key for it was given; what is in clear was read."
        return unknowable(why, [*remarks, *totals])
    logs = [log for _, log in judged_here]
    size = sum(issue.size for log in logs for issue in log.issues)
    short = any(log.cut_short for log in logs)
    found = [*remarks, *totals]
    if not totals and not size and not short:
        # Remarks about bytes that were read break nothing; they stay listed.
        agrees = " and the log's own totals agree with its records."
        silent = "; the log states no totals to hold against its records."
        told = any(log.stated is not None and len(log.track) for log in logs)
        clean = f"Every byte is accounted for{agrees if told else silent}"
        return Verdict(Outcome.PASS, clean, tuple(found))
    what = "every byte is accounted for"
    if size:
        what = f"{size:,} of {sum(log.source.size for log in logs):,} bytes not decoded"
    elif short:
        what += ", but the file is cut short"
    return judged(found, "", f"{len(found)} observation{'s' * (len(found) > 1)}; {what}.")


def _issues(flight: Flight, place: int, log: Log, severity: Severity) -> Iterator[Finding]:
    issues = log.issues
    for issue in issues[:_LISTED]:
        lost = f"{issue.size} bytes at {issue.offset} not decoded: " if issue.size else ""
        yield Finding(
            RULE.id,
            # Else it is a remark about bytes that were read.
            severity if issue.size or issue.cut_short else Severity.INFO,
            f"{lost}{issue.reason}",
            "measured",
            (evidence(flight, issue.offset, "bytes", "size", str(issue.size), place),),
        )
    if len(issues) > _LISTED:
        rest = issues[_LISTED:]
        size = sum(issue.size for issue in rest)
        yield Finding(
            RULE.id,
            severity if size or any(issue.cut_short for issue in rest) else Severity.INFO,
            f"{len(rest)} further issues, {size} bytes not decoded in all",
            "measured",
            (evidence(flight, rest[0].offset, "bytes", "size", str(size), place),),
        )


def _totals(
    flight: Flight, place: int, log: Log, parameters: LogIntegrity, severity: Severity
) -> Iterator[Finding]:
    """Hold each total that the log states against the same value of its records."""
    stated, track, captures = log.stated, log.track, log.captures
    if stated is None or not len(track):
        return
    times = track["time"].dropna()
    photos = int((captures["kind"] == "photo").sum())
    speeds = track["ground_speed_mps"].to_numpy(np.float64)
    heights = track["height_ato_m"].to_numpy(np.float64)
    lasted = (times.iloc[-1] - times.iloc[0]).total_seconds() if len(times) else None
    late = None
    if stated.start is not None and len(times):
        late = (times.iloc[0] - stated.start).total_seconds()
    pairs = (
        ("number of fixes", stated.fix_count, len(track), parameters.count_tolerance, ""),
        (
            "greatest height above take-off", stated.max_height_ato_m, _greatest(heights),
            parameters.height_tolerance_m, "m",
        ),
        (
            "greatest ground speed", stated.max_ground_speed_mps, _greatest(speeds),
            parameters.speed_tolerance_mps, "m/s",
        ),
        ("number of photos", stated.photo_count, photos, 0, ""),
        ("duration", stated.duration_s, lasted, parameters.duration_tolerance_s, "s"),
        (
            "first fix after the start stated",
            None if late is None else 0.0, late, parameters.start_tolerance_s, "s",
        ),
    )  # fmt: skip
    for name, told, held, tolerance, unit in pairs:
        if told is None or held is None or abs(told - held) <= tolerance:
            continue
        yield Finding(
            RULE.id,
            Severity.LOW if name == "number of photos" else severity,
            f"inconsistent {name}: {stated.record} says {told:g} {unit}".rstrip()
            + f", the records hold {held:g} {unit}".rstrip(),
            "measured",
            (evidence(flight, stated.source_offset, stated.record, name, f"{told:g}", place),),
        )


def _greatest(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else None


RULE = Rule(
    "log_integrity",
    "The log was read whole and agrees with itself",
    "Issues of the reader; totals that the log states of itself.",
    "The log is encrypted and no key for it was given.",
    LogIntegrity,
    check,
    of_log=True,
    examples=(
        Example(Outcome.PASS, "a log that was read whole", hover(1.0, 2.0)),
        Example(
            Outcome.FAIL,
            "a log of which 40 bytes are damaged",
            hover(1.0, 2.0),
            log={"issues": (Issue(900, 40, "zeros"),)},
        ),
        Example(
            Outcome.FAIL,
            "a log that states another greatest height than its records hold",
            hover(1.0, 2.0),
            log={"stated": Stated("Details", 900, max_height_ato_m=50.0)},
        ),
        Example(Outcome.NOT_ASSESSABLE, "an encrypted log", log={"encrypted": True}),
    ),
)
