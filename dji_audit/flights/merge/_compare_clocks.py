"""Clocks that contradict: those that say UTC and are off, and those that two ways place apart."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from dji_audit.flights._model import Said
from dji_audit.flights._split import NAT, own_times
from dji_audit.flights.join._plan import Clue
from dji_audit.flights.merge._conflict_groups import Contrast, Wording
from dji_audit.flights.merge._segments import Piece

#: A clock that states no error is allowed this much.
_CLOCK_S = 2.0


def contrasts_of_clocks(found: Sequence[Piece]) -> Iterator[Contrast]:
    """Yield what the clocks of a flight's logs contradict, each held against one other."""
    reference = next((n for n, it in enumerate(found) if it.placing.method == "reference"), 0)
    for place, piece in enumerate(found):
        if piece.copy or piece.placing.offset_s is None:
            continue
        for clue in piece.member.clues:
            if (contrast := _of_clue(found, place, clue)) is not None:
                yield contrast
        if piece.part.kind == "utc" and piece.placing.method == "path" and place != reference:
            off_s = _most_off_s(piece)
            allowed = (piece.log.clock.uncertainty_s or 0.0) + piece.uncertainty_s + _CLOCK_S
            if abs(off_s) > allowed:
                ahead = "ahead of" if off_s > 0 else "behind"
                yield Contrast(
                    "time", ahead, _says_utc(ahead), _said(found, reference), _said(found, place),
                    abs(off_s), allowed, "s", "errors of both clocks, and 2 s",
                )  # fmt: skip


def _of_clue(found: Sequence[Piece], place: int, clue: Clue) -> Contrast | None:
    """Return how a clue contradicts the way that a clock was placed; ``None``: it does not."""
    piece = found[place]
    apart = abs(clue.offset_s - (piece.placing.offset_s or 0.0))
    allowed = clue.uncertainty_s + piece.uncertainty_s + _CLOCK_S
    if apart <= allowed:
        return None
    lender = next((n for n, it in enumerate(found) if it.member.log == clue.log), place)
    reason = piece.placing.reason or "it states UTC itself"

    def sentence(told: Wording) -> str:
        clocks = f"clock{'s' * told.several} of {told.others} {'are' if told.several else 'is'}"
        return (
            f"the {clocks} placed in two ways that lie {told.apart:.0f} s apart: "
            f"{reason}; but {clue.reason}"
        )

    return Contrast(
        "time", f"{piece.placing.method} {clue.method}", sentence,
        _said(found, lender), _said(found, place),
        apart, allowed, "s", "errors of both ways, and 2 s",
    )  # fmt: skip


def _says_utc(ahead: str) -> Callable[[Wording], str]:
    def sentence(told: Wording) -> str:
        clocks = f"clock{'s' * told.several} of {told.others} {'are' if told.several else 'is'}"
        by = f"{told.apart:.{1 if told.apart < 10 else 0}f}"
        return f"the {clocks} {by} s {ahead} that of the flight, by their paths"

    return sentence


def _said(found: Sequence[Piece], place: int) -> Said:
    """Return what a log's own clock says first, and where."""
    piece = found[place]
    table, column = ("track", "time") if len(piece.track) else ("captures", "start")
    rows = piece.rows(table)
    source = piece.placing.source or ""
    if not len(rows):
        return Said(place, None, piece.log.track_record, column, source)
    own = int(own_times(piece.log, piece.part.kind, table)[piece.part.rows(table)][0])
    value = source if own == NAT else f"{pd.Timestamp(own):%Y-%m-%d %H:%M:%S.%f}"[:-3]
    record = piece.log.track_record if table == "track" else "capture"
    return Said(place, int(rows["source_offset"].iloc[0]), record, column, value)


def _most_off_s(piece: Piece) -> float:
    """Return by how much a clock that says UTC is ahead of the flight's, where that is most."""
    own = own_times(piece.log, piece.part.kind, "track")[piece.part.rows("track")]
    own = own[own != NAT]
    if not len(own) or not piece.placing.drifts:
        return 0.0 - (piece.placing.offset_s or 0.0)
    ends = np.array([own.min(), own.max()])
    ahead = (ends - piece.placing.moved_ns(ends)) / 1e9
    return float(ahead[np.argmax(abs(ahead))])
