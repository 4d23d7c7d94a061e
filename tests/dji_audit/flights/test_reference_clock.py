"""The reference clock of a flight is the best of its records in UTC."""

from typing import Any

from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from dji_audit.flights.join._flight_assembly import (
    AlternativeAlignment,
    FlightCandidate,
    flight_candidate_from_log,
    log_part_in_flight,
)
from dji_audit.flights.join._reference_clock import align_logs_in_place_to_best_utc_clock
from tests.dji_audit.flights.test_thresholds import summary


def add(flight: FlightCandidate, method: str, offset_s: float | None, **more: Any) -> None:
    log = summary(log_index=len(flight.members), **more)
    other = AlternativeAlignment("declared", 100.0, 1.0, "", None)
    alignment = ClockAlignment(None, method, offset_s, 0.2)
    flight.add_log_segment(log, log_part_in_flight(log, alignment, alternative_alignments=(other,)))


def methods(flight: FlightCandidate) -> list[str]:
    return [member.alignment.method for member in flight.members]


def offsets(flight: FlightCandidate) -> list[float | None]:
    return [member.alignment.offset_s for member in flight.members]


def test_no_local_clock_media_file_or_unaligned_log_is_the_reference() -> None:
    flight = flight_candidate_from_log(summary())
    add(flight, "track", -3600.0, clock_kind="wall", by_satellite=True)
    add(flight, "utc", 0.0, is_media=True, by_satellite=True)
    add(flight, "unaligned", None, by_satellite=True)
    align_logs_in_place_to_best_utc_clock(flight)
    assert methods(flight) == ["reference", "track", "utc", "unaligned"]
    assert offsets(flight) == [0.0, -3600.0, 0.0, None]
    assert flight.offset_s == 0.0


def test_all_clocks_are_set_to_the_one_of_the_satellites() -> None:
    flight = flight_candidate_from_log(summary(uncertainty_s=0.01))
    add(flight, "track", -3600.0, clock_kind="wall")
    add(flight, "track", 7.5, by_satellite=True)
    add(flight, "track", 9.0, by_satellite=True)
    align_logs_in_place_to_best_utc_clock(flight)
    assert methods(flight) == ["track", "track", "reference", "track"]
    assert offsets(flight) == [-7.5, -3607.5, 0.0, 1.5]
    assert flight.offset_s == -7.5
    first = flight.members[0].alignment
    assert first.reason == "its track matches that of the flight if its clock is +7.5 s off"
    assert first.uncertainty_s == 0.2
    assert [it.offset_s for it in flight.members[1].alternative_alignments] == [92.5]


def test_a_clock_that_agrees_with_the_reference_states_utc() -> None:
    flight = flight_candidate_from_log(summary())
    add(flight, "utc", 0.0, by_satellite=True)
    align_logs_in_place_to_best_utc_clock(flight)
    assert methods(flight) == ["utc", "reference"]
    assert offsets(flight) == [0.0, 0.0]


def test_a_flight_of_media_alone_keeps_its_clock() -> None:
    flight = flight_candidate_from_log(summary(is_media=True))
    align_logs_in_place_to_best_utc_clock(flight)
    assert (methods(flight), flight.offset_s) == (["reference"], 0.0)
    unknown = flight_candidate_from_log(summary(clock_kind="none"))
    align_logs_in_place_to_best_utc_clock(unknown)
    assert (methods(unknown), unknown.offset_s) == (["unaligned"], None)
