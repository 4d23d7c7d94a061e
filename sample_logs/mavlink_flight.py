"""The story as autopilots of the MAVLink family tell it: what their three samples have in common.

The moorland flight again, two hours later with an ArduCopter and four hours later with a PX4
quadrotor.  Their fence ends at 120 m, so the climb to 131 m breaches it; the autopilots were told
only to report that.  The video is thermal, and the log says so; of the first ten photos none says
which sensor took them, and the last two are said to be visible light.  Addresses are those set
aside for documentation (RFC 5737).  Nothing here knows of any log format.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sample_logs import story as truth
from sample_logs.story import Sample, Story

HOUR_MS = 3_600_000
GPS_EPOCH_MS, WEEK_MS = 315_964_800_000, 604_800_000
ARDUPILOT_LATER_MS, PX4_LATER_MS = 2 * HOUR_MS, 4 * HOUR_MS
BOOTED_BEFORE_MS = 42_000
"""The autopilot has run for this long when the log begins."""

LIMIT_M, RADIUS_M = 120.0, 800.0
EXCLUSION_RADIUS_M = 60.0
#: Latitude and longitude, degrees times 1e7, which is how autopilots hold them.
POLYGON = (
    (506_110_000, -39_710_000),
    (506_110_000, -39_590_000),
    (506_210_000, -39_590_000),
    (506_210_000, -39_710_000),
)
EXCLUSION = (506_130_000, -39_600_000)

#: Serial number broadcast by Remote ID, and the operator's.
REMOTE_SERIAL, REMOTE_OPERATOR = "SYNTHETIC0000007", "GBR-SYNTHETIC-01"
#: The last two photos were requested by the ground station; the others by the mission.
PHOTOS_BY_COMMAND = 2
#: Three words of 32 bits: the number of the ArduPilot board.
BOARD = (0x00530059, 0x4E540000, 0x20260514)
PX4_UUID = "000200000000535900000000000000000042"
PEER = (198, 51, 100, 7)
PEER_PORT = 14_550


@dataclass(frozen=True, slots=True)
class MavlinkFlight:
    """The story, at another hour."""

    story: Story
    later_ms: int

    def utc_ms(self, tick: int) -> int:
        """Return UTC of a tick, milliseconds since 1970."""
        return self.story.samples[tick].utc_ms + self.later_ms

    def boot_ms(self, tick: int) -> int:
        """Return milliseconds since the autopilot was started."""
        return self.utc_ms(tick) - (truth.START_MS + self.later_ms - BOOTED_BEFORE_MS)

    def first(self, *steps: str) -> int:
        """Return the first tick of a step."""
        return min(self.story.starts[step] for step in steps)

    @property
    def armed(self) -> tuple[int, int]:
        """The tick at which the motors start, and that at which they stop."""
        return self.first("motors on"), self.first("stopped")

    @property
    def flown(self) -> tuple[int, int]:
        """The tick of take-off, and that of landing."""
        return self.first("take-off"), self.first("touched down")

    @property
    def breach(self) -> tuple[int, int]:
        """The first tick above the fence, and the first that is below it again."""
        high = [s.tick for s in self.story.samples if s.height_m > LIMIT_M]
        return high[0], high[-1] + 1

    @property
    def thermal(self) -> tuple[int, int]:
        """The ticks between which the camera shows heat: two seconds more than the video."""
        start, stop = self.story.video
        return start - 20, stop + 20

    def phases(self) -> list[tuple[int, str]]:
        """Return from which tick on the aircraft is in which phase."""
        return [
            (0, "manual"),
            (self.first("climb"), "mission"),
            (self.first("look"), "hold"),
            (self.first("go home"), "return"),
        ]

    def phase(self, tick: int) -> str:
        """Return the phase at a tick."""
        return [name for start, name in self.phases() if start <= tick][-1]


def degrees_e7(degrees: float) -> int:
    """Return degrees times 1e7."""
    return round(degrees * 1e7)


def quaternion(roll_deg: float, pitch_deg: float, yaw_deg: float) -> tuple[float, ...]:
    """Return an attitude as w, x, y, z, rounded so that every machine writes the same."""
    r, p, y = (math.radians(angle) / 2 for angle in (roll_deg, pitch_deg, yaw_deg))
    cr, sr, cp, sp, cy, sy = (turn(angle) for angle in (r, p, y) for turn in (math.cos, math.sin))
    return (
        round(cr * cp * cy + sr * sp * sy, 6) + 0.0,
        round(sr * cp * cy - cr * sp * sy, 6) + 0.0,
        round(cr * sp * cy + sr * cp * sy, 6) + 0.0,
        round(cr * cp * sy - sr * sp * cy, 6) + 0.0,
    )


def gps_time(utc_ms: int) -> tuple[int, int]:
    """Return the GPS week and the milliseconds in it; GPS time is 18 s ahead of UTC."""
    return divmod(utc_ms + 18_000 - GPS_EPOCH_MS, WEEK_MS)


def course(sample: Sample) -> tuple[float, float]:
    """Return speed over ground in metres a second and its course, 0 to 360 degrees."""
    north, east, _ = sample.velocity_mps
    speed = math.sqrt(north * north + east * east)
    return round(speed, 2), round(math.degrees(math.atan2(east, north)) % 360, 2) % 360


# What is true of a sample


def state(
    flight: MavlinkFlight, data: bytes, format_name: str, modes: dict[str, str]
) -> dict[str, Any]:
    """Return what a reader can know of a sample that tells the whole flight.

    Args:
        flight: What it tells.
        data: Its bytes.
        format_name: Its format.
        modes: What the autopilot calls each phase.
    """
    samples = flight.story.samples
    top = max(samples, key=lambda sample: sample.height_m)
    return {
        "format": format_name,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "clock": {"first_utc": utc(flight, 0), "last_utc": utc(flight, samples[-1].tick)},
        "arm": utc(flight, flight.armed[0]),
        "disarm": utc(flight, flight.armed[1]),
        "takeoff": utc(flight, flight.flown[0]),
        "landing": utc(flight, flight.flown[1]),
        "modes": [{"utc": utc(flight, at), "mode": modes[name]} for at, name in flight.phases()],
        "breach": {
            "start": utc(flight, flight.breach[0]),
            "end": utc(flight, flight.breach[1]),
            "boundary": "maximum altitude",
            "limit_m": LIMIT_M,
        },
        "captures": captures(flight),
        "photo_times": [utc(flight, tick) for tick in flight.story.photos],
        "max_height": {"utc": utc(flight, top.tick), "height_m": top.height_m},
        "max_home_distance_m": round(max(math.hypot(s.north_m, s.east_m) for s in samples), 1),
        "fixes": [_fix(flight, sample) for sample in samples[:: truth.RATE_HZ * 50]],
    }


def captures(flight: MavlinkFlight) -> list[dict[str, str]]:
    """Return the photos and the video, in time order, with the sensor as the log says it."""
    chosen = flight.thermal[1]
    rows = [
        {
            "kind": "photo",
            "start": utc(flight, tick),
            "end": utc(flight, tick),
            "sensor": "visible" if tick > chosen else "unknown",
        }
        for tick in flight.story.photos
    ]
    start, stop = (utc(flight, tick) for tick in flight.story.video)
    rows.append({"kind": "video", "start": start, "end": stop, "sensor": "thermal"})
    return sorted(rows, key=lambda row: row["start"])


def _fix(flight: MavlinkFlight, sample: Sample) -> dict[str, Any]:
    return {
        "utc": utc(flight, sample.tick),
        "latitude_deg": round(sample.latitude_deg, 7),
        "longitude_deg": round(sample.longitude_deg, 7),
        "height_m": sample.height_m,
    }


def utc(flight: MavlinkFlight, tick: int) -> str:
    """Return UTC of a tick as text."""
    seconds, rest = divmod(flight.utc_ms(tick), 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"
