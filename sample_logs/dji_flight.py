"""Tell the story as records of a DJI app flight record, each type at its usual rate."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sample_logs import dji_bodies as body
from sample_logs import story as truth
from sample_logs.dji_details import Details
from sample_logs.story import Sample, Story

PRODUCT = 42
ANDROID, DJI_FLY = 2, 6
FC_LOG_INDEX = 57
SERIALS = (
    truth.AIRCRAFT_SERIAL,
    truth.CAMERA_SERIAL,
    truth.RC_SERIAL,
    truth.BATTERY_SERIAL,
)
_AVOID_ENABLED = 0x01 | 0x02 | 0x100
_MODES = {
    "motors on": body.ENGINE_START,
    "take-off": body.AUTO_TAKEOFF,
    "go home": body.GO_HOME,
    "descend": body.AUTO_LANDING,
    "land": body.AUTO_LANDING,
    "touched down": body.AUTO_LANDING,
}


@dataclass(frozen=True, slots=True)
class App:
    """Which app writes the log: its platform number and version."""

    platform: int
    version: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the log and the tick of the story that it tells of."""

    tick: int
    type: int
    body: bytes


def entries(story: Story, app: App) -> list[Entry]:
    """Return every record of the flight in file order."""
    head = [Entry(0, kind, content) for kind, content in _opening(app)]
    return head + [
        Entry(sample.tick, kind, content)
        for sample in story.samples
        for kind, content in _moment(story, sample)
    ]


def summarise(story: Story, app: App) -> Details:
    """Return Details that agree with the records to the last digit."""
    velocities = [body.tenths(sample.velocity_mps) for sample in story.samples]
    steps = pairwise(story.samples)
    travelled = sum(math.hypot(b.north_m - a.north_m, b.east_m - a.east_m) for a, b in steps)
    shot = story.samples[story.photos[0]]
    start, stop = (story.samples[tick].utc_ms for tick in story.video)
    return Details(
        area="Map Loading",
        city="Map Loading",
        is_new=1,
        needs_upload=1,
        start_ms=story.samples[0].utc_ms,
        longitude_deg=truth.HOME_LONGITUDE,
        latitude_deg=truth.HOME_LATITUDE,
        total_distance_m=round(travelled, 2),
        total_time_ms=1000 * len(story.samples) // truth.RATE_HZ,
        max_height_m=max(body.tenths(sample.height_m for sample in story.samples)) / 10,
        max_horizontal_speed_mps=math.sqrt(max(v[0] ** 2 + v[1] ** 2 for v in velocities)) / 10,
        max_vertical_speed_mps=max(abs(v[2]) for v in velocities) / 10,
        capture_count=len(story.photos),
        video_time_s=(stop - start) // 1000,
        picture_longitudes_rad=(math.radians(shot.longitude_deg),),
        picture_latitudes_rad=(math.radians(shot.latitude_deg),),
        account_hash="5a17c0de00f11e57",
        takeoff_altitude_m=truth.HOME_ALTITUDE_M,
        product=PRODUCT,
        activation_s=1_740_000_000,
        aircraft_name=truth.AIRCRAFT_NAME,
        aircraft_serial=truth.AIRCRAFT_SERIAL,
        camera_serial=truth.CAMERA_SERIAL,
        rc_serial=truth.RC_SERIAL,
        battery_serial=truth.BATTERY_SERIAL,
        platform=app.platform,
        app_version=app.version,
        uuid="5e9f0b7e-2026-4514-8000-000000000001",
    )


def _opening(app: App) -> Iterator[tuple[int, bytes]]:
    """Yield what the app writes once, before the first fix."""
    for component, serial in zip((2, 1, 3, 4), SERIALS, strict=True):
        yield body.COMPONENT_SERIAL, body.component_serial(component, 0, serial)
    database = hashlib.sha256(b"a synthetic no-fly database").hexdigest()[:32]
    yield body.FLY_FORBID_DB, database.encode()
    seconds = truth.START_MS // 1000
    yield (
        body.RECOVER,
        body.recover(PRODUCT, app.platform, app.version, truth.AIRCRAFT_NAME, seconds, SERIALS),
    )
    versions = ((1, 0, (0, 1, 9, 20)), (3, 6, (3, 4, 2, 24)), (4, 0, (1, 0, 12, 4)))
    yield body.FIRMWARE, body.firmware((*versions, (6, 0, (1, 1, 0, 39)), (11, 0, (1, 0, 0, 72))))


def _moment(story: Story, now: Sample) -> Iterator[tuple[int, bytes]]:
    """Yield the records of one tick."""
    tick = now.tick
    yield body.OSD, _osd(story, now)
    yield body.GIMBAL, body.gimbal(now.gimbal_pitch_deg, 0.0, now.yaw_deg)
    yield body.CUSTOM, _custom(story, now)
    for line in story.texts:
        if line.tick == tick:
            if line.kind == "warning":
                yield body.FLY_SAFE_LIMIT, bytes([1, 0, 1]).ljust(14, b"\0")
            kind = body.APP_WARN if line.kind == "warning" else body.APP_TIP
            yield kind, body.text(line.text)
    if tick % 2 == 0:
        yield body.RC, _rc(story, now)
    yield from _second(story, now)
    if tick % 20 == 9:
        yield body.OFDM, body.signal(94 - round(abs(now.north_m) / 25), uplink=tick % 40 == 9)
    if tick % 50 == 7:
        yield body.VISION_GROUP, body.avoid_status(_AVOID_ENABLED if now.airborne else 0x03)
    if tick % 100 == 4:
        yield body.MC_PARAM, bytes([2, 0x06])  # fail-safe: go home; obstacle avoidance is on


def _second(story: Story, now: Sample) -> Iterator[tuple[int, bytes]]:
    """Yield the records that come once a second, each at its own tenth."""
    phase, percent = now.tick % 10, now.battery_pct
    cell_mv = 3_480 + 7 * percent
    if phase == 1:
        yield body.CAMERA, _camera(story, now.tick)
    elif phase == 3 and now.tick > story.texts[1].tick:
        yield (
            body.HOME,
            body.home(
                truth.HOME_LATITUDE,
                truth.HOME_LONGITUDE,
                truth.HOME_ALTITUDE_M,
                go_home_height_m=truth.GO_HOME_HEIGHT_M,
                height_limit_m=truth.HEIGHT_LIMIT_M,
                log_index=FC_LOG_INDEX,
                serial=truth.AIRCRAFT_SERIAL,
            ),
        )
    elif phase == 5:
        amps = -9_400 if now.airborne else -1_100
        yield body.CENTER_BATTERY, body.center_battery(percent, cell_mv, 3_850, amps)
    elif phase == 6:
        home_s, land_s = round(_distance(now) / 9.5) + 40, round(now.height_m / 2) + 6
        left_s = 17 * (percent - 10)
        yield (
            body.SMART_BATTERY,
            body.smart_battery(percent, 4 * cell_mv, left_s, home_s, land_s),
        )
    elif phase == 8:
        north = truth.PILOT_NORTH + 0.3 * (now.tick // 100 % 3)
        latitude = truth.HOME_LATITUDE + north / truth.METRES_PER_DEGREE_NORTH
        longitude = truth.HOME_LONGITUDE + truth.PILOT_EAST / truth.METRES_PER_DEGREE_EAST
        yield body.APP_GPS, body.app_gps(round(latitude, 8), round(longitude, 8), 4.0)


def _osd(story: Story, now: Sample) -> bytes:
    returning = now.tick >= story.starts["go home"] and now.airborne
    action = body.RC_GO_HOME_ACTION if returning else 0
    airborne_for = max(0, min(now.tick, story.starts["touched down"]) - story.starts["take-off"])
    return body.osd(
        now.latitude_deg,
        now.longitude_deg,
        now.height_m,
        now.velocity_mps,
        (now.pitch_deg, now.roll_deg, now.yaw_deg),
        mode=_MODES.get(now.step, body.GPS_ATTI),
        action=body.APP_TAKEOFF_ACTION if now.step == "take-off" else action,
        airborne=now.airborne,
        motors_on=now.motors_on,
        go_home=body.GO_HOME_CRUISE if now.step == "go home" else body.GO_HOME_STANDBY,
        satellites=now.satellites,
        battery_pct=now.battery_pct,
        flight_time_s=airborne_for / truth.RATE_HZ,
    )


def _custom(story: Story, now: Sample) -> bytes:
    north, east, _ = now.velocity_mps
    speed = round(math.sqrt(north * north + east * east), 3)
    video = 1 + story.video.index(now.tick) if now.tick in story.video else 0
    return body.custom(now.tick in story.photos, video, speed, _distance(now), now.utc_ms)


def _camera(story: Story, tick: int) -> bytes:
    """Return the camera's state: a photo shows for the second after it."""
    recording_s = (tick - story.video[0]) // truth.RATE_HZ if story.filming(tick) else None
    taken = sum(photo <= tick for photo in story.photos)
    return body.camera(
        capturing=any(0 < tick - photo <= truth.RATE_HZ for photo in story.photos),
        recording_s=recording_s,
        video_mode=story.video[0] - 100 <= tick <= story.video[1] + 50,
        photos_left=4_812 - taken,
    )


def _rc(story: Story, now: Sample) -> bytes:
    """Return the sticks of a pilot who flies the survey by hand and lets go when it goes home."""
    tick, sticks = now.tick, [body.STICK_CENTRE] * 5
    if now.airborne and tick < story.starts["go home"] and now.step != "take-off":
        north, east, down = now.velocity_mps
        sticks[1] += round(38 * math.sqrt(north * north + east * east))
        sticks[2] -= round(150 * down)
    return body.rc(
        sticks,
        go_home=0 <= tick - story.starts["go home"] + 12 < 12,
        record=any(-4 <= tick - press < 0 for press in story.video),
        shutter=any(-4 <= tick - photo < 0 for photo in story.photos),
    )


def _distance(now: Sample) -> float:
    return round(math.sqrt(now.north_m * now.north_m + now.east_m * now.east_m), 3)
