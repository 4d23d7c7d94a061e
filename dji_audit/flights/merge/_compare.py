"""What the logs of a flight disagree on, beyond what their errors allow.

Errors: a satellite position of an aircraft is good to about 5 m without corrections
(the 95 % figure that DJI states for hovering is 1.5 m, and GPS SPS PS 2020 gives 8 m at
95 % as the worst case); a barometric height drifts by some metres in a flight.  To
these comes what the steps of the numbers hide, and what the aircraft moves while the
clocks are unsure.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.flights._model import DISAGREEMENTS, Disagreement, Said
from dji_audit.flights._split import Ints
from dji_audit.flights.merge._captures import Recording, Showing
from dji_audit.flights.merge._compare_clocks import contrasts_of_clocks
from dji_audit.flights.merge._conflict_groups import Contrast, Wording, contradictions_of
from dji_audit.flights.merge._segments import Piece
from dji_audit.geo.geodesy import distances_m, roughly_m

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Metres that each of two logs may be off.
POSITION_M, HEIGHT_M, ALTITUDE_M = 5.0, 3.0, 10.0
#: Seconds: rows of a log farther apart than this are a gap that nothing is laid across.
_GAP_S = 3.0
#: The one row of a photo is held against rows so near in time.
_ALONE_S = 0.6
#: Rows in which two logs disagree that lie closer than this are one disagreement.
_BRIDGE_S = 5.0
#: The bounds of a recording are allowed this much.
_BOUNDS_S = 5.0
#: A recording that begins or ends so near to where its log does is cut by that.
_CUT_NS = 2_000_000_000
#: Shown one by one for each pair of logs; the rest are counted in the last.
_MOST = 20
_KINDS = tuple(DISAGREEMENTS)


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """Rows of one log held against another at the same instants."""

    rows: npt.NDArray[np.intp]
    #: Row of the other log that is nearest.
    nearest: npt.NDArray[np.intp]
    apart: Floats
    allowed: Floats


def disagreements(
    found: Sequence[Piece], recordings: Sequence[Recording]
) -> tuple[Disagreement, ...]:
    """Return what the logs of a flight disagree on, in order of kind and time."""
    contrasts = [*contrasts_of_clocks(found)]
    for place, piece in enumerate(found[1:], 1):
        if not piece.copy and piece.placing.placed and found[0].placing.placed:
            contrasts += _of_tracks(found, place)
    contrasts += _of_recordings(found, recordings)
    contrasts.sort(key=lambda it: (_KINDS.index(it.what), it.key, _start(it), it.other.told_by))
    return tuple(contradictions_of(contrasts, [piece.log.source.name for piece in found]))


def _start(contrast: Contrast) -> int:
    return 0 if contrast.start is None else contrast.start.value


def _of_tracks(found: Sequence[Piece], place: int) -> Iterator[Contrast]:
    """Yield where and when the first log and another put the aircraft apart."""
    first, other = found[0], found[place]
    # The denser of the two is held against the sparser: each row of both then counts.
    dense, sparse = (0, place) if len(first.track) >= len(other.track) else (place, 0)
    one, two = found[dense], found[sparse]
    compared = _positions(one, two)
    if compared is not None:
        yield from _intervals(found, dense, sparse, compared, "position", "latitude_deg", "")
    for column, error, words in (
        ("height_ato_m", HEIGHT_M, " in height above take-off"),
        ("altitude_amsl_m", ALTITUDE_M, " in altitude above the sea"),
    ):
        compared = _values(one, two, column, error)
        if compared is not None:
            yield from _intervals(found, dense, sparse, compared, "height", column, words)


def _positions(one: Piece, two: Piece) -> _Compared | None:
    latitude, longitude = "latitude_deg", "longitude_deg"
    laid = _laid(one, two, (latitude, longitude))
    if laid is None:
        return None
    rows, nearest, (here, theirs) = laid
    speed = _speeds(one, rows)
    unsure = one.uncertainty_s + two.uncertainty_s
    steps = one.path.quantum_m + two.path.quantum_m
    allowed = np.asarray(2 * POSITION_M + steps + speed * unsure, np.float64)
    # Most are near for sure; the others are measured.
    apart = roughly_m(*here, *theirs)
    doubted = np.flatnonzero(apart > 0.9 * allowed)
    apart[doubted] = distances_m(*(column[doubted] for column in (*here, *theirs)))
    return _Compared(rows, nearest, apart, allowed)


def _values(one: Piece, two: Piece, column: str, error: float) -> _Compared | None:
    laid = _laid(one, two, (column,))
    if laid is None:
        return None
    rows, nearest, (here, theirs) = laid
    rate = abs(one.track["vertical_speed_mps"].to_numpy(np.float64)[rows])
    rate = np.where(np.isfinite(rate), rate, 3.0)
    allowed = 2 * error + rate * (one.uncertainty_s + two.uncertainty_s)
    apart = np.asarray(abs(here[0] - theirs[0]), np.float64)
    return _Compared(rows, nearest, apart, np.asarray(allowed, np.float64))


def _laid(
    one: Piece, two: Piece, columns: tuple[str, ...]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], tuple[list[Floats], list[Floats]]] | None:
    """Return the values of two logs at the instants of the one; of the other between its rows."""
    times, mine = one.known(columns)
    others, theirs = two.known(columns)
    if not len(times) or not len(others):
        return None
    at, reference = times[:, 0], others[:, 0]
    after = np.searchsorted(reference, at)
    inside = (after > 0) & (after < len(reference))
    exact = (after < len(reference)) & (reference[np.minimum(after, len(reference) - 1)] == at)
    before = np.maximum(after - 1, 0)
    after = np.minimum(after, len(reference) - 1)
    close = reference[after] - reference[before] <= _GAP_S
    alone = abs(at - reference[0]) <= _ALONE_S
    usable = alone if len(reference) == 1 else exact | (inside & close)
    keep = np.flatnonzero(usable)
    if not len(keep):
        return None
    nearer = np.where(at - reference[before] <= reference[after] - at, before, after)
    values = [np.interp(at[keep], reference, column) for column in theirs]
    rows = times[keep, 1].astype(np.intp)
    nearest = others[nearer[keep], 1].astype(np.intp)
    return rows, nearest, ([column[keep] for column in mine], values)


def _speeds(piece: Piece, rows: npt.NDArray[np.intp]) -> Floats:
    """Return how fast the aircraft was at some rows: as stated, else 15 m/s, which few exceed."""
    speed = piece.track["ground_speed_mps"].to_numpy(np.float64)[rows]
    return np.where(np.isfinite(speed), speed, 15.0)


def _intervals(
    found: Sequence[Piece],
    dense: int,
    sparse: int,
    compared: _Compared,
    what: str,
    column: str,
    words: str,
) -> Iterator[Contrast]:
    """Yield each interval in which two logs lie farther apart than their errors allow."""
    beyond: Bools = compared.apart > compared.allowed
    hits = np.flatnonzero(beyond)
    if not len(hits):
        return
    one, photo = found[dense], found[sparse].media and len(found[sparse].track) == 1
    times: Ints = one.track["time"].to_numpy("datetime64[ns]").view(np.int64)[compared.rows]
    cuts = np.flatnonzero(np.diff(times[hits]) > _BRIDGE_S * 1e9) + 1
    groups = np.split(hits, cuts)
    for number, group in enumerate(groups[:_MOST]):
        worst = int(group[np.argmax(compared.apart[group] - compared.allowed[group])])
        sides = {
            dense: _said(found, dense, int(compared.rows[worst]), what, column),
            sparse: _said(found, sparse, int(compared.nearest[worst]), what, column),
        }
        yield Contrast(
            what,
            f"{column} of photos" if photo else column,
            _lies_apart(words),
            sides.pop(0),
            sides.popitem()[1],
            float(compared.apart[worst]),
            float(compared.allowed[worst]),
            "m",
            "errors of both logs, their steps, and what clocks leave unsure",
            pd.Timestamp(int(times[group[0]]), tz="UTC"),
            pd.Timestamp(int(times[group[-1]]), tz="UTC"),
            len(group),
            max(0, len(groups) - _MOST) if number == _MOST - 1 else 0,
            timed=not photo,
        )


def _lies_apart(words: str) -> Callable[[Wording], str]:
    def sentence(told: Wording) -> str:
        if told.several:
            far = f"lies up to {told.apart:.1f} m from {told.others}{words}"
            return f"{told.one} {far}, {told.in_rows}"
        return f"{told.one} and {told.others} are {told.apart:.1f} m apart{words}, {told.in_rows}"

    return sentence


def _said(found: Sequence[Piece], place: int, row: int, what: str, column: str) -> Said:
    piece = found[place]
    fix = piece.track.iloc[row]
    value = f"{float(fix[column]):.1f}"
    field = column
    if what == "position":
        value = f"{float(fix['latitude_deg']):.6f}, {float(fix['longitude_deg']):.6f}"
        field = "latitude_deg, longitude_deg"
    return Said(place, int(fix["source_offset"]), piece.log.track_record, field, value)


def _of_recordings(found: Sequence[Piece], recordings: Sequence[Recording]) -> Iterator[Contrast]:
    """Yield recordings that a log and a file give other bounds.

    Where a log itself begins or ends, a recording in it is cut, and says nothing.
    """
    spans = {place: _span_ns(piece) for place, piece in enumerate(found)}
    for recording in recordings:
        main = recording.main
        if recording.kind == "photo":
            continue
        files = [one for one in recording.showings if one.source != main.source]
        presses = {one.press for one in files if one.source == "files"}
        if len(presses) > 1:
            continue
        for one in files:
            allowed = main.uncertainty_s + one.uncertainty_s + _BOUNDS_S
            for edge, mine, theirs in (
                ("begins", main.start, one.start), ("ends", main.end, one.end),
            ):  # fmt: skip
                apart = abs(mine - theirs) / 1e9
                limits = (*spans[main.told_by], *spans[one.told_by])
                cut = any(abs(at - limit) <= _CUT_NS for at in (mine, theirs) for limit in limits)
                if apart <= allowed or cut or one.start == one.end:
                    continue
                at = pd.Timestamp(mine, tz="UTC")
                yield Contrast(
                    "capture", f"{recording.kind} {edge}",
                    _differs(f"one {recording.kind} {edge}"),
                    _capture_said(main, mine), _capture_said(one, theirs),
                    apart, allowed, "s", "errors of both clocks, and 5 s", at, at,
                )  # fmt: skip


def _differs(words: str) -> Callable[[Wording], str]:
    def sentence(told: Wording) -> str:
        upto = "up to " * told.several
        return f"{words} {upto}{told.apart:.1f} s apart in {told.one} and in {told.others}"

    return sentence


def _span_ns(piece: Piece) -> tuple[int, ...]:
    """Return the first and the last instant of the track of a record; none of media."""
    if piece.media or not len(piece.path):
        return ()
    return round(piece.path.start * 1e9), round(piece.path.end * 1e9)


def _capture_said(one: Showing, at: int) -> Said:
    value = f"{pd.Timestamp(at, tz='UTC'):%Y-%m-%d %H:%M:%S.%f}"[:-3]
    return Said(one.told_by, one.told[1], "capture", "start, end", value)
