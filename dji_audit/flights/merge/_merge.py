"""A plan and its logs to one flight."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

import parsers
from dji_audit.flights._model import Flight, Remark, Telling
from dji_audit.flights.join._plan import Plan
from dji_audit.flights.merge._captures import fuse
from dji_audit.flights.merge._column_sources import merged
from dji_audit.flights.merge._compare import disagreements
from dji_audit.flights.merge._identity import contradictions
from dji_audit.flights.merge._segments import Piece, pieces
from dji_audit.geo.geodesy import farthest_m, path_length_m

Instant = pd.Timestamp | None
#: Two logs that tell the same in the same words within so many seconds tell one event.
_SAME_S = 2.0
#: Events of which each log's own telling counts: a flight is bounded by them.
_OWN = ("takeoff", "landing")


def merge(plan: Plan, logs: Mapping[int, parsers.Log]) -> Flight:
    """Return the flight of a plan.

    Args:
        plan: Which parts of which logs tell of it.
        logs: Those logs, by their place among all that were joined.
    """
    found = pieces(plan, logs)
    first = found[0]
    whole = merged(found)
    events = _events(found)
    takeoff, landing = _bounds(found)
    in_air = between(whole.track, "time", takeoff, landing)
    captures = fuse(found)
    home, home_told_by = _place(found, "home")
    # The controller's own GPS; a phone may give a place that it remembered.
    pilot, pilot_told_by = _place(found, "controller")
    if pilot is None:
        pilot, pilot_told_by = _place(found, "pilot")
    began = _first_fix(first.log, in_air) if takeoff is not None else None
    origin = home or began
    start, end = _span(whole.track, events)
    since, until = takeoff or start, landing or end
    heights = in_air["height_ato_m"].dropna()
    return Flight(
        id=plan.id,
        tellings=_tellings(found),
        takeoff=takeoff,
        landing=landing,
        start=start,
        end=end,
        track=whole.track,
        events=events,
        captures=captures.table,
        contacts=_stacked(found, "contacts"),
        home=home,
        takeoff_place=began,
        pilot=pilot,
        duration_s=(until - since).total_seconds() if takeoff and until and since else None,
        distance_m=path_length_m(in_air),
        max_height_ato_m=float(heights.max()) if len(heights) else None,
        max_home_distance_m=farthest_m(in_air, origin) if origin is not None else None,
        home_told_by=home_told_by,
        pilot_told_by=pilot_told_by,
        columns_from=whole.columns_from,
        offsets=whole.offsets,
        captures_told_by=captures.told_by,
        disagreements=(*disagreements(found, captures.recordings), *contradictions(found)),
        remarks=_remarks(plan, found),
    )


def between(frame: pd.DataFrame, column: str, after: Instant, before: Instant) -> pd.DataFrame:
    """Return the rows from ``after`` up to ``before``; rows without a time go first."""
    keep = np.ones(len(frame), bool)
    if after is not None:
        keep &= (frame[column] >= after).to_numpy()
    if before is not None:
        keep &= ~(frame[column] >= before).to_numpy()
    rows = np.flatnonzero(keep)
    if len(rows) == len(frame):
        return frame
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        # Rows that follow one another need not be copied.
        return frame.iloc[rows[0] : rows[-1] + 1].reset_index(drop=True)
    return frame.take(rows).reset_index(drop=True)


def _tellings(found: Sequence[Piece]) -> tuple[Telling, ...]:
    places = {(piece.member.log, piece.member.number): n for n, piece in enumerate(found)}
    out = []
    for piece in found:
        start, end = _first_and_last(piece)
        original = piece.member.copy_of
        out.append(
            Telling(
                piece.log,
                piece.placing,
                piece.track,
                piece.member.match,
                piece.member.rivals,
                None if original is None else places[original],
                piece.member.number,
                start,
                end,
                piece.media,
                piece.member.number == 1 and piece.member.window[0] is None,
            )
        )
    return tuple(out)


def _first_and_last(piece: Piece) -> tuple[Instant, Instant]:
    """Return from when to when a log tells of a flight: of its fixes, else of its captures."""
    times = piece.times("track", "time")
    if len(times) < 2:
        captures = [piece.times("captures", column) for column in ("start", "end")]
        times = np.concatenate([times, *captures])
    if not len(times):
        return None, None
    return pd.Timestamp(int(times.min()), tz="UTC"), pd.Timestamp(int(times.max()), tz="UTC")


def _bounds(found: Sequence[Piece]) -> tuple[Instant, Instant]:
    """Return take-off and landing as the first log that shows them does."""
    takeoff = landing = None
    for piece in found:
        if not piece.placing.placed or piece.media:
            continue
        part, placing = piece.part, piece.placing
        if takeoff is None and part.takeoff_ns is not None:
            takeoff = placing.instant(pd.Timestamp(part.takeoff_ns, tz="UTC"))
        if landing is None and part.landing_ns is not None:
            landing = placing.instant(pd.Timestamp(part.landing_ns, tz="UTC"))
    if takeoff is not None and landing is not None and landing < takeoff:
        landing = None
    return takeoff, landing


def _events(found: Sequence[Piece]) -> pd.DataFrame:
    """Return the events of all logs in order of time; what two tell alike stands once."""
    stacked = _stacked(found, "events")
    if stacked["told_by"].nunique() < 2:
        return stacked
    times = stacked["time"].to_numpy("datetime64[ns]").view(np.int64)
    keep = np.ones(len(stacked), bool)
    last: dict[tuple[str, str], list[tuple[int, int]]] = {}
    columns = zip(stacked["kind"], stacked["text"], stacked["told_by"], strict=True)
    for row, (kind, text, by) in enumerate(columns):
        told = last.setdefault((str(kind), str(text)), [])
        near = (_SAME_S + found[by].uncertainty_s) * 1e9
        at = int(times[row])
        same = any(other != by and abs(at - time) <= near for time, other in told[-8:])
        if same and kind not in _OWN and by != 0:
            keep[row] = False
        else:
            told.append((at, int(by)))
    return stacked[keep].reset_index(drop=True)


def _stacked(found: Sequence[Piece], table: str) -> pd.DataFrame:
    """Return the rows of a table of all logs but copies, with ``told_by``, in order of time."""
    frames = []
    for place, piece in enumerate(found):
        if piece.copy:
            continue
        rows = piece.rows(table)
        if len(rows) or not place:
            frames.append(rows.assign(told_by=np.full(len(rows), place, np.int16)))
    if len(frames) == 1:
        return frames[0]
    whole = pd.concat(frames, ignore_index=True)
    times = whole["time"].to_numpy("datetime64[ns]").view(np.int64)
    # Rows without a time stay last, as in each log.
    order = np.argsort(
        np.where(np.isnat(whole["time"].to_numpy("datetime64[ns]")), 1 << 62, times), kind="stable"
    )
    return whole.take(order).reset_index(drop=True)


def _span(track: pd.DataFrame, events: pd.DataFrame) -> tuple[Instant, Instant]:
    times = track["time"].dropna()
    if times.empty:
        times = events["time"].dropna()
    return (times.iloc[0], times.iloc[-1]) if len(times) else (None, None)


def _first_fix(log: parsers.Log, track: pd.DataFrame) -> parsers.Place | None:
    """Return the first position of a track as a place."""
    position = track["latitude_deg"].to_numpy() + track["longitude_deg"].to_numpy()
    known = np.flatnonzero(np.isfinite(position))
    if not len(known):
        return None
    row = int(known[0])
    time = track["time"].iloc[row]
    return parsers.Place(
        "start",
        None if pd.isna(time) else time,
        float(track["latitude_deg"].iloc[row]),
        float(track["longitude_deg"].iloc[row]),
        None,
        log.track_record,
        int(track["source_offset"].iloc[row]),
    )


def _place(found: Sequence[Piece], kind: str) -> tuple[parsers.Place | None, int]:
    """Return the place of a kind, and which log names it: the first one that does.

    Of one log it is the last that was known before its next flight, else the first.
    """
    for number, piece in enumerate(found):
        named = [place for place in piece.log.places if place.kind == kind]
        before = piece.part.before_ns
        known = [
            place
            for place in named
            if before is None or place.time is None or place.time.value < before
        ]
        if named:
            place = known[-1] if known else named[0]
            if piece.placing.placed:
                place = replace(place, time=piece.placing.instant(place.time))
            return place, number
    return None, 0


def _remarks(plan: Plan, found: Sequence[Piece]) -> tuple[Remark, ...]:
    places = {piece.member.log: number for number, piece in reversed(list(enumerate(found)))}
    return tuple(Remark(note.kind, note.text, places[note.log]) for note in plan.notes)
