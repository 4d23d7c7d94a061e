"""Track, events and captures of one aircraft, from its messages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Issue
from ..._tables import (
    TRACK,
    build_table,
    event_table_from_rows,
    media_capture_table_from_rows,
    sort_by_time,
)
from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from ..._track_values._mask_impossible_values import values_with_nan_beyond_bound
from ..._track_values._value_runs import find_runs, find_true_runs
from .._camera_sensors import THERMAL, UNKNOWN, VISIBLE
from .._event_rows import NAT, in_air_or_on_ground_text, instant_or_none, make_event_row
from ._read_cloud_messages import CloudMessage, yield_if_number

Floats = npt.NDArray[np.float64]

#: ``mode_code`` -> flight mode.
MODES: Mapping[int, str] = MappingProxyType(
    dict(
        enumerate(
            (
                "standby", "take-off preparation", "take-off preparation completed", "manual",
                "automatic take-off", "wayline flight", "panoramic photography",
                "intelligent tracking", "ADS-B avoidance", "returning home", "automatic landing",
                "forced landing", "three-blade landing", "upgrading", "not connected", "APAS",
                "virtual stick", "live flight controls", "airborne RTK fixing",
                "dock site evaluation", "point of interest",
            )
        )
    )
)  # fmt: skip
#: Modes on the ground, and those that say nothing of it.
_ON_GROUND, _SAY_NOTHING = frozenset({0, 1, 2}), frozenset({13, 14, 19})
#: Modes in which the aircraft comes back or lands, and the height below which any landing may end
#: in the second, metres.
_BY_ITSELF, _FORCED_LANDING, _TOUCHDOWN_M = frozenset({9, 10, 12}), 11, 2.0
#: First number of a payload's index -> camera.
CAMERAS: Mapping[int, str] = MappingProxyType(
    {
        20: "Zenmuse Z30", 26: "Zenmuse XT2", 39: "FPV camera", 41: "Zenmuse XT S",
        42: "Zenmuse H20", 43: "Zenmuse H20T", 50: "Zenmuse P1", 52: "Matrice 30 camera",
        53: "Matrice 30T camera", 61: "Zenmuse H20N", 66: "Mavic 3E camera",
        67: "Mavic 3T camera", 68: "Mavic 3M camera", 80: "Matrice 3D camera",
        81: "Matrice 3TD camera", 82: "Zenmuse H30", 83: "Zenmuse H30T", 88: "Matrice 4E camera",
        89: "Matrice 4T camera", 165: "dock camera",
    }
)  # fmt: skip
_ONE_VISIBLE_SENSOR = frozenset({20, 39, 50})
#: Names in the storage settings -> sensor.
_LENSES = MappingProxyType({"ir": THERMAL, "wide": VISIBLE, "zoom": VISIBLE, "vision": VISIBLE})
#: No such aircraft is faster, or higher: beyond is damage.
_FASTEST_MPS, _HIGHEST_M = 100.0, 20_000.0


@dataclass(frozen=True, eq=False)
class AircraftMessages:
    """The messages of one aircraft that state how it flew, and its times."""

    messages: Sequence[CloudMessage]
    #: Nanoseconds since 1970, or of flight time; ``NAT``: not stated.  Shape ``(messages,)``.
    times_ns: npt.NDArray[np.int64]

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Byte of each message."""
        return np.array([each.offset for each in self.messages], np.int64)

    def number_in_each_message(self, *path: str) -> Floats:
        """Return a number of each message, NaN where it is not stated."""
        return np.array([_number_at_path(each.fields, path) for each in self.messages], np.float64)


def _number_at_path(values: Mapping[str, Any], path: Sequence[str]) -> float:
    value: Any = values
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return next(yield_if_number(value), float("nan"))


def build_track_and_issues(aircraft: AircraftMessages) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Return one row for each message that states a position or a height above take-off."""
    latitude, longitude = (
        aircraft.number_in_each_message("latitude"),
        aircraft.number_in_each_message("longitude"),
    )
    fixes = replace_false_positions_with_nan(latitude, longitude, aircraft.times_ns)
    heading = aircraft.number_in_each_message("attitude_head")
    charge = aircraft.number_in_each_message("battery", "capacity_percent")
    satellites = aircraft.number_in_each_message("position_state", "gps_number")
    gimbal = _gimbal_columns(aircraft)
    columns: dict[str, Any] = {
        "time": aircraft.times_ns,
        "latitude_deg": fixes.latitude_deg,
        "longitude_deg": fixes.longitude_deg,
        "height_ato_m": values_with_nan_beyond_bound(
            aircraft.number_in_each_message("elevation"), _HIGHEST_M
        ),
        "ground_speed_mps": values_with_nan_beyond_bound(
            aircraft.number_in_each_message("horizontal_speed"), _FASTEST_MPS
        ),
        "vertical_speed_mps": values_with_nan_beyond_bound(
            aircraft.number_in_each_message("vertical_speed"), _FASTEST_MPS
        ),
        "heading_deg": heading % 360,
        "pitch_deg": values_with_nan_beyond_bound(
            aircraft.number_in_each_message("attitude_pitch"), 180
        ),
        "roll_deg": values_with_nan_beyond_bound(
            aircraft.number_in_each_message("attitude_roll"), 180
        ),
        "satellites": [int(each) if 0 <= each <= 255 else pd.NA for each in satellites],
        "battery_pct": np.where((charge > 0) & (charge <= 100), charge, np.nan),
        "flight_mode": [
            _flight_mode_name(each) for each in aircraft.number_in_each_message("mode_code")
        ],
        "source_offset": aircraft.offsets,
        **gimbal,
    }  # fmt: skip
    track = build_table(TRACK, columns, len(aircraft.messages))
    return sort_by_time(track, "time"), fixes.issues("OSD messages", aircraft.offsets)


def _gimbal_columns(aircraft: AircraftMessages) -> dict[str, Floats]:
    """Return the angles of the first payload that states any."""
    index = next(
        (
            name
            for each in aircraft.messages
            for name, value in each.fields.items()
            if isinstance(value, Mapping) and "gimbal_pitch" in value
        ),
        None,
    )
    if index is None:
        return {}
    return {
        "gimbal_yaw_deg": aircraft.number_in_each_message(index, "gimbal_yaw") % 360,
        "gimbal_pitch_deg": values_with_nan_beyond_bound(
            aircraft.number_in_each_message(index, "gimbal_pitch"), 360
        ),
        "gimbal_roll_deg": values_with_nan_beyond_bound(
            aircraft.number_in_each_message(index, "gimbal_roll"), 360
        ),
    }


def _flight_mode_name(code: float) -> str | None:
    return MODES.get(int(code), f"mode {int(code)}") if abs(code) < 1000 else None


def aircraft_event_table(aircraft: AircraftMessages) -> pd.DataFrame:
    """Return modes, being in the air, lights, limits and firmware, one event for each change."""
    return event_table_from_rows(
        [
            *_flight_mode_events(aircraft),
            *_airborne_events(aircraft),
            *_night_light_events(aircraft),
            *_near_limit_events(aircraft),
            *_limit_setting_events(aircraft),
            *_lost_link_setting_events(aircraft),
        ]
    )


def _make_event_rows(
    aircraft: AircraftMessages, rows: Iterable[tuple[int, int, float, str, str, str, str]]
) -> Iterator[dict[str, Any]]:
    """Yield an event for each first and last message, value, kind, text, field and severity."""
    for first, last, value, kind, text, name, severity in rows:
        end = instant_or_none(int(aircraft.times_ns[last])) if last > first else None
        yield make_event_row(
            int(aircraft.times_ns[first]), kind, text, f"osd.{name}",
            aircraft.messages[first].offset, value=value, severity=severity, end=end,
        )  # fmt: skip


def _rows_and_values_at_changes(
    aircraft: AircraftMessages, *path: str
) -> Iterator[tuple[int, float]]:
    """Yield the first message of each stated value that differs from the last stated one."""
    numbers = aircraft.number_in_each_message(*path)
    stated = np.flatnonzero(np.isfinite(numbers))
    for run in find_runs(numbers[stated]):
        yield int(stated[run.first]), float(run.value)


def _flight_mode_events(aircraft: AircraftMessages) -> Iterator[dict[str, Any]]:
    heights = aircraft.number_in_each_message("elevation")
    for row, code in _rows_and_values_at_changes(aircraft, "mode_code"):
        # The real print shows "forced landing" for the last half metre of an ordinary landing.
        is_forced = code == _FORCED_LANDING and not heights[row] < _TOUCHDOWN_M
        kind = "failsafe" if is_forced else "action" if code in _BY_ITSELF else "mode"
        severity = "warning" if is_forced else "info"
        text = f"flight mode: {_flight_mode_name(code)}"
        yield from _make_event_rows(aircraft, [(row, row, code, kind, text, "mode_code", severity)])


def _airborne_events(aircraft: AircraftMessages) -> Iterator[dict[str, Any]]:
    codes = aircraft.number_in_each_message("mode_code")
    stated = np.flatnonzero(np.isfinite(codes) & ~np.isin(codes, list(_SAY_NOTHING)))
    in_air = (~np.isin(codes[stated], list(_ON_GROUND))).astype(np.float64)
    for run in find_runs(in_air):
        row = int(stated[run.first])
        text = in_air_or_on_ground_text(run)
        yield from _make_event_rows(
            aircraft, [(row, row, run.value, "airborne.report", text, "mode_code", "info")]
        )


def _night_light_events(aircraft: AircraftMessages) -> Iterator[dict[str, Any]]:
    for row, state in _rows_and_values_at_changes(aircraft, "night_lights_state"):
        text = f"night lights {'on' if state else 'off'}"
        yield from _make_event_rows(
            aircraft, [(row, row, float(state != 0), "lights", text, "night_lights_state", "info")]
        )


def _near_limit_events(aircraft: AircraftMessages) -> Iterator[dict[str, Any]]:
    for path, kind, text in (
        (("is_near_height_limit",), "limit.height", "near its height limit"),
        (("is_near_area_limit",), "geofence.limit", "near the limit of an area"),
        (
            ("distance_limit_status", "is_near_distance_limit"),
            "limit.distance",
            "near its distance limit",
        ),
    ):
        for run in find_true_runs(aircraft.number_in_each_message(*path)):
            yield from _make_event_rows(
                aircraft, [(run.first, run.last, 1.0, kind, text, ".".join(path), "notice")]
            )


def _limit_setting_events(aircraft: AircraftMessages) -> Iterator[dict[str, Any]]:
    for path, what in (
        (("height_limit",), "height limit"),
        (("distance_limit_status", "distance_limit"), "distance limit"),
    ):
        for row, metres in _rows_and_values_at_changes(aircraft, *path):
            text = f"{what} {metres:g} m"
            if path[0] == "distance_limit_status" and (
                _number_at_path(aircraft.messages[row].fields, ("distance_limit_status", "state"))
                == 0
            ):
                text += ", not in force"
            yield from _make_event_rows(
                aircraft, [(row, row, metres, "limit.config", text, ".".join(path), "info")]
            )


def _lost_link_setting_events(aircraft: AircraftMessages) -> Iterator[dict[str, Any]]:
    actions = {0: "hovers", 1: "lands", 2: "returns home"}
    for row, code in _rows_and_values_at_changes(aircraft, "rc_lost_action"):
        action = actions.get(int(code), f"does action {code:g}")
        text = f"without a control link the aircraft {action}"
        yield from _make_event_rows(
            aircraft, [(row, row, code, "link.config", text, "rc_lost_action", "info")]
        )


def aircraft_media_capture_table(aircraft: AircraftMessages) -> pd.DataFrame:
    """Return a video for each stretch in which a camera records, and a photo for each it takes."""
    return media_capture_table_from_rows(_capture_rows(aircraft))


def _capture_rows(aircraft: AircraftMessages) -> Iterator[dict[str, Any]]:
    for camera, states in _states_by_camera(aircraft).items():
        for kind, name in (("video", "recording_state"), ("photo", "photo_state")):
            active = np.array([_number_at_path(each, (name,)) > 0 for each in states])
            for run in find_true_runs(active):
                yield from _captures_while_state_lasts(
                    aircraft, camera, states, kind, run.first, run.last
                )


def _states_by_camera(aircraft: AircraftMessages) -> dict[str, list[Mapping[str, Any]]]:
    """Return what each message states of each camera; nothing where it names it not."""
    states: dict[str, list[Mapping[str, Any]]] = {}
    for row, message in enumerate(aircraft.messages):
        listed = message.fields.get("cameras")
        for each in listed if isinstance(listed, list | tuple) else ():
            index = each.get("payload_index") if isinstance(each, Mapping) else None
            if isinstance(index, str) and len(states) < 16:
                states.setdefault(index[:16], [{}] * len(aircraft.messages))[row] = each
    return states


def _captures_while_state_lasts(
    aircraft: AircraftMessages,
    camera: str,
    states: Sequence[Mapping[str, Any]],
    kind: str,
    first: int,
    last: int,
) -> Iterator[dict[str, Any]]:
    # The state held until a later message no longer states it.
    until = min(last + 1, len(aircraft.messages) - 1) if kind == "video" else first
    start, end = int(aircraft.times_ns[first]), int(aircraft.times_ns[until])
    name = "recording_state" if kind == "video" else "photo_state"
    source = f"osd.cameras.{name} of camera {camera}"
    if kind == "video" and first == 0:
        source += "; recording already at the first message"
    if kind == "video" and last == len(aircraft.messages) - 1:
        source += "; still recording at the last message"
    for sensor in _camera_sensors_whose_pictures_are_stored(camera, states[first], kind):
        yield {
            "start": instant_or_none(start),
            "end": instant_or_none(end if end >= start else start),
            "sensor": sensor,
            "kind": kind,
            "source": source,
            "grade": "reported",
            "source_offset": aircraft.messages[first].offset,
        }


def _camera_sensors_whose_pictures_are_stored(
    camera: str, state: Mapping[str, Any], kind: str
) -> list[str]:
    """Return each sensor whose pictures are stored; "current" is whichever is shown: not stated."""
    number = camera.partition("-")[0]
    if number.isdecimal() and int(number) in _ONE_VISIBLE_SENSOR:
        return [VISIBLE]
    settings = state.get(f"{kind}_storage_settings")
    names = (
        [each for each in settings if isinstance(each, str)] if isinstance(settings, list) else []
    )
    sensors = dict.fromkeys(
        _LENSES[each] for each in names if isinstance(each, str) and each in _LENSES
    )
    return list(sensors) or [UNKNOWN]


def elapsed_ns_by_flight_time_counter(messages: Sequence[CloudMessage]) -> npt.NDArray[np.int64]:
    """Return the flight time that the aircraft counts, from the first message, while it grows."""
    total = np.array([_number_at_path(each.fields, ("total_flight_time",)) for each in messages])
    first = total[np.isfinite(total)][:1]
    times = np.full(len(total), NAT, np.int64)
    highest = -np.inf
    for row, seconds in enumerate(total):
        if np.isfinite(seconds) and seconds > highest:
            times[row] = round((seconds - first[0]) * 1e9)
            highest = seconds
    return times
