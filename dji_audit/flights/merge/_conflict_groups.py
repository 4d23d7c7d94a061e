"""One contradiction is told once: logs that differ from one log alike, with all sides named."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from dji_audit.flights._model import Disagreement, Said

#: Intervals that begin and end within so many seconds, or share so much, are one.
_BRIDGE = pd.Timedelta(seconds=5)
_SHARED = 0.5
#: Contradictions before this one that it may be the same as.
_LOOK_BACK = 32
#: Logs that a sentence names; all of them are among the sides.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """What a sentence about a contradiction is made of."""

    one: str
    #: The names of those that differ from it, as a list in words.
    others: str
    several: bool
    #: Where it is most.
    apart: float
    rows: int

    @property
    def in_rows(self) -> str:
        """In how many rows, in words."""
        return f"in {self.rows} row{'s' * (self.rows != 1)}"


@dataclass(frozen=True, slots=True)
class Contrast:
    """One log held against another: what a disagreement is made of."""

    #: One of ``DISAGREEMENTS``.
    what: str
    #: Contrasts of one key may be one contradiction.
    key: str
    sentence: Callable[[Wording], str]
    #: The log that others are held against, and the one that differs.
    one: Said
    other: Said
    apart: float
    allowed: float
    unit: str
    allowance: str
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    rows: int = 1
    #: Further intervals that are counted and not shown.
    more: int = 0
    #: Whether it must be of one time to be one contradiction.
    timed: bool = True


def contradictions_of(
    contrasts: Iterable[Contrast], names: Sequence[str]
) -> Iterator[Disagreement]:
    """Yield each contradiction once.

    Args:
        contrasts: Of one log with another, each.
        names: Of the logs, in their order.
    """
    groups: dict[tuple[str, str], list[list[Contrast]]] = defaultdict(list)
    for contrast in contrasts:
        known = groups[contrast.what, contrast.key]
        group = next((it for it in known[: -_LOOK_BACK - 1 : -1] if _is_one(contrast, it)), None)
        if group is None:
            known.append([contrast])
        else:
            group.append(contrast)
    for known in groups.values():
        for group in known:
            yield _told(group, names)


def _is_one(contrast: Contrast, group: Sequence[Contrast]) -> bool:
    """Return whether a contrast is one with others: at the same time, or by as much."""
    first = group[0]
    if not contrast.timed:
        return True
    if any(contrast.other.told_by == it.other.told_by for it in group):
        return False
    if contrast.start is None or contrast.end is None or first.start is None or first.end is None:
        return abs(contrast.apart - first.apart) <= max(contrast.allowed, first.allowed)
    begin, end = abs(contrast.start - first.start), abs(contrast.end - first.end)
    if begin <= _BRIDGE and end <= _BRIDGE:
        return True
    shared = min(contrast.end, first.end) - max(contrast.start, first.start)
    whole = max(contrast.end, first.end) - min(contrast.start, first.start)
    return bool(shared >= _SHARED * whole)


def _told(group: Sequence[Contrast], names: Sequence[str]) -> Disagreement:
    worst = max(group, key=lambda it: it.apart - it.allowed)
    others = list(dict.fromkeys(it.other.told_by for it in group))
    rows, more = sum(it.rows for it in group), sum(it.more for it in group)
    text = worst.sentence(
        Wording(
            names[worst.one.told_by],
            listed([names[place] for place in others]),
            len(others) > 1,
            worst.apart,
            rows,
        )
    )
    starts = [it.start for it in group if it.start is not None]
    ends = [it.end for it in group if it.end is not None]
    return Disagreement(
        worst.what,
        f"{text}; {more} more such interval{'s' * (more != 1)}" if more else text,
        tuple(dict.fromkeys([*(it.one for it in group), *(it.other for it in group)])),
        round(worst.apart, 3),
        round(worst.allowed, 3),
        worst.unit,
        worst.allowance,
        min(starts, default=None),
        max(ends, default=None),
        rows,
    )


def listed(names: Sequence[str]) -> str:
    """Return names as a list in words; of many the first few, and how many more there are."""
    if len(names) > _NAMED + 1:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
