"""A contradiction planted in an answer is found there, and a consistent return has none."""

import datetime as dt
from dataclasses import replace

import pytest

from dji_audit.fleet.survey.answers import HowAnswerIsKnown
from dji_audit.fleet.survey.survey_return import SurveyReturn
from dji_audit.fleet.survey.surveyed_flights import FlightsAndContactsOfAudits, RecordedOrUnknown
from tests.dji_audit.fleet.survey.synthetic_returns import contact, flight, records, return_of

#: Every answer that logs can contradict, and each agrees with `FLIGHTS`.
CONSISTENT = """
[return]
body = "Kent Police"
survey = "2026"
answered_on = 2026-11-30
period_start = 2026-01-01
period_end = 2026-10-31

[drones]
operated = true
aircraft_count = 3
introduced_on = 2026-02-01
flights = 5
ground_stations = ["DJI Pilot 2"]
firmware = ["01.01"]
update_days = 30
takes_photos = false
records_video = true
records_thermal = false
records_audio = false
contacts_servers = false
uploads_data = false
flights_checked_percent = 80
findings_reviewed = true

[[aircraft]]
maker = "DJI"
model = "Matrice 30T"
count = 2
serials = ["SERIAL-0001", "SERIAL-0002"]
introduced_on = 2026-02-01

[[aircraft]]
maker = "Autel Robotics"
model = "EVO II"
count = 1
serials = ["SERIAL-0003"]
withdrawn_on = 2026-09-30
"""


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


NEW = {"aircraft": "01.01"}
FLIGHTS = records(
    flight(1, day(3, 1), "SERIAL-0001"),
    flight(2, day(4, 1), "SERIAL-0001", firmware=NEW),
    flight(3, day(4, 20), "SERIAL-0002"),
    flight(4, day(6, 1), "SERIAL-0002", firmware=NEW),
    # Neither a mark in a file nor an attempt that was blocked is a contact.
    contacts=(contact("indicator"), contact("attempted")),
)


def with_flight(**changes: object) -> FlightsAndContactsOfAudits:
    """Return the flights with one of them changed."""
    last = replace(FLIGHTS.flights[-1], **changes)  # type: ignore[arg-type]  # names its fields
    return replace(FLIGHTS, flights=(*FLIGHTS.flights[:-1], last))


def fields_of(built: SurveyReturn) -> set[str]:
    return {it.field for it in built.contradictions}


def test_a_consistent_return_has_none() -> None:
    built = return_of(CONSISTENT, FLIGHTS)
    assert built.observed is not None
    assert built.observed.flights == 4
    assert built.contradictions == ()


#: Field -> what is declared instead, or what the logs show instead.
PLANTED: dict[str, tuple[str, str] | FlightsAndContactsOfAudits] = {
    "drones.operated": ("operated = true", "operated = false"),
    "drones.aircraft_count": ("aircraft_count = 3", "aircraft_count = 0"),
    "aircraft.makers": ("count = 2\nserials = [\"SERIAL-0001\", \"SERIAL-0002\"]", "count = 0"),
    "aircraft.models": ('model = "Matrice 30T"', 'model = "Mavic 3E"'),
    "aircraft.serials": ('"SERIAL-0002"]', '"SERIAL-0009"]'),
    "drones.introduced_on": ("2026-02-01\nflights", "2026-03-02\nflights"),
    "aircraft.introduced_on": ('"]\nintroduced_on = 2026-02-01', '"]\nintroduced_on = 2026-03-02'),
    "drones.withdrawn_on": ("operated = true", "operated = false\nwithdrawn_on = 2026-05-31"),
    "aircraft.withdrawn_on": replace(
        FLIGHTS,
        flights=(
            *FLIGHTS.flights,
            flight(5, day(10, 1), "SERIAL-0003", maker="Autel", model="EVO II", firmware=NEW),
        ),
    ),
    "drones.flights": ("flights = 5", "flights = 3"),
    "drones.ground_stations": with_flight(ground_stations=("DJI Fly",)),
    "drones.firmware": with_flight(firmware={"aircraft": "01.02"}),
    "drones.update_days": ("update_days = 30", "update_days = 18"),
    "drones.takes_photos": with_flight(photos=RecordedOrUnknown.YES),
    "drones.records_video": ("records_video = true", "records_video = false"),
    "drones.records_thermal": with_flight(thermal=RecordedOrUnknown.YES),
    "drones.records_audio": with_flight(audio=RecordedOrUnknown.YES),
    "drones.contacts_servers": replace(FLIGHTS, contacts=(contact("contact"),)),
    "drones.uploads_data": replace(FLIGHTS, contacts=(contact("probable_upload"),)),
    "drones.flights_checked_percent": with_flight(is_checked=False),
    "drones.findings_reviewed": with_flight(open_findings=2),
}  # fmt: skip
#: What contradicts another answer too: a flight after the last was withdrawn, an upload.
ALSO = {
    "drones.withdrawn_on": {"drones.operated"},
    "aircraft.withdrawn_on": {"aircraft.makers"},
    "drones.uploads_data": {"drones.contacts_servers"},
}


@pytest.mark.parametrize("field", PLANTED)
def test_what_is_planted_is_found_and_nothing_else(field: str) -> None:
    planted = PLANTED[field]
    if isinstance(planted, FlightsAndContactsOfAudits):
        built = return_of(CONSISTENT, planted)
    else:
        assert CONSISTENT.count(planted[0]) == 1
        built = return_of(CONSISTENT.replace(*planted), FLIGHTS)
    assert field in fields_of(built)
    assert fields_of(built) - ALSO.get(field, set()) == {field}


def test_the_sentence_names_serials_and_the_last_flight() -> None:
    own = records(*(flight(n, day(11, n), f"SERIAL-000{n}") for n in (1, 2, 3)))
    built = return_of('[[aircraft]]\nmaker = "dji"\ncount = 0\n', own)
    assert [it.text for it in built.contradictions] == [
        "declared 0 DJI; observed 3 serials, last flown 3 November 2026: SERIAL-0001, "
        "SERIAL-0002, SERIAL-0003"
    ]


def test_silence_contradicts_nothing() -> None:
    assert return_of("", FLIGHTS).contradictions == ()
    assert return_of(CONSISTENT, records()).contradictions == ()
    assert return_of(CONSISTENT).contradictions == ()


@pytest.mark.parametrize(
    ("declared", "observed"),
    [
        ("DJI Matrice 30T", "Matrice 30T"),
        ("Mavic 2 Enterprise Advanced", "Mavic 2"),
        ("matrice-30t", "Matrice 30T"),
    ],
)
def test_a_model_in_other_words_is_the_same_model(declared: str, observed: str) -> None:
    own = records(flight(1, day(3, 1), "S1", model=observed))
    built = return_of(f'[[aircraft]]\nmaker = "DJI"\nmodel = "{declared}"\ncount = 1\n', own)
    assert built.contradictions == ()


def test_a_kind_of_airframe_is_no_model() -> None:
    own = records(flight(1, day(3, 1), "S1", maker=None, model="quadrotor"))
    text = '[[aircraft]]\nmaker = "Parrot"\nmodel = "Anafi"\ncount = 1\n'
    assert return_of(text, own).contradictions == ()


@pytest.mark.parametrize(
    ("declared", "observed", "agrees"),
    [
        ("DJI GO 4", "Android 4.3.64", True),
        ("DJI GO 4 4.3.64", "Android 4.3.64", True),
        ("DJI GO 4 4.3.60", "Android 4.3.64", False),
        ("DJI RC Plus", "5YSZK1234567890", True),
        ("DJI RC Plus 5YSZK1234567890", "5YSZK1234567890", True),
        ("DJI RC Plus 5YSZK0000000000", "5YSZK1234567890", False),
        ("QGroundControl", "QGroundControl 4.2.3", True),
        ("QGroundControl", "Mission Planner", False),
    ],
)
def test_a_ground_station_is_compared_by_what_its_log_names(
    declared: str, observed: str, agrees: bool
) -> None:
    own = records(flight(1, day(3, 1), "S1", ground_stations=(observed,)))
    built = return_of(f'[drones]\nground_stations = ["{declared}"]\n', own)
    assert (built.contradictions == ()) is agrees


def test_a_serial_cut_short_in_a_log_is_the_same_aircraft() -> None:
    own = records(flight(1, day(3, 1), "1581F5BKD2"))
    text = '[[aircraft]]\nmaker = "DJI"\ncount = 1\nserials = ["1581F5BKD23200000001"]\n'
    assert return_of(text, own).contradictions == ()


def test_a_part_that_is_moved_between_aircraft_is_no_late_update() -> None:
    rows = [
        flight(n, flown, serial, firmware={part: version})
        for part in ("battery (0)",)
        for n, flown, serial, version in (
            (1, day(1, 1), "A", "1"), (2, day(2, 1), "A", "2"), (3, day(6, 1), "B", "1"),
        )
    ]  # fmt: skip
    text = "[drones]\nupdate_days = 30\n"
    assert return_of(text, records(*rows)).contradictions == ()
    fixed = [replace(it, firmware={"aircraft": it.firmware["battery (0)"]}) for it in rows]
    [found] = return_of(text, records(*fixed)).contradictions
    assert found.observed == "B with aircraft 1 on 1 June 2026, 120 days after 2 first flew"


def test_only_flights_of_the_period_count() -> None:
    text = "[return]\nperiod_start = 2026-04-01\nperiod_end = 2026-04-30\n[drones]\nflights = 1\n"
    built = return_of(text, records(*FLIGHTS.flights, flight(9, None, "S")))
    assert built.observed is not None
    assert (built.observed.flights, built.observed.flights_without_day) == (2, 1)
    assert [it.observed for it in built.contradictions] == ["2 flights in logs"]


def test_flights_entered_by_hand_count_as_flights_and_not_as_checked() -> None:
    by_hand = flight(9, day(5, 1), "SERIAL-0001", is_entered_by_hand=True, is_checked=False)
    built = return_of("[drones]\nflights = 4\nflights_checked_percent = 100\n",
                      records(*FLIGHTS.flights, by_hand))  # fmt: skip
    assert {it.field: it.observed for it in built.contradictions} == {
        "drones.flights": "4 flights in logs and 1 entered by hand",
        "drones.flights_checked_percent": "80.0 %: 4 of 5",
    }


def answer(built: SurveyReturn, field: str) -> tuple[HowAnswerIsKnown, str | None, str | None, str]:
    [found] = [it for it in built.answers if it.field == field]
    return found.basis, found.declared, found.observed, found.reason


def test_each_answer_is_observed_declared_or_cannot_be_known_from_logs() -> None:
    built = return_of('[drones]\npurpose = "Search"\nrecords_video = true\n', FLIGHTS)
    assert answer(built, "drones.purpose") == (HowAnswerIsKnown.DECLARED, "Search", None, "")
    assert answer(built, "drones.records_video") == (
        HowAnswerIsKnown.OBSERVED, "yes", "yes: in 4 flights; 4 min in all", "",
    )  # fmt: skip
    assert answer(built, "drones.training") == (
        HowAnswerIsKnown.NOT_IN_LOGS, None, None, "no log records it; only a person knows",
    )  # fmt: skip
    assert answer(return_of(""), "drones.records_video")[3] == ("no results of an audit were given")


def test_what_logs_cannot_show_is_never_a_no() -> None:
    unknown = dict.fromkeys(("photos", "video", "thermal", "audio"), RecordedOrUnknown.UNKNOWN)
    own = records(flight(1, day(3, 1), "S1", **unknown))
    for key in ("takes_photos", "records_video", "records_thermal", "records_audio"):
        assert answer(return_of("", own), f"drones.{key}")[0] is HowAnswerIsKnown.NOT_IN_LOGS
    mixed = records(*own.flights, flight(2, day(3, 2), "S1"))
    assert answer(return_of("", mixed), "drones.records_audio")[2] == (
        "not in 1 flight; cannot be known of 1"
    )
    # No contact is found, and the network was not recorded: that says nothing.
    assert answer(return_of("", own), "drones.contacts")[2] is None
    assert answer(return_of("", own), "drones.contacts_servers")[2] is None
    recorded = replace(own, conclusive_flights=frozenset({"flight-1"}))
    assert answer(return_of("", recorded), "drones.contacts_servers")[2] == (
        "no: the network of every flight was recorded in full"
    )
