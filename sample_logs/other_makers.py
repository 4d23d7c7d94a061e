"""Write short flights as others store them: GUTMA, Parrot FreeFlight, DroneDeploy, FlightHub 2.

From the descriptions of the formats; no reader is imported.  Each aircraft climbs, circles and
lands on Dartmoor.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sample_logs.facts import write_files_of_track
from sample_logs.story import METRES_PER_DEGREE_EAST, METRES_PER_DEGREE_NORTH

FOLDER = "other_aircraft"
GUTMA, PARROT, DRONEDEPLOY = "gutma_export.gutma", "parrot_freeflight.pud", "dronedeploy.log"
FLIGHTHUB = "flighthub_task_track.json"
LATITUDE, LONGITUDE = 50.57, -3.92
COUNT, STEP_S, RADIUS_M, HIGHEST_M = 120, 0.5, 40.0, 30.0
FEET = 0.3048
GROUND_AMSL_M = 380.0
#: Rows in which the third aircraft records video.
RECORDING = range(40, 80)


class Fix(NamedTuple):
    """Where an aircraft is."""

    seconds: float
    latitude: float
    longitude: float
    height_m: float
    north_mps: float
    east_mps: float
    up_mps: float
    heading_deg: float


def fixes() -> Iterator[Fix]:
    """Yield a fix every half second: up, around, down."""
    for number in range(COUNT):
        angle = 2 * math.pi * number / 60
        circles = 20 <= number < 100
        radius = RADIUS_M if circles else 0.0
        speed = RADIUS_M * 2 * math.pi / (60 * STEP_S) if circles else 0.0
        yield Fix(
            number * STEP_S,
            LATITUDE + radius * math.sin(angle) / METRES_PER_DEGREE_NORTH,
            LONGITUDE + radius * math.cos(angle) / METRES_PER_DEGREE_EAST,
            _height_m(number),
            speed * math.cos(angle),
            -speed * math.sin(angle),
            (_height_m(number + 1) - _height_m(number)) / STEP_S,
            math.degrees(angle) % 360,
        )


def _height_m(number: int) -> float:
    up, down = 2.0 * (number - 2), 1.5 * (COUNT - 2 - number)
    return max(0.0, min(up, down, HIGHEST_M))


def write_other_makers(folder: Path) -> dict[str, Any]:
    """Write the four files; return what is true of them."""
    files = (
        (GUTMA, "flight log in GUTMA's exchange protocol", "1.0.0", _gutma()),
        (PARROT, "flight of Parrot's FreeFlight as JSON", "1.0.3", _parrot()),
        (DRONEDEPLOY, "flight recorder log of DroneDeploy", "2.75.0", _dronedeploy()),
        (FLIGHTHUB, "trajectory of a flight task of FlightHub 2", None, _flighthub()),
    )
    return write_files_of_track(folder / FOLDER, files, COUNT)


def _flighthub() -> bytes:
    start_ms = 1_778_839_200_000  # 2026-05-15 10:00:00 UTC
    points = [
        {
            "timestamp": start_ms + round(fix.seconds * 1000), "latitude": round(fix.latitude, 8),
            "longitude": round(fix.longitude, 8), "height": round(GROUND_AMSL_M + fix.height_m, 2),
        }
        for fix in fixes()
    ]  # fmt: skip
    track = {
        "track_id": "synthetic-track", "drone_sn": "SYNFLIGHTHUB01", "flight_distance": 335.1,
        "flight_duration": 60, "points": points,
    }  # fmt: skip
    task = {"name": "Training patrol", "status": "success", "wayline_uuid": "synthetic-route"}
    return json.dumps({"code": 0, "message": "OK", "data": task | {"track": track}}).encode()


def _gutma() -> bytes:
    aircraft = {
        "manufacturer": "Example", "model": "Wing", "serial_number": "SYN-GUTMA-01",
        "firmware_version": "2.01",
    }  # fmt: skip
    items = [
        [
            fix.seconds, round(fix.longitude, 8), round(fix.latitude, 8),
            round(GROUND_AMSL_M + fix.height_m, 2),
            round(math.hypot(fix.north_mps, fix.east_mps), 2),
        ]
        for fix in fixes()
    ]  # fmt: skip
    events = [
        {"event_type": "CONTROLLER_EVENT", "event_info": info, "event_timestamp": str(seconds)}
        for info, seconds in (("TAKE_OFF", 1.5), ("LAND", 59.0))
    ]
    message = {
        "flight_data": {"aircraft": aircraft, "gcs": {"model": "Station", "version": "1.1"}},
        "flight_logging": {
            "flight_logging_items": items,
            "flight_logging_keys": ["timestamp", "gps_lon", "gps_lat", "gps_altitude", "speed"],
            "event": events,
            "altitude_system": "MSL",
            "logging_start_dtg": "2026-05-15T09:00:00.000Z",
        },
        "file": {"logging_type": "GUTMA_DX_JSON", "version": "1.0.0"},
    }
    text = json.dumps({"exchange": {"exchange_type": "flight_logging", "message": message}})
    return text.encode()


def _parrot() -> bytes:
    headers = [
        "time", "battery_level", "controller_gps_longitude", "controller_gps_latitude",
        "flying_state", "alert_state", "wifi_signal", "product_gps_available",
        "product_gps_longitude", "product_gps_latitude", "product_gps_position_error",
        "speed_vx", "speed_vy", "speed_vz", "angle_phi", "angle_theta", "angle_psi", "altitude",
        "flip_type",
    ]  # fmt: skip
    rows = [
        [
            1000 + round(fix.seconds * 1000), 98 - number // 10, round(LONGITUDE, 7),
            round(LATITUDE - 0.0001, 7), 3 if fix.height_m else 0, 4 if number > 100 else 0, -40,
            True, round(fix.longitude, 8), round(fix.latitude, 8), 0, round(fix.north_mps, 3),
            round(fix.east_mps, 3), -round(fix.up_mps, 3), 0.01, -0.02,
            round(math.radians(fix.heading_deg), 4), round(fix.height_m * 1000), 0,
        ]
        for number, fix in enumerate(fixes())
    ]  # fmt: skip
    head = {
        "version": "1.0.3", "product": "Anafi 4K", "product_id": 2324,
        "serial_number": "SYN-PARROT-01", "uuid": "SYNTHETIC", "date": "2026-05-15T100000+0100",
        "software_version": "1.5.2",
    }  # fmt: skip
    return json.dumps(head | {"details_headers": headers, "details_data": rows}).encode()


def _dronedeploy() -> bytes:
    head = [
        "#DroneDeploy\t2.75.0", "#Flight Recorder", "Session ID\t1",
        "Session Start\t05/15/2026 10:00:00", "#Aircraft", "Aircraft Model\tInspire 2",
        "Aircraft Firmware\t01.02.0100", "#Components",
        "Flight Controller Serial Number\tSYNDEPLOY0001", "Camera Serial Number\tSYNDEPLOY0002",
    ]  # fmt: skip
    names = [
        "Date/Time (GMT)", "Elapsed Time (sec)", "Info", "Aircraft Battery Power (%)",
        "Aircraft Latitude (Degrees)", "Aircraft Longitude (Degrees)",
        "Aircraft Barometric Altitude (ft)", "Aircraft Heading (Degrees)", "Aircraft Flying",
        "Aircraft Flight Mode", "Home Latitude (Degrees)", "Home Longitude (Degrees)",
        "Gimbal Pitch (Degrees)", "Aircraft Camera Recording", "Aircraft Vel - X",
        "Aircraft Vel - Y", "Aircraft Vel - Z", "Aircraft Speed (mph)",
    ]  # fmt: skip
    rows = []
    for number, fix in enumerate(fixes()):
        values = (
            f"05/15/2026 10:{int(fix.seconds) // 60:02d}:{int(fix.seconds) % 60:02d}",
            f"{fix.seconds:.3f}", "Mission did take off" if number == 3 else "", 95 - number // 20,
            fix.latitude, fix.longitude, fix.height_m / FEET, fix.heading_deg,
            int(fix.height_m > 0), "NAVI", LATITUDE, LONGITUDE, -90.0, int(number in RECORDING),
            math.hypot(fix.north_mps, fix.east_mps), fix.north_mps, fix.east_mps,
            -fix.up_mps / FEET,
        )  # fmt: skip
        rows.append("\t".join(str(each) for each in values))
    end = ["#Flight Recorder Session End", "Date/Time (UTC)\t05/15/2026 10:01:00"]
    return "\n".join([*head, "\t".join(names), *rows, *end, ""]).encode()
