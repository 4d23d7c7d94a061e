"""The records of each log are in order, without repetition, and their checksums are correct.

In the order of the bytes, a rising counter must not fall.  Records out of order or repeated were
written by storage that returned a wrong block, or by a person.  A counter that starts again
because the aircraft was restarted is a remark.  Failed checks (checksum, trailer, cipher) are
counted; a noisy radio link also causes them.  Logs without a counter are not judged.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._log_tracks import JUDGED_WITH_FIRST_FLIGHT, true_runs, whole_logs
from dji_audit.compliance.rules._rule import (
    CheckResult,
    Parameters,
    Rule,
    RuleInputs,
    log_evidence,
    not_assessable,
)
from dji_audit.flights import Flight, FlightSource
from parsers import MonotonicCounter

#: Text of an issue about a failed check.
_CHECK = re.compile(r"checksum|\bCRC\b|trailer|decrypt|implausible time", re.I)
#: Findings of one kind listed for a log; the last gives the number of further ones.
_LISTED = 10


class RecordChain(Parameters):
    """Parameters of the rule."""

    back_s: float = Field(2.0, gt=0, description="Seconds by which a counter may fall.")
    repeated_records: int = Field(
        10, ge=2, description="Number of repeated records in a row that count as a repetition."
    )


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """Check the counters and the issues of each log."""
    if not isinstance(parameters, RecordChain):
        raise TypeError("record_chain takes RecordChain")
    logs = list(whole_logs(flight))
    if not logs:
        return JUDGED_WITH_FIRST_FLIGHT
    findings, looked = list[Finding](), 0
    for source_index, source in logs:
        findings += _failed_checks(flight, source_index, source)
        for counter in source.log.monotonic_counters:
            # The rule clock_jump checks clocks.
            if counter.kind == "count":
                looked += 1
                findings += _falls(flight, source_index, source, counter, parameters, inputs)
        for counter in _one_a_record(source.log.monotonic_counters):
            findings += _repeated(flight, source_index, counter, parameters, inputs)
    broken = sum(finding.severity is not Severity.INFO for finding in findings)
    if broken:
        told = f"{broken} position{'s' * (broken > 1)} with records out of order or repeated."
        return CheckResult(Outcome.FAIL, told, tuple(findings))
    if not looked:
        return not_assessable("No log of the flight has a counter that rises through it.", findings)
    remarks = f" {len(findings)} remark{'s' * (len(findings) > 1)}." if findings else ""
    return CheckResult(
        Outcome.PASS, f"Counters rise, and no record is repeated.{remarks}", tuple(findings)
    )


def _failed_checks(flight: Flight, source_index: int, source: FlightSource) -> Iterator[Finding]:
    bad = [issue for issue in source.log.issues if _CHECK.search(issue.reason)]
    if bad:
        first = bad[0]
        size = sum(issue.size for issue in bad)
        told = f"{len(bad)} failed check{'s' * (len(bad) > 1)}, {size:,} bytes in all; "
        shown = log_evidence(flight, first.offset, "bytes", "size", str(first.size), source_index)
        yield Finding(RULE.id, Severity.INFO, f"{told}first: {first.reason}", "measured", (shown,))


def _falls(
    flight: Flight,
    source_index: int,
    source: FlightSource,
    counter: MonotonicCounter,
    parameters: RecordChain,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield each position at which a counter falls."""
    falls = np.flatnonzero(np.diff(counter.seconds) < -parameters.back_s)
    # Where the counter continues as before the fall, a single record is damaged.
    spikes = (falls > 0) & (
        counter.seconds[falls + 1] >= counter.seconds[np.maximum(falls - 1, 0)] - parameters.back_s
    )
    falls = falls[~spikes]
    for number, row in enumerate(falls.tolist()):
        if number == _LISTED:
            yield _more(flight, source_index, counter, row + 1, len(falls) - _LISTED, inputs)
            return
        fell = float(counter.seconds[row] - counter.seconds[row + 1])
        first, last = int(counter.offsets[row]), int(counter.offsets[row + 1])
        again = _restarted(source, first, last)
        told = f"the counter {counter.record}.{counter.field} falls by {fell:.1f} s"
        yield Finding(
            RULE.id,
            Severity.INFO if again else inputs.severity,
            f"{told}; the aircraft was restarted" if again else f"inconsistent: {told}",
            "measured",
            tuple(
                log_evidence(
                    flight, int(counter.offsets[each]), counter.record, counter.field,
                    f"{counter.seconds[each]:.3f} s", source_index,
                )
                for each in (row, row + 1)
            ),
        )  # fmt: skip


def _restarted(source: FlightSource, first: int, last: int) -> bool:
    """Return whether an event shows a restart of the aircraft between two bytes."""
    events = source.log.events
    clock = events[events["kind"] == "clock"]["source_offset"].to_numpy(np.int64)
    return bool(((clock >= first) & (clock <= last)).any())


def _repeated(
    flight: Flight,
    source_index: int,
    counter: MonotonicCounter,
    parameters: RecordChain,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield each run of records whose counter values appear earlier in the file."""
    lag = _lag(counter.seconds)
    same = np.concatenate(([False], (lag[1:] == lag[:-1]) & (lag[1:] > 0)))
    for first, last in true_runs(same):
        begin = first - 1
        count = last - begin + 1
        # A constant counter repeats itself; only the repetition of a changing one counts.
        if count < parameters.repeated_records or lag[begin] < count:
            continue
        earlier = begin - int(lag[begin])
        yield Finding(
            RULE.id,
            inputs.severity,
            f"inconsistent: {count} {counter.record} records repeat the records from byte "
            f"{int(counter.offsets[earlier]):,} on",
            "measured",
            tuple(
                log_evidence(
                    flight, int(counter.offsets[each]), counter.record, counter.field,
                    f"{counter.seconds[each]:.3f} s", source_index,
                )
                for each in (begin, earlier)
            ),
        )  # fmt: skip


def _lag(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return for each record how many records earlier its value first appeared; 0: never."""
    _, first, inverse = np.unique(seconds, return_index=True, return_inverse=True)
    lag: npt.NDArray[np.int64] = np.arange(len(seconds)) - first[inverse]
    return lag


def _one_a_record(counters: Iterable[MonotonicCounter]) -> Iterable[MonotonicCounter]:
    """Return one counter of each record and sender, so that a repetition is listed once."""
    return {(each.record, each.sender): each for each in counters}.values()


def _more(
    flight: Flight,
    source_index: int,
    counter: MonotonicCounter,
    row: int,
    count: int,
    inputs: RuleInputs,
) -> Finding:
    shown = log_evidence(
        flight, int(counter.offsets[row]), counter.record, counter.field,
        f"{counter.seconds[row]:.3f} s", source_index,
    )  # fmt: skip
    told = f"inconsistent: the counter {counter.record}.{counter.field} falls {count} more times"
    return Finding(RULE.id, inputs.severity, told, "measured", (shown,))


_RISING = [float(second) for second in range(40)]


def _told(seconds: list[float], kind: str = "count") -> dict[str, Any]:
    offsets = np.arange(100, 100 + 10 * len(seconds), 10)
    return {
        "monotonic_counters": (MonotonicCounter("POS", "TimeUS", kind, offsets, np.array(seconds)),)
    }


RULE = Rule(
    "record_chain",
    "The records of each log are in order and not repeated",
    "Counters in the order of the bytes; issues about checksums and ciphers.",
    "No log of the flight has a counter that rises through it.",
    RecordChain,
    check,
    examples=(
        Example(Outcome.PASS, "a counter that rises", log_fields=_told(_RISING)),
        Example(
            Outcome.FAIL,
            "a log with twelve repeated records",
            log_fields=_told([*_RISING[:20], *_RISING[8:]]),
        ),
        Example(
            Outcome.FAIL,
            "a log with two exchanged parts",
            log_fields=_told([*_RISING[:10], *_RISING[25:], *_RISING[10:25]]),
        ),
        Example(
            Outcome.PASS,
            "an aircraft that was restarted",
            log_fields=_told([*_RISING, *_RISING[:5]]),
            events=({"kind": "clock", "source_offset": 500},),
        ),
        Example(
            Outcome.NOT_ASSESSABLE, "a log with only a clock", log_fields=_told(_RISING, "clock")
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log without a counter"),
    ),
)
