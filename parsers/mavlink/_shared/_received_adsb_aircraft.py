"""Other aircraft that this one or its ground station received by ADS-B, each with its path.

Facts: ``ADSB_VEHICLE`` of the MAVLink common dialect (latitude, longitude in 1e-7 degrees, altitude
in mm; flag 1: coordinates valid, 2: altitude valid); ``ADSB`` of ArduPilot's logs, the same units;
``transponder_report`` of PX4 (degrees, metres).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._model import ReceivedAdsbAircraft

#: Aircraft of one log, and positions of one aircraft; a receiver near an airport hears hundreds.
_MOST_AIRCRAFT, _MOST_POSITIONS = 200, 20_000
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def aircraft_received_by_adsb(
    addresses: npt.NDArray[np.generic],
    times_ns: Ints,
    positions: tuple[Floats, Floats, Floats],
    offsets: npt.NDArray[np.integer[Any]],
    record: str,
    *,
    name_of_row: Callable[[int], str] = lambda row: "",
    kind_of_row: Callable[[int], str] = lambda row: "",
) -> tuple[ReceivedAdsbAircraft, ...]:
    """Return the aircraft of some reports, by their ICAO address.

    Args:
        addresses: Of each report, shape ``(n,)``.
        times_ns: UTC, nanoseconds since 1970, ``NaT``'s value for none.
        positions: Latitude, longitude in degrees, altitude in metres; NaN: not given.
        offsets: Byte in the file of each report.
        record: That reports it.
        name_of_row: Call sign of a report; may be empty.
        kind_of_row: Kind of aircraft of a report; may be empty.
    """
    return tuple(
        _build_received_aircraft(
            rows, number, times_ns, positions, offsets, record, (name_of_row, kind_of_row)
        )
        for number, rows in _address_and_rows_of_each_aircraft(addresses, times_ns, positions)
    )


def _address_and_rows_of_each_aircraft(
    addresses: npt.NDArray[np.generic], times_ns: Ints, positions: Sequence[Floats]
) -> Iterator[tuple[int, Ints]]:
    latitude, longitude, _ = positions
    is_good = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    is_good &= ((latitude != 0) | (longitude != 0)) & (times_ns != np.iinfo(np.int64).min)
    rows = np.flatnonzero(is_good)
    numbers = addresses[rows].astype(np.int64)
    order = np.lexsort((times_ns[rows], numbers))
    rows, numbers = rows[order], numbers[order]
    heads = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1])[: len(rows)])
    ends = np.append(heads[1:], len(rows))[: len(heads)]
    for head, end in list(zip(heads.tolist(), ends.tolist(), strict=True))[:_MOST_AIRCRAFT]:
        own = rows[head:end]
        yield int(numbers[head]), own[:: max(1, -(-len(own) // _MOST_POSITIONS))]


def _build_received_aircraft(
    rows: Ints,
    address: int,
    times_ns: Ints,
    positions: tuple[Floats, Floats, Floats],
    offsets: npt.NDArray[np.integer[Any]],
    record: str,
    texts: tuple[Callable[[int], str], Callable[[int], str]],
) -> ReceivedAdsbAircraft:
    latitude, longitude, altitude = positions
    name, kind = (
        next((found for row in rows[:50] if (found := text(int(row)))), "") for text in texts
    )
    return ReceivedAdsbAircraft(
        identity=f"{address:06X}",
        name=name,
        kind=kind,
        means="ADS-B",
        record=record,
        offsets=offsets[rows].astype(np.int64),
        times_ns=times_ns[rows].astype(np.int64),
        latitude_deg=latitude[rows],
        longitude_deg=longitude[rows],
        altitude_m=altitude[rows],
    )
