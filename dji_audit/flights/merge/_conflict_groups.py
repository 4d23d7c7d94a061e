"""Conflicts between two logs each, grouped into disagreements: one contradiction stands once.

Logs that differ from one log in the same way are one disagreement, with all of them as sides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from dji_audit.flights._model import Disagreement, ValueInLog
from dji_audit.flights.merge._conflict_sentences import ConflictSentenceTemplates, describe_conflict

#: Intervals that begin and end within this time of each other, or share this part of the
#: time that they cover together, are the same.
_MAX_BOUND_DIFFERENCE = pd.Timedelta(seconds=5)
_MIN_SHARED = 0.5
#: Earlier disagreements that a conflict may belong to.
_LOOK_BACK = 32


@dataclass(frozen=True, slots=True)
class ConflictOfTwoLogs:
    """One log compared with another, where they differ by more than their errors allow."""

    #: One of ``DISAGREEMENT_KINDS``.
    kind: str
    #: Conflicts of one key may be one disagreement.
    key: str
    text: ConflictSentenceTemplates
    #: Of the log that others are compared with, and of the one that differs.
    reference: ValueInLog
    other: ValueInLog
    difference: float
    tolerance: float
    words: Mapping[str, str] = field(default_factory=dict)
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    rows: int = 1
    #: Further intervals that are counted and not listed.
    unlisted: int = 0
    #: Whether conflicts of different times are different disagreements.
    is_timed: bool = True


def group_conflicts(
    conflicts: Iterable[ConflictOfTwoLogs], names: Sequence[str]
) -> Iterator[Disagreement]:
    """Yield each disagreement once.

    Args:
        conflicts: Of one log with another each, in order of kind, key and time.
        names: Of the logs, in their order.
    """
    groups: dict[tuple[str, str], list[list[ConflictOfTwoLogs]]] = defaultdict(list)
    for conflict in conflicts:
        known = groups[conflict.kind, conflict.key]
        recent = known[: -_LOOK_BACK - 1 : -1]
        group = next(
            (group for group in recent if _belongs_to_conflict_group(conflict, group)), None
        )
        if group is None:
            known.append([conflict])
        else:
            group.append(conflict)
    for known in groups.values():
        for group in known:
            yield _conflict_group_as_disagreement(group, names)


def _belongs_to_conflict_group(
    conflict: ConflictOfTwoLogs, group: Sequence[ConflictOfTwoLogs]
) -> bool:
    """Return whether a conflict belongs to a group: it is of the same time, or as large."""
    first = group[0]
    if not conflict.is_timed:
        return True
    if any(conflict.other.source_index == it.other.source_index for it in group):
        return False
    if conflict.start is None or conflict.end is None or first.start is None or first.end is None:
        return abs(conflict.difference - first.difference) <= max(
            conflict.tolerance, first.tolerance
        )
    begin, end = abs(conflict.start - first.start), abs(conflict.end - first.end)
    if begin <= _MAX_BOUND_DIFFERENCE and end <= _MAX_BOUND_DIFFERENCE:
        return True
    shared = min(conflict.end, first.end) - max(conflict.start, first.start)
    covered = max(conflict.end, first.end) - min(conflict.start, first.start)
    return bool(shared >= _MIN_SHARED * covered)


def _conflict_group_as_disagreement(
    group: Sequence[ConflictOfTwoLogs], names: Sequence[str]
) -> Disagreement:
    worst = max(group, key=lambda it: it.difference - it.tolerance)
    others = list(dict.fromkeys(it.other.source_index for it in group))
    rows = sum(it.rows for it in group)
    return Disagreement(
        worst.kind,
        describe_conflict(
            worst.text,
            worst.words,
            names[worst.reference.source_index],
            [names[index] for index in others],
            worst.difference,
            rows,
            sum(it.unlisted for it in group),
        ),
        tuple(dict.fromkeys([*(it.reference for it in group), *(it.other for it in group)])),
        round(worst.difference, 3),
        round(worst.tolerance, 3),
        worst.text.unit,
        worst.text.tolerance_basis,
        min((it.start for it in group if it.start is not None), default=None),
        max((it.end for it in group if it.end is not None), default=None),
        rows,
    )
