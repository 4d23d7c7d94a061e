"""The logs of a flight, each brought to the flight's clock: the first step of a merge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

import parsers
from dji_audit.flights._clock_alignment import Placing
from dji_audit.flights._split import NAT, Ints, Part, cut, media_formats
from dji_audit.flights.clock._refine import settle
from dji_audit.flights.clock._track_alignment import Floats, Path, path_of
from dji_audit.flights.join._plan import Member, Plan


@dataclass(eq=False)
class Piece:
    """One member of a flight with its rows, on the flight's clock."""

    member: Member
    part: Part
    placing: Placing
    _rows: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    _known: dict[tuple[str, ...], tuple[Floats, list[Floats]]] = field(
        default_factory=dict, repr=False
    )

    @property
    def log(self) -> parsers.Log:
        """The log."""
        return self.part.log

    @property
    def media(self) -> bool:
        """Whether it is a recording, or stands beside one."""
        return self.log.source.format in media_formats()

    @property
    def copy(self) -> bool:
        """Whether it holds the records of another log of the flight."""
        return self.member.copy_of is not None

    @property
    def uncertainty_s(self) -> float:
        """Seconds within which its times are known on the flight's clock; 1 if not stated."""
        known = self.placing.uncertainty_s
        return 1.0 if known is None else known

    def rows(self, table: str) -> pd.DataFrame:
        """Return its rows of a table with times on the flight's clock."""
        if table not in self._rows:
            self._rows[table] = self.part.placed(table, self.placing)
        return self._rows[table]

    def times(self, table: str, column: str) -> Ints:
        """Return the times that a column of a table has, nanoseconds since 1970."""
        times = self.rows(table)[column].to_numpy("datetime64[ns]").view(np.int64)
        known: Ints = times[times != NAT]
        return known

    def known(self, columns: tuple[str, ...]) -> tuple[Floats, list[Floats]]:
        """Return the rows of the track that have some columns, in order of time.

        Returns:
            Seconds since 1970 and place in the track, shape ``(n, 2)``; the columns.
        """
        if columns not in self._known:
            self._known[columns] = _known(self.track, columns)
        return self._known[columns]

    @cached_property
    def track(self) -> pd.DataFrame:
        """Its rows of the track."""
        return self.rows("track")

    @cached_property
    def path(self) -> Path:
        """Its fixes that have a time."""
        times = self.track["time"].to_numpy("datetime64[ns]").view(np.int64)
        return path_of(self.track, times)


def pieces(plan: Plan, logs: Mapping[int, parsers.Log]) -> tuple[Piece, ...]:
    """Return the members of a plan with their logs, all on the flight's clock."""
    parted = {place: cut(logs[place]) for place in plan.logs}
    found = [
        Piece(member, parted[member.log][member.number - 1].within(*member.window), member.placing)
        for member in plan.members
    ]
    anchor = next((one for one in found if one.placing.method == "reference"), found[0])
    first = _refined(found[0], anchor) or found[0]
    # What the best clock's log does not cover may still lie on the first one's path.
    others = (anchor,) if anchor is found[0] else (anchor, first)
    rest = [
        next((it for other in others if (it := _refined(piece, other))), piece)
        for piece in found[1:]
    ]
    return tuple(_copied([first, *rest]))


def _known(track: pd.DataFrame, columns: tuple[str, ...]) -> tuple[Floats, list[Floats]]:
    times = track["time"].to_numpy("datetime64[ns]")
    values = [track[name].to_numpy(np.float64) for name in columns]
    known = ~np.isnat(times)
    for column in values:
        known &= np.isfinite(column)
    rows = np.flatnonzero(known)
    seconds = times[rows].view(np.int64) / 1e9
    order = np.argsort(seconds, kind="stable")
    rows, seconds = rows[order], seconds[order]
    return np.stack([seconds, rows.astype(np.float64)], axis=1), [column[rows] for column in values]


def _copied(found: Sequence[Piece]) -> list[Piece]:
    """Give each copy the place in time of its original."""
    placed = {(piece.member.log, piece.member.number): piece.placing for piece in found}
    out = []
    for piece in found:
        if piece.member.copy_of is not None:
            original = placed[piece.member.copy_of]
            placing = replace(
                piece.placing,
                offset_s=original.offset_s,
                uncertainty_s=original.uncertainty_s,
                drift=original.drift,
            )
            piece = Piece(piece.member, piece.part, placing)
        out.append(piece)
    return out


def _refined(piece: Piece, other: Piece) -> Piece | None:
    """Return a piece whose clock is set by its path on another; ``None``: paths tell nothing."""
    placing = piece.placing
    if piece.copy or placing.method == "reference" or piece.member is other.member:
        return piece
    if placing.offset_s is None or other.placing.offset_s is None:
        return piece
    settled = settle(placing, piece.path, other.path)
    if settled is None:
        return None
    return piece if settled == placing else Piece(piece.member, piece.part, settled)
