"""Logs to flights: one flight is one take-off to landing.

A log holds no flight (the aircraft stayed on the ground), one, or several.  A
log without a take-off is still one ``Flight``, so that nothing a file holds is
left out of an audit; its ``takeoff`` is missing and its times are the log's.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Geod

import parsers

WGS84 = Geod(ellps="WGS84")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """One flight, told by one log.

    Missing (``None``) means that the log does not show it: a log that begins
    in the air has no take-off, an encrypted one has no track.
    """

    #: The same in every run: from the log's hash and the flight's number in it.
    id: str
    #: The log that gives the track.
    log: parsers.Log
    takeoff: pd.Timestamp | None
    landing: pd.Timestamp | None
    #: First and last instant of the flight's rows; of the log, if it never took off.
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    track: pd.DataFrame
    events: pd.DataFrame
    captures: pd.DataFrame
    contacts: pd.DataFrame
    home: parsers.Place | None
    #: The first fix in the air, which stands in where no home point is named.
    takeoff_place: parsers.Place | None
    #: Where the controller, else the app's device, said that it was; sensitive.
    pilot: parsers.Place | None
    duration_s: float | None
    #: Along the ground track, geodesic.
    distance_m: float | None
    max_height_ato_m: float | None
    #: From the home point, else from the take-off, geodesic.
    max_home_distance_m: float | None

    @property
    def logs(self) -> tuple[parsers.Log, ...]:
        """Every log that tells of the flight; ``told_by`` of a row is its place in here."""
        return (self.log,)

    @property
    def is_first(self) -> bool:
        """Whether it is the first flight of its log: what concerns the whole log is said there."""
        return self.id.endswith("-1")


def assemble(log: parsers.Log) -> tuple[Flight, ...]:
    """Return the flights of a log in time order, at least one.

    A flight reaches from half-way after the previous landing to half-way to
    the next take-off, so that every row of the log belongs to exactly one.
    """
    cuts = _airborne(log.events)
    if not cuts:
        return (_flight(log, 1, None, None, None, None),)
    edges = [None, *(_middle(a[1], b[0]) for a, b in pairwise(cuts)), None]
    return tuple(
        _flight(log, number, takeoff, landing, edges[number - 1], edges[number])
        for number, (takeoff, landing) in enumerate(cuts, 1)
    )


def home_distance_m(track: pd.DataFrame, home: parsers.Place) -> Floats:
    """Return the geodesic distance of each fix from the home point.

    Returns:
        Metres, shape ``(n,)``; NaN where a fix has no position.

    Reference: Karney 2013, doi:10.1007/s00190-012-0578-z, by ``pyproj.Geod``.
    """
    longitude = track["longitude_deg"].to_numpy(np.float64)
    latitude = track["latitude_deg"].to_numpy(np.float64)
    known = np.isfinite(longitude) & np.isfinite(latitude)
    distance = np.full(len(track), np.nan)
    count = int(known.sum())
    distance[known] = WGS84.inv(
        np.full(count, home.longitude_deg),
        np.full(count, home.latitude_deg),
        longitude[known],
        latitude[known],
    )[2]
    return distance


def path_length_m(track: pd.DataFrame) -> float | None:
    """Return the geodesic length of the ground track; ``None`` without two positions."""
    fixes = track[["longitude_deg", "latitude_deg"]].dropna().to_numpy(np.float64)
    if len(fixes) < 2:
        return None
    return float(WGS84.line_length(fixes[:, 0], fixes[:, 1]))


Airborne = tuple[pd.Timestamp | None, pd.Timestamp | None]


def _airborne(events: pd.DataFrame) -> list[Airborne]:
    """Pair each take-off with the landing that follows it."""
    pairs: list[Airborne] = []
    takeoff: pd.Timestamp | None = None
    moves = events[events["kind"].isin(["takeoff", "landing"]) & events["time"].notna()]
    for kind, time in zip(moves["kind"], moves["time"], strict=True):
        if kind == "takeoff":
            if takeoff is not None:
                pairs.append((takeoff, None))
            takeoff = time
        elif takeoff is not None or not pairs:
            pairs.append((takeoff, time))
            takeoff = None
    if takeoff is not None:
        pairs.append((takeoff, None))
    return pairs


def _middle(landing: pd.Timestamp | None, takeoff: pd.Timestamp | None) -> pd.Timestamp | None:
    if landing is None or takeoff is None:
        return takeoff
    return landing + (takeoff - landing) / 2


def _flight(
    log: parsers.Log,
    number: int,
    takeoff: pd.Timestamp | None,
    landing: pd.Timestamp | None,
    after: pd.Timestamp | None,
    before: pd.Timestamp | None,
) -> Flight:
    track = _between(log.track, "time", after, before)
    events = _told(_between(log.events, "time", after, before))
    times = track["time"].dropna()
    if times.empty:
        times = events["time"].dropna()
    start = times.iloc[0] if len(times) else None
    end = times.iloc[-1] if len(times) else None
    in_air = _between(track, "time", takeoff, landing)
    home = _place(log, "home", before)
    heights = in_air["height_ato_m"].dropna()
    began = _first_fix(log, in_air) if takeoff else None
    origin = home or began
    distances = home_distance_m(in_air, origin) if origin else np.array([])
    distances = distances[np.isfinite(distances)]
    first, last = takeoff or start, landing or end
    return Flight(
        id=f"{log.source.sha256[:8]}-{number}",
        log=log,
        takeoff=takeoff,
        landing=landing,
        start=start,
        end=end,
        track=track,
        events=events,
        captures=_told(_between(log.captures, "start", after, before)),
        contacts=_told(_between(log.contacts, "time", after, before)),
        home=home,
        takeoff_place=began,
        # The controller's own GPS; a phone may give a place that it remembered.
        pilot=_place(log, "controller", before) or _place(log, "pilot", before),
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


def _between(
    frame: pd.DataFrame, column: str, after: pd.Timestamp | None, before: pd.Timestamp | None
) -> pd.DataFrame:
    """Return the rows from ``after`` up to ``before``; rows without a time go first."""
    keep = np.ones(len(frame), bool)
    if after is not None:
        keep &= (frame[column] >= after).to_numpy()
    if before is not None:
        keep &= ~(frame[column] >= before).to_numpy()
    return frame if keep.all() else frame[keep].reset_index(drop=True)


def _place(log: parsers.Log, kind: str, before: pd.Timestamp | None) -> parsers.Place | None:
    """Return the last place of a kind that was known before an instant, else the first."""
    found = [place for place in log.places if place.kind == kind]
    known = [p for p in found if before is None or p.time is None or p.time < before]
    return known[-1] if known else found[0] if found else None
