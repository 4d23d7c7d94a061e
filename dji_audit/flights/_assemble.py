"""Logs to flights."""

import numpy as np
import pandas as pd

import parsers
from dji_audit.flights._cut import Part, between, cut
from dji_audit.flights._geodesy import home_distance_m, path_length_m
from dji_audit.flights._model import Flight, Placing, Telling


def assemble(*logs: parsers.Log) -> tuple[Flight, ...]:
    """Return the flights that some logs tell of, at least one of each log, in time order."""
    return tuple(_flight(part) for log in logs for part in cut(log))


def _flight(part: Part) -> Flight:
    log = part.log
    takeoff, landing = part.takeoff, part.landing
    track, events = part.rows("track"), _told(part.rows("events"))
    times = track["time"].dropna()
    if times.empty:
        times = events["time"].dropna()
    start = times.iloc[0] if len(times) else None
    end = times.iloc[-1] if len(times) else None
    in_air = between(track, "time", takeoff, landing)
    home = _place(log, "home", part.before)
    heights = in_air["height_ato_m"].dropna()
    began = _first_fix(log, in_air) if takeoff else None
    origin = home or began
    distances = home_distance_m(in_air, origin) if origin else np.array([])
    distances = distances[np.isfinite(distances)]
    first, last = takeoff or start, landing or end
    clock = Placing(log.clock.source, "reference", 0.0, log.clock.uncertainty_s)
    return Flight(
        id=part.id,
        tellings=(Telling(log, clock, track, number=part.number),),
        takeoff=takeoff,
        landing=landing,
        start=start,
        end=end,
        track=track,
        events=events,
        captures=_told(part.rows("captures")),
        contacts=_told(part.rows("contacts")),
        home=home,
        takeoff_place=began,
        # The controller's own GPS; a phone may give a place that it remembered.
        pilot=_place(log, "controller", part.before) or _place(log, "pilot", part.before),
        duration_s=(last - first).total_seconds() if takeoff and last and first else None,
        distance_m=path_length_m(in_air),
        max_height_ato_m=float(heights.max()) if len(heights) else None,
        max_home_distance_m=float(distances.max()) if len(distances) else None,
    )


def _told(frame: pd.DataFrame, by: int = 0) -> pd.DataFrame:
    """Return the rows with the column ``told_by``: which of the flight's logs each is from."""
    return frame.assign(told_by=np.full(len(frame), by, np.int16))


def _first_fix(log: parsers.Log, track: pd.DataFrame) -> parsers.Place | None:
    """Return the first position of a track as a place."""
    known = track[track["latitude_deg"].notna() & track["longitude_deg"].notna()]
    if not len(known):
        return None
    fix = known.iloc[0]
    return parsers.Place(
        "start",
        fix["time"] if not pd.isna(fix["time"]) else None,
        float(fix["latitude_deg"]),
        float(fix["longitude_deg"]),
        None,
        log.track_record,
        int(fix["source_offset"]),
    )


def _place(log: parsers.Log, kind: str, before: pd.Timestamp | None) -> parsers.Place | None:
    """Return the last place of a kind that was known before an instant, else the first."""
    found = [place for place in log.places if place.kind == kind]
    known = [p for p in found if before is None or p.time is None or p.time < before]
    return known[-1] if known else found[0] if found else None
