"""What a flight is: its tables, the logs that tell of it, and what these disagree on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.flights._clock_alignment import Placing
from dji_audit.view import Camera, Elevation, Sighting, in_view, look

#: What logs of one flight can disagree on.
DISAGREEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "position": "where the aircraft was at an instant",
        "height": "how high above take-off, or above the sea, it was at an instant",
        "time": "when: two ways to place a clock, or two clocks, differ",
        "capture": "what was recorded and when",
        "identity": "which aircraft or part it was",
    }
)


@dataclass(frozen=True, slots=True)
class Match:
    """How well a log fits a flight; ``None``: the two do not say enough to compare."""

    #: Whether the serial numbers of aircraft or parts are equal; False: they contradict.
    serial: bool | None = None
    #: Part of the shorter of the two that lies within the other, 0 to 1.
    overlap: float | None = None
    #: Median distance between the paths at equal times, metres.
    distance_m: float | None = None
    #: Seconds between the instants at which the two were powered on.
    power_on_s: float | None = None
    #: All of it in one number, 0 to 1: what is known agrees, and enough is known.
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Rival:
    """A flight that a log fits too, and how well."""

    flight: str
    match: Match


@dataclass(frozen=True, slots=True, eq=False)
class Telling:
    """What one log tells of one flight."""

    log: parsers.Log
    placing: Placing
    #: The log's rows of this flight, columns as declared, times on the flight's clock.
    track: pd.DataFrame
    #: How well it fits the first log; ``None``: it is the first.
    match: Match | None = None
    #: Other flights that it fits nearly as well.
    rivals: tuple[Rival, ...] = ()
    #: Place in ``Flight.logs`` of the log whose records it repeats; ``None``: of none.
    copy_of: int | None = None
    #: Number of the flight in this log, counted from 1.
    number: int = 1
    #: First and last instant that it tells of, by the flight's clock; ``None``: not known.
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    #: Whether it is a recording or stands beside one, and is no record of a flight.
    media: bool = False
    #: Whether the flight is the first of the log: what concerns the whole log is said there.
    first: bool = True

    @property
    def counts_from(self) -> pd.Timestamp | None:
        """When a log that counts without a date began; ``None``: it does not, or is unplaced."""
        own = self.log.own_times
        if own is None or own.kind != "elapsed" or not self.placing.placed:
            return None
        return self.placing.instant(pd.Timestamp(0, tz="UTC"))


@dataclass(frozen=True, slots=True)
class Said:
    """One side of a disagreement: what a log says, and the bytes that say it."""

    #: Place of the log in ``Flight.logs``.
    told_by: int
    #: Byte in that log; ``None``: the file as a whole.
    offset: int | None
    record: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Logs of a flight that say different things, beyond what their errors allow."""

    #: One of ``DISAGREEMENTS``.
    what: str
    text: str
    #: Who says what: first the log that others were held against, then all that differ.
    sides: tuple[Said, ...]
    #: How far they lie apart, where that is most, and how far they may, in ``unit``;
    #: ``None``: no number.
    apart: float | None = None
    allowed: float | None = None
    unit: str = ""
    #: Of what the allowance is made, in words.
    allowance: str = ""
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    #: Rows for which it holds.
    count: int = 1


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that shows only across files, such as a gap in numbers: never proof."""

    #: ``log_number`` or ``media_number``.
    kind: str
    text: str
    #: Place in ``Flight.logs`` of the log that shows it.
    told_by: int


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """One flight, told by one log or several.

    Missing (``None``) means that no log shows it: a log that begins in the air
    has no take-off, an encrypted one has no track.
    """

    #: The same in every run: from the hash of its first log and its number in that.
    id: str
    #: Every log that tells of the flight; the first gives the track and the clock.
    tellings: tuple[Telling, ...]
    takeoff: pd.Timestamp | None
    landing: pd.Timestamp | None
    #: First and last instant of the flight's rows; of the log, if it never took off.
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: Rows of the first log; columns that it lacks are filled from others: ``columns_from``.
    track: pd.DataFrame
    #: Of all logs, with the column ``told_by``; what two logs tell alike stands once.
    events: pd.DataFrame
    #: Of all logs, fused, with the column ``told_by``; ``captures_told_by`` says who else.
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
    #: Place in ``logs`` of the log that names the home point, the pilot's place.
    home_told_by: int = 0
    pilot_told_by: int = 0
    #: Column of the track -> place in ``logs`` of the log it comes from, if not the first.
    columns_from: Mapping[str, int] = field(default_factory=dict)
    #: Place in ``logs`` -> byte in that log of each row of the track, -1 where it gave none;
    #: of logs that filled columns.
    offsets: Mapping[int, npt.NDArray[np.int64]] = field(default_factory=dict)
    #: For each row of ``captures`` every ``(told_by, source_offset)`` that shows it.
    captures_told_by: tuple[tuple[tuple[int, int], ...], ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def log(self) -> parsers.Log:
        """The log that gives the track."""
        return self.tellings[0].log

    @property
    def logs(self) -> tuple[parsers.Log, ...]:
        """Every log that tells of the flight; ``told_by`` of a row is its place in here."""
        return tuple(telling.log for telling in self.tellings)

    @property
    def aircraft(self) -> parsers.Aircraft:
        """The aircraft: each field as the first log that says it does."""
        told = [log.aircraft for log in self.logs]
        values = {
            each.name: next((value for one in told if (value := getattr(one, each.name))), None)
            for each in fields(parsers.Aircraft)
        }
        return parsers.Aircraft(**{name: value for name, value in values.items() if value})

    @property
    def stated(self) -> parsers.Stated | None:
        """The totals that the first log with any states of itself."""
        return next((log.stated for log in self.logs if log.stated is not None), None)

    def can_tell(self, table: str) -> bool:
        """Return whether any of its logs could be read and says anything of a table."""
        return any(not log.encrypted and table not in log.cannot_tell for log in self.logs)

    @property
    def first_of(self) -> tuple[int, ...]:
        """Places in ``logs`` of those whose first flight it is: what concerns all of them."""
        return tuple(place for place, telling in enumerate(self.tellings) if telling.first)

    @property
    def is_sealed(self) -> bool:
        """Whether none of its records of the flight could be read whole for want of a key."""
        return all(telling.log.encrypted for telling in self.tellings if not telling.media)

    def in_view(
        self,
        latitude_deg: float,
        longitude_deg: float,
        elevation: Elevation | None = None,
        declared: Sequence[Camera] = (),
    ) -> tuple[Sighting, ...]:
        """Return when a place was in view of a camera, in time order.

        Empty is "never" only if ``dji_audit.view.look(flight).why_not`` is empty.

        Args:
            latitude_deg: Of the place, WGS 84.
            longitude_deg: Of the place, WGS 84.
            elevation: Heights of the ground; without, it is the plane of the take-off.
            declared: Cameras that it carried, as ``dji_audit.view.cameras_declared`` reads them.
        """
        return in_view(look(self, elevation, declared), latitude_deg, longitude_deg)

    def said_at(self, row: int, column: str) -> Said:
        """Return who says a value of the track, and where.

        Args:
            row: Place of the fix in ``track``.
            column: Column of ``track``.
        """
        told_by = self.columns_from.get(column, 0)
        offsets = self.offsets.get(told_by)
        if offsets is None:
            offset = int(self.track["source_offset"].iloc[row])
        else:
            offset = int(offsets[row])
        value = str(self.track[column].iloc[row])
        record = self.tellings[told_by].log.track_record
        return Said(told_by, offset if offset >= 0 else None, record, column, value)
