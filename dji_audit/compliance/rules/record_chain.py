"""The records of each log stand in order, each once, and their checks hold.

In the order of the bytes a counter that rises through the log must not fall: what
stands out of place, or a second time, was put there by storage that returned a
wrong block, or by somebody.  A counter that begins anew because the aircraft was
restarted is a remark.  Checks that fail (checksum, trailer, cipher) are counted; a
noisy radio link breaks them too.  Logs without a counter are not judged.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._log_tracks import SAID_BEFORE, runs, whole_logs
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    unknowable,
)
from dji_audit.flights import Flight, Telling
from parsers import Counter

#: How readers say that a check of theirs failed.
_CHECK = re.compile(r"checksum|\bCRC\b|trailer|decrypt|implausible time", re.I)
#: Findings of one kind that are listed for a log; the last says how many more there are.
_LISTED = 10


class RecordChain(Parameters):
    """Parameters of the rule."""

    back_s: float = Field(2.0, gt=0, description="Seconds by which a counter may fall.")
    repeated_records: int = Field(
        10, ge=2, description="Records in a row that were there before, which are a repetition."
    )


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Look through the counters and the reader's remarks of each log."""
    if not isinstance(parameters, RecordChain):
        raise TypeError("record_chain takes RecordChain")
    logs = list(whole_logs(flight))
    if not logs:
        return SAID_BEFORE
    found, looked = list[Finding](), 0
    for told_by, telling in logs:
        found += _failed_checks(flight, told_by, telling)
        for counter in telling.log.counters:
            # A clock that was set back is another rule's.
            if counter.kind == "count":
                looked += 1
                found += _falls(flight, told_by, telling, counter, parameters, inputs)
        for counter in _one_a_record(telling.log.counters):
            found += _repeated(flight, told_by, counter, parameters, inputs)
    broken = sum(finding.severity is not Severity.INFO for finding in found)
    if broken:
        told = f"{broken} place{'s' * (broken > 1)} out of order or repeated."
        return Verdict(Outcome.FAIL, told, tuple(found))
    if not looked:
        return unknowable("No log of the flight has a counter that rises through it.", found)
    remarks = f" {len(found)} remark{'s' * (len(found) > 1)}." if found else ""
    return Verdict(Outcome.PASS, f"Counters rise, and nothing stands twice.{remarks}", tuple(found))


def _failed_checks(flight: Flight, told_by: int, telling: Telling) -> Iterator[Finding]:
    bad = [issue for issue in telling.log.issues if _CHECK.search(issue.reason)]
    if bad:
        first = bad[0]
        size = sum(issue.size for issue in bad)
        told = f"{len(bad)} place{'s' * (len(bad) > 1)} whose check fails, {size:,} bytes in all; "
        shown = evidence(flight, first.offset, "bytes", "size", str(first.size), told_by)
        yield Finding(RULE.id, Severity.INFO, f"{told}first: {first.reason}", "measured", (shown,))


def _falls(
    flight: Flight,
    told_by: int,
    telling: Telling,
    counter: Counter,
    parameters: RecordChain,
    inputs: Inputs,
) -> Iterator[Finding]:
    """Yield each place at which a counter falls."""
    falls = np.flatnonzero(np.diff(counter.seconds) < -parameters.back_s)
    # Where the count goes on as before it fell, one record was out of line: its bytes are damaged.
    spikes = (falls > 0) & (
        counter.seconds[falls + 1] >= counter.seconds[np.maximum(falls - 1, 0)] - parameters.back_s
    )
    falls = falls[~spikes]
    for number, row in enumerate(falls.tolist()):
        if number == _LISTED:
            yield _more(flight, told_by, counter, row + 1, len(falls) - _LISTED, inputs)
            return
        fell = float(counter.seconds[row] - counter.seconds[row + 1])
        first, last = int(counter.offsets[row]), int(counter.offsets[row + 1])
        again = _restarted(telling, first, last)
        told = f"the counter {counter.record}.{counter.field} falls by {fell:.1f} s"
        yield Finding(
            RULE.id,
            Severity.INFO if again else inputs.severity,
            f"{told}; the aircraft was started anew" if again else f"inconsistent: {told}",
            "measured",
            tuple(
                evidence(
                    flight, int(counter.offsets[each]), counter.record, counter.field,
                    f"{counter.seconds[each]:.3f} s", told_by,
                )
                for each in (row, row + 1)
            ),
        )  # fmt: skip


def _restarted(telling: Telling, first: int, last: int) -> bool:
    """Return whether the reader found that the aircraft was restarted between two bytes."""
    events = telling.log.events
    clock = events[events["kind"] == "clock"]["source_offset"].to_numpy(np.int64)
    return bool(((clock >= first) & (clock <= last)).any())


def _repeated(
    flight: Flight, told_by: int, counter: Counter, parameters: RecordChain, inputs: Inputs
) -> Iterator[Finding]:
    """Yield each run of records whose counter stands earlier in the file with the same values."""
    lag = _lag(counter.seconds)
    same = np.concatenate(([False], (lag[1:] == lag[:-1]) & (lag[1:] > 0)))
    for first, last in runs(same):
        begin = first - 1
        count = last - begin + 1
        # What never changes repeats itself: a repetition is one of a run that moves on.
        if count < parameters.repeated_records or lag[begin] < count:
            continue
        earlier = begin - int(lag[begin])
        yield Finding(
            RULE.id,
            inputs.severity,
            f"inconsistent: {count} {counter.record} records repeat those from byte "
            f"{int(counter.offsets[earlier]):,} on",
            "measured",
            tuple(
                evidence(
                    flight, int(counter.offsets[each]), counter.record, counter.field,
                    f"{counter.seconds[each]:.3f} s", told_by,
                )
                for each in (begin, earlier)
            ),
        )  # fmt: skip


def _lag(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return for each record how many records before it its value stood first; 0: never."""
    _, first, inverse = np.unique(seconds, return_index=True, return_inverse=True)
    lag: npt.NDArray[np.int64] = np.arange(len(seconds)) - first[inverse]
    return lag


def _one_a_record(counters: Iterable[Counter]) -> Iterable[Counter]:
    """Return one counter of each record and sender: what stands twice is said once."""
    return {(each.record, each.sender): each for each in counters}.values()


def _more(
    flight: Flight, told_by: int, counter: Counter, row: int, count: int, inputs: Inputs
) -> Finding:
    shown = evidence(
        flight, int(counter.offsets[row]), counter.record, counter.field,
        f"{counter.seconds[row]:.3f} s", told_by,
    )  # fmt: skip
    told = f"inconsistent: the counter {counter.record}.{counter.field} falls {count} more times"
    return Finding(RULE.id, inputs.severity, told, "measured", (shown,))


_RISING = [float(second) for second in range(40)]


def _told(seconds: list[float], kind: str = "count") -> dict[str, Any]:
    offsets = np.arange(100, 100 + 10 * len(seconds), 10)
    return {"counters": (Counter("POS", "TimeUS", kind, offsets, np.array(seconds)),)}


RULE = Rule(
    "record_chain",
    "The records of each log stand in order, each once",
    "Counters in the order of the bytes; what the reader found of checksums and ciphers.",
    "No log of the flight has a counter that rises through it.",
    RecordChain,
    check,
    examples=(
        Example(Outcome.PASS, "a counter that rises", log=_told(_RISING)),
        Example(
            Outcome.FAIL,
            "a log of which twelve records stand twice",
            log=_told([*_RISING[:20], *_RISING[8:]]),
        ),
        Example(
            Outcome.FAIL,
            "a log of which two parts stand in each other's place",
            log=_told([*_RISING[:10], *_RISING[25:], *_RISING[10:25]]),
        ),
        Example(
            Outcome.PASS,
            "an aircraft that was started anew",
            log=_told([*_RISING, *_RISING[:5]]),
            events=({"kind": "clock", "source_offset": 500},),
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log of a clock alone", log=_told(_RISING, "clock")),
        Example(Outcome.NOT_ASSESSABLE, "a log without a counter"),
    ),
)
