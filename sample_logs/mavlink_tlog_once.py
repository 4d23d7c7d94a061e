"""What the telemetry log says once: texts, identity, fence, parameters, a log read and erased."""

from collections.abc import Iterator
from typing import Any

from pymavlink.dialects.v20 import all as dialect

from sample_logs import mavlink_flight as told
from sample_logs import story as truth
from sample_logs.mavlink_flight import MavlinkFlight, degrees_e7

#: System and component of who speaks.
AUTOPILOT, CAMERA, GIMBAL, BEACON, GROUND = (1, 1), (1, 100), (1, 154), (1, 236), (255, 190)
LOG_ID, LOG_PARTS, LOG_PART = 7, 40, 90

#: Credentials in an address; made up, and never to be shown.
STREAM_URI = "rtsp://viewer:moorland7@198.51.100.20:554/thermal"
SECRET = "moorland7"  # noqa: S105 - what must not be shown

_PARAMETERS = {
    "FENCE_ENABLE": 1,
    "FENCE_TYPE": 7,
    "FENCE_ACTION": 0,
    "FENCE_ALT_MAX": told.LIMIT_M,
    "FENCE_RADIUS": told.RADIUS_M,
    "DID_ENABLE": 1,
    "NET_P1_TYPE": 1,
    **{f"NET_P1_IP{place}": part for place, part in enumerate(told.PEER)},
    "NET_P1_PORT": told.PEER_PORT,
}


def once(flight: MavlinkFlight, tick: int) -> Iterator[tuple[tuple[int, int], Any]]:
    """Yield what is said once, at its tick."""
    texts = {
        2: (6, "ArduCopter V4.5.7 (2a3dc4b7)"),
        3: (6, "Pixhawk4 " + " ".join(f"{word:08X}" for word in told.BOARD)),
        4: (6, f"Camera at 198.51.100.20 ready, thermal stream {STREAM_URI}"),
        flight.breach[0] + 1: (2, "Max Alt fence breached"),
        flight.breach[1] + 1: (5, "Max Alt fence cleared"),
    }
    if tick in texts:
        yield from ((AUTOPILOT, part) for part in _text(*texts[tick]))
    if tick == 1:
        yield from _identity(flight.boot_ms(tick))
    if tick == 20:
        yield from _settings()
    if tick == flight.first("go home") - 2:
        yield GROUND, dialect.MAVLink_command_long_message(*AUTOPILOT, 20, 0, *[0] * 7)
        yield AUTOPILOT, dialect.MAVLink_command_ack_message(20, 0, 0, 0, *GROUND)
    if tick == flight.armed[1] + 10:
        yield from _download()
    if tick == flight.armed[1] + 40:
        yield GROUND, dialect.MAVLink_log_erase_message(*AUTOPILOT)


def _text(severity: int, text: str) -> Iterator[Any]:
    """Yield a text, in parts of 50 bytes if it is longer."""
    parts = [text[at : at + 50].encode() for at in range(0, len(text), 50)]
    for number, part in enumerate(parts):
        yield dialect.MAVLink_statustext_message(severity, part, int(len(parts) > 1), number)


def _identity(boot: int) -> Iterator[tuple[tuple[int, int], Any]]:
    uid2 = b"".join(word.to_bytes(4, "little") for word in told.BOARD)
    yield AUTOPILOT, dialect.MAVLink_autopilot_version_message(
        0xF1EF, 0x0405_07FF, 0, 0, 0x0032_0000, b"2a3dc4b7", bytes(8), bytes(8), 0x26AC, 50, 0,
        uid2.ljust(18, b"\0"),
    )  # fmt: skip
    # Takes photos and videos, in any mode, has streams.
    yield CAMERA, dialect.MAVLink_camera_information_message(
        boot, b"Synthetic".ljust(32, b"\0"), b"Twin 640".ljust(32, b"\0"), 0x0000_0201, 4.5, 6.3,
        4.7, 4000, 3000, 0, 0x10F, 0, b"",
    )  # fmt: skip
    home = degrees_e7(truth.HOME_LATITUDE), degrees_e7(truth.HOME_LONGITUDE)
    altitude = round(truth.HOME_ALTITUDE_M * 1000)
    yield (
        AUTOPILOT,
        dialect.MAVLink_home_position_message(*home, altitude, 0, 0, 0, (1, 0, 0, 0), 0, 0, 0),
    )


def _settings() -> Iterator[tuple[tuple[int, int], Any]]:
    """Yield parameters and the items of the fence, as a ground station reads them."""
    for place, (name, value) in enumerate(_PARAMETERS.items()):
        yield (
            AUTOPILOT,
            dialect.MAVLink_param_value_message(name.encode(), value, 9, len(_PARAMETERS), place),
        )
    inside = [(5001, len(told.POLYGON), point) for point in told.POLYGON]
    items = [*inside, (5004, told.EXCLUSION_RADIUS_M, told.EXCLUSION)]
    yield AUTOPILOT, dialect.MAVLink_mission_count_message(*GROUND, len(items), 1)
    for place, (command, size, point) in enumerate(items):
        yield (
            AUTOPILOT,
            dialect.MAVLink_mission_item_int_message(
                *GROUND, place, 0, command, 0, 1, size, 0, 0, 0, *point, 0, 1
            ),
        )


def _download() -> Iterator[tuple[tuple[int, int], Any]]:
    yield GROUND, dialect.MAVLink_log_request_data_message(*AUTOPILOT, LOG_ID, 0, 0xFFFF_FFFF)
    part = bytes(range(LOG_PART))
    for place in range(LOG_PARTS):
        yield (
            AUTOPILOT,
            dialect.MAVLink_log_data_message(LOG_ID, place * LOG_PART, LOG_PART, part),
        )
    yield GROUND, dialect.MAVLink_log_request_end_message(*AUTOPILOT)
