"""No part of a log that a decision may rest on was lost.

The rule weighs what could not be decoded, and frames that are missing by their counter: the share
of the log, and the longest stretch in the air without a row.  Cards fill up, apps crash and links
break: a loss is an observation, not an accusation.  Nobody can say what was in it.  A loss on the
ground, or of single frames of a radio link, is a remark.  What is lost was written in the air where
the row before it or the row after it was.  Tables and subtitles are plain text: a loss would leave
no trace in them.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.plain_english import duration_text, percent_text, pluralised_count
from dji_audit.common.time_columns_to_unix_numbers import NO_TIME_NS, unix_ns_of_times
from dji_audit.compliance.data_needs import DataNeed
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import (
    Parameters,
    fraction_parameter_field,
    positive_fraction_parameter_field,
    positive_parameter_field,
)
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    LogCitedAsEvidence,
    logs_judged_by_rules_about_whole_logs,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    carries_fact_in_understood_form,
    decoded_bytes_data_need,
    detectable_damage_data_need,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import EventsByKind, Flight, log_events_by_kind
from parsers import CoverageSpan, Issue, Log

Offsets = npt.NDArray[np.int64]
#: Nanoseconds since 1970 UTC.
TimesNs = npt.NDArray[np.int64]
#: Starts and ends, shape ``(n, 2)``.
Spans = npt.NDArray[np.int64]

#: Places of lost bytes that stand as evidence; the finding counts all.
_MAX_EVIDENCE = 20
#: Remarks of the reader that are quoted; the rest is counted.
_MAX_QUOTED = 3
#: Kinds of events that begin and end the time with running motors, and in the air.
_STATES = ("arm", "disarm", "takeoff", "landing")
#: Ends the text of an event that states how things were at the first record, and no change.
_WHEN_LOG_BEGINS = "when the log begins"
#: Text of an issue about a last record that was not written to its end.
_BROKEN_OFF = re.compile(r"ends ([\d,]+) bytes into a record")
#: How many frames of one sender a receiver counted, in the text of a signal.
_FRAME_COUNT = re.compile(r": (\d+) frames")
#: Metres above take-off beyond which a log without take-off and landing was in the air.
_AIRBORNE_M = 2.0
#: How much less than a loss that weighs in full single frames of a radio link may be.
_LIGHT = 5
#: Share of a log whose loss leaves so little that nobody can rely on it, in the air or not.
_HALF = 0.5


class LogIntegrityParameters(Parameters):
    """Parameters of the rule."""

    lost_share: float = fraction_parameter_field(
        0.01, "Part of the bytes in the air from which a loss weighs in full."
    )
    missing_share: float = positive_fraction_parameter_field(
        0.03, "Share of frames that a link may lose before a stretch without a row counts."
    )
    stretch_s: float = positive_parameter_field(
        2.0, "Seconds in the air without a row, in a log with losses, that weigh in full."
    )
    decoded_share: float = positive_fraction_parameter_field(
        0.95, "Part of the bytes to be decoded for a pass."
    )


def check(flight: Flight, parameters: LogIntegrityParameters, inputs: RuleInputs) -> CheckResult:
    """State what each log lost."""
    logs = logs_judged_by_rules_about_whole_logs(flight)
    losses = [_data_loss_of_log(flight, flight_log) for flight_log in logs]
    findings = [
        *(
            _lost_bytes_finding(flight_log, loss, parameters, inputs)
            for flight_log, loss in zip(logs, losses, strict=True)
            if loss.has_loss
        ),
        *(finding for flight_log in logs for finding in _reader_issue_remarks(flight_log, inputs)),
    ]
    lost = sum(loss.byte_count for loss in losses)
    size = sum(flight_log.log.source.size for flight_log in logs)
    share = f"{lost:,} of {size:,} bytes ({percent_text(lost / size)})" if size else ""
    weighing = [loss for loss in losses if loss.has_loss]
    if any(not finding.informational for finding in findings):
        if all(loss.breaks_off_airborne and not loss.byte_count for loss in weighing):
            whose = "The log breaks" if len(logs) == 1 else "A log breaks"
            reason = f"{whose} off in the air, within a record: what followed is not known."
            return CheckResult(Outcome.FAIL, reason, tuple(findings))
        what = f"{share} not decoded" if lost else "all that is there was read"
        count = sum(not finding.informational for finding in findings)
        whose = "the log" if len(logs) == 1 else f"{count} of {len(logs)} logs"
        return CheckResult(Outcome.FAIL, f"Parts of {whose} are lost; {what}.", tuple(findings))
    return CheckResult(
        Outcome.PASS, _accounted_and_lost_bytes_text(logs, losses, share), tuple(findings)
    )


def _accounted_and_lost_bytes_text(
    logs: Sequence[LogCitedAsEvidence], losses: Sequence["_DataLossOfLog"], share: str
) -> str:
    """Return what was accounted for, what was lost and how much of it in the air, in sentences.

    Args:
        logs: The logs.
        losses: What each of them lost.
        share: The bytes that were lost, of all; empty: there is none.
    """
    unframed = [
        it.log.source.name
        for it in logs
        if not carries_fact_in_understood_form(it.log, "record_framing")
    ]
    if any(loss.byte_count for loss in losses):
        airborne_count = sum(loss.airborne_byte_count for loss in losses)
        text = f"{share} could not be decoded"
        if not airborne_count:
            text += ", none of them written in the air."
        else:
            size = sum(loss.airborne_size for loss in losses)
            part = f" ({percent_text(airborne_count / size)} of what was)" if size else ""
            text += f", {airborne_count:,} of them written in the air{part}: too few to weigh."
    elif broken_off := [loss.broken_off_count for loss in losses if loss.broken_off_count]:
        text = (
            f"Every byte is accounted for but the last {sum(broken_off):,}, the beginning of a "
            "record that was not written to its end."
        )
    else:
        text = "Every byte is accounted for."
    if unframed and len(unframed) < len(logs):
        text += f" In {', '.join(unframed)}, plain text, a loss would leave no trace."
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class _DataLossOfLog:
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
    #: Bytes of a last record that was not written to its end; 0: there is none.
    broken_off_count: int
    #: Whether the log breaks off in the air, and the last height, metres above take-off; ``None``:
    #: not known.
    breaks_off_airborne: bool
    last_height_m: float | None
    #: Whether the log shows when the aircraft was in the air; else all of it counts as that.
    is_air_known: bool
    #: Whether it is a media file, or a file beside one, and no record of a flight.
    is_media: bool

    @property
    def has_loss(self) -> bool:
        """Whether anything was lost."""
        return bool(
            self.byte_count or self.is_cut_short or self.missing_share or self.breaks_off_airborne
        )


def _data_loss_of_log(flight: Flight, flight_log: LogCitedAsEvidence) -> _DataLossOfLog:
    log, events = flight_log.log, log_events_by_kind(flight, flight_log.source_index)
    lost = tuple(issue for issue in log.issues if issue.size)
    ranges = _airborne_byte_ranges(log, events)
    missing_share, missing_text = _missing_frame_share_and_text(events)
    timed_rows = _offsets_and_times_ns_of_track_rows(log)
    longest_step_s, step_start = _longest_airborne_row_gap_s_and_start(*timed_rows, ranges)
    is_open = bool(len(ranges)) and int(ranges[-1, 1]) >= log.source.size
    is_shown = not events.kinds.isdisjoint(("arm", "takeoff"))
    ends_airborne = is_open and is_shown and _last_height_is_in_air_or_unknown(log)
    broken_off = [found for issue in log.issues if (found := _BROKEN_OFF.search(issue.reason))]
    offsets = np.array([issue.offset for issue in lost], np.int64)
    in_air = _bytes_written_in_air_mask(offsets, *timed_rows, _airborne_spans_ns(events), ranges)
    sizes = np.array([issue.size for issue in lost], np.int64)
    return _DataLossOfLog(
        issues=lost,
        byte_count=int(sizes.sum()),
        airborne_byte_count=int(sizes[in_air].sum()),
        airborne_size=int((ranges[:, 1] - ranges[:, 0]).sum()),
        missing_share=missing_share,
        missing_text=missing_text,
        longest_step_s=longest_step_s,
        step_start=step_start,
        is_cut_short=log.is_truncated,
        ends_airborne=log.is_truncated and ends_airborne,
        broken_off_count=sum(int(found[1].replace(",", "")) for found in broken_off),
        breaks_off_airborne=bool(broken_off) and ends_airborne,
        last_height_m=_last_height_m(log),
        is_air_known=not events.kinds.isdisjoint(_STATES)
        or bool(np.isfinite(_greatest_height_m(log))),
        is_media=flight.sources[flight_log.source_index].is_media,
    )


def _airborne_byte_ranges(log: Log, events: EventsByKind) -> Spans:
    """Return the bytes written while the aircraft was armed or airborne, shape ``(n, 2)``.

    Bytes and not times, so that logs without a clock are judged as well.
    """
    armed, flown = _STATES[:2], _STATES[2:]
    pair = flown if events.kinds.isdisjoint(armed) else armed
    rows = events.rows_of_kinds(*pair)
    offsets = events.column_values("source_offset", rows)
    order = np.argsort(offsets, kind="stable")
    kinds, texts = (events.column_values(name, rows)[order] for name in ("kind", "text"))
    ranges: list[tuple[int, int]] = []
    begin = None
    for number, (kind, offset, text) in enumerate(
        zip(kinds, offsets[order].tolist(), texts, strict=True)
    ):
        if kind == pair[0]:
            begin = offset if begin is None else begin
        elif begin is not None:
            ranges.append((begin, offset))
            begin = None
        elif number == 0 and not str(text).endswith(_WHEN_LOG_BEGINS):
            # The log begins with the motors running.
            ranges.append((0, offset))
    if begin is not None:
        ranges.append((begin, log.source.size))
    if not len(rows) and not _greatest_height_m(log) <= _AIRBORNE_M:
        # Where nothing shows whether it flew, nothing shows that the loss was on the ground.
        ranges = [(0, log.source.size)]
    return np.array(ranges, np.int64).reshape(-1, 2)


def _greatest_height_m(log: Log) -> float:
    heights = log.track["height_ato_m"].to_numpy(np.float64)
    known = heights[np.isfinite(heights)]
    return float(known.max()) if len(known) else float("nan")


def _last_height_m(log: Log) -> float | None:
    heights = log.track["height_ato_m"].to_numpy(np.float64)
    known = heights[np.isfinite(heights)]
    return float(known[-1]) if len(known) else None


def _last_height_is_in_air_or_unknown(log: Log) -> bool:
    """Return whether the last height of a log is that of the air, or not known."""
    last_m = _last_height_m(log)
    return last_m is None or last_m > _AIRBORNE_M


def _bytes_written_in_air_mask(
    offsets: Offsets, offsets_of_rows: Offsets, times_ns: TimesNs, spans: Spans, ranges: Spans
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which bytes were written between take-off and landing: by their neighbours in time.

    The rows before and after them in the file tell when that was.  Without times, or without a
    take-off or landing, the ranges of bytes tell it.
    """
    if not len(times_ns) or not len(spans):
        index = np.searchsorted(ranges[:, 0], offsets, "right") - 1
        ends = ranges[np.maximum(index, 0), 1] if len(ranges) else np.empty(0, np.int64)
        return (index >= 0) & (offsets <= ends) if len(ranges) else np.zeros(len(offsets), bool)
    order = np.argsort(offsets_of_rows, kind="stable")
    offsets_of_rows, times_ns = offsets_of_rows[order], times_ns[order]
    after = np.searchsorted(offsets_of_rows, offsets, "right")
    in_air = np.zeros(len(offsets), bool)
    for row, exists in ((after - 1, after > 0), (after, after < len(times_ns))):
        at_ns = times_ns[np.clip(row, 0, len(times_ns) - 1)]
        span = np.searchsorted(spans[:, 0], at_ns, "right") - 1
        in_air |= exists & (span >= 0) & (at_ns <= spans[np.maximum(span, 0), 1])
    return in_air


def _offsets_and_times_ns_of_track_rows(log: Log) -> tuple[Offsets, TimesNs]:
    """Return first byte and time, ns since 1970, of each row of a track that has a time."""
    times_ns = unix_ns_of_times(log.track["time"])
    is_timed = times_ns != NO_TIME_NS
    return log.track["source_offset"].to_numpy(np.int64)[is_timed], times_ns[is_timed]


def _airborne_spans_ns(events: EventsByKind) -> Spans:
    """Return the times between take-offs and landings, ns since 1970, shape ``(n, 2)``.

    A log that begins or ends in the air has a span without that end.
    """
    rows = events.rows_of_kinds(*_STATES[2:])
    times_ns = events.column_values("time", rows)
    order = np.argsort(times_ns, kind="stable")
    order = order[times_ns[order] != NO_TIME_NS]
    kinds, times_ns = events.column_values("kind", rows)[order], times_ns[order]
    limits = np.iinfo(np.int64)
    spans: list[tuple[int, int]] = []
    begin: int | None = None
    for number, (kind, time_ns) in enumerate(zip(kinds, times_ns.tolist(), strict=True)):
        if kind == _STATES[2]:
            begin = time_ns if begin is None else begin
        elif begin is not None:
            spans.append((begin, time_ns))
            begin = None
        elif number == 0:
            spans.append((limits.min, time_ns))
    if begin is not None:
        spans.append((begin, limits.max))
    return np.array(spans, np.int64).reshape(-1, 2)


def _missing_frame_share_and_text(events: EventsByKind) -> tuple[float, str]:
    """Return the share of a vehicle's frames that is missing by their counter, and its words.

    Of several senders that of the vehicle: the one whose frames the track comes from sends most.
    """
    rows = events.rows_of_kinds("link.signal")
    texts = map(str, events.column_values("text", rows))
    values = events.column_values("value", rows).tolist()
    counted = [
        (int(frames[1]) if (frames := _FRAME_COUNT.search(text)) else 0, value, text)
        for text, value in zip(texts, values, strict=True)
        if "missing by their counter" in text
    ]
    if not counted:
        return 0.0, ""
    _, per_cent, text = max(counted, key=itemgetter(0))
    return 0.0 if math.isnan(per_cent) else per_cent / 100, text


def _longest_airborne_row_gap_s_and_start(
    offsets: Offsets, times_ns: TimesNs, ranges: Spans
) -> tuple[float | None, pd.Timestamp | None]:
    """Return the longest time between two rows in the air, and when it began."""
    longest, start = None, None
    for first, last in ranges.tolist():
        ordered = np.sort(times_ns[(offsets >= first) & (offsets <= last)])
        if len(ordered) < 2:
            continue
        steps = np.diff(ordered) / 1e9
        at = int(np.argmax(steps))
        if longest is None or steps[at] > longest:
            longest, start = float(steps[at]), pd.Timestamp(int(ordered[at]), tz="UTC")
    return longest, start


def _lost_bytes_finding(
    flight_log: LogCitedAsEvidence,
    loss: _DataLossOfLog,
    parameters: LogIntegrityParameters,
    inputs: RuleInputs,
) -> Finding:
    severity = _lost_bytes_severity(flight_log.log, loss, parameters, inputs.severity)
    cut = [
        issue
        for issue in flight_log.log.issues
        if not issue.size and (issue.is_truncated or _BROKEN_OFF.search(issue.reason))
    ]
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
        _lost_bytes_sentence(flight_log.log, loss, is_step_told),
        severity=severity,
        grade="measured",
        evidence=shown,
        start=start,
        end=None if start is None or step is None else start + pd.Timedelta(seconds=step),
        subject=flight_log.log.source.name,
        informational=severity is Severity.REMARK,
    )


def _lost_bytes_severity(
    log: Log, loss: _DataLossOfLog, parameters: LogIntegrityParameters, full: Severity
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
        and not loss.breaks_off_airborne
    )
    return Severity.REMARK if is_light else min(Severity.LOW, full, key=lambda it: it.rank)


def _lost_bytes_sentence(log: Log, loss: _DataLossOfLog, is_step_told: bool) -> str:
    """Return what was lost, where in the flight, and for how long, in one sentence."""
    parts = []
    if loss.byte_count:
        places = pluralised_count(len(loss.issues), "place")
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
    if loss.breaks_off_airborne:
        height = f", {loss.last_height_m:.1f} m above take-off" if loss.last_height_m else ""
        count = pluralised_count(loss.broken_off_count, "byte")
        parts.append(
            f"the log breaks off in the air{height}, {count} into a record, "
            "as when the power goes: what followed is not known"
        )
    if loss.is_cut_short:
        parts.append(f"the file is cut short{' in the air' * loss.ends_airborne}")
    return f"{log.source.name}: {'; '.join(parts)}"


def _reader_issue_remarks(flight_log: LogCitedAsEvidence, inputs: RuleInputs) -> Iterator[Finding]:
    """Yield the remarks of the reader about bytes that it did decode, as one."""
    remarks = [
        issue
        for issue in flight_log.log.issues
        if not issue.size and not issue.is_truncated and not _BROKEN_OFF.search(issue.reason)
    ]
    if remarks:
        yield inputs.finding(
            _text_of_reader_issues_and_counts(remarks),
            severity=Severity.REMARK,
            grade="measured",
            evidence=[
                flight_log.evidence(offset=issue.offset, record="bytes", field="size", value="0")
                for issue in remarks[:_MAX_EVIDENCE]
            ],
            subject=flight_log.log.source.name,
            informational=True,
        )


def _text_of_reader_issues_and_counts(remarks: Sequence[Issue]) -> str:
    counts = Counter(issue.reason for issue in remarks)
    quoted = [
        reason if count == 1 else f"{reason} ({count} times)"
        for reason, count in counts.most_common(_MAX_QUOTED)
    ]
    more = len(counts) - _MAX_QUOTED
    if more > 0:
        quoted.append(pluralised_count(more, "further remark"))
    return "; ".join(quoted)


def _example_log_with_byte_spans(*spans: tuple[int, str], **fields: Any) -> dict[str, Any]:
    """Return a log whose bytes are covered by spans of a size and a kind."""
    offset, coverage = 0, []
    for size, kind in spans:
        coverage.append(CoverageSpan(offset, size, kind))
        offset += size
    return {"coverage": tuple(coverage)} | fields


def _example_log_with_gap(size: int, reason: str) -> dict[str, Any]:
    """Return a log of 100,000 bytes of which some were not decoded, behind the first records."""
    spans = ((900, "records"), (size, "gap"), (99_100 - size, "records"))
    return _example_log_with_byte_spans(*spans, issues=(Issue(900, size, reason),))


_FLOWN = ({"kind": "takeoff", "time": 0, "source_offset": 0},)


def _data_needs(parameters: LogIntegrityParameters) -> tuple[DataNeed, ...]:
    return (
        detectable_damage_data_need(),
        decoded_bytes_data_need(parameters.decoded_share),
    )


_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a log that was read completely",
        hover_example_track_at_heights(1.0, 2.0),
        log_fields=_example_log_with_byte_spans((100_000, "records")),
    ),
    ExampleFlight(
        Outcome.PASS,
        "a log with one damaged frame before the take-off",
        hover_example_track_at_heights(1.0, 2.0),
        events=({"kind": "takeoff", "time": 0, "source_offset": 2_000},),
        log_fields=_example_log_with_gap(40, "a frame whose checksum is wrong"),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a log that breaks off in the air, within a record",
        hover_example_track_at_heights(1.0, 9.8),
        events=_FLOWN,
        log_fields=_example_log_with_byte_spans(
            (100_000, "records"),
            issues=(Issue(99_972, 0, "the log ends 28 bytes into a record"),),
        ),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a table in plain text, in which a loss leaves no trace",
        hover_example_track_at_heights(1.0, 2.0),
        log_fields=_example_log_with_byte_spans((100_000, "records")),
        without_facts=("record_framing",),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a log with 4,000 damaged bytes in the air",
        hover_example_track_at_heights(1.0, 2.0),
        events=_FLOWN,
        log_fields=_example_log_with_gap(4000, "zeros"),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a log of which a quarter is framed and not decoded",
        hover_example_track_at_heights(1.0, 2.0),
        log_fields=_example_log_with_byte_spans((75_000, "records"), (25_000, "unknown")),
    ),
    ExampleFlight(Outcome.NOT_ASSESSABLE, "an encrypted log", log_fields={"encrypted": True}),
)
RULE = Rule(
    id="log_integrity",
    title="No part of the log that a decision may rest on was lost",
    parameters=LogIntegrityParameters,
    check=check,
    needs=_data_needs,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="Bytes that could not be decoded, counters of frames, and the times of the rows.",
    not_assessable=(
        "The log is encrypted and no key for it was given, it is plain text without framing or "
        "checksums, or too many of its bytes are in records whose layout is not known."
    ),
)
