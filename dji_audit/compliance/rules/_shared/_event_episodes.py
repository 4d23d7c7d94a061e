"""Episodes: what several records tell about one happening becomes one finding.

A breach of a fence, what the aircraft did about it, and its end are one happening; so are forty
damaged frames in a row.  Whatever concerns the same subject in intervals that touch, overlap or
lie no farther apart than a stated bridge is one episode.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

import pandas as pd

from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Severity
from parsers import GRADES

#: Bridge under which everything about one subject in a flight is one episode.
WHOLE_FLIGHT_S = float("inf")


class HasStartAndEnd(Protocol):
    """Anything with an interval: an event, a finding."""

    @property
    def start(self) -> pd.Timestamp | None:
        """When it began; ``None``: not known."""

    @property
    def end(self) -> pd.Timestamp | None:
        """When it ended; ``None``: not known, or at its start."""


T = TypeVar("T", bound=HasStartAndEnd)


@dataclass(frozen=True, slots=True)
class EventEpisode(Generic[T]):
    """One happening, and everything that shows it."""

    subject: str
    #: In time order; never empty.
    parts: tuple[T, ...]
    #: ``None``: the time of none of the parts is known.
    start: pd.Timestamp | None
    end: pd.Timestamp | None

    @property
    def duration_s(self) -> float | None:
        """Seconds from its start to its end; ``None``: not known."""
        if self.start is None or self.end is None:
            return None
        return (self.end - self.start).total_seconds()


def group_into_event_episodes(
    parts: Iterable[T], subject_of: Callable[[T], str], bridge_s: float = 0.0
) -> list[EventEpisode[T]]:
    """Return the episodes that some parts make up, in order of their starts.

    Parts without a time cannot be told apart in time: those of one subject join its only
    episode, or are one of their own.  Takes time in proportion to n log n.

    Args:
        parts: Events or findings, in any order.
        subject_of: What a part concerns; parts of different subjects never join.
        bridge_s: Seconds without any part that do not end an episode; ``WHOLE_FLIGHT_S``: none do.
    """
    of_subject: dict[str, list[T]] = defaultdict(list)
    for part in parts:
        of_subject[subject_of(part)].append(part)
    episodes = [
        episode
        for subject, members in of_subject.items()
        for episode in _episodes_of_subject(subject, members, bridge_s)
    ]
    return sorted(episodes, key=lambda episode: _start_sort_key(episode.start))


def merge_findings_into_one(
    findings: Sequence[Finding],
    summary: str,
    *,
    severity: Severity | None = None,
    peak: float | None = None,
) -> Finding:
    """Return several findings of one episode as one, with the evidence of all.

    It takes place and subject of the earliest, the strongest grade, and lasts from the first start
    to the last end.  It is inconclusive, or for information only, where all of them are.

    Args:
        findings: At least one.
        summary: The episode in one sentence.
        severity: Its severity; ``None``: the highest of theirs.
        peak: Its deepest value; ``None``: the greatest of theirs.
    """
    in_order = sorted(findings, key=lambda each: _start_sort_key(each.start))
    ends = [end for each in findings if (end := each.end or each.start) is not None]
    peaks = [each.peak for each in findings if each.peak is not None]
    return replace(
        in_order[0],
        severity=severity or max((each.severity for each in findings), key=lambda it: it.rank),
        summary=summary,
        grade=most_certain_finding_grade([each.grade for each in findings]),
        end=max(ends, default=None),
        peak=peak if peak is not None else max(peaks, default=None),
        evidence=tuple(dict.fromkeys(shown for each in in_order for shown in each.evidence)),
        inconclusive=all(each.inconclusive for each in findings),
        informational=all(each.informational for each in findings),
    )


def most_certain_finding_grade(grades: Sequence[str]) -> str:
    """Return the grade that knows best; the first of those that have no rank."""
    order = list(GRADES)
    return min(grades, key=lambda grade: order.index(grade) if grade in order else len(order))


def _episodes_of_subject(
    subject: str, parts: Sequence[T], bridge_s: float
) -> list[EventEpisode[T]]:
    timed = sorted(
        ((part.start.value, (part.end or part.start).value, part) for part in parts if part.start),
        key=lambda each: each[:2],
    )
    untimed = [part for part in parts if part.start is None]
    groups: list[list[T]] = []
    spans: list[tuple[int, int]] = []
    for start_ns, end_ns, part in timed:
        if groups and start_ns - spans[-1][1] <= bridge_s * 1e9:
            groups[-1].append(part)
            spans[-1] = (spans[-1][0], max(spans[-1][1], end_ns))
        else:
            groups.append([part])
            spans.append((start_ns, end_ns))
    if untimed and len(groups) == 1:
        groups[0] += untimed
        untimed = []
    episodes = [
        EventEpisode(subject, tuple(group), _timestamp_from_ns(start), _timestamp_from_ns(end))
        for group, (start, end) in zip(groups, spans, strict=True)
    ]
    if untimed:
        episodes.append(EventEpisode(subject, tuple(untimed), None, None))
    return episodes


def _start_sort_key(start: pd.Timestamp | None) -> tuple[bool, int]:
    """Return a key that orders by time; what has no time comes last."""
    return start is None, 0 if start is None else start.value


def _timestamp_from_ns(ns: int) -> pd.Timestamp:
    return pd.Timestamp(ns, tz="UTC")
