"""Track, capture, contact and aircraft of a photo: at most one row each."""

import ipaddress
import re
from typing import Any

import numpy as np
import pandas as pd

from ..._model import Aircraft, Issue
from ..._tables import TRACK, build_table, contact_table_from_rows, media_capture_table_from_rows
from .._implausible_gimbal_angles import masked_gimbal_columns_and_issues
from ._exif import Exif
from ._identify_sensor import PhotoSensor
from ._photo_file import Photo, photo_position_by_column_name
from ._time_of_photo import PhotoUtcAndWallClock

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
#: RtkFlag: 16 is a single point without corrections, 32 to 49 a float, 50 a fixed solution.
RTK_SOLVED = range(32, 51)
#: Below this speed the direction of motion is noise.
_SLOWEST_MPS = 0.3
#: Unit of speed in EXIF -> metres per second: km/h, miles per hour, knots.
_EXIF_SPEEDS_MPS = {"K": 1 / 3.6, "M": 0.44704, "N": 1852 / 3600}
#: No DJI aircraft flies faster or higher; beyond is damage.
_FASTEST_MPS, _HIGHEST_M = 100.0, 20_000.0


def read_aircraft(photo: Photo) -> Aircraft:
    """Return what the photo says about aircraft and camera; a serial number of 0 is missing."""
    xmp, exif = photo.xmp, photo.exif
    software = exif.tag_text("Software")
    maker = exif.tag_text("Make") or photo.xmp.others.get("tiff:Make")
    return Aircraft(
        maker=maker if maker is None or maker.upper() != "DJI" else "DJI",
        model=xmp.first_dji_property_text("DroneModel"),
        serial=_serial_or_none(xmp.first_dji_property_text("DroneSerialNumber")),
        camera_model=exif.tag_text("Model") or xmp.others.get("tiff:Model"),
        camera_serial=_serial_or_none(
            xmp.first_dji_property_text("CameraSerialNumber") or exif.tag_text("BodySerialNumber")
        )
        # Measured on 7 pictures of H20T: the same as the serial number where that is stated.
        or _serial_or_none(photo.value_of_bracketed_name("sensor_id")),
        firmware={"camera": software} if software else {},
    )


def photo_track_table(photo: Photo, time: PhotoUtcAndWallClock) -> pd.DataFrame:
    """Return the one row of where the camera was and where it looked, if the photo says."""
    row = {
        **photo_position_by_column_name(photo),
        "altitude_amsl_m": xmp_altitude_of_photo_if_gps_datum_m(photo),
        "height_ato_m": _plausible_height_m(photo.xmp.numeric_value("RelativeAltitude")),
        **_speed_and_course_columns(photo),
        "heading_deg": _degrees_as_bearing(
            photo.numeric_value("FlightYawDegree", maker_note="Yaw")
        ),
        "pitch_deg": photo.numeric_value("FlightPitchDegree", maker_note="Pitch"),
        "roll_deg": photo.numeric_value("FlightRollDegree", maker_note="Roll"),
        **_gimbal_columns(photo),
    }
    known = {name: value for name, value in row.items() if value is not None}
    if not known:
        return build_table(TRACK, {}, 0)
    status = (photo.xmp.first_dji_property_text("GpsStatus") or "").lower()
    fix = {"normal": True, "rtk": True, "invalid": False}.get(status)
    columns: dict[str, Any] = {name: np.array([value]) for name, value in known.items()}
    columns["time"] = [time.utc_or_wall_clock]
    columns["fix_ok"] = [fix]
    columns["source_offset"] = np.array([photo.main_metadata_offset])
    return build_table(TRACK, columns, 1)


def photo_capture_table(
    photo: Photo, time: PhotoUtcAndWallClock, sensor: PhotoSensor
) -> pd.DataFrame:
    """Return the capture: this photo. A side-car does not say which file its picture is."""
    source = f"{'XMP side-car' if photo.container == 'xmp' else 'photo'}; sensor by {sensor.reason}"
    if time.utc is None and time.wall_clock is not None:
        source += f"; wall clock {time.wall_clock:%Y-%m-%d %H:%M:%S}, zone not known"
    if photo.name.rpartition(".")[0].endswith("_S"):
        source += "; by its name a picture of the controller's screen"
    row = {
        "start": time.utc_or_wall_clock,
        "end": time.utc_or_wall_clock,
        "sensor": sensor.name,
        "kind": "photo",
        "source": source,
        "grade": "reported",
        "file": None if photo.container == "xmp" else photo.name or None,
        "source_offset": photo.main_metadata_offset,
    }
    return media_capture_table_from_rows([row])


def rtk_caster_contact_table(photo: Photo, time: PhotoUtcAndWallClock) -> pd.DataFrame:
    """Return the caster of network RTK, if the photo names one."""
    named = photo.xmp.first_dji_property_text("NTRIPHost")
    if named is None or not _HOST.fullmatch(named):
        return contact_table_from_rows([])
    flag = photo.xmp.numeric_value("RtkFlag")
    solved = flag is not None and int(flag) in RTK_SOLVED
    port = photo.xmp.numeric_value("NTRIPPort")
    mount = photo.xmp.first_dji_property_text("NTRIPMountPoint")
    is_address = _is_host_an_ip_address(named)
    row = {
        "time": time.utc,
        "host": None if is_address else named.lower(),
        "address": named if is_address else None,
        "port": int(port) if port is not None and 0 < port < 65536 else None,
        "protocol": "ntrip",
        "path": f"/{mount}" if mount else None,
        "evidence": "XMP NTRIPHost; RTK solution in use" if solved else "XMP NTRIPHost",
        "grade": "reported" if solved else "commanded",
        "source_offset": photo.main_metadata_offset,
    }
    return contact_table_from_rows([row])


def xmp_altitude_of_photo_if_gps_datum_m(photo: Photo) -> float | None:
    """Return the altitude if the camera says that its datum is that of satellite positioning."""
    datum = (photo.xmp.first_dji_property_text("AltitudeType") or "").lower()
    status = (photo.xmp.first_dji_property_text("GpsStatus") or "").lower()
    if not datum.startswith("gps") or status == "rtk" or photo.xmp.numeric_value("RtkFlag"):
        return None
    return _plausible_height_m(photo.xmp.numeric_value("AbsoluteAltitude"))


def _speed_and_course_columns(photo: Photo) -> dict[str, float | None]:
    north = photo.numeric_value("FlightXSpeed", maker_note="SpeedX")
    east = photo.numeric_value("FlightYSpeed", maker_note="SpeedY")
    if north is None or east is None:
        return _exif_speed_and_course_columns(photo.exif)
    if np.hypot(north, east) > _FASTEST_MPS:
        return {}
    speed = float(np.hypot(north, east))
    course = float(np.degrees(np.arctan2(east, north)) % 360)
    return {"ground_speed_mps": speed, "course_deg": course if speed >= _SLOWEST_MPS else None}


def _exif_speed_and_course_columns(exif: Exif) -> dict[str, float | None]:
    """Return speed and course of EXIF; the course only where it is to true north."""
    speed = exif.numeric_value("GPSSpeed")
    factor = _EXIF_SPEEDS_MPS.get(exif.tag_text("GPSSpeedRef") or "K")
    if speed is None or factor is None or not 0 <= speed * factor <= _FASTEST_MPS:
        return {}
    course = exif.numeric_value("GPSTrack") if exif.tag_text("GPSTrackRef") == "T" else None
    course = None if course is None or speed * factor < _SLOWEST_MPS else course % 360
    return {"ground_speed_mps": speed * factor, "course_deg": course}


def gimbal_issues(photo: Photo) -> tuple[Issue, ...]:
    """Return why the gimbal angles that the photo states were left out, if they were."""
    return _plausible_gimbal_angles_and_issues(photo)[1]


def _plausible_gimbal_angles_and_issues(
    photo: Photo,
) -> tuple[tuple[float | None, ...], tuple[Issue, ...]]:
    """Return yaw, pitch and roll as stated, each missing where none was measured."""
    stated = [
        photo.numeric_value(f"Gimbal{axis}Degree", maker_note=f"Camera{axis}")
        for axis in ("Yaw", "Pitch", "Roll")
    ]
    if stated[0] is None and photo.exif.tag_text("GPSImgDirectionRef") == "T":
        stated[0] = photo.exif.numeric_value("GPSImgDirection")
    yaw, pitch, roll = (np.array([np.nan if value is None else value]) for value in stated)
    columns, issues = masked_gimbal_columns_and_issues(
        yaw, pitch, roll, "rows", np.array([photo.xmp.offset])
    )
    is_left_out = [bool(np.isnan(column[0])) for column in columns.values()]
    angles = zip(stated, is_left_out, strict=True)
    return tuple(None if left_out else value for value, left_out in angles), issues


def _gimbal_columns(photo: Photo) -> dict[str, float | None]:
    yaw, pitch, roll = _plausible_gimbal_angles_and_issues(photo)[0]
    if roll is not None and abs(roll) > 90:
        roll -= 180 if roll > 0 else -180
        yaw = None if yaw is None else yaw + 180
    return {
        "gimbal_yaw_deg": _degrees_as_bearing(yaw),
        "gimbal_pitch_deg": pitch,
        "gimbal_roll_deg": roll,
    }


def _degrees_as_bearing(degrees: float | None) -> float | None:
    return None if degrees is None else degrees % 360


def _plausible_height_m(value: float | None) -> float | None:
    return None if value is None or abs(value) > _HIGHEST_M else value


def _serial_or_none(text: str | None) -> str | None:
    """Return a serial number without what fills its field behind a NUL; missing if all 0."""
    plain = (text or "").split("\0", 1)[0].strip()
    return plain if plain.strip("0") else None


def _is_host_an_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
