"""Tracks that a unit declares, with the error of each position.

**Error of a position**, 95 %: twice the accuracy in metres that the device states (its 68 %), else
its HDOP x 10 m, else 20 m, assumed for the satellite receiver of a phone or watch under the open
sky.  Between two fixes a person may walk: 1.5 m for each second to the nearest fix.  Farther than a
minute from any fix the position is not known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.supplied_tables import SuppliedFileError, SuppliedFileProvenance
from dji_audit.flights import names_of_formats_that_state_no_owner
from dji_audit.geo.geodesy import interpolate_longitudes_deg

Floats = npt.NDArray[np.float64]
#: Whose a track is, as the user writes it -> in words.
OWNERS = {
    "pilot": "the pilot",
    "observer": "an observer",
    "aircraft": "a device on the aircraft",
    "other-aircraft": "another aircraft",
}
#: Error of a position, metres, 95 %, where the file states nothing of it; per HDOP; times what a
#: device states as its accuracy.
ASSUMED_ERROR_M, ERROR_PER_HDOP_M, _ACCURACY_TO_95 = 20.0, 10.0, 2.0
#: How fast somebody walks between two fixes, and seconds from a fix within which a place is known.
WALKING_MPS, MAX_SECONDS_TO_FIX = 1.5, 60.0
#: Programs whose files are made from flights, which they cannot confirm.
_OWN_EXPORTS = "dji-audit "


@dataclass(frozen=True, slots=True, eq=False)
class DeclaredTrack:
    """A track whose owner the unit declares, with its usable fixes in time order."""

    #: One of ``OWNERS``.
    owner: str
    source: parsers.Source
    #: What gave its times, for people.
    clock: str
    #: Record at ``offsets``, for evidence.
    record: str
    #: Seconds since 1970, UTC, rising; shape ``(n,)`` like all that follow.
    seconds: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    #: 95 %, metres.
    error_m: Floats
    offsets: npt.NDArray[np.int64]
    #: How the errors are known, a clause.
    error_basis: str
    #: Why its clock cannot be related to a flight, a clause; empty: it can.
    unusable_because: str = ""
    #: What a reader must know of its clock, clauses.
    remarks: tuple[str, ...] = ()

    @property
    def owner_text(self) -> str:
        """Whose it is, in words."""
        return OWNERS[self.owner]

    @property
    def start(self) -> pd.Timestamp | None:
        """Its first fix with a time; ``None``: it has none."""
        return _timestamp_of_seconds(self.seconds[0]) if len(self.seconds) else None

    @property
    def end(self) -> pd.Timestamp | None:
        """Its last fix with a time; ``None``: it has none."""
        return _timestamp_of_seconds(self.seconds[-1]) if len(self.seconds) else None

    def positions_at(self, seconds: Floats) -> "DeclaredPositionsAtTimes":
        """Return where its owner was at some instants.

        Args:
            seconds: Since 1970, UTC, shape ``(n,)``; NaN: not known.
        """
        if not len(self.seconds):
            nothing = np.full(len(seconds), np.nan)
            return DeclaredPositionsAtTimes(
                nothing, nothing, nothing, np.zeros(len(seconds), np.intp)
            )
        at = np.where(np.isfinite(seconds), seconds, -np.inf)
        after = np.clip(np.searchsorted(self.seconds, at), 0, len(self.seconds) - 1)
        before = np.maximum(after - 1, 0)
        is_before = abs(at - self.seconds[before]) <= abs(self.seconds[after] - at)
        nearest = np.where(is_before, before, after)
        away_s = abs(at - self.seconds[nearest])
        known = away_s <= MAX_SECONDS_TO_FIX
        inside = np.clip(at, self.seconds[0], self.seconds[-1])
        longitude = interpolate_longitudes_deg(inside, self.seconds, self.longitude_deg)
        return DeclaredPositionsAtTimes(
            np.where(known, np.interp(inside, self.seconds, self.latitude_deg), np.nan),
            np.where(known, (longitude + 180) % 360 - 180, np.nan),
            np.where(known, self.error_m[nearest] + WALKING_MPS * away_s, np.nan),
            nearest,
        )


@dataclass(frozen=True, slots=True, eq=False)
class DeclaredPositionsAtTimes:
    """Where somebody was at some instants; NaN: not known."""

    latitude_deg: Floats
    longitude_deg: Floats
    #: 95 %, metres.
    error_m: Floats
    #: Fix of the track that is nearest in time.
    fix_index: npt.NDArray[np.intp]


def parse_track_path_and_owner(text: str) -> tuple[Path, str]:
    """Return the file and the owner that a text such as ``watch.gpx=pilot`` declares.

    Raises:
        SuppliedFileError: If it names no file, or no owner that there is.
    """
    name, mark, owner = text.rpartition("=")
    owner = owner.strip().lower()
    if not mark or not name.strip() or owner not in OWNERS:
        owners = ", ".join(OWNERS)
        raise SuppliedFileError(f"track {text}: write FILE=OWNER; OWNER is one of {owners}")
    return Path(name.strip()), owner


def load_declared_tracks(
    paths: Sequence[Path], owners: Sequence[str], clocks: Sequence[parsers.DeclaredClock] = ()
) -> tuple[DeclaredTrack, ...]:
    """Return the tracks in some files.

    Args:
        paths: The files.
        owners: Of each file one of ``OWNERS``.
        clocks: Clocks that the unit declares, for files whose times state no zone.

    Raises:
        SuppliedFileError: If a file holds no track, or was made from a flight.
    """
    tracks: list[DeclaredTrack] = []
    for path, owner in zip(paths, owners, strict=True):
        if owner not in OWNERS:
            raise SuppliedFileError(f"track {path}: {owner} is none of {', '.join(OWNERS)}")
        tracks += _tracks_in_file(path, owner, clocks)
    return tuple(tracks)


def _tracks_in_file(
    path: Path, owner: str, clocks: Sequence[parsers.DeclaredClock]
) -> Iterator[DeclaredTrack]:
    try:
        reading = parsers.read_file(path, clocks=clocks)
    except OSError as error:
        raise SuppliedFileError(f"track {path}: {os_error_reason(error)}") from error
    logs = [
        log for log in reading.logs if log.source.format in names_of_formats_that_state_no_owner()
    ]
    if not logs:
        names = " or ".join(sorted(names_of_formats_that_state_no_owner())).upper()
        faults = (each.error for each in (reading.account, *reading.account.parts))
        reason = next((str(each) for each in faults if each is not None), "")
        what = reason or (f"it is {reading.account.format}" if reading.account.format else "")
        raise SuppliedFileError(
            f"track {path}: it holds no track in {names}" + (f": {what}" if what else "")
        )
    for log in logs:
        if (log.aircraft.app or "").startswith(_OWN_EXPORTS):
            raise SuppliedFileError(
                f"track {path}: {log.aircraft.app} made it from a flight: it is the path of an "
                "aircraft and nobody's track"
            )
        yield _build_declared_track(log, owner)


def _build_declared_track(log: parsers.Log, owner: str) -> DeclaredTrack:
    """Return the fixes of a log that have a time and a position."""
    track = log.track
    ns = track["time"].to_numpy("datetime64[ns]").astype(np.int64)
    usable = (
        track["time"].notna().to_numpy()
        & track["latitude_deg"].notna().to_numpy()
        & ~track["fix_ok"].eq(False).fillna(False).to_numpy(bool)
    )
    fixes = track[usable]
    errors_m, basis = _position_errors_m_and_basis(log, fixes)
    # Of fixes at one instant the first is taken: nobody is at two places.
    seconds, first = np.unique(ns[usable] / 1e9, return_index=True)
    why = ""
    if not len(seconds):
        why = "its points have no times"
        if log.clock.unstated:
            why = f"its times state no {log.clock.unstated}: declare it with --clock"
    return DeclaredTrack(
        owner=owner,
        source=log.source,
        clock=log.clock.source or "none",
        record=log.track_record,
        seconds=seconds,
        latitude_deg=fixes["latitude_deg"].to_numpy(np.float64)[first],
        longitude_deg=fixes["longitude_deg"].to_numpy(np.float64)[first],
        error_m=errors_m[first],
        offsets=fixes["source_offset"].to_numpy(np.int64)[first],
        error_basis=basis,
        unusable_because=why,
        remarks=tuple(each.reason for each in log.issues if "zone" in each.reason)[:3],
    )


def _position_errors_m_and_basis(log: parsers.Log, fixes: pd.DataFrame) -> tuple[Floats, str]:
    """Return the error of each fix, metres, 95 %, and how it is known."""
    accuracy = fixes["horizontal_error_m"].to_numpy(np.float64)
    errors_m = np.full(len(fixes), ASSUMED_ERROR_M)
    basis = f"{ASSUMED_ERROR_M:g} m assumed: the file states no error"
    hdop = _hdop_of_fixes(log, fixes)
    if np.isfinite(hdop).any():
        errors_m = np.where(np.isfinite(hdop), hdop * ERROR_PER_HDOP_M, errors_m)
        basis = f"HDOP x {ERROR_PER_HDOP_M:g} m"
    if np.isfinite(accuracy).any():
        errors_m = np.where(np.isfinite(accuracy), accuracy * _ACCURACY_TO_95, errors_m)
        basis = "twice the accuracy that the device states"
    return errors_m, basis


def _hdop_of_fixes(log: parsers.Log, fixes: pd.DataFrame) -> Floats:
    records = log.records(log.track_record)
    hdop = records["hdop"].to_numpy(np.float64)
    row = np.searchsorted(records["offset"].to_numpy(), fixes["source_offset"].to_numpy())
    values = hdop[np.minimum(row, len(hdop) - 1)]
    return np.where((values > 0) & (values < 100), values, np.nan)


def declared_track_provenance(track: DeclaredTrack) -> SuppliedFileProvenance:
    """Return a track as a report lists it among the files that the unit supplied."""
    count = len(track.seconds)
    fixes = f"{count:,} fix{'es' * (count != 1)} with time and position"
    note = f"track of {track.owner_text}; {fixes}; error of positions: {track.error_basis}"
    if track.unusable_because:
        note = f"track of {track.owner_text}; not used: {track.unusable_because}"
    return SuppliedFileProvenance(
        kind="supplied track",
        name=track.source.name,
        sha256=track.source.file_sha256,
        count=len(track.seconds),
        note="; ".join((note, *track.remarks)),
    )


def _timestamp_of_seconds(seconds: float) -> pd.Timestamp:
    return pd.Timestamp(round(float(seconds) * 1e9), tz="UTC")
