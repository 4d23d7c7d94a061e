"""The track of a DataFlash log: the fused position, joined with GPS, attitude and the rest.

Rows are those of ``POS``, or of ``GPS`` where there is no ``POS`` (before
firmware 3.3), in time order; without any position, those of ``CTUN``, with heights
only.  Other messages are joined by their offset in the file: the latest before each
row, if it is recent.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..._model import Issue
from ..._tables import TRACK, build_table, sort_by_time
from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from .._shared._record_framing import Flags, Offsets
from .._shared._timestamps import NAT
from .._shared._track_with_issues import (
    TrackWithIssues,
    empty_track_result,
    fallback_position_source_issue,
)
from ._boot_time_to_utc import DataflashClock, Numbers
from ._flight_mode_changes import FlightModeChanges
from ._message_columns import DataflashMessages

#: The latest value of another message counts for this long, seconds.
LATEST_VALID_S = 2.0
#: Height by barometer above the place where it was switched on, in CTUN of copters.
BAROMETER_LABELS = ("BarAlt", "BAlt")
#: Direction of a range finder that looks down, and its state when it measures.
FACING_DOWN, RANGE_GOOD = 25, 4


class _LatestMessageAtEachFix:
    """The latest message of a kind for each row of the track."""

    def __init__(
        self,
        messages: DataflashMessages | None,
        times: DataflashClock,
        rows: DataflashMessages,
        keep: Flags,
    ) -> None:
        """Find for each row the latest of some messages, those kept, before it."""
        self.messages = messages
        if messages is None or not keep.any():
            self.index: Offsets = np.empty(0, np.int64)
            self.recent: Flags = np.zeros(len(rows), np.bool_)
            self.messages = None
            return
        rows_kept = np.flatnonzero(keep)
        before = np.searchsorted(messages.offsets[rows_kept], rows.offsets, side="right") - 1
        self.index = rows_kept[np.maximum(before, 0)]
        age = times.boot_us_of_messages(rows) - times.boot_us_of_messages(messages)[self.index]
        self.recent = (before >= 0) & ~(age > LATEST_VALID_S * 1e6) & ~(age < -LATEST_VALID_S * 1e6)

    def numbers_of_field(self, *labels: str) -> Numbers:
        """Return a field for each row, missing where there is none or it is old."""
        if self.messages is None:
            return np.full(len(self.recent), np.nan)
        values = self.messages.numbers_of_field(*labels)[self.index]
        return np.where(self.recent, values, np.nan)


def _all_true_message_mask(messages: DataflashMessages | None) -> Flags:
    return np.ones(0 if messages is None else len(messages), np.bool_)


def _first_sensor_messages_mask(messages: DataflashMessages | None) -> Flags:
    """Return which messages are of the first sensor."""
    keep = _all_true_message_mask(messages)
    label = messages.first_present_label("I", "Inst", "Instance") if messages is not None else None
    if messages is None or label is None or len(keep) == 0:
        return keep
    number = messages.numbers_of_field(label)
    return np.asarray(number == np.nanmin(number))


def _fix_of_receiver_in_use_mask(messages: DataflashMessages | None) -> Flags:
    """Return which fixes are of the receiver in use, or else of the first that has a fix."""
    keep = _all_true_message_mask(messages)
    if messages is None or len(keep) == 0 or messages.first_present_label("I") is None:
        return keep
    number = messages.numbers_of_field("I")
    used = messages.numbers_of_field("U") == 1
    if used.any():
        return np.asarray(used)
    fixed = messages.numbers_of_field("Status") >= 3
    return np.asarray(number == np.nanmin(number[fixed] if fixed.any() else number))


def read_track(
    messages: Mapping[str, DataflashMessages], times: DataflashClock, modes: FlightModeChanges
) -> TrackWithIssues:
    """Return the track."""
    fused, gps = messages.get("POS"), messages.get("GPS")
    if fused is not None:
        placed, issues = _measured_position_flags_and_issues(
            "POS", fused, times, _all_true_message_mask(fused)
        )
        if placed.any():
            frame = _track_table(messages, times, modes, fused, placed)
            return TrackWithIssues(frame, "POS", issues)
    if gps is not None:
        placed, issues = _measured_position_flags_and_issues(
            "GPS", gps, times, _fix_of_receiver_in_use_mask(gps)
        )
        if placed.any():
            frame = _track_table(messages, times, modes, gps, placed)
            first = int(gps.offsets[placed][0])
            fallback = fallback_position_source_issue("GPS", "POS", len(frame), first)
            return TrackWithIssues(frame, "GPS", (fallback, *issues))
    return _barometer_track_without_positions(messages, times, modes)


def _barometer_track_without_positions(
    messages: Mapping[str, DataflashMessages], times: DataflashClock, modes: FlightModeChanges
) -> TrackWithIssues:
    """Return the heights by barometer of a log that has no position at all.

    They tell whether it flew, how high and how long.
    """
    tuning = messages.get("CTUN")
    heights = None if tuning is None else tuning.numbers_of_field(*BAROMETER_LABELS)
    if tuning is None or heights is None:
        return empty_track_result()
    known = np.isfinite(heights) & (times.utc_ns_of_messages(tuning) != NAT)
    if not known.any():
        return empty_track_result()
    frame = _track_table(messages, times, modes, tuning, known)
    fallback = fallback_position_source_issue(
        "CTUN", "GPS", len(frame), int(tuning.offsets[known][0])
    )
    return TrackWithIssues(frame, "CTUN", (fallback,))


def _measured_position_flags_and_issues(
    name: str, rows: DataflashMessages, times: DataflashClock, keep: Flags
) -> tuple[Flags, tuple[Issue, ...]]:
    """Return which messages have a position that was measured, and remarks on those left out.

    Zero and zero, and what drifts from there, is written before a first fix.
    """
    latitude, longitude = (
        np.where(keep, rows.numbers_of_field(*labels), np.nan)
        for labels in (("Lat",), ("Lng", "Lon"))
    )
    fixes = replace_false_positions_with_nan(latitude, longitude, times.utc_ns_of_messages(rows))
    return np.isfinite(fixes.latitude_deg), fixes.issues(f"{name} records", rows.offsets)


def _track_table(
    messages: Mapping[str, DataflashMessages],
    times: DataflashClock,
    modes: FlightModeChanges,
    rows: DataflashMessages,
    keep: Flags,
) -> pd.DataFrame:
    gps = messages.get("GPS")
    has_positions = rows.first_present_label("Lat") is not None
    beside = _LatestMessageAtEachFix(gps, times, rows, _fix_of_receiver_in_use_mask(gps))
    columns: dict[str, Any] = {
        "time": times.utc_ns_of_messages(rows),
        "latitude_deg": rows.numbers_of_field("Lat"),
        "longitude_deg": rows.numbers_of_field("Lng", "Lon"),
        "altitude_amsl_m": rows.numbers_of_field("Alt")
        if has_positions
        else np.full(len(rows), np.nan),
        "height_ato_m": rows.numbers_of_field("RelHomeAlt", "RelAlt", *BAROMETER_LABELS),
        "flight_mode": modes.modes_in_force_at(times.write_order_numbers(rows)),
        "source_offset": rows.offsets,
    }
    columns |= _speed_course_and_satellite_columns(beside)
    columns |= _gps_accuracy_columns(messages, times, rows)
    columns |= _attitude_and_gimbal_columns(messages, times, rows)
    columns |= _columns_of_other_messages(messages, times, rows)
    chosen = {name: np.asarray(values)[keep] for name, values in columns.items()}
    chosen["flight_mode"] = chosen["flight_mode"].tolist()
    return sort_by_time(build_table(TRACK, chosen, int(keep.sum())), "time")


def _speed_course_and_satellite_columns(beside: _LatestMessageAtEachFix) -> dict[str, Any]:
    speed, course = beside.numbers_of_field("Spd"), beside.numbers_of_field("GCrs")
    down = beside.numbers_of_field("VZ", "VelD")
    if beside.messages is not None and beside.messages.first_present_label("VelN"):
        speed = np.hypot(beside.numbers_of_field("VelN"), beside.numbers_of_field("VelE"))
        course = np.degrees(beside.numbers_of_field("Cog"))
    status = beside.numbers_of_field("Status", "Fix")
    satellites = beside.numbers_of_field("NSats", "nSat")
    counted = (satellites >= 0) & (satellites <= 255) & (satellites % 1 == 0)
    return {
        "ground_speed_mps": speed,
        "vertical_speed_mps": -down,
        "course_deg": course % 360.0,
        "satellites": np.where(counted, satellites, np.nan),
        "fix_ok": np.where(np.isnan(status), np.nan, status >= 3),
    }


def _gps_accuracy_columns(
    messages: Mapping[str, DataflashMessages], times: DataflashClock, rows: DataflashMessages
) -> dict[str, Any]:
    """Return the errors that the receiver states (``GPA``); 0 is how none is written."""
    gpa = messages.get("GPA")
    stated = _LatestMessageAtEachFix(gpa, times, rows, _first_sensor_messages_mask(gpa))
    horizontal, vertical = stated.numbers_of_field("HAcc"), stated.numbers_of_field("VAcc")
    return {
        "horizontal_error_m": np.where(horizontal > 0, horizontal, np.nan),
        "vertical_error_m": np.where(vertical > 0, vertical, np.nan),
    }


def _attitude_and_gimbal_columns(
    messages: Mapping[str, DataflashMessages], times: DataflashClock, rows: DataflashMessages
) -> dict[str, Any]:
    att = messages.get("ATT")
    attitude = _LatestMessageAtEachFix(att, times, rows, _all_true_message_mask(att))
    # Written by PX4 (quaternion first) in radians, by ArduPilot in degrees.
    radians = att is not None and att.first_present_label("qw") is not None
    scale = 180.0 / np.pi if radians else 1.0
    yaw = attitude.numbers_of_field("Yaw") * scale
    mount = messages.get("MNT")
    gimbal = _LatestMessageAtEachFix(mount, times, rows, _first_sensor_messages_mask(mount))
    earth = gimbal.numbers_of_field("YawE")
    body = gimbal.numbers_of_field("YawB")
    return {
        "heading_deg": yaw % 360.0,
        "pitch_deg": attitude.numbers_of_field("Pitch") * scale,
        "roll_deg": attitude.numbers_of_field("Roll") * scale,
        "gimbal_yaw_deg": np.where(np.isnan(earth), yaw + body, earth) % 360.0,
        "gimbal_pitch_deg": gimbal.numbers_of_field("Pitch"),
        "gimbal_roll_deg": gimbal.numbers_of_field("Roll"),
    }


def _columns_of_other_messages(
    messages: Mapping[str, DataflashMessages], times: DataflashClock, rows: DataflashMessages
) -> dict[str, Any]:
    battery = messages.get("BAT")
    charge = _LatestMessageAtEachFix(
        battery, times, rows, _first_sensor_messages_mask(battery)
    ).numbers_of_field("RemPct")
    state = messages.get("STAT")
    if battery is None and state is not None:
        # PX4's first logger: a fraction.
        charge = (
            _LatestMessageAtEachFix(
                state, times, rows, _all_true_message_mask(state)
            ).numbers_of_field("BatRem")
            * 100.0
        )
    finder = messages.get("RFND")
    if finder is not None and finder.first_present_label("Stat"):
        looks = (finder.numbers_of_field("Orient") == FACING_DOWN) & (
            finder.numbers_of_field("Stat") == RANGE_GOOD
        )
    else:
        looks = np.zeros(0 if finder is None else len(finder), np.bool_)
    return {
        "battery_pct": np.where((charge >= 0) & (charge <= 100), charge, np.nan),
        "height_agl_m": _LatestMessageAtEachFix(finder, times, rows, looks).numbers_of_field(
            "Dist"
        ),
    }
