"""No part of a log that a decision may rest on was lost.

The rule weighs what could not be decoded, and frames that are missing by their counter: the share
of the log, and the longest stretch in the air without a row.  Cards fill up, apps crash and links
break: a loss is an observation, not an accusation.  Nobody can say what was in it.  A loss on the
ground, or of single frames of a radio link, is a remark.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from dji_audit.compliance.data_needs import percent_text
from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._example import Example, hover_track
from dji_audit.compliance.rules._finding_words import duration_text
from dji_audit.compliance.rules._flight_data_needs import decoded_bytes_need
from dji_audit.compliance.rules._log_tracks import (
    JUDGED_WITH_FIRST_FLIGHT,
    FlightLog,
    logs_judged_with_flight,
)
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from parsers import CoverageSpan, Issue, Log

#: Places of lost bytes that stand as evidence; the finding counts all.
_MAX_EVIDENCE = 20
#: Remarks of the reader that are quoted; the rest is counted.
_MAX_QUOTED = 3
#: Kinds of events that begin and end the time with running motors, and in the air.
_STATES = ("arm", "disarm", "takeoff", "landing")
#: Ends the text of an event that states how things were at the first record, and no change.
_WHEN_LOG_BEGINS = "when the log begins"
#: Metres above take-off beyond which a log without take-off and landing was in the air.
_AIRBORNE_M = 2.0
#: How much less than a loss that weighs in full single frames of a radio link may be.
_LIGHT = 5
#: Share of a log whose loss leaves so little that nobody can rely on it, in the air or not.
_HALF = 0.5


class LogIntegrityParameters(Parameters):
    """Parameters of the rule."""

    lost_share: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Share of the bytes in the air from which a loss weighs in full.",
    )
    missing_share: float = Field(
        0.03,
        gt=0,
        le=1,
        description="Share of frames that a link may lose before a stretch without a row counts.",
    )
    stretch_s: float = Field(
        2.0,
        gt=0,
        description="Seconds in the air without a row, in a log with losses, that weigh in full.",
    )
    decoded_share: float = Field(
        0.95, gt=0, le=1, description="Share of the bytes that must be decoded for a pass."
    )


def check(flight: Flight, parameters: LogIntegrityParameters, inputs: RuleInputs) -> CheckResult:
    """State what each log lost."""
    logs = logs_judged_with_flight(flight)
    if not logs:
        return JUDGED_WITH_FIRST_FLIGHT
    losses = [_find_loss(flight, flight_log) for flight_log in logs]
    findings = [
        *(
            _loss_finding(flight_log, loss, parameters, inputs)
            for flight_log, loss in zip(logs, losses, strict=True)
            if loss.is_any
        ),
        *(finding for flight_log in logs for finding in _remark_findings(flight_log, inputs)),
    ]
    lost = sum(loss.byte_count for loss in losses)
    size = sum(flight_log.log.source.size for flight_log in logs)
    share = f"{lost:,} of {size:,} bytes ({percent_text(lost / size)})" if size else ""
    if any(not finding.informational for finding in findings):
        what = f"{share} not decoded" if lost else "every byte is accounted for"
        count = sum(not finding.informational for finding in findings)
        whose = "the log" if len(logs) == 1 else f"{count} of {len(logs)} logs"
        return CheckResult(Outcome.FAIL, f"Parts of {whose} are lost; {what}.", tuple(findings))
    if lost:
        reason = f"{share} could not be decoded, none of them where a decision may rest on it."
    else:
        reason = "Every byte is accounted for."
    return CheckResult(Outcome.PASS, reason, tuple(findings))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loss:
    """What one log lost."""

    issues: tuple[Issue, ...]
    byte_count: int
    #: Bytes lost while the aircraft was armed or in the air, and all bytes of that stretch.
    airborne_byte_count: int
    airborne_size: int
    #: Share of the frames of the vehicle that is missing by their counter, 0 to 1.
    missing_share: float
    missing_text: str
    #: Longest time between two rows in the air, and when it began; ``None``: not known.
    longest_step_s: float | None
    step_start: pd.Timestamp | None
    #: Whether the file ends before its data does, and whether in the air, as its events show.
    is_cut_short: bool
    ends_airborne: bool
    #: Whether the log shows when the aircraft was in the air; else all of it counts as that.
    is_air_known: bool
    #: Whether it is a media file, or a file beside one, and no record of a flight.
    is_media: bool

    @property
    def is_any(self) -> bool:
        """Whether anything was lost."""
        return bool(self.byte_count or self.is_cut_short or self.missing_share)


def _find_loss(flight: Flight, flight_log: FlightLog) -> _Loss:
    log = flight_log.log
    lost = tuple(issue for issue in log.issues if issue.size)
    ranges = _airborne_byte_ranges(log)
    missing_share, missing_text = _missing_frames(log)
    longest_step_s, step_start = _longest_airborne_step(log, ranges)
    is_open = bool(len(ranges)) and int(ranges[-1, 1]) >= log.source.size
    is_shown = bool(log.events["kind"].isin(["arm", "takeoff"]).any())
    ends_airborne = log.cut_short and is_open and is_shown and _ends_high(log)
    return _Loss(
        issues=lost,
        byte_count=sum(issue.size for issue in lost),
        airborne_byte_count=sum(issue.size for issue in lost if _is_within(ranges, issue.offset)),
        airborne_size=int((ranges[:, 1] - ranges[:, 0]).sum()),
        missing_share=missing_share,
        missing_text=missing_text,
        longest_step_s=longest_step_s,
        step_start=step_start,
        is_cut_short=log.cut_short,
        ends_airborne=ends_airborne,
        is_air_known=bool(log.events["kind"].isin(_STATES).any())
        or bool(np.isfinite(_greatest_height_m(log))),
        is_media=flight.sources[flight_log.source_index].is_media,
    )


def _airborne_byte_ranges(log: Log) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    """Return the bytes written while the aircraft was armed or airborne, shape ``(n, 2)``.

    Bytes and not times, so that logs without a clock are judged as well.
    """
    kinds = log.events["kind"]
    armed, flown = _STATES[:2], _STATES[2:]
    pair = armed if kinds.isin(armed).any() else flown
    events = log.events[kinds.isin(pair)].sort_values("source_offset", kind="stable")
    ranges: list[tuple[int, int]] = []
    begin = None
    for number, row in enumerate(events.to_dict("records")):
        offset = int(row["source_offset"])
        if row["kind"] == pair[0]:
            begin = offset if begin is None else begin
        elif begin is not None:
            ranges.append((begin, offset))
            begin = None
        elif number == 0 and not str(row["text"]).endswith(_WHEN_LOG_BEGINS):
            # The log begins with the motors running.
            ranges.append((0, offset))
    if begin is not None:
        ranges.append((begin, log.source.size))
    if not len(events) and not _greatest_height_m(log) <= _AIRBORNE_M:
        # Where nothing shows whether it flew, nothing shows that the loss was on the ground.
        ranges = [(0, log.source.size)]
    return np.array(ranges, np.int64).reshape(-1, 2)


def _greatest_height_m(log: Log) -> float:
    heights = log.track["height_ato_m"].to_numpy(np.float64)
    known = heights[np.isfinite(heights)]
    return float(known.max()) if len(known) else float("nan")


def _ends_high(log: Log) -> bool:
    """Return whether the last height of a log is that of the air, or not known."""
    heights = log.track["height_ato_m"].to_numpy(np.float64)
    known = heights[np.isfinite(heights)]
    return not len(known) or float(known[-1]) > _AIRBORNE_M


def _is_within(ranges: "np.ndarray[tuple[int, int], np.dtype[np.int64]]", offset: int) -> bool:
    index = int(np.searchsorted(ranges[:, 0], offset, "right")) - 1
    return index >= 0 and offset <= int(ranges[index, 1])


def _missing_frames(log: Log) -> tuple[float, str]:
    """Return the share of a vehicle's frames that is missing by their counter, and its words.

    Of several senders that of the vehicle: the one whose frames the track comes from sends most.
    """
    counted = log.events[
        (log.events["kind"] == "link.signal")
        & log.events["text"].str.contains("missing by their counter")
    ]
    if not len(counted):
        return 0.0, ""
    frames = counted["text"].str.extract(r": ([\d]+) frames")[0].fillna("0").astype(int)
    row = counted.iloc[int(np.argmax(frames.to_numpy()))]
    share = float(row["value"]) / 100 if pd.notna(row["value"]) else 0.0
    return share, str(row["text"])


def _longest_airborne_step(
    log: Log, ranges: "np.ndarray[tuple[int, int], np.dtype[np.int64]]"
) -> tuple[float | None, pd.Timestamp | None]:
    """Return the longest time between two rows in the air, and when it began."""
    rows = log.track[log.track["time"].notna()]
    offsets = rows["source_offset"].to_numpy(np.int64)
    longest, start = None, None
    for first, last in ranges.tolist():
        times = rows["time"][(offsets >= first) & (offsets <= last)]
        if len(times) < 2:
            continue
        ordered = np.sort(times.to_numpy("datetime64[ns]").astype(np.int64))
        steps = np.diff(ordered) / 1e9
        at = int(np.argmax(steps))
        if longest is None or steps[at] > longest:
            longest, start = float(steps[at]), pd.Timestamp(int(ordered[at]), tz="UTC")
    return longest, start


def _loss_finding(
    flight_log: FlightLog, loss: _Loss, parameters: LogIntegrityParameters, inputs: RuleInputs
) -> Finding:
    severity = _severity(flight_log.log, loss, parameters, inputs.severity)
    cut = [issue for issue in flight_log.log.issues if issue.cut_short and not issue.size]
    shown = [
        flight_log.evidence(
            offset=issue.offset, record="bytes", field="size", value=str(issue.size)
        )
        for issue in (*loss.issues, *cut)[:_MAX_EVIDENCE]
    ] or [flight_log.evidence(offset=0, record="bytes", field="size", value="0")]
    step = loss.longest_step_s
    is_step_told = step is not None and step >= parameters.stretch_s
    start = loss.step_start if is_step_told else None
    return inputs.finding(
        _loss_sentence(flight_log.log, loss, is_step_told),
        severity=severity,
        grade="measured",
        evidence=shown,
        start=start,
        end=None if start is None or step is None else start + pd.Timedelta(seconds=step),
        subject=flight_log.log.source.name,
        informational=severity is Severity.REMARK,
    )


def _severity(
    log: Log, loss: _Loss, parameters: LogIntegrityParameters, full: Severity
) -> Severity:
    """Return how much a loss weighs: in full where a decision may rest on what was lost.

    Of a media file, which shows a part of a flight at best, no loss weighs in full.
    """
    share = loss.byte_count / log.source.size if log.source.size else 0.0
    airborne_share = loss.airborne_byte_count / loss.airborne_size if loss.airborne_size else 0.0
    is_long = loss.longest_step_s is not None and loss.longest_step_s >= parameters.stretch_s
    lossy = loss.airborne_byte_count > 0 or loss.missing_share >= parameters.missing_share
    if not loss.is_media and (
        airborne_share >= parameters.lost_share > 0
        or (is_long and lossy and loss.airborne_size)
        or share >= _HALF
        or loss.ends_airborne
    ):
        return full
    is_light = (
        airborne_share * _LIGHT < parameters.lost_share
        and share < 1 - parameters.decoded_share
        and not loss.is_cut_short
    )
    return Severity.REMARK if is_light else min(Severity.LOW, full, key=lambda it: it.rank)


def _loss_sentence(log: Log, loss: _Loss, is_step_told: bool) -> str:
    """Return what was lost, where in the flight, and for how long, in one sentence."""
    parts = []
    if loss.byte_count:
        places = f"{len(loss.issues):,} place{'s' * (len(loss.issues) != 1)}"
        share = percent_text(loss.byte_count / log.source.size) if log.source.size else "0 %"
        parts.append(
            f"{loss.byte_count:,} of {log.source.size:,} bytes ({share}) could not be decoded, "
            f"in {places}"
            + (f", {loss.airborne_byte_count:,} of them written in the air" * loss.is_air_known)
            + f" (first: {loss.issues[0].reason})"
        )
    if loss.missing_share:
        parts.append(
            f"{percent_text(loss.missing_share)} of the frames are missing by their counter"
        )
    if is_step_told and loss.longest_step_s is not None and loss.step_start is not None:
        parts.append(
            f"nothing was recorded in the air for {duration_text(loss.longest_step_s)} "
            f"from {loss.step_start:%H:%M:%S} UTC"
        )
    if loss.is_cut_short:
        parts.append(f"the file is cut short{' in the air' * loss.ends_airborne}")
    return f"{log.source.name}: {'; '.join(parts)}"


def _remark_findings(flight_log: FlightLog, inputs: RuleInputs) -> Iterator[Finding]:
    """Yield the remarks of the reader about bytes that it did decode, as one."""
    remarks = [issue for issue in flight_log.log.issues if not issue.size and not issue.cut_short]
    if remarks:
        yield inputs.finding(
            _remark_text(remarks),
            severity=Severity.REMARK,
            grade="measured",
            evidence=[
                flight_log.evidence(offset=issue.offset, record="bytes", field="size", value="0")
                for issue in remarks[:_MAX_EVIDENCE]
            ],
            subject=flight_log.log.source.name,
            informational=True,
        )


def _remark_text(remarks: Sequence[Issue]) -> str:
    counts = Counter(issue.reason for issue in remarks)
    quoted = [
        reason if count == 1 else f"{reason} ({count} times)"
        for reason, count in counts.most_common(_MAX_QUOTED)
    ]
    more = len(counts) - _MAX_QUOTED
    if more > 0:
        quoted.append(f"{more} further remark{'s' * (more > 1)}")
    return "; ".join(quoted)


def _example_log(*spans: tuple[int, str], **fields: Any) -> dict[str, Any]:
    """Return a log whose bytes are covered by spans of a size and a kind."""
    offset, coverage = 0, []
    for size, kind in spans:
        coverage.append(CoverageSpan(offset, size, kind))
        offset += size
    return {"coverage": tuple(coverage)} | fields


_FLOWN = ({"kind": "takeoff", "time": 0, "source_offset": 0},)

RULE = Rule(
    id="log_integrity",
    title="No part of the log that a decision may rest on was lost",
    looks_at="Bytes that could not be decoded, counters of frames, and the times of the rows.",
    not_assessable=(
        "The log is encrypted and no key for it was given, or too many of its bytes are in "
        "records whose layout is not known."
    ),
    parameters=LogIntegrityParameters,
    check=check,
    needs=lambda parameters: (decoded_bytes_need(parameters.decoded_share),),
    examples=(
        Example(
            Outcome.PASS,
            "a log that was read completely",
            hover_track(1.0, 2.0),
            log_fields=_example_log((100_000, "records")),
        ),
        Example(
            Outcome.PASS,
            "a log with one damaged frame before the take-off",
            hover_track(1.0, 2.0),
            events=({"kind": "takeoff", "time": 0, "source_offset": 2_000},),
            log_fields=_example_log(
                (900, "records"),
                (40, "gap"),
                (99_060, "records"),
                issues=(Issue(900, 40, "a frame whose checksum is wrong"),),
            ),
        ),
        Example(
            Outcome.FAIL,
            "a log with 4,000 damaged bytes in the air",
            hover_track(1.0, 2.0),
            events=_FLOWN,
            log_fields=_example_log(
                (900, "records"),
                (4000, "gap"),
                (95_100, "records"),
                issues=(Issue(900, 4000, "zeros"),),
            ),
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a log of which a quarter is framed and not decoded",
            hover_track(1.0, 2.0),
            log_fields=_example_log((75_000, "records"), (25_000, "unknown")),
        ),
        Example(Outcome.NOT_ASSESSABLE, "an encrypted log", log_fields={"encrypted": True}),
    ),
)
