"""Time it takes to tell which logs are of one flight, and to merge them.

Logs are made in memory, so that reading costs nothing: a fleet of aircraft over some bases,
each flight told by the app's record, every other one by a second log with a clock of its own, by
a table in local time, by subtitles of no known zone and by photos.  What is timed is all that comes
after reading: digests, joining, merging, in seconds of the CPU, which other work on the machine
disturbs less.  It is printed for 250, 500, 1,000 and 2,000 logs, so that growth shows: joining
must not grow with the square of their number.
"""

import argparse
import time
from collections.abc import Iterator

import numpy as np

import parsers
from dji_audit.flights import join_logs, merge_flight, summarise_each_part_of_log
from parsers import _tables
from parsers._clocks._move_local_times_out_of_tables import move_local_times_out_of_tables

SIZES = (250, 500, 1000, 2000)
AIRCRAFT, BASES = 20, 10
START = np.datetime64("2026-03-02T08:00:00", "ns")
#: Of each flight: fixes of its record at 5 Hz, and files that tell of it.
FIXES, FILES = 1500, 6


def main() -> int:
    """Time all sizes; return 1 if 1,000 logs take longer than is allowed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--most-s", type=float, default=10.0, help="allowed for 1,000 logs")
    most_s = arguments.parse_args().most_s
    heads = ("flights", "digest s", "join s", "merge s", "ms a log")
    print(f"{'logs':>6}" + "".join(f"{head:>9}" for head in heads))
    too_long = False
    for size in SIZES:
        logs = list(fleet(size))
        times = [time.process_time()]
        found = [
            digest
            for place, log in enumerate(logs)
            for digest in summarise_each_part_of_log(log, place)
        ]
        times.append(time.process_time())
        plans = join_logs(found).assemblies
        times.append(time.process_time())
        places = dict(enumerate(logs))
        flights = [merge_flight(plan, places) for plan in plans]
        times.append(time.process_time())
        digest_s, join_s, merge_s = np.diff(times)
        whole = times[-1] - times[0]
        print(
            f"{size:>6}{len(flights):>9}{digest_s:>9.2f}{join_s:>9.2f}{merge_s:>9.2f}"
            f"{1000 * whole / size:>9.2f}"
        )
        too_long |= size == 1000 and whole > most_s
    return int(too_long)


def fleet(count: int) -> Iterator[parsers.Log]:
    """Yield so many logs, of as many flights as it takes."""
    made = 0
    flight = 0
    while made < count:
        for log in files(flight):
            if made == count:
                return
            yield log
            made += 1
        flight += 1


def files(flight: int) -> Iterator[parsers.Log]:
    """Yield the files of one flight."""
    aircraft, base = flight % AIRCRAFT, flight % BASES
    # An aircraft flies four times a day, several at a time.
    day, turn = divmod(flight // AIRCRAFT, 4)
    begin = START + np.timedelta64(86_400 * day + 5400 * turn + 40 * aircraft, "s")
    rng = np.random.default_rng(flight)
    name = f"{flight:05}"
    seconds = np.arange(FIXES) / 5
    path = _path(seconds, base, rng)
    serial = f"SERIAL{aircraft:04}"
    yield _log(f"{name}.txt", "dji-txt", path, begin, seconds, serial, flying=True)
    if flight % 2:
        return
    yield _log(f"FLY{name}.DAT", "dji-dat", path, begin, seconds + 0.3, serial)
    wall = begin + np.timedelta64(3600, "s")
    local = _log(f"{name}.csv", "dji-csv", path, wall, seconds, serial)
    yield _on_its_own_clock(local)
    some = slice(200, 900, 5)
    cut = {column: values[some] for column, values in path.items()}
    cues = _log(f"card{name}/DJI_0001.SRT", "dji-srt", cut, wall, seconds[some], None)
    yield _on_its_own_clock(cues)
    for number, row in enumerate((400, 1000), 2):
        one = {column: values[row : row + 1] for column, values in path.items()}
        at = seconds[row : row + 1]
        yield _log(f"card{name}/DJI_{number:04}.JPG", "dji-photo", one, begin, at, serial)


def _path(seconds: np.ndarray, base: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return where an aircraft is: a crooked way of its own about a base."""
    turn, wide = rng.uniform(20, 60, 2)
    phase = rng.uniform(0, 6.28, 2)
    return {
        "latitude_deg": 51 + 0.05 * base + 4e-3 * np.sin(seconds / turn + phase[0]),
        "longitude_deg": -1 + 6e-3 * np.cos(seconds / wide + phase[1]),
        "height_ato_m": 40 + 20 * np.sin(seconds / 45),
        "ground_speed_mps": np.full(len(seconds), 10.0),
        "vertical_speed_mps": np.full(len(seconds), 0.4),
    }


def _log(
    name: str,
    format_: str,
    path: dict[str, np.ndarray],
    begin: np.datetime64,
    seconds: np.ndarray,
    serial: str | None,
    *,
    flying: bool = False,
) -> parsers.Log:
    times = begin + (seconds * 1e9).astype("timedelta64[ns]")
    rows = len(seconds)
    track = _tables.build_table(
        _tables.TRACK, {**path, "time": times, "source_offset": np.arange(rows) * 40}, rows
    )
    moves = [("takeoff", times[min(10, rows - 1)]), ("landing", times[-1])] if flying else []
    events = _tables.event_table_from_rows(
        {"time": at, "kind": kind, "text": kind, "source_offset": 0} for kind, at in moves
    )
    photo = {"start": times[0], "end": times[0], "kind": "photo", "sensor": "visible"}
    captures = _tables.media_capture_table_from_rows(
        [{**photo, "file": name, "grade": "reported", "source_offset": 0}] if rows == 1 else []
    )
    source = parsers.Source(name, 1000, f"{abs(hash_of(name)):064x}", format_)
    aircraft = parsers.Aircraft(serial=serial)
    clock = parsers.Clock("a clock", 0.1, from_gnss=format_ == "dji-dat")
    return parsers.Log(source, aircraft, clock, track, events, captures)


def hash_of(name: str) -> int:
    """Return a number of a name that is the same in every run."""
    return int.from_bytes(name.encode()[-24:], "big")


def _on_its_own_clock(log: parsers.Log) -> parsers.Log:
    """Return a log whose times are no UTC."""
    apart = move_local_times_out_of_tables("wall", log.track, log.events, log.captures)
    clock = parsers.Clock("local wall clock, zone not known")
    return parsers.Log(
        log.source, log.aircraft, clock, apart.track, apart.events, apart.captures,
        local_times=apart.times,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
