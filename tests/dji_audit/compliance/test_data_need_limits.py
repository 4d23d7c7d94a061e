"""How much of a flight was observed, by which logs, and what is said of the rest."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import (
    DataNeed,
    _reason_and_remedy_for_missing_facts,
    _unobserved_share_reason,
    airborne_span,
    availability_of_facts_in_air,
    fact_in_air_data_need,
    intervals_recording_columns,
    intervals_without_recording_pause,
    observation_from_logs_showing_subject,
    observation_of_encrypted_flight,
    supplied_input_data_need,
    track_row_times_s,
)
from dji_audit.compliance.findings import DataNeedObservation
from dji_audit.flights import Flight, assemble_flights
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from tests.dji_audit.conftest import BEGIN, MakeLog
from tests.dji_audit.flights.test_join import on_its_own_clock, path

UNCLEAR = parsers.CarriedFact("rows", (), "its units are unknown.")
HEIGHTS = parsers.FACTS["height_above_takeoff"]


def at(second: float) -> pd.Timestamp:
    return BEGIN + pd.Timedelta(seconds=second)


def flight_of(
    log: parsers.Log, takeoff: float | None = None, landing: float | None = None
) -> Flight:
    (flight,) = assemble_flights(log)
    return replace(
        flight,
        takeoff=None if takeoff is None else at(takeoff),
        landing=None if landing is None else at(landing),
    )


def seen(flight: Flight, *facts: str) -> tuple[float, list[tuple[float, float]], str]:
    """Return share, stretches in seconds after 9:00, and what is said of the rest."""
    found = availability_of_facts_in_air(flight, facts or ("height_above_takeoff",))
    spans = [tuple((it - BEGIN).total_seconds() for it in span) for span in found.intervals]
    return found.share, spans, found.reason  # type: ignore[return-value]


# Stretches


@pytest.mark.parametrize(
    ("takeoff", "landing", "span"),
    [
        (None, None, (0, 99)), (10, None, (10, 99)), (None, 90, (0, 90)), (10, 90, (10, 90)),
        (50, 50, (50, 50)), (90, 10, None),
    ],
)  # fmt: skip
def test_the_time_in_the_air_is_from_take_off_to_landing_else_of_the_flight(
    make_log: MakeLog,
    takeoff: float | None,
    landing: float | None,
    span: tuple[float, float] | None,
) -> None:
    flight = flight_of(make_log(path(100)), takeoff, landing)
    assert airborne_span(flight) == (None if span is None else tuple(map(at, span)))
    for odd in ({"start": None, "takeoff": None}, {"end": None, "landing": None}):
        assert airborne_span(replace(flight, **odd)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("missing", "share", "spans"),
    [
        (range(0), 1.0, [(10, 90)]),
        # Up to five seconds between two values are none, one more is six.
        (range(40, 44), 1.0, [(10, 90)]), (range(40, 45), 74 / 80, [(10, 39), (45, 90)]),
        (range(50), 40 / 80, [(50, 90)]), (range(50, 100), 39 / 80, [(10, 49)]),
        # What lies outside the time in the air does not count.
        (range(11), 79 / 80, [(11, 90)]), (range(10), 1.0, [(10, 90)]),
    ],
)  # fmt: skip
def test_a_value_is_observed_between_two_of_its_rows(
    make_log: MakeLog, missing: range, share: float, spans: list[tuple[float, float]]
) -> None:
    heights = [np.nan if n in missing else 30.0 for n in range(100)]
    flight = flight_of(make_log(path(100, height_ato_m=heights)), 10, 90)
    found, stretches, reason = seen(flight)
    assert found == pytest.approx(share)
    assert stretches == spans
    assert (reason == "") == (share == 1.0)


def test_an_instant_in_the_air_shows_nothing(make_log: MakeLog) -> None:
    assert seen(flight_of(make_log(path(100)), 50, 50))[0] == 0.0


def test_of_several_facts_and_logs_each_may_show_it(make_log: MakeLog) -> None:
    half = [30.0 if n < 50 else np.nan for n in range(100)]
    rest = [np.nan if n < 49 else 30.0 for n in range(100)]
    track = path(100, height_ato_m=half, altitude_amsl_m=rest)
    one = flight_of(make_log(track), 0, 99)
    assert seen(one)[0] == pytest.approx(49 / 99)
    assert seen(one, "altitude_amsl")[0] == pytest.approx(50 / 99)
    assert seen(one, "height_above_takeoff", "altitude_amsl")[0] == 1.0
    found = availability_of_facts_in_air(one, ("height_above_takeoff", "altitude_amsl"))
    assert found.subject == f"{HEIGHTS} or {parsers.FACTS['altitude_amsl']}"
    assert found.sources == ("flight.txt",)
    two = assemble_flights(
        make_log(path(100, height_ato_m=half), name="a", sha256="aa" * 32),
        make_log(path(100, height_ato_m=rest), name="b", sha256="bb" * 32),
    )[0]
    assert len(two.sources) == 2
    assert seen(two)[0] == 1.0
    assert availability_of_facts_in_air(two, ("height_above_takeoff",)).sources == ("a", "b")


def test_a_message_or_photo_shows_that_a_log_was_recording_and_no_value(
    make_log: MakeLog,
) -> None:
    """Rows to 10 s and from 20 s on; a message at 14 s, and one after the log's last row."""
    times = [*range(11), *range(20, 31)]
    track = {name: values[:22] for name, values in path(22).items()} | {"time": times}
    events = [{"time": at_s, "kind": "warning", "text": "low"} for at_s in (14.0, 99.0)]
    shot = {"start": 15.0, "end": 16.0, "kind": "video", "sensor": "visible"}
    (source,) = flight_of(make_log(track, events=events, captures=[shot])).sources
    found = intervals_recording_columns(source, ()) - BEGIN.timestamp()
    assert found.tolist() == [[0, 30]]
    values = intervals_recording_columns(source, ("height_ato_m",)) - BEGIN.timestamp()
    assert values.tolist() == [[0, 10], [20, 30]]
    odds: tuple[dict[str, Any], ...] = (
        {"start": None}, {"end": None}, {"alignment": ClockAlignment("a", "unaligned", None, None)},
        {"alignment": ClockAlignment("a", "track", 1.0, None)},
    )  # fmt: skip
    for odd in odds:
        alone = replace(source, **odd)
        found = intervals_recording_columns(alone, ()) - BEGIN.timestamp()
        assert found.tolist() == [[0, 10], [20, 30]]


def test_a_log_that_no_clock_aligns_is_observed_by_its_own_clock(make_log: MakeLog) -> None:
    log = make_log(path(100))
    local = replace(on_its_own_clock(log, "wall", 3600.0), facts=log.facts)
    (flight,) = assemble_flights(local)
    share, spans, _ = seen(flight)
    assert (share, spans) == (1.0, [(3600, 3699)])
    timeless = make_log(path(100, time=[None] * 100))
    (unknown,) = assemble_flights(timeless)
    found = availability_of_facts_in_air(unknown, ("height_above_takeoff",))
    assert found.share == 0.0
    assert found.reason.endswith(": no row has a time, so what lies between is not known.")


# What is said


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        ([], ""), ([(0, 1)], "."),
        ([(0, 1.5)],
         "; nothing for 2 s from 09:00:00 UTC on."),
        ([(0, 5), (10, 40), (60, 70)],
         "; nothing for 30 s from 09:00:10 UTC on."),
    ],
)  # fmt: skip
def test_the_longest_missing_stretch_of_more_than_a_second_is_stated(
    missing: list[tuple[float, float]], text: str
) -> None:
    intervals = np.array(missing, np.float64).reshape(-1, 2) + BEGIN.timestamp()
    share = "Heights: recorded for 50 % of the time in the air"
    assert _unobserved_share_reason("heights", 0.5, intervals) == (share + text if text else "")


@pytest.mark.parametrize(
    ("odd", "reason", "remedy"),
    [
        ({"encrypted": True}, "The log is encrypted and no key for it was given.",
         "dji-audit keys request flight.txt"),
        ({"facts": {"height_above_takeoff": UNCLEAR}},
         "could not have been seen: its units are unknown.", ""),
        ({"facts": {}}, "could not have been seen: this kind of log does not record them.", ""),
    ],
)  # fmt: skip
def test_a_fact_that_no_log_carries_is_not_observed(
    make_log: MakeLog, odd: dict[str, Any], reason: str, remedy: str
) -> None:
    flight = flight_of(make_log(path(100), **odd))
    found = availability_of_facts_in_air(flight, ("height_above_takeoff",))
    assert (found.share, found.intervals, found.sources) == (0.0, (), ())
    assert found.reason.endswith(reason)
    assert found.remedy == remedy


@pytest.mark.parametrize(
    ("name", "is_about"),
    [
        ("position", True), ("position or contact", True), ("contact", False), ("bytes", True),
        ("other log", True), ("zones", False), ("clock_utc or firmware", False),
    ],
)  # fmt: skip
def test_needs_of_a_whole_log_are_not_about_the_time_in_the_air(name: str, is_about: bool) -> None:
    need = DataNeed(name, lambda *_: DataNeedObservation.for_subject_seen_in_full(""))
    assert need.is_about_time_in_air == is_about


def test_what_a_unit_supplies_is_there_or_not(make_log: MakeLog) -> None:
    flight, parameters = flight_of(make_log(path(9))), object()
    need = supplied_input_data_need("devices", "list of devices", "name them")
    missing = need.observe(flight, parameters, AuditContext())
    assert (missing.share, missing.reason, missing.remedy) == (
        0.0, "No list of devices was given.", "name them",
    )  # fmt: skip
    given = AuditContext(devices=("tablet",))
    assert need.observe(flight, parameters, given).share == 1.0
    half = DataNeedObservation(subject="half", share=0.5)
    part = supplied_input_data_need("devices", "list of devices", "", lambda *_: half)
    assert part.observe(flight, parameters, given) is half
    assert part.observe(flight, parameters, AuditContext()).share == 0.0
    inventory = supplied_input_data_need("inventory", "inventory", "")
    assert inventory.observe(flight, parameters, AuditContext()).share == 0.0


def test_the_words_of_a_need_state_its_share() -> None:
    need = fact_in_air_data_need("position", "height_above_takeoff", min_share=0.5)
    assert need.name == "position or height_above_takeoff"
    assert need.words == (
        f"{parsers.FACTS['position']} or {HEIGHTS}, for 50 % of the time in the air"
    )
    with pytest.raises(KeyError):
        fact_in_air_data_need("no such fact")


@pytest.mark.parametrize(
    ("step_s", "pause_s", "of_messages", "of_values"),
    [
        # Three usual steps, at least five seconds and at most fifteen.
        (1, 5, True, True), (1, 5.01, False, False), (2, 6, True, False), (2, 6.01, False, False),
        (4, 12, True, False), (4, 12.01, False, False), (5, 15, True, False),
        (5, 15.01, False, False), (6, 15, True, False), (6, 15.01, False, False),
    ],
)  # fmt: skip
def test_a_pause_of_messages_is_longer_than_the_rhythm_of_a_log(
    step_s: float, pause_s: float, of_messages: bool, of_values: bool
) -> None:
    before = np.arange(5) * float(step_s)
    seconds = np.concatenate([before, before[-1] + pause_s + np.arange(5) * float(step_s)])
    found = intervals_without_recording_pause(seconds, is_of_messages=True)
    assert len(found) == (1 if of_messages else 2)
    assert (found[0, 0], found[-1, 1]) == (0, seconds[-1])
    if step_s <= 5:
        assert len(intervals_without_recording_pause(seconds)) == (1 if of_values else 2)
    else:
        assert not len(intervals_without_recording_pause(seconds))


def test_two_times_make_a_stretch_and_one_makes_none() -> None:
    assert intervals_without_recording_pause(np.array([3.0, 4.0])).tolist() == [[3, 4]]
    assert not len(intervals_without_recording_pause(np.array([3.0])))
    assert not len(intervals_without_recording_pause(np.array([])))


@pytest.mark.parametrize(
    ("share", "min_share", "is_met"),
    [(0.95, None, True), (0.949, None, False), (1.0, None, True), (0.5, 0.5, True),
     (0.499, 0.5, False), (0.0, 0.0, False), (0.001, 0.0, True)],
)  # fmt: skip
def test_a_need_is_met_from_its_share_on(
    share: float, min_share: float | None, is_met: bool
) -> None:
    more: dict[str, Any] = {} if min_share is None else {"min_share": min_share}
    seen_in_part = DataNeedObservation(subject="x", share=share)
    assert DataNeed("x", lambda *_: seen_in_part, **more).is_met(seen_in_part) is is_met


@pytest.mark.parametrize(("length_s", "end"), [(1.0, "."), (1.1, "; nothing for 1 s from 09:00")])
def test_a_second_is_no_gap(length_s: float, end: str) -> None:
    begin = BEGIN.timestamp()
    text = _unobserved_share_reason("heights", 0.5, np.array([[begin, begin + length_s]]))
    assert text.startswith(f"Heights: recorded for 50 % of the time in the air{end}")


@pytest.mark.parametrize(("count", "logs"), [(1, "log holds"), (2, "logs hold"), (3, "logs hold")])
def test_one_log_or_several_hold_nothing_of_a_fact(count: int, logs: str) -> None:
    format_ = next(each for each in parsers.formats() if each.facts)
    other = next(each for each in parsers.formats() if each.name != format_.name)
    (carried, *_) = format_.facts
    kinds = "this kind of log does" if count == 1 else "these kinds of log do"

    def told(format_name: str, *facts: str) -> tuple[str, str]:
        log = SimpleNamespace(facts={}, source=SimpleNamespace(format=format_name))
        flight = SimpleNamespace(
            has_only_encrypted_logs=False, logs=[log] * count,
            sources=[SimpleNamespace(log=log)] * count, captures=pd.DataFrame({"kind": []}),
        )  # fmt: skip
        return _reason_and_remedy_for_missing_facts(cast("Flight", flight), facts, "what")

    expected = (f"What could not have been seen: the {logs} no {carried.basis}.", "")
    assert told(format_.name, carried.fact) == expected
    assert told(format_.name, "no such fact", carried.fact) == expected
    unknown = (f"What could not have been seen: {kinds} not record them.", "")
    assert told(format_.name, "no such fact") == unknown
    if carried.fact not in {each.fact for each in other.facts}:
        assert told(other.name, carried.fact) == unknown


@pytest.mark.parametrize(
    ("is_encrypted", "names", "share", "reason", "remedy"),
    [
        (False, ("a.txt", "b.txt"), 1.0, "", ""), (True, ("a.txt",), 1.0, "", ""),
        (False, (), 0.0, "No log shows it.", ""),
        (True, (), 0.0, "The log is encrypted and no key for it was given.",
         "dji-audit keys request flight.txt"),
    ],
)  # fmt: skip
def test_what_no_log_shows_is_encrypted_or_not_there(
    is_encrypted: bool, names: tuple[str, ...], share: float, reason: str, remedy: str
) -> None:
    log = SimpleNamespace(source=SimpleNamespace(name="flight.txt"))
    flight = cast("Flight", SimpleNamespace(has_only_encrypted_logs=is_encrypted, log=log))
    found = observation_from_logs_showing_subject(flight, "what", names, "No log shows it.")
    assert (found.share, found.sources, found.reason, found.remedy) == (
        share, names, reason, remedy,
    )  # fmt: skip
    encrypted = observation_of_encrypted_flight(flight, "what")
    assert (encrypted is not None) == is_encrypted
    assert encrypted is None or (encrypted.share, encrypted.subject) == (0.0, "what")


def test_a_fact_that_one_log_carries_and_another_does_not_understand_is_that_of_the_one(
    make_log: MakeLog,
) -> None:
    half = [30.0 if n < 50 else np.nan for n in range(100)]
    unclear = make_log(path(100, height_ato_m=[30.0] * 100), name="a", sha256="aa" * 32,
                       facts={"height_above_takeoff": UNCLEAR})  # fmt: skip
    clear = make_log(path(100, height_ato_m=half), name="b", sha256="bb" * 32)
    (flight,) = assemble_flights(unclear, clear)
    found = availability_of_facts_in_air(flight, ("height_above_takeoff",))
    assert found.share == pytest.approx(49 / 99)
    assert found.sources == ("b",)


def test_a_log_is_read_by_its_own_clock_only_where_nothing_aligns_it(make_log: MakeLog) -> None:
    log = make_log(path(10))
    local = on_its_own_clock(log, "wall", 3600.0)
    (flight,) = assemble_flights(replace(local, facts=log.facts))
    (source,) = flight.sources
    own = track_row_times_s(source) - BEGIN.timestamp()
    assert own.tolist() == list(range(3600, 3610))
    # Rows of another number are those of a part, whose times are not known.
    part = replace(source, track=source.track.iloc[:9])
    assert np.isnan(track_row_times_s(part)).all()
    aligned = replace(source, alignment=ClockAlignment("a", "track", 0.0, None))
    assert np.isnan(track_row_times_s(aligned)).all()
