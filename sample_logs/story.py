"""The truth behind the sample logs: one simulated training flight, told ten times a second.

A police training flight over open moorland on Dartmoor that never took place.  The aircraft climbs
to 60 m, flies six survey legs, takes ten photos on the first two and a video over the rest, climbs
to 131 m for two more photos, goes home and lands.  Nothing here knows of any log format.

Positions are metres north and east of the take-off point, heights metres above it.  Everything is
arithmetic and square roots, rounded, so that every machine tells the same story to the byte.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

RATE_HZ = 10
START_MS = 1_778_749_318_240
"""2026-05-14 09:01:58.240 UTC: the app opens the log."""

HOME_LATITUDE, HOME_LONGITUDE = 50.615, -3.965
HOME_ALTITUDE_M = 412.0
PILOT_NORTH, PILOT_EAST = -4.0, -5.0
METRES_PER_DEGREE_NORTH, METRES_PER_DEGREE_EAST = 111_240.9, 70_779.8
"""On the WGS 84 ellipsoid at the take-off point."""

AIRCRAFT_NAME = "TRAINING 01"
AIRCRAFT_SERIAL = "SYNTHETIC0000001"
CAMERA_SERIAL = "SYNTHETIC0000002"
RC_SERIAL = "SYNTHETIC0000003"
BATTERY_SERIAL = "SYNTHETIC0000004"

HEIGHT_LIMIT_M = 500.0
GO_HOME_HEIGHT_M = 60
GEO_WARNING = "GEO: You are in a Warning Zone (Unpaved Airports). Fly with caution."

_SURVEY_M, _HIGH_M = 60.0, 131.2
_ACCELERATION = 2.0
_TURN_DEG, _TILT_DEG = 6.0, 3.0  # per tick, of the aircraft and of its gimbal


class Step(NamedTuple):
    """One leg of the plan: fly to a place and height, then hold for ``hold_s``."""

    name: str
    north: float
    east: float
    height: float
    speed: float = 8.0
    climb: float = 3.0
    hold_s: float = 0.0
    gimbal_pitch: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The state of everything at one tenth of a second; speeds are north, east and down."""

    tick: int
    step: str
    latitude_deg: float
    longitude_deg: float
    north_m: float
    east_m: float
    height_m: float
    velocity_mps: tuple[float, float, float]
    pitch_deg: float
    roll_deg: float
    yaw_deg: float
    gimbal_pitch_deg: float
    satellites: int
    battery_pct: int
    utc_ms: int

    @property
    def motors_on(self) -> bool:
        """Whether the propellers turn."""
        return self.step not in {"idle", "stopped"}

    @property
    def airborne(self) -> bool:
        """Whether the aircraft has left the ground."""
        return self.motors_on and self.step not in {"motors on", "touched down"}


class Text(NamedTuple):
    """A line the app showed: ``kind`` is tip or warning."""

    tick: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The whole flight: its samples and, by number of the sample, what happened."""

    samples: tuple[Sample, ...]
    photos: tuple[int, ...]
    video: tuple[int, int]
    texts: tuple[Text, ...]
    starts: dict[str, int] = field(repr=False)

    def filming(self, tick: int) -> bool:
        """Return whether the video is running at a tick."""
        return self.video[0] < tick <= self.video[1]


def tell() -> Story:
    """Return the flight; every call returns the same one."""
    samples = tuple(_fly())
    starts: dict[str, int] = {}
    for sample in samples:
        starts.setdefault(sample.step, sample.tick)
    shots = [starts[leg] + 45 + 60 * n for leg in ("leg 1", "leg 2") for n in range(5)]
    top = starts["down again"]
    texts = (
        Text(21, "tip", f"Set maximum flight altitude to {HEIGHT_LIMIT_M:.0f} m"),
        Text(84, "tip", f"Home Point recorded. Return-to-Home Altitude:{GO_HOME_HEIGHT_M}M"),
        Text(starts["leg 2"] + 112, "warning", GEO_WARNING),
        Text(starts["go home"] + 2, "tip", "Going home. Aircraft flies to the Home Point."),
    )
    return Story(
        samples=samples,
        photos=(*shots, top - 181, top - 87),
        video=(starts["leg 3"] + 8, starts["up high"] - 26),
        texts=texts,
        starts=starts,
    )


def _plan() -> Iterator[Step]:
    """Yield the legs; each begins where the one before ended."""
    yield Step("idle", 0, 0, 0, hold_s=9.6)
    yield Step("motors on", 0, 0, 0, hold_s=3.4)
    yield Step("take-off", 0, 0, 1.2, climb=0.8, hold_s=1.0)
    yield Step("climb", 0, 0, _SURVEY_M, hold_s=4.0)
    yield Step("to survey", 180, -120, _SURVEY_M, hold_s=1.5, gimbal_pitch=-90)
    for leg in range(6):
        north, side = 180.0 + 40 * leg, 120.0 if leg % 2 == 0 else -120.0
        pitch = -90 if leg < 2 else -35
        yield Step(f"leg {leg + 1}", north, side, _SURVEY_M, hold_s=1.5, gimbal_pitch=pitch)
        if leg < 5:
            yield Step(f"turn {leg + 1}", north + 40, side, _SURVEY_M, 6, gimbal_pitch=pitch)
    yield Step("look", 380, -120, _SURVEY_M, hold_s=67, gimbal_pitch=-35)
    yield Step("up high", 380, -120, _HIGH_M, hold_s=28.4, gimbal_pitch=-60)
    yield Step("down again", 380, -120, _SURVEY_M, hold_s=5)
    yield Step("go home", 0, 0, _SURVEY_M, speed=9.5, hold_s=2)
    yield Step("descend", 0, 0, 6, climb=2.2, gimbal_pitch=-90)
    yield Step("land", 0, 0, 0, climb=0.6)
    yield Step("touched down", 0, 0, 0, hold_s=2.4)
    yield Step("stopped", 0, 0, 0, hold_s=6)


def _fly() -> Iterator[Sample]:
    """Yield the samples of the whole plan."""
    rng = random.Random(20260514)  # noqa: S311 - wind and sensor noise, always the same
    tick, north, east, height, yaw, tilt = 0, 0.0, 0.0, 0.0, 12.0, 0.0
    for step in _plan():
        away_n, away_e, up = step.north - north, step.east - east, step.height - height
        run = math.sqrt(away_n * away_n + away_e * away_e)
        level, lift = _Glide(run, step.speed), _Glide(abs(up), step.climb)
        seconds = max(level.duration, lift.duration) + step.hold_s
        for k in range(1, math.ceil(seconds * RATE_HZ - 1e-6) + 1):
            along, speed = level.at(k / RATE_HZ)
            risen, rise = lift.at(k / RATE_HZ)
            part, push = (along / run, speed / run) if run else (0.0, 0.0)
            if speed:
                yaw = _slew(yaw, _course(away_n, away_e), _TURN_DEG)
            tilt += max(-_TILT_DEG, min(_TILT_DEG, step.gimbal_pitch - tilt))
            flying = step.name not in {"idle", "motors on", "touched down", "stopped"}
            sway = [rng.uniform(-1, 1) if flying else 0.0 for _ in range(5)]
            here_n = round(north + away_n * part + 0.04 * sway[0], 3)
            here_e = round(east + away_e * part + 0.04 * sway[1], 3)
            yield Sample(
                tick=tick,
                step=step.name,
                latitude_deg=round(HOME_LATITUDE + here_n / METRES_PER_DEGREE_NORTH, 9),
                longitude_deg=round(HOME_LONGITUDE + here_e / METRES_PER_DEGREE_EAST, 9),
                north_m=here_n,
                east_m=here_e,
                height_m=round(max(0.0, height + math.copysign(risen, up) + 0.04 * sway[2]), 2),
                velocity_mps=(
                    round(away_n * push, 2),
                    round(away_e * push, 2),
                    round(-math.copysign(rise, up), 2) + 0.0,
                ),
                pitch_deg=round(-1.4 * speed + 0.6 * sway[3], 1),
                roll_deg=round(0.8 * sway[4], 1),
                yaw_deg=round(yaw, 1),
                gimbal_pitch_deg=round(tilt, 1),
                satellites=16 + (tick // 170) % 4,
                battery_pct=97 - tick // 95,
                utc_ms=START_MS + 100 * tick + rng.randrange(9),
            )
            tick += 1
        north, east, height = step.north, step.east, step.height


class _Glide:
    """A way of ``length`` metres from rest to rest, at no more than ``limit`` metres a second."""

    def __init__(self, length: float, limit: float) -> None:
        self.length = length
        self.top = min(limit, math.sqrt(length * _ACCELERATION))
        self.ramp = self.top / _ACCELERATION
        self.duration = self.ramp + length / self.top if length else 0.0

    def at(self, seconds: float) -> tuple[float, float]:
        """Return the metres travelled and the speed after a time."""
        left = self.duration - seconds
        if left <= 0:
            return self.length, 0.0
        if seconds < self.ramp:
            return _ACCELERATION * seconds * seconds / 2, _ACCELERATION * seconds
        if left < self.ramp:
            return self.length - _ACCELERATION * left * left / 2, _ACCELERATION * left
        return self.top * (seconds - self.ramp / 2), self.top


def _course(north: float, east: float) -> float:
    """Return the course of a direction in degrees, -180 to 180, rounded."""
    return round(math.degrees(math.atan2(east, north)), 3)


def _slew(angle: float, target: float, most: float) -> float:
    """Return the angle turned towards the target the short way, by no more than ``most``."""
    turn = (target - angle + 180) % 360 - 180
    return (angle + max(-most, min(most, turn)) + 180) % 360 - 180
