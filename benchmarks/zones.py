"""How long 900 zones and 1,000,000 fixes take on one core: ``python benchmarks/zones.py``.

The zones are made up, spread over Great Britain as those of its AIP are: circles, polygons
with arcs, polygons of many corners.  The path is one survey of 28 hours at 10 Hz that crosses
dozens of them.  Where the real export of NATS is given, it is measured as well:
``python benchmarks/zones.py uk_nats.kmz``.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path as FilePath

import numpy as np
import pandas as pd

from dji_audit.zones import (
    SURFACE,
    UNLIMITED,
    Circle,
    Limit,
    Polygon,
    Ring,
    VerticalDatum,
    Zone,
    ZoneEffect,
    ZoneIndex,
    ZoneSource,
    build_zone_track,
    find_zone_crossings,
    read_zones_of_file,
)
from parsers._tables import TRACK, build_table

ZONES, FIXES = 900, 1_000_000
SOURCE = ZoneSource("made", "0" * 64, "made")


def zones() -> list[Zone]:
    """Return zones of some kilometres, most of them with a limit above mean sea level."""
    rng = np.random.default_rng(1)
    made = []
    for number in range(ZONES):
        latitude, longitude = rng.uniform(50, 58), rng.uniform(-5, 1)
        # A third are circles of 2 or 2.5 nautical miles, most others strips of a few
        # kilometres at the ends of runways, one in twelve an area of tens.
        size = float(rng.uniform(10_000, 25_000) if number % 12 == 1 else rng.uniform(500, 2500))
        if number % 3 == 0:
            shape: Circle | Polygon = Circle((latitude, longitude), 1852 * rng.choice([2, 2.5]))
        else:
            corners = 8 if number % 3 == 1 else 200
            turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
            away = size / 111_000 * rng.uniform(0.8, 1.2, corners)
            north, east = latitude + away * np.cos(turn), longitude + 1.7 * away * np.sin(turn)
            shape = Polygon(Ring(tuple(zip(north.tolist(), east.tolist(), strict=True))))
        upper = Limit(VerticalDatum.AMSL, 2000, "ft") if number % 4 else UNLIMITED
        made.append(
            Zone(str(number), "", "", ZoneEffect.PROHIBITED, (shape,), SURFACE, upper, SOURCE, "")
        )
    return made


def track() -> pd.DataFrame:
    """Return a survey in lanes across the country."""
    at = np.arange(FIXES)
    lane, along = np.divmod(at, FIXES // 20)
    share = along / (FIXES // 20)
    share = np.where(lane % 2, 1 - share, share)
    columns = {
        "time": 1_778_749_318_000_000_000 + at * 100_000_000,
        "latitude_deg": 50.2 + 7.5 * lane / 20 + 1e-5 * np.sin(at / 7),
        "longitude_deg": -4.9 + 5.8 * share,
        "altitude_amsl_m": 500 + 200 * np.sin(at / 5000),
        "source_offset": at,
    }
    return build_table(TRACK, columns, FIXES)


def best_s(work: Callable[[], object], rounds: int = 3) -> float:
    """Return the least time that some work took."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def main(arguments: list[str]) -> None:
    """Print the times."""
    made, fixes = zones(), track()
    flown = build_zone_track(fixes, 10.0)
    found = find_zone_crossings(flown, ZoneIndex(made))
    print(f"{len(made)} zones, {FIXES:,} fixes: {len(found.crossings)} crossings")
    print(f"  all, zones and path made anew  {best_s(partial(_anew, made, fixes)):.2f} s of CPU")
    index = ZoneIndex(made)
    find_zone_crossings(build_zone_track(fixes, 10.0), index)
    warm = best_s(partial(_held, fixes, index))
    print(f"  the next flight                {warm:.2f} s of CPU")
    for name in arguments:
        file = read_zones_of_file(name)
        reading = best_s(partial(read_zones_of_file, name), 1)
        real = best_s(partial(_anew, list(file.zones), fixes))
        print(f"{FilePath(name).name}: {len(file.zones)} zones; read {reading:.2f} s")
        print(f"  all, zones and path made anew  {real:.2f} s of CPU")


def _anew(made: list[Zone], fixes: pd.DataFrame) -> None:
    _held(fixes, ZoneIndex(made))


def _held(fixes: pd.DataFrame, index: ZoneIndex) -> None:
    find_zone_crossings(build_zone_track(fixes, 10.0), index)


if __name__ == "__main__":
    main(sys.argv[1:])
