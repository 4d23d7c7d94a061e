"""The events of flights as rows of the report, with the position of the aircraft at each."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.data_frame_rows_as_mappings import rows_as_mappings
from dji_audit.common.table_values import text_of_table_cell_or_none, time_of_table_cell_or_none
from dji_audit.flights import Flight
from dji_audit.report.json_values import rounded_or_none

#: A fix that is further from an event in time does not say where the aircraft was.
MAX_FIX_AGE_S = 5.0
_NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event of a flight, and the bytes that state it; ``None``: the log does not say."""

    flight: str
    time: pd.Timestamp | None
    end: pd.Timestamp | None
    #: One of ``parsers.EVENT_KINDS``.
    kind: str
    #: One of ``parsers.SEVERITIES``.
    severity: str | None
    #: One of ``parsers.GRADES``.
    grade: str | None
    text: str | None
    #: The number that goes with it, in the unit that the text names.
    value: float | None
    #: Where the aircraft was, by the fix nearest in time, WGS 84.
    latitude_deg: float | None
    longitude_deg: float | None
    record: str | None
    file: str
    sha256: str
    #: SHA-256 of the file on the disk that a member of a container lies in; ``None``: no member.
    container_sha256: str | None
    #: Byte in the file.
    offset: int


def event_rows_of_flight(flight: Flight) -> Iterator[EventRow]:
    """Yield the events of a flight in time order; those without a time come last."""
    events = flight.events
    fixes = FixIndexByTime(flight.track)
    positions = fixes.row_numbers_nearest_to(events["time"])
    sources = [log.source for log in flight.logs]
    for fix, event in zip(positions.tolist(), rows_as_mappings(events), strict=True):
        source = sources[int(event["source_index"])]
        latitude, longitude = fixes.position_of_row(fix)
        yield EventRow(
            flight=flight.id,
            time=time_of_table_cell_or_none(event["time"]),
            end=time_of_table_cell_or_none(event["end"]),
            kind=str(event["kind"]),
            severity=text_of_table_cell_or_none(event["severity"]),
            grade=text_of_table_cell_or_none(event["grade"]),
            text=text_of_table_cell_or_none(event["text"]),
            value=rounded_or_none(event["value"], 6),
            latitude_deg=rounded_or_none(latitude, 7),
            longitude_deg=rounded_or_none(longitude, 7),
            record=text_of_table_cell_or_none(event["record"]),
            file=source.name,
            sha256=source.sha256,
            container_sha256=source.container_sha256,
            offset=int(event["source_offset"]),
        )


class FixIndexByTime:
    """The fixes of a track that have a time and a position, to look up by time."""

    def __init__(self, track: pd.DataFrame) -> None:
        """Take the fixes of a track.

        Args:
            track: Columns of ``parsers.TRACK``.
        """
        ns = track["time"].to_numpy("datetime64[ns]").astype(np.int64)
        self._latitude = track["latitude_deg"].to_numpy(np.float64)
        self._longitude = track["longitude_deg"].to_numpy(np.float64)
        usable = (ns != _NO_TIME) & np.isfinite(self._latitude) & np.isfinite(self._longitude)
        rows = np.flatnonzero(usable)
        self._rows = rows[np.argsort(ns[rows], kind="stable")]
        self._ns = ns[self._rows]

    def row_numbers_nearest_to(self, times: "pd.Series[pd.Timestamp]") -> npt.NDArray[np.int64]:
        """Return the row of the fix nearest to each time; -1: none is near, or it has no time."""
        ns = times.to_numpy("datetime64[ns]").astype(np.int64)
        if not len(self._ns):
            return np.full(len(ns), -1)
        after = np.clip(np.searchsorted(self._ns, ns), 0, len(self._ns) - 1)
        before = np.maximum(after - 1, 0)
        is_before_nearer = abs(ns - self._ns[before]) <= abs(self._ns[after] - ns)
        nearest = np.where(is_before_nearer, before, after)
        is_near = (ns != _NO_TIME) & (abs(self._ns[nearest] - ns) <= MAX_FIX_AGE_S * 1e9)
        return np.where(is_near, self._rows[nearest], -1)

    def position_of_row(self, row: int) -> tuple[float | None, float | None]:
        """Return latitude and longitude of a row of the track; ``None`` for row -1."""
        if row < 0:
            return None, None
        return float(self._latitude[row]), float(self._longitude[row])
