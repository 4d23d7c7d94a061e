"""Declared names are found by what a log states of them, also where there are many of both."""

import datetime as dt
import time

from dji_audit.fleet.survey.declared_names import (
    DeclaredGroundStations,
    KnownSerials,
    NamesAsWordSequences,
)
from tests.dji_audit.fleet.survey.synthetic_returns import flight, records, return_of


def test_a_serial_is_found_by_its_beginning_and_its_end() -> None:
    known = KnownSerials(["1581F5BKD23200000001", "0K1CH9R0A50123", "ABC"])
    assert known.find("1581f5bkd2320000 0001") == "1581F5BKD23200000001"
    assert known.find("1581F5BKD2") == "1581F5BKD23200000001"
    assert known.find("23200000001") == "1581F5BKD23200000001"
    assert known.find("XX0K1CH9R0A50123") == "0K1CH9R0A50123"
    assert known.find("0K1CH9R0A50123-2") == "0K1CH9R0A50123"
    # Too few characters agree.
    assert known.find("1581F5B") is None
    assert known.find("ABCDEFGHIJ") is None
    assert known.find("1581F5BKD9") is None


def test_a_name_begins_alike() -> None:
    known = NamesAsWordSequences([["mavic", "2", "enterprise"], ["evo", "ii"]])
    assert known.is_prefix_of_or_prefixed_by_any(["mavic", "2"])
    assert known.is_prefix_of_or_prefixed_by_any(["evo", "ii", "dual"])
    assert not known.is_prefix_of_or_prefixed_by_any(["mavic", "3"])
    assert not known.is_prefix_of_or_prefixed_by_any(["ii"])
    assert not known.is_prefix_of_or_prefixed_by_any([])


def test_no_declared_station_names_nothing() -> None:
    assert not DeclaredGroundStations([]).may_be_named_by_log("Mission Planner")
    assert DeclaredGroundStations([]).may_be_named_by_log("Android 4.3.64")


def test_a_large_fleet_against_a_long_register_takes_no_square() -> None:
    serials = ", ".join(f'"REGISTER-{number:08d}"' for number in range(2000))
    text = (
        f"[drones]\nground_stations = [{serials}]\nfirmware = [{serials}]\nupdate_days = 1\n"
        f'[[aircraft]]\nmaker = "DJI"\nmodel = "M"\nserials = [{serials}]\n'
    )
    day = dt.date(2026, 1, 1)
    own = records(
        *(
            flight(
                number, day, f"FLOWN-{number:08d}", model=f"X{number}",
                ground_stations=(f"Station {number}",), firmware={"aircraft": str(number)},
            )
            for number in range(3000)
        )
    )  # fmt: skip
    begun = time.process_time()
    built = return_of(text, own)
    assert {it.field for it in built.contradictions} == {
        "aircraft.makers", "aircraft.models", "aircraft.serials", "drones.firmware",
        "drones.ground_stations",
    }  # fmt: skip
    assert all(len(it.text) < 2000 for it in built.contradictions)
    assert all(len(it.observed or "") < 20_000 for it in built.answers)
    assert time.process_time() - begun < 5
