"""The camera of a flight, fix by fix: where it was, where it pointed, how wide it saw."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.geo.elevation import Elevation
from dji_audit.view._cameras import Camera, Half
from dji_audit.view._errors import SensorErrors
from dji_audit.view._fov import Field, Longs, Step, cameras_for, of_recording, widest
from dji_audit.view._geometry import Floats
from dji_audit.view._ground import Ground, ground_around
from dji_audit.view._protocols import Told

_NO_TIME = np.iinfo(np.int64).min
#: A camera lower than this stands on the ground.
LOWEST_M = 2.0
#: Units to a degree and to a metre to which attitude and height are rounded, and
#: likewise of positions: what a page carries, so that it finds the same.
ANGLE_UNITS, HEIGHT_UNITS, PLACE_UNITS, SPEED_UNITS = 100, 100, 10**7, 10


@dataclass(frozen=True, slots=True)
class Recording:
    """One video or photo, and what is known of how it was taken."""

    start_ms: int
    end_ms: int
    #: ``video`` or ``photo``.
    kind: str
    sensor: str
    #: Tangents of half its field of view, the widest; ``None``: as `Look.half` at its fixes.
    half: Half | None
    #: Height of the ground it looked at above take-off, by laser; ``None``: not measured.
    ground_ato_m: float | None = None
    #: How wide it saw from when on, where that changed; empty: always as `half`.
    zoom: tuple[Step, ...] = ()
    #: Whether a file of the recording itself states how wide it saw.
    stated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The camera of a flight at each of its fixes with a time, in time order.

    Every array has the shape ``(n,)``; NaN is "the log does not say".
    """

    ms: Longs
    latitude_deg: Floats
    longitude_deg: Floats
    #: Above take-off, else over ground as measured; NaN on the ground.
    height_ato_m: Floats
    yaw_deg: Floats
    pitch_deg: Floats
    logged_roll_deg: Floats
    speed_mps: Floats
    #: Tangents of half the field of view, across and up, of the widest camera.
    half: tuple[Floats, Floats]
    #: The sensor of that camera.
    sensor: str
    recordings: tuple[Recording, ...]
    #: Where the field of view comes from, in words, and how it is known: one of
    #: `LENS_GRADES`; both empty: it is not known.
    lens: str
    lens_grade: str
    errors: SensorErrors = field(default_factory=SensorErrors)
    #: Heights of the ground; ``None``: a plane.
    ground: Ground | None = None
    #: Whether that plane is the ground below the aircraft, as measured; else that of the take-off.
    over_ground: bool = False
    #: Name of the elevation model that was given, used or not; empty: none.
    model: str = ""

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """At which fixes a view can be worked out, apart from its width."""
        whole = self.latitude_deg + self.longitude_deg + self.height_ato_m
        whole = whole + self.yaw_deg + self.pitch_deg
        found: npt.NDArray[np.bool_] = np.isfinite(whole)
        return found

    @property
    def roll_deg(self) -> Floats:
        """Roll of the camera; 0 where the log does not say, for a gimbal holds it level."""
        return np.where(np.isnan(self.logged_roll_deg), 0.0, self.logged_roll_deg)

    @property
    def ground_words(self) -> str:
        """Where the height of the ground comes from."""
        share = self.ground_share
        if share is not None and share < 1:
            # Never rounded up to the whole.
            known = f"{int(share * 1000) / 10:g} % of the fixes"
            return f"elevation model {self.model} below {known}, else the take-off plane"
        if share is not None:
            return f"elevation model {self.model}"
        plane = "plane below the aircraft" if self.over_ground else "take-off plane"
        if not self.model:
            return plane
        why = "heights count from the ground" if self.over_ground else "it lacks the take-off"
        return f"{plane}; elevation model {self.model} is not used: {why}"

    @property
    def ground_share(self) -> float | None:
        """Share of the fixes below which the elevation model knows the ground; ``None``: none."""
        flown = np.isfinite(self.latitude_deg + self.longitude_deg)
        if self.ground is None or not flown.any():
            return None
        below = self.ground.height_m(self.latitude_deg[flown], self.longitude_deg[flown])
        return float(np.isfinite(below).mean())

    @property
    def why_not(self) -> str:
        """Why nothing can be said of what was in view; empty if something can."""
        if not len(self.ms):
            return "The log gives no fix with a time."
        if np.isnan(self.yaw_deg + self.pitch_deg).all():
            return "The log does not say where the camera pointed."
        if not self.usable.any():
            return "The log gives no position and height together with the angles of the camera."
        if not self.lens and all(one.half is None for one in self.recordings):
            return "How wide the camera saw neither the log nor the table of cameras says."
        return ""


def look(flight: Told, elevation: Elevation | None = None, declared: Sequence[Camera] = ()) -> Look:
    """Return where the camera of a flight looked.

    The ground is the plane through the take-off, unless an elevation model is
    given that knows the take-off.  The field of view is what the log states,
    else that of the widest camera: of those that the log names, else of those
    declared, else of those that the aircraft comes with.

    Args:
        flight: The flight.
        elevation: Heights of the ground.
        declared: Cameras that a user says the aircraft carried.
    """
    track = flight.track
    nanoseconds = track["time"].to_numpy("datetime64[ns]").astype(np.int64)
    rows = np.flatnonzero(nanoseconds != _NO_TIME)
    ms = nanoseconds[rows] // 1_000_000
    order = np.argsort(ms, kind="stable")
    rows, ms = rows[order], ms[order]

    def column(name: str, units: int) -> Floats:
        values = track[name].to_numpy(np.float64, na_value=np.nan)[rows]
        rounded: Floats = np.round(values * units) / units
        return rounded

    height = column("height_ato_m", HEIGHT_UNITS)
    over_ground = bool(np.isnan(height).all())
    if over_ground:
        height = column("height_agl_m", HEIGHT_UNITS)
    cameras = cameras_for(flight, declared)
    field = widest(flight, ms, cameras)
    latitude = column("latitude_deg", PLACE_UNITS)
    longitude = column("longitude_deg", PLACE_UNITS)
    takeoff = flight.takeoff_place or flight.home
    ground = None
    # A model tells how the ground lies to the take-off, from which these heights do not count.
    if elevation is not None and takeoff is not None and not over_ground:
        place = takeoff.latitude_deg, takeoff.longitude_deg
        ground = ground_around(elevation, place, latitude, longitude, float(np.nanmax(height)))
    recordings = tuple(_recordings(flight, cameras))
    return Look(
        ms=ms,
        latitude_deg=latitude,
        longitude_deg=longitude,
        height_ato_m=np.where(height >= LOWEST_M, height, np.nan),
        yaw_deg=column("gimbal_yaw_deg", ANGLE_UNITS),
        pitch_deg=column("gimbal_pitch_deg", ANGLE_UNITS),
        logged_roll_deg=column("gimbal_roll_deg", ANGLE_UNITS),
        speed_mps=column("ground_speed_mps", SPEED_UNITS),
        half=field.half,
        sensor=field.sensor,
        recordings=recordings,
        lens=field.words + _of_files(field, recordings),
        lens_grade=field.grade,
        ground=ground,
        over_ground=over_ground,
        model="" if elevation is None else elevation.name,
    )


def _of_files(field: Field, recordings: Sequence[Recording]) -> str:
    """Return of how many recordings the files state what else a table or a person says."""
    own = sum(one.stated for one in recordings)
    if not own or not field.words or field.grade == "stated":
        return ""
    return f"; of {own} of {len(recordings)} recordings what their own files state"


def _recordings(flight: Told, cameras: Sequence[Camera]) -> Iterable[Recording]:
    """Yield the videos and photos that have a time, in order of it."""
    rows = flight.captures
    for row, (start, end, kind, sensor, told_by, offset) in enumerate(
        zip(
            rows["start"], rows["end"], rows["kind"], rows["sensor"], rows["told_by"],
            rows["source_offset"], strict=True,
        )
    ):  # fmt: skip
        still = kind == "photo"
        if pd.isna(start) or kind not in ("photo", "video") or (pd.isna(end) and not still):
            continue
        shown_by = flight.captures_told_by[row] if flight.captures_told_by else ()
        own = shown_by or ((int(told_by), int(offset)),)
        first = start.value // 10**6
        last = first if still else end.value // 10**6
        width = of_recording(flight, own, sensor, cameras)
        ground = _ground(flight.logs, own)
        yield Recording(first, last, kind, sensor, width.half, ground, width.zoom, width.stated)


def _ground(logs: Sequence[parsers.Log], own: Sequence[tuple[int, int]]) -> float | None:
    """Return the height above take-off of what the laser measured with a recording."""
    for told_by, offset in own:
        measured = [one for one in logs[told_by].rangings if one.source_offset == offset]
        if measured:
            return measured[0].height_ato_m
    return None
