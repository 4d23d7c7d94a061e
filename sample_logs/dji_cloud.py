"""Write what a unit's own server received of another aircraft by night: Cloud API messages.

From DJI's documentation of the Cloud API; no reader is imported.  The aircraft climbs beside its
dock, circles, records thermal video, comes near its height limit, and lands.  Its lights are off
for the last part.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sample_logs.facts import file_facts
from sample_logs.story import METRES_PER_DEGREE_EAST, METRES_PER_DEGREE_NORTH

FOLDER, NAME = "other_aircraft", "cloud_api_messages.jsonl"
AIRCRAFT, CONTROLLER = "SYNTHETIC0000042", "SYNTHETIC0000043"
#: 2026-05-14 22:10:00 UTC, on Dartmoor.
START_MS = 1_778_796_600_000
LATITUDE, LONGITUDE = 50.58, -3.91
COUNT, STEP_S = 96, 2
HEIGHT_LIMIT_M, HIGHEST_M = 120, 119.0
CAMERA = "53-0-0"
#: Messages: in the air, recording, near the limit, with lights on.
IN_AIR, RECORDING, NEAR_LIMIT, LIGHTS_ON = range(5, 90), range(20, 60), range(22, 48), range(70)


def write_dji_cloud(folder: Path) -> dict[str, Any]:
    """Write the messages; return what is true of them."""
    room = folder / FOLDER
    room.mkdir(exist_ok=True)
    lines = [json.dumps(each, separators=(",", ":")) + "\n" for each in messages()]
    data = "".join(lines).encode()
    (room / NAME).write_bytes(data)
    return {
        f"{FOLDER}/{NAME}": {
            **file_facts("DJI Cloud API messages", None, data),
            "osd_messages": COUNT,
            "video_s": len(RECORDING) * STEP_S,
        }
    }


def messages() -> Iterator[dict[str, Any]]:
    """Yield an OSD message of the aircraft every two seconds, one of the controller every ten."""
    for number in range(COUNT):
        time_ms = START_MS + number * STEP_S * 1000
        if number % 5 == 0:
            place = {"latitude": LATITUDE - 0.0001, "longitude": LONGITUDE}
            yield message(CONTROLLER, time_ms, {"capacity_percent": 80, **place})
        yield message(AIRCRAFT, time_ms + 40, osd(number))


def message(serial: str, time_ms: int, data: dict[str, Any]) -> dict[str, Any]:
    """Return a message in its envelope, with its topic."""
    return {
        "topic": f"thing/product/{serial}/osd",
        "payload": {
            "bid": f"00000000-0000-4000-8000-{time_ms:012d}",
            "tid": f"00000000-0000-4000-9000-{time_ms:012d}",
            "timestamp": time_ms,
            "gateway": CONTROLLER,
            "data": data,
        },
    }


def osd(number: int) -> dict[str, Any]:
    """Return what the aircraft states of itself."""
    flying = number in IN_AIR
    height = _height_m(number)
    angle = 2 * math.pi * number / 30
    radius = 60.0 if flying and height > 30 else 0.0
    return {
        "latitude": round(LATITUDE + radius * math.sin(angle) / METRES_PER_DEGREE_NORTH, 8),
        "longitude": round(LONGITUDE + radius * math.cos(angle) / METRES_PER_DEGREE_EAST, 8),
        "height": round(380.0 + height, 2),
        "elevation": height,
        "attitude_head": round(math.degrees(angle) % 360 - 180, 1),
        "attitude_pitch": -4.0 if radius else 0.0,
        "attitude_roll": 1.5 if radius else 0.0,
        "horizontal_speed": 6.3 if radius else 0.0,
        "vertical_speed": round((_height_m(number + 1) - height) / STEP_S, 1),
        "mode_code": 0 if not flying else 4 if number < 8 else 10 if number > 60 else 3,
        "night_lights_state": int(number in LIGHTS_ON),
        "height_limit": HEIGHT_LIMIT_M,
        "is_near_height_limit": int(number in NEAR_LIMIT),
        "is_near_area_limit": 0,
        "distance_limit_status": {"state": 1, "distance_limit": 500, "is_near_distance_limit": 0},
        "rc_lost_action": 2,
        "total_flight_sorties": 57,
        "total_flight_time": 36_000 + STEP_S * min(max(number - 5, 0), len(IN_AIR)),
        "firmware_version": "10.01.0504",
        "position_state": {"gps_number": 21, "is_fixed": 0, "quality": 5, "rtk_number": 0},
        "battery": {"capacity_percent": 95 - number // 4},
        "cameras": [
            {
                "payload_index": CAMERA,
                "recording_state": int(number in RECORDING),
                "photo_state": int(number == 65),
                "video_storage_settings": ["ir"],
                "photo_storage_settings": ["wide", "ir"],
            }
        ],
        CAMERA: {"gimbal_pitch": -60.0, "gimbal_roll": 0.0, "gimbal_yaw": 90.0},
    }


def _height_m(number: int) -> float:
    """Return the height above take-off: up at 4 m/s, level, down at 1.5 m/s."""
    up = 8.0 * (number - 5)
    down = 3.0 * (90 - number)
    return round(min(max(min(up, down), 0.0), HIGHEST_M), 1)
