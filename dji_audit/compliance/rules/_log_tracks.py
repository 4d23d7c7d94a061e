"""What each log of a flight tells by itself, as the rules look at it that judge single logs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.compliance.findings import Evidence, Outcome
from dji_audit.compliance.rules._rule import Verdict, evidence
from dji_audit.flights import Flight, Telling

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
#: Fewer fixes than this make no path.
LEAST_FIXES = 10


#: What a rule of whole logs says of a flight that is no log's first.
SAID_BEFORE = Verdict(
    Outcome.NOT_APPLICABLE, "It judges whole logs: see the first flight of each log."
)


@dataclass(frozen=True, slots=True)
class Path:
    """The timed fixes of one log while the aircraft was in the air, in time order."""

    told_by: int
    telling: Telling
    track: pd.DataFrame
    #: Seconds since the first of them.
    seconds: Floats

    def evidence(self, flight: Flight, row: int, field: str, value: str) -> Evidence:
        """Return the bytes of a fix as evidence."""
        offset = int(self.track["source_offset"].iloc[row])
        record = self.telling.log.track_record
        return evidence(flight, offset, record, field, value, self.told_by)

    def at(self, row: int) -> pd.Timestamp:
        """Return the instant of a fix."""
        return pd.Timestamp(self.track["time"].iloc[row])

    def column(self, name: str) -> Floats:
        """Return a column as numbers, NaN where it is not known."""
        return self.track[name].to_numpy(np.float64)


def paths(flight: Flight) -> list[Path]:
    """Return the path of each log that tells one; the copy of another log is left out."""
    found = []
    for told_by, telling in enumerate(flight.tellings):
        track = telling.track
        if telling.copy_of is not None or not len(track):
            continue
        track = airborne(flight, track[track["time"].notna()])
        if len(track) < LEAST_FIXES:
            continue
        ns = track["time"].to_numpy("datetime64[ns]").astype(np.int64)
        found.append(Path(told_by, telling, track, (ns - ns[0]) / 1e9))
    return found


def airborne(flight: Flight, track: pd.DataFrame) -> pd.DataFrame:
    """Return the fixes between take-off and landing; where one is not shown, to that end."""
    keep = np.ones(len(track), bool)
    if flight.takeoff is not None:
        keep &= (track["time"] >= flight.takeoff).to_numpy()
    if flight.landing is not None:
        keep &= (track["time"] <= flight.landing).to_numpy()
    return track[keep]


def no_path(flight: Flight) -> str:
    """Return why no log of a flight tells a path, for a reason."""
    if flight.is_sealed:
        return "The log is encrypted and no key for it was given."
    return f"No log of the flight holds {LEAST_FIXES} fixes in the air with a time."


def whole_logs(flight: Flight) -> Iterator[tuple[int, Telling]]:
    """Yield each log of which this is the first flight: what concerns it whole is said here."""
    for told_by in flight.first_of:
        yield told_by, flight.tellings[told_by]


def runs(marked: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield first and last place of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], marked, [False])).astype(np.int8)))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        yield int(first), int(end) - 1


def together(seconds: Floats, rows: Places, bridge_s: float) -> list[Places]:
    """Return places of fixes in groups: those no farther apart in time than the bridge."""
    if not len(rows):
        return []
    return np.split(rows, np.flatnonzero(np.diff(seconds[rows]) > bridge_s) + 1)


def local_metres(latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
    """Return metres north and east of the first known position; NaN where one is not known.

    By the radii of curvature of WGS 84 there: good to a few metres in a thousand
    within tens of kilometres, which is far below what these rules look for.
    """
    known = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    if not len(known):
        return np.full(len(latitude), np.nan), np.full(len(latitude), np.nan)
    first = known[0]
    sine = np.sin(np.radians(latitude[first]))
    curve = 1 - 0.00669437999014 * sine**2
    meridian = 6_378_137.0 * (1 - 0.00669437999014) / curve**1.5
    parallel = 6_378_137.0 / np.sqrt(curve) * np.cos(np.radians(latitude[first]))
    east = (longitude - longitude[first] + 180) % 360 - 180
    return np.radians(latitude - latitude[first]) * meridian, np.radians(east) * parallel
