"""The rows that a video gives: captures of picture and sound, and the track of its telemetry."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..._model import Issue
from ..._tables import TRACK, empty_table
from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from .._camera_sensors import (
    THERMAL,
    UNKNOWN,
    VISIBLE,
    first_sensor_of_camera_or_aircraft_names,
    sensor_of_file_name,
)
from .._implausible_gimbal_angles import masked_gimbal_columns_and_issues
from .._subtitles._flight_track import (
    flight_track_of_subtitles,
    flight_track_table,
    replace_invalid_positions_with_nan,
    row_indices_of_changed_values,
    seconds_to_nanoseconds,
)
from .._subtitles._vectorised_parsing import Floats
from . import _djmd_telemetry
from ._box_metadata import ANGLE_BOXES, SPEED_BOXES
from ._djmd_telemetry import DjmdTelemetry
from ._video_file import VideoFile
from ._video_file import recording_index_of_track_cues as period_rows_of

#: Pictures of thermal sensors, pixels.
_THERMAL_SIZES = {(640, 512), (640, 480), (1280, 1024), (336, 256), (160, 120)}
_SOUND_BRANDS = ("M4A", "M4B")
_INVALID_STATUS = 1


def media_capture_rows(file: VideoFile) -> Iterator[dict[str, Any]]:
    """Yield a row for the picture and one for the sound of a video."""
    sensor, reasons = _sensor_and_reason(file)
    picture = [track for track in file.media_tracks if track.handler_type == "vide"]
    sound = [track for track in file.media_tracks if track.handler_type == "soun"]
    lasted = "" if np.isnan(file.duration_s) else f" of {file.duration_s:.1f} s"
    why = f"; sensor {sensor} by inference: {', '.join(reasons)}" if reasons else ""
    if picture:
        about = ", ".join(
            f"{media_track.codec} {'x'.join(map(str, media_track.frame_size))}"
            for media_track in picture
        )
        offset = picture[0].box.offset
        yield _capture_row(
            file, "video", f"track of picture ({about}){lasted}{why}", sensor, offset
        )
    if sound:
        about = ", ".join(media_track.codec for media_track in sound)
        offset = sound[0].box.offset
        yield _capture_row(file, "audio", f"track of sound ({about}){lasted}", "unknown", offset)
    if not picture and file.telemetry is not None:
        offset = int(file.telemetry.samples.offsets[0])
        yield _capture_row(
            file, "video", f"djmd telemetry of a recording{lasted}{why}", sensor, offset
        )
    elif not file.has_track_index:
        media = next(box for box in file.boxes if box.path in {"mdat", "moov"})
        kind = "audio" if file.brand in _SOUND_BRANDS else "video"
        what = "media data without an index: whether it holds sound is not known"
        yield _capture_row(file, kind, what, sensor, media.offset) | {"grade": "inferred"}


def _capture_row(file: VideoFile, kind: str, what: str, sensor: str, offset: int) -> dict[str, Any]:
    start_ns = file.clip_start_by_own_clock_ns
    stated_clocks = file.clip_start_time_and_clock.stated_clocks
    row: dict[str, Any] = {
        "sensor": sensor,
        "kind": kind,
        "source": f"{what}; {stated_clocks or 'the file states no time'}",
        "grade": "reported",
        "file": file.content.base_name or None,
        "source_offset": offset,
    }
    if start_ns is not None:
        row["start"] = np.datetime64(start_ns, "ns")
        if not np.isnan(file.duration_s):
            lasting = min(file.duration_s, 1e6)
            row["end"] = row["start"] + np.timedelta64(round(lasting * 1e9), "ns")
    return row


def _sensor_and_reason(file: VideoFile) -> tuple[str, tuple[str, ...]]:
    """Return the sensor and why: by subtitles, the file's name with its picture, or the camera."""
    if file.subtitle_track is not None and file.subtitle_track.recordings[0].sensor != "unknown":
        first = file.subtitle_track.recordings[0]
        return first.sensor, first.reasons
    sizes = {track.frame_size for track in file.media_tracks}
    if file.telemetry is not None:
        sizes.add(file.telemetry.clip.frame_size)
    thermal = sorted(sizes & _THERMAL_SIZES)
    stem = file.content.base_name.rpartition(".")[0]
    named = stem.upper().endswith("_T")
    if named and thermal:
        size = "x".join(map(str, thermal[0]))
        return THERMAL, ("the name ends in _T", f"a picture of {size} as of a thermal sensor")
    if thermal:
        return UNKNOWN, ()
    product = file.telemetry.clip.product if file.telemetry is not None else None
    if (sensor := first_sensor_of_camera_or_aircraft_names(product)) != UNKNOWN:
        return sensor, (f"{product} has one sensor only",)
    if (sensor := sensor_of_file_name(file.content.base_name)) == VISIBLE:
        return sensor, ("the end of the name that the camera gave",)
    return UNKNOWN, ()


def build_flight_track(file: VideoFile) -> pd.DataFrame:
    """Return the track: of ``djmd`` where that has positions, else of subtitles."""
    telemetry, cues = file.telemetry, file.subtitle_track
    if telemetry is not None and telemetry.schema is not None:
        rows = _flight_track_of_djmd(file, telemetry)
        if rows.latitude_deg.notna().any() or cues is None:
            return rows
    if cues is None and (stated := _track_row_from_box_metadata(file)) is not None:
        return stated
    if cues is None:
        return empty_table(TRACK)
    times = _sample_times_ns(file, cues.subtitles.cues.start_s)
    return flight_track_of_subtitles(cues.subtitles, cues.positions, period_rows_of(cues), times)


def _track_row_from_box_metadata(file: VideoFile) -> pd.DataFrame | None:
    """Return one row, the start, of place, speed and angles in boxes; ``None``: they say none."""
    texts = file.box_texts_xmp_and_places
    stated = {column: texts.number(kind) for kind, column in ANGLE_BOXES.items()}
    north, east = (texts.number(kind) for kind in SPEED_BOXES)
    if all(value is None for value in (*stated.values(), north, east)):
        return None
    values = {
        column: np.array([np.nan if value is None else value]) for column, value in stated.items()
    }
    for name in ("heading_deg", "gimbal_yaw_deg"):
        values[name] = values[name] % 360
    if north is not None and east is not None:
        values["ground_speed_mps"] = np.array([np.hypot(north, east)])
    fix = np.array([np.nan])
    for point in file.recording_start_positions:
        values["latitude_deg"] = np.array([point.latitude_deg])
        values["longitude_deg"] = np.array([point.longitude_deg])
        fix = np.array([1.0])
    offset = min(each.offset for each in texts.texts)
    rows, times = np.zeros(1, np.int64), _sample_times_ns(file, np.zeros(1))
    return flight_track_table(values, fix, rows, np.array([offset], np.int64), times)


def _flight_track_of_djmd(file: VideoFile, telemetry: DjmdTelemetry) -> pd.DataFrame:
    columns = telemetry.columns
    latitude, longitude = replace_invalid_positions_with_nan(
        *_djmd_telemetry.djmd_latitudes_and_longitudes(telemetry),
        seconds_to_nanoseconds(telemetry.samples.start_s),
    )
    invalid = columns["status"] == _INVALID_STATUS
    latitude, longitude = (np.where(invalid, np.nan, x) for x in (latitude, longitude))
    values: dict[str, Floats] = {
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "height_ato_m": _finite_values_else_nan(columns["height"] / 1000),
        "heading_deg": columns["yaw"] / 10 % 360,
        **_gimbal_columns_and_issues(telemetry)[0],
    }
    fix = np.where(np.isfinite(latitude), 1.0, np.where(invalid, 0.0, np.nan))
    rows = row_indices_of_changed_values(
        [*values.values(), fix], np.zeros(len(telemetry), np.int64)
    )
    return flight_track_table(
        values,
        fix,
        rows,
        telemetry.samples.offsets,
        _sample_times_ns(file, telemetry.samples.start_s),
    )


def _gimbal_columns_and_issues(
    telemetry: DjmdTelemetry,
) -> tuple[dict[str, Floats], tuple[Issue, ...]]:
    unit = telemetry.schema.gimbal_unit_deg if telemetry.schema else 1.0
    yaw, pitch, roll = (
        telemetry.columns[f"gimbal_{axis}"] * unit for axis in ("yaw", "pitch", "roll")
    )
    return masked_gimbal_columns_and_issues(
        yaw, pitch, roll, "djmd samples", telemetry.samples.offsets
    )


def djmd_telemetry_issues(telemetry: DjmdTelemetry) -> tuple[Issue, ...]:
    """Return what was left out of the positions and angles of a ``djmd`` track."""
    if telemetry.schema is None:
        return ()
    fixes = replace_false_positions_with_nan(
        *_djmd_telemetry.djmd_latitudes_and_longitudes(telemetry),
        seconds_to_nanoseconds(telemetry.samples.start_s),
    )
    return (
        *fixes.issues("djmd samples", telemetry.samples.offsets),
        *_gimbal_columns_and_issues(telemetry)[1],
    )


def _finite_values_else_nan(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _sample_times_ns(
    file: VideoFile, start_s: Floats
) -> np.ndarray[tuple[int], np.dtype[np.int64]] | None:
    """Return the time of each sample by the file's own clock; ``None`` if it has none."""
    if file.clip_start_by_own_clock_ns is None:
        return None
    since = np.minimum(np.nan_to_num(start_s), 1e6)
    return file.clip_start_by_own_clock_ns + np.round(since * 1e9).astype(np.int64)
