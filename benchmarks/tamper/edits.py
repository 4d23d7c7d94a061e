"""Thirteen kinds of edit that somebody may make to a log, and what in the log contradicts each.

Every edit takes a log and returns the edited one with the name of the second source that the log
still holds for what was edited; an empty name says that it holds none, so that nobody could see the
edit from the log alone.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.tamper.records import Change, EditableLog, HeightPlace, PositionPlace, Record

#: Metres in a degree of latitude.
_DEGREE_M = 111_320.0
_STEP_M, _RAMP_M, _HOUR_S, _DAY_S, _MOVED_DEG = 200.0, 300.0, 3600.0, 86_400.0, 15.0
#: Records of the other flight that the log can hold, below which nothing is spliced.
_LEAST_SPLICED = 1000
#: Records that say where the aircraft is besides its positions, and those of magnetometers.
_SAME_PLACE = frozenset({"SIM", "SIMSTATE", "SIM_STATE", "TERR", "CAM", "CAMERA_FEEDBACK"})
_MAGNETOMETERS = frozenset(
    {"MAG", "RAW_IMU", "SCALED_IMU2", "vehicle_magnetometer", "sensor_mag", "sensor_combined"}
)


@dataclass(frozen=True)
class Edit:
    """An edited log."""

    kind: str
    variant: str
    log: EditableLog
    #: What in the log contradicts the edit; empty: nothing does.
    second_source: str


EditMaker = Callable[[EditableLog, EditableLog], Iterator[Edit]]


def air_span(log: EditableLog) -> tuple[float, float] | None:
    """Return from when to when the log shows the aircraft in the air; ``None``: it never was."""
    for height in log.heights:
        if height.source == "takeoff":
            seconds, metres = log.series(height.kind, height.place)
            # Above 2 m; of the lowest flights above 1 m.
            for least_m in (2.0, 1.0):
                up = seconds[metres > least_m]
                if len(up) > 20:
                    return float(up.min()), float(up.max())
    return None


def _instant(log: EditableLog, share: float) -> float:
    return float(log.records[_index_at(log, share)].seconds)


def _index_at(log: EditableLog, share: float) -> int:
    """Return the number of the record at a share of those in the air: a log may pause."""
    span = air_span(log)
    last = len(log.records) - 1
    if span is None:
        return round(share * last)
    in_air = [n for n, r in enumerate(log.records) if span[0] <= r.seconds <= span[1]]
    return in_air[round(share * (len(in_air) - 1))]


def _is_settled(record: Record) -> bool:
    """Return whether a record states how others are to be read, so that no edit may lose it."""
    return record.kind in (
        "FMT", "FMTU", "UNIT", "MULT", "B", "F", "I", "M", "P", "Q", "A", "details", "junk",
    )  # fmt: skip


def _shift_seconds(record: Record, log: EditableLog, by_s: float) -> None:
    """Move every counter and clock of a record."""
    for kind, place in log.counters:
        if kind == record.kind and (value := place.read(record.body)) is not None:
            place.write(record.body, max(value + by_s, 0))
    for clock in log.clocks:
        if clock.kind in (record.kind, "*") and clock.place is not None and not clock.week:
            value = clock.place.read(record.body)
            if value:
                clock.place.write(record.body, value + by_s)


def _sequence(log: EditableLog) -> str:
    """Return what shows that records are missing or out of order."""
    return {
        "dji_txt": "flight time of the OSD records, totals in Details",
        "dataflash": "times of the records",
        "ulog": "times of the messages",
        "tlog": "sequence numbers of the frames",
    }[log.format]


def delete_stretch(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Delete a fifth of the flight; once more with the later times closed up."""
    first, last = _index_at(log, 0.4), _index_at(log, 0.6)
    kept = [r for n, r in enumerate(log.records) if not first <= n < last or _is_settled(r)]
    yield Edit("stretch deleted", "as it is", log.with_records(kept), _sequence(log))
    closed = log.copied()
    by_s = log.records[first].seconds - log.records[last].seconds
    for record in closed.records[last:]:
        _shift_seconds(record, log, by_s)
    closed.records = [
        r for n, r in enumerate(closed.records) if not first <= n < last or _is_settled(r)
    ]
    moved_m = _distance_between(log, first, last)
    witness = "sequence numbers of the frames" if log.format == "tlog" else ""
    witness = witness or ("totals in Details" if log.format == "dji_txt" else "")
    if not witness and log.format == "dataflash":
        witness = "bytes written, by DSF" if "DSF" in log.witnesses else "satellite time"
    if not witness and any(r.kind == "event" for r in log.records[first:last]):
        witness = "numbers of the events"
    witness = witness or (f"a jump of {moved_m:.0f} m" if moved_m > 60 else "")
    yield Edit("stretch deleted", "times closed up", closed, witness)


def _distance_between(log: EditableLog, first: int, last: int) -> float:
    for place in log.positions:
        if place.source == "fused":
            ends = []
            for begin in (first, last):
                record = next((r for r in log.records[begin:] if r.kind == place.kind), None)
                if record is None:
                    return 0.0
                ends.append([p.read(record.body) or 0.0 for p in (place.latitude, place.longitude)])
            (a, b), (c, d) = ends
            return math.hypot(c - a, (d - b) * math.cos(math.radians(a))) * _DEGREE_M
    return 0.0


def cut_last_fifth(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Cut the log where a fifth of the flight is left."""
    first = _index_at(log, 0.8)
    kept = [r for n, r in enumerate(log.records) if n < first or r.kind == "details"]
    witness = "totals in Details" if log.format == "dji_txt" else ""
    if not witness and _height_at(log, log.records[first].seconds) > 6:
        witness = "it ends in the air"
    yield Edit("last fifth cut", "", log.with_records(kept), witness)


def _height_at(log: EditableLog, instant: float) -> float:
    """Return the height above take-off at an instant, metres; 0: there is none."""
    for height in log.heights:
        if height.source == "takeoff":
            seconds, metres = log.series(height.kind, height.place)
            if len(seconds):
                return float(metres[np.argmin(abs(seconds - instant))])
    return 0.0


def duplicate_stretch(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Write a tenth of the flight twice."""
    first, last = _index_at(log, 0.4), _index_at(log, 0.5)
    records = log.records[:last] + log.records[first:last] + log.records[last:]
    yield Edit("stretch duplicated", "", log.with_records(records), _sequence(log))


def swap_stretches(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Exchange two tenths of the flight."""
    a, b, c, d = (_index_at(log, share) for share in (0.3, 0.4, 0.6, 0.7))
    r = log.records
    swapped = r[:a] + r[c:d] + r[b:c] + r[a:b] + r[d:]
    yield Edit("two stretches swapped", "", log.with_records(swapped), _sequence(log))


def _positions_to_edit(log: EditableLog) -> Iterator[tuple[str, list[PositionPlace], str]]:
    """Yield which positions somebody may change, and what of the others contradicts them."""
    satellite = [p for p in log.positions if p.source == "satellite"]
    fused = [p for p in log.positions if p.source == "fused"]
    aircraft = [p for p in log.positions if p.source != "other"]
    if satellite and fused:
        yield "satellite alone", satellite, "fused position"
        yield "fused alone", fused, "satellite position"
    elif satellite:
        yield "satellite alone", satellite, "velocity"
    elif fused:
        yield "fused alone", fused, "velocity"
    if len(aircraft) > len(fused):
        yield "every position", aircraft, "velocity"


def _move(
    log: EditableLog, places: Sequence[PositionPlace], metres: Callable[[float], float]
) -> EditableLog:
    edited = log.copied()
    for place in places:
        if place.source == "home" and metres(-math.inf) == 0:
            continue
        edited.change_field(place.kind, place.latitude, _moved_by(metres))
    return edited


def _moved_by(metres: Callable[[float], float]) -> Change:
    return lambda value, seconds: value + metres(seconds) / _DEGREE_M if value else value


def step_position(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Move the second half of the flight by 200 m."""
    middle = _instant(log, 0.5)
    for variant, places, witness in _positions_to_edit(log):
        edited = _move(log, places, lambda s: _STEP_M * (s >= middle))
        yield Edit("200 m step", variant, edited, witness)


def ramp_position(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Let the position drift off by 300 m between a fifth and four fifths of the flight."""
    begin, end = _instant(log, 0.2), _instant(log, 0.8)
    for variant, places, witness in _positions_to_edit(log):
        edited = _move(
            log, places, lambda s: _RAMP_M * min(max((s - begin) / (end - begin), 0.0), 1.0)
        )
        yield Edit("slow ramp", variant, edited, witness)


def move_track(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Move the whole track to another country."""
    for variant, places, witness in _positions_to_edit(log):
        edited = log.copied()
        for place in places:
            edited.change_field(place.kind, place.latitude, _moved_towards_equator)
            edited.change_field(place.kind, place.longitude, _moved_east)
        if witness == "velocity":
            # A pilot's device may remember a position, and a target may be anywhere.
            others = {
                p.kind
                for p in log.positions
                if p not in places and p.kind in _SAME_PLACE and _has_position(log, p)
            }
            names = sorted(others | (_MAGNETOMETERS & log.witnesses))
            witness = f"{', '.join(names)}" if names else ""
        yield Edit("whole track moved", variant, edited, witness)


def _moved_towards_equator(degrees: float, _seconds: float) -> float:
    return degrees - math.copysign(_MOVED_DEG, degrees) if degrees else degrees


def _moved_east(degrees: float, _seconds: float) -> float:
    return (degrees + 2 * _MOVED_DEG + 180) % 360 - 180 if degrees else degrees


def _has_position(log: EditableLog, place: PositionPlace) -> bool:
    _, values = log.series(place.kind, place.latitude)
    return bool((np.isfinite(values) & (abs(values) > 0.01) & (abs(values) < 90)).any())


def clamp_heights(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Cut every height above take-off at six tenths of the greatest."""
    takeoff = [h for h in log.heights if h.source == "takeoff"]
    if not takeoff or air_span(log) is None:
        return
    _, metres = log.series(takeoff[0].kind, takeoff[0].place)
    if metres.max() < 8:
        return
    limit_m = 0.6 * float(metres.max())
    by_dji = log.format == "dji_txt"
    first = takeoff[:1] if by_dji else takeoff
    others = "greatest height in Details" if by_dji else _other_heights(log, ("sea", "barometer"))
    yield Edit("heights clamped", "above take-off", _clamp(log, first, limit_m), others)
    wide = takeoff if by_dji else [h for h in log.heights if h.source in ("takeoff", "sea")]
    others = "vertical speed" if by_dji else _other_heights(log, ("barometer",))
    yield Edit("heights clamped", "above the sea too", _clamp(log, wide, limit_m), others)


def _other_heights(log: EditableLog, sources: Sequence[str]) -> str:
    kinds = sorted({h.kind for h in log.heights if h.source in sources})
    return f"heights of {', '.join(kinds)}" if kinds else "vertical speed"


def _clamp(log: EditableLog, heights: Sequence[HeightPlace], limit_m: float) -> EditableLog:
    edited = log.copied()
    for height in heights:
        _, metres = log.series(height.kind, height.place)
        known = metres[np.isfinite(metres) & (metres != 0)]
        if not len(known):
            continue
        ground = 0.0 if height.source == "takeoff" else float(known[0])
        edited.change_field(height.kind, height.place, _held_at(ground + limit_m))
    return edited


def _held_at(top: float) -> Callable[[float, float], float]:
    return lambda value, _seconds: min(value, top)


def shift_clock(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Put the clock forward by an hour from the middle of the flight on."""
    middle, edited, changed = _instant(log, 0.5), log.copied(), 0
    for clock in log.clocks:
        if clock.place is not None and clock.kind not in ("details", "SYSTEM_TIME"):
            kinds = {r.kind for r in log.records} if clock.kind == "*" else {clock.kind}
            for kind in kinds:
                changed += edited.change_field(
                    kind, clock.place, lambda v, s: v + _HOUR_S * (s >= middle) if v else v
                )
    if changed:
        witness = {
            "dji_txt": "flight time of the OSD records", "tlog": "time since power-on",
        }.get(log.format, "time since power-on")  # fmt: skip
        yield Edit("clock an hour on", "", edited, witness)


def change_day(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Put the clock back by a day, or the week of a satellite receiver on by one."""
    edited, changed = log.copied(), 0
    for clock in log.clocks:
        if clock.week is not None:
            changed += edited.change_field(clock.kind, clock.week, lambda v, _s: v + 1 if v else v)
        elif clock.place is not None and clock.kind not in ("details", "SYSTEM_TIME"):
            kinds = {r.kind for r in log.records} if clock.kind == "*" else {clock.kind}
            for kind in kinds:
                changed += edited.change_field(
                    kind, clock.place, lambda v, _s: v - _DAY_S if v else v
                )
    if changed:
        yield Edit("day or week changed", "", edited, _second_date(log))
    if log.format == "dji_txt":
        both = edited.copied()
        place = next(c.place for c in log.clocks if c.kind == "details" and c.place is not None)
        both.change_field("details", place, lambda v, _s: v - _DAY_S)
        is_dated = re.search(r"\d{4}-\d\d-\d\d_\[", log.name)
        witness = "date in the file name" if is_dated else ""
        yield Edit("day or week changed", "with Details", both, witness)


def _second_date(log: EditableLog) -> str:
    """Return what else in a log states a date."""
    if log.format == "dji_txt":
        return "start time in Details"
    if log.format == "tlog":
        return "SYSTEM_TIME" if _has_right_stamps(log) else ""
    if log.format == "dataflash" and "CAM" in log.witnesses:
        return "satellite time in the records of photos"
    if log.format == "ulog" and any(r.kind == "L" and b"/log/2" in r.body for r in log.records):
        return "date in the name that the logger gave the file"
    return ""


def _has_right_stamps(log: EditableLog) -> bool:
    """Return whether the stamps of the ground station agree with the vehicle's own time."""
    place = next((c.place for c in log.clocks if c.kind == "SYSTEM_TIME"), None)
    if place is None:
        return False
    stamps, unix = log.series("SYSTEM_TIME", place)
    known = unix > 1e9
    return bool(known.any()) and float(np.median(abs(unix - stamps)[known])) < _HOUR_S


def change_serial(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Change one digit of a serial number in one kind of record."""
    kinds = list(dict.fromkeys(s.kind for s in log.serials))
    if not kinds:
        return
    for kind in kinds[:3]:
        edited = log.copied()
        text = next(s.text for s in log.serials if s.kind == kind)
        other = text[:-1] + bytes([text[-1] ^ 1])
        places = [r for r in edited.records if r.kind == kind and text in r.body]
        for record in places:
            at = bytes(record.body).find(text)
            record.body[at : at + len(text)] = other
        rest = [k for k in kinds if k != kind]
        witness = f"serial numbers in {', '.join(rest)}" if rest else ""
        yield Edit("serial changed", f"in {kind}", edited, witness)


def remove_events(log: EditableLog, _other: EditableLog) -> Iterator[Edit]:
    """Take out every message and event from the take-off on."""
    if not log.event_kinds:
        return
    begin = _index_at(log, 0.0)
    kept = [r for n, r in enumerate(log.records) if n < begin or r.kind not in log.event_kinds]
    count = len(log.records) - len(kept)
    if count:
        witness = "sequence numbers of the frames" if log.format == "tlog" else ""
        if _loses_frames(log):
            witness = ""
        if log.format == "dataflash" and "DSF" in log.witnesses:
            witness = "bytes written, by DSF"
        if log.format == "ulog" and "event" in log.event_kinds:
            witness = ""
        yield Edit("events removed", f"{count} records", log.with_records(kept), witness)


def _loses_frames(log: EditableLog) -> bool:
    """Return whether frames of a telemetry log are missing anyway, as over a radio."""
    if log.format != "tlog":
        return False
    last, lost, count = dict[tuple[int, int], int](), 0, 0
    for record in log.records:
        head = record.frame[0]
        at = 2 if head[0] == 0xFE else 4
        sender = (head[at + 1], head[at + 2])
        if sender in last:
            lost += max((head[at] - last[sender]) % 256 - 1, 0)
        last[sender] = head[at]
        count += 1
    return lost > 0.0005 * count


def splice_flights(log: EditableLog, other: EditableLog) -> Iterator[Edit]:
    """Let the second half of another flight follow the first half of this one."""
    first, second = _index_at(log, 0.5), _index_at(other, 0.5)
    donor = other.copied()
    tail = [r for r in donor.records[second:] if not _is_settled(r)]
    names = {r.kind: r.frame for r in log.records}
    if log.format == "dataflash":
        layout = {bytes(r.body[2:86]) for r in log.records if r.kind == "FMT"}
        alike = {
            bytes(r.body[2:6]).split(b"\0")[0].decode("latin-1")
            for r in donor.records
            if r.kind == "FMT" and bytes(r.body[2:86]) in layout
        }
        tail = [r for r in tail if r.kind in names and r.kind in alike]
        for record in tail:
            record.frame = names[record.kind]
    if log.format == "ulog":
        tail = _renumber_ulog(log, donor, tail)
    if not tail:
        return
    if len(tail) < _LEAST_SPLICED:
        return
    ends = [r for r in log.records[first:] if r.kind == "details"]
    raw = [Record(r.kind, r.seconds, bytearray(r.body), r.frame) for r in tail]
    witness = "position" if log.positions else _sequence(log)
    kind, head = "two flights spliced", log.records[:first]
    yield Edit(kind, "as they are", log.with_records(head + raw + ends), witness)
    by_s = log.records[first - 1].seconds + 0.1 - tail[0].seconds
    for record in tail:
        _shift_seconds(record, other, by_s)
    yield Edit(kind, "times made to follow", log.with_records(head + tail + ends), witness)


def _renumber_ulog(log: EditableLog, donor: EditableLog, tail: list[Record]) -> list[Record]:
    """Return the data of topics that both logs write alike, under the numbers of the log."""
    own, other = (
        {bytes(r.body) for r in each.records if chr(r.frame) == "F"} for each in (log, donor)
    )
    alike = {body.split(b":")[0].decode("latin-1") for body in own & other}
    numbers = {
        r.kind: bytes(r.body[:2])
        for r in log.records
        if chr(r.frame) == "D" and r.kind.split("[")[0] in alike
    }
    out = []
    for record in tail:
        if chr(record.frame) != "D":
            out.append(record)
        elif record.kind in numbers:
            record.body[:2] = numbers[record.kind]
            out.append(record)
    return out


EDITS: tuple[EditMaker, ...] = (
    delete_stretch, cut_last_fifth, duplicate_stretch, swap_stretches, step_position,
    ramp_position, clamp_heights, shift_clock, change_day, change_serial, remove_events,
    splice_flights, move_track,
)  # fmt: skip
