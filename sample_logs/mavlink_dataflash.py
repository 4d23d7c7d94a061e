"""Write the story as an ArduPilot DataFlash log (.BIN), from its public description.

A record is ``A3 95``, its type, and its fields, packed and little endian; FMT defines the types,
FMTU their units and factors by the letters of UNIT and MULT.  Layouts are those of ArduCopter 4.5.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sample_logs import mavlink_flight as told
from sample_logs import story as truth
from sample_logs.mavlink_flight import MavlinkFlight, degrees_e7
from sample_logs.story import Sample, Story

NAME = "00000042.BIN"
MODES = {"manual": "LOITER", "mission": "AUTO", "hold": "GUIDED", "return": "RTL"}
_NUMBERS = {"LOITER": 5, "AUTO": 3, "GUIDED": 4, "RTL": 6}
#: Why modes change: by remote control, and by the ground station.
_REASONS = {"manual": 1, "mission": 1, "hold": 1, "return": 2}

_STRUCT = {
    "b": "b", "B": "B", "h": "h", "H": "H", "i": "i", "I": "I", "Q": "Q", "f": "f", "d": "d",
    "n": "4s", "N": "16s", "Z": "64s", "c": "h", "C": "H", "e": "i", "E": "I", "L": "i", "M": "B",
}  # fmt: skip
_FMT = 128
_UNITS = {"-": "", "s": "s", "#": "instance", "S": "satellites", "D": "deglatitude",
          "U": "deglongitude", "m": "m", "n": "m/s", "h": "degheading", "d": "deg", "v": "V",
          "A": "A", "%": "%", "a": "Ah", "O": "degC", "J": "J", "w": "Ohm"}  # fmt: skip
_MULTS = {"-": 0.0, "0": 1.0, "A": 0.1, "B": 0.01, "C": 0.001, "F": 1e-6, "G": 1e-7}


class Type(NamedTuple):
    """A type of record: characters, labels, units and factors of its fields."""

    chars: str
    labels: str
    units: str
    mults: str


_PARAMETERS = {
    # name: value, default
    "FRAME_CLASS": (1, 0),
    "FENCE_ENABLE": (1, 0),
    "FENCE_TYPE": (7, 7),
    "FENCE_ACTION": (0, 1),
    "FENCE_ALT_MAX": (told.LIMIT_M, 100),
    "FENCE_RADIUS": (told.RADIUS_M, 300),
    "DID_ENABLE": (1, 0),
    "CAM1_TYPE": (6, 0),
    "MNT1_TYPE": (6, 0),
    "NET_P1_TYPE": (1, 0),
    **{f"NET_P1_IP{place}": (part, 0) for place, part in enumerate(told.PEER)},
    "NET_P1_PORT": (told.PEER_PORT, 0),
    "RTL_ALT": (6000, 1500),
    "WPNAV_SPEED": (800, 1000),
}

TYPES = {
    "UNIT": Type("QbZ", "TimeUS,Id,Label", "s--", "F--"),
    "MULT": Type("Qbd", "TimeUS,Id,Mult", "s--", "F--"),
    "FMTU": Type("QBNN", "TimeUS,FmtType,UnitIds,MultIds", "s---", "F---"),
    "MSG": Type("QZ", "TimeUS,Message", "s-", "F-"),
    "VER": Type(
        "QBHBBBBIZHBBII", "TimeUS,BT,BST,Maj,Min,Pat,FWT,GH,FWS,APJ,BU,FV,IMI,ICI",
        "s-------------", "F-------------",
    ),
    "PARM": Type("QNff", "TimeUS,Name,Value,Default", "s---", "F---"),
    "FNCE": Type("QBBBLLBf", "TimeUS,Tot,Seq,Type,Lat,Lng,Count,Radius", "s---DU-m", "F---GG--"),
    "ORGN": Type("QBLLe", "TimeUS,Type,Lat,Lng,Alt", "s-DUm", "F-GGB"),
    "MODE": Type("QMBB", "TimeUS,Mode,ModeNum,Rsn", "s---", "F---"),
    "ARM": Type("QBIBB", "TimeUS,ArmState,ArmChecks,Forced,Method", "s----", "F----"),
    "EV": Type("QB", "TimeUS,Id", "s-", "F-"),
    "ERR": Type("QBB", "TimeUS,Subsys,ECode", "s--", "F--"),
    "GPS": Type(
        "QBBIHBcLLeffffB", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U",
        "s#-s-S-DUmnhnh-", "F--C-0BGGB000--",
    ),
    "POS": Type("QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt", "sDUmmm", "FGG000"),
    "ATT": Type(
        "QccccCCCCB", "TimeUS,DesRoll,Roll,DesPitch,Pitch,DesYaw,Yaw,ErrRP,ErrYaw,AEKF",
        "sddddhhdh-", "FBBBBBBBB-",
    ),
    "MNT": Type(
        "QBfffffffff",
        "TimeUS,I,DesRoll,Roll,DesPitch,Pitch,DesYawB,YawB,DesYawE,YawE,Dist",
        "s#ddddddddm", "F-000000000",
    ),
    "BAT": Type(
        "QBfffffcfBBB", "TimeUS,Inst,Volt,VoltR,Curr,CurrTot,EnrgTot,Temp,Res,RemPct,H,SH",
        "s#vvAaJOw%--", "F-000C0B0---",
    ),
    "CAM": Type(
        "QBHIHLLeeeccC",
        "TimeUS,I,Img,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,GPSAlt,Roll,Pitch,Yaw",
        "s#-s-DUmmmddd", "F--C-GGBBBBBB",
    ),
    "MAVC": Type(
        "QBBBBBHffffiifBB", "TimeUS,TS,TC,SS,SC,Fr,Cmd,P1,P2,P3,P4,X,Y,Z,Res,WL",
        "s---------------", "F---------------",
    ),
}  # fmt: skip


class Writer:
    """A log in the making: definitions first."""

    def __init__(self, boot_us: int) -> None:
        """Define every type, its units and its factors."""
        self.data = bytearray()
        self._kinds = {name: 200 - place for place, name in enumerate(TYPES)}
        self._define("FMT", _FMT, "BBnNZ", "Type,Length,Name,Format,Columns")
        for name, kind in TYPES.items():
            self._define(name, self._kinds[name], kind.chars, kind.labels)
        for letter, unit in _UNITS.items():
            self.write("UNIT", boot_us, ord(letter), unit)
        for letter, factor in _MULTS.items():
            self.write("MULT", boot_us, ord(letter), factor)
        for name, kind in TYPES.items():
            self.write("FMTU", boot_us, self._kinds[name], kind.units, kind.mults)

    def _define(self, name: str, kind: int, chars: str, labels: str) -> None:
        size = 3 + struct.calcsize(_layout(chars))
        self._pack(_FMT, "BBnNZ", (kind, size, name, chars, labels))

    def write(self, name: str, *values: Any) -> None:
        """Add a record; its first value is the time in microseconds."""
        self._pack(self._kinds[name], TYPES[name].chars, values)

    def _pack(self, kind: int, chars: str, values: tuple[Any, ...]) -> None:
        packed = [value.encode() if isinstance(value, str) else value for value in values]
        self.data += b"\xa3\x95" + bytes([kind]) + struct.pack(_layout(chars), *packed)


def _layout(chars: str) -> str:
    return "<" + "".join(_STRUCT[char] for char in chars)


def write_mavlink_dataflash(folder: Path, story: Story) -> dict[str, Any]:
    """Write the log; return what is true of it."""
    flight = MavlinkFlight(story, told.ARDUPILOT_LATER_MS)
    log = Writer(flight.boot_ms(0) * 1000)
    for sample in story.samples:
        at = flight.boot_ms(sample.tick) * 1000
        for place, (name, *values) in enumerate(_moment(flight, sample)):
            log.write(name, at + 20 * place, *values)
    data = bytes(log.data)
    (folder / NAME).write_bytes(data)
    state = told.state(flight, data, "ArduPilot DataFlash log", MODES)
    more = {
        "board": " ".join(f"{word:08X}" for word in told.BOARD),
        "peer": f"{'.'.join(map(str, told.PEER))}:{told.PEER_PORT}",
        "fence_shapes": 2,
    }
    return {NAME: state | more}


def _moment(flight: MavlinkFlight, sample: Sample) -> Iterator[tuple[Any, ...]]:
    """Yield the records of a tenth of a second: name and values without the time."""
    tick = sample.tick
    if tick == 0:
        yield from _beginning()
    yield from _happened(flight, tick)
    if tick % 2 == 0:
        yield _position(sample)
        yield _attitude(sample)
    if tick % 5 == 0:
        yield _fix(flight, sample)
        pitch, yaw = sample.gimbal_pitch_deg, sample.yaw_deg
        yield "MNT", 0, 0, 0, pitch, pitch, 0, 0, yaw, yaw, float("nan")
    if tick % 10 == 0:
        yield "BAT", 0, 15.2, 15.3, 18, 1, 1, 2500, 0.01, sample.battery_pct, 1, 100
    if tick in flight.story.photos:
        yield _photo(flight, sample)


def _beginning() -> Iterator[tuple[Any, ...]]:
    version = "ArduCopter V4.5.7 (2a3dc4b7)"
    yield "MSG", version
    yield "MSG", "ChibiOS: 6a85082c"
    yield "MSG", "Pixhawk4 " + " ".join(f"{word:08X}" for word in told.BOARD)
    yield "VER", 10, 50, 4, 5, 7, 255, 0x2A3DC4B7, version, 50, 0, 2, 0, 0
    for name, (value, default) in _PARAMETERS.items():
        yield "PARM", name, value, default
    total = len(told.POLYGON) + 1
    for place, (latitude, longitude) in enumerate(told.POLYGON):
        yield "FNCE", total, place, 98, latitude, longitude, len(told.POLYGON), 0
    yield "FNCE", total, total - 1, 93, *told.EXCLUSION, 0, told.EXCLUSION_RADIUS_M


def _happened(flight: MavlinkFlight, tick: int) -> Iterator[tuple[Any, ...]]:
    """Yield what happened at a tick."""
    for at, phase in flight.phases():
        if tick == at:
            number = _NUMBERS[MODES[phase]]
            yield "MODE", number, number, _REASONS[phase]
    if tick == flight.armed[0]:
        home = degrees_e7(truth.HOME_LATITUDE), degrees_e7(truth.HOME_LONGITUDE)
        yield "EV", 10
        yield "ARM", 1, 0xFFFF, 0, 0
        yield "ORGN", 1, *home, round(truth.HOME_ALTITUDE_M * 100)
    if tick == flight.armed[1]:
        yield "EV", 11
        yield "ARM", 0, 0xFFFF, 0, 13
    yield from (("EV", number) for at, number in zip(flight.flown, (28, 18), strict=True)
                if tick == at)  # fmt: skip
    if tick == flight.breach[0]:
        yield "ERR", 9, 1
        yield "MSG", "Max Alt fence breached"
    if flight.breach[1] <= tick < flight.breach[1] + 4:
        yield "ERR", 9, 0  # some versions repeat it
    if tick == flight.breach[1]:
        yield "MSG", "Max Alt fence cleared"
    yield from _commands(flight, tick)


def _commands(flight: MavlinkFlight, tick: int) -> Iterator[tuple[Any, ...]]:
    """Yield the commands of the ground station, all accepted."""
    infrared, visible = flight.thermal
    start, stop = flight.story.video
    photos = flight.story.photos[-told.PHOTOS_BY_COMMAND :]
    for at, command, values in (
        (infrared, 534, (0, 2)),
        (start, 2500, (0, 1)),
        (stop, 2501, (0, 0)),
        (visible, 534, (0, 1)),
        *((photo - 2, 2000, (0, 0, 1)) for photo in photos),
        (flight.first("go home") - 2, 20, ()),
    ):
        if tick == at:
            params = (*values, *[0] * (7 - len(values)))
            yield "MAVC", 1, 1, 255, 190, 0, command, *params, 0, 0


def _position(sample: Sample) -> tuple[Any, ...]:
    place = degrees_e7(sample.latitude_deg), degrees_e7(sample.longitude_deg)
    height = sample.height_m
    return "POS", *place, truth.HOME_ALTITUDE_M + height, height, height


def _attitude(sample: Sample) -> tuple[Any, ...]:
    roll, pitch = round(sample.roll_deg * 100), round(sample.pitch_deg * 100)
    yaw = round(sample.yaw_deg % 360 * 100) % 36_000
    return "ATT", roll, roll, pitch, pitch, yaw, yaw, 0, 0, 3


def _fix(flight: MavlinkFlight, sample: Sample) -> tuple[Any, ...]:
    speed, course = told.course(sample)
    week, milliseconds = told.gps_time(flight.utc_ms(sample.tick))
    return (
        "GPS", 0, 4, milliseconds, week, sample.satellites, 70, degrees_e7(sample.latitude_deg),
        degrees_e7(sample.longitude_deg), round((truth.HOME_ALTITUDE_M + sample.height_m) * 100),
        speed, course, sample.velocity_mps[2], 0, 1,
    )  # fmt: skip


def _photo(flight: MavlinkFlight, sample: Sample) -> tuple[Any, ...]:
    number = flight.story.photos.index(sample.tick) + 1
    week, milliseconds = told.gps_time(flight.utc_ms(sample.tick))
    altitude = round((truth.HOME_ALTITUDE_M + sample.height_m) * 100)
    yaw = round(sample.yaw_deg % 360 * 100) % 36_000
    return (
        "CAM", 0, number, milliseconds, week, degrees_e7(sample.latitude_deg),
        degrees_e7(sample.longitude_deg), altitude, round(sample.height_m * 100), altitude,
        round(sample.roll_deg * 100), round(sample.pitch_deg * 100), yaw,
    )  # fmt: skip
