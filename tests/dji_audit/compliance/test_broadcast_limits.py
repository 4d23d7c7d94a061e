"""Where a received broadcast becomes impossible: moves, climbs and speeds from both sides."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.compliance.rules import (
    CheckResult,
)
from dji_audit.compliance.rules._shared._example_flights import (
    FurtherExampleLog,
    northbound_example_track,
)
from dji_audit.compliance.rules.remote_id_contradiction import _speed_limit_mps_and_reason
from parsers import Aircraft
from tests.dji_audit.compliance.one_rule import DEGREE_M, result_on_track
from tests.dji_audit.conftest import BEGIN

NAN = float("nan")
RECEIVED = "remote-id-broadcast"


def judged(track: Mapping[str, Sequence[Any]], **fields: Any) -> CheckResult:
    return result_on_track("remote_id_contradiction", track, **fields)


def broadcast(metres: Sequence[float], **columns: Any) -> CheckResult:
    """Return what is said of a broadcast alone, along the equator, each fix a little farther on."""
    events = columns.pop("events", ())
    track = {
        "latitude_deg": [0.0] * len(metres),
        "longitude_deg": [(each + 0.001 * n) / DEGREE_M for n, each in enumerate(metres)],
    } | columns
    return judged(track, file_name="air.pcap", format=RECEIVED, events=events)


def seconds_after(time: pd.Timestamp | None) -> float:
    assert time is not None
    return (time - BEGIN).total_seconds()


# The greatest speed


@pytest.mark.parametrize(
    ("stated", "limit_mps", "speed"),
    [
        ([], 90.0, None), ([NAN, NAN], 90.0, None), ([0.0, 0.0], 90.0, None),
        # Half of the messages state it, or nothing does.
        ([5.0, NAN], 17.0, "5.0"), ([5.0, NAN, NAN], 90.0, None), ([0.0, 5.0], 16.95, "4.9"),
        # One wrong value of a hundred does not make it fast.
        ([5.0] * 100 + [60.0], 17.0, "5.0"), ([5.0] * 98 + [60.0] * 3, 72.0, "60.0"),
        ([77.9], 89.9, "77.9"), ([78.0], 90.0, None), ([100.0], 90.0, None),
    ],
)  # fmt: skip
def test_the_limit_is_the_stated_speed_and_a_margin_or_what_an_aircraft_can(
    stated: list[float], limit_mps: float, speed: str | None
) -> None:
    found, why = _speed_limit_mps_and_reason(np.array(stated, float), 90.0, 12.0)
    assert found == pytest.approx(limit_mps)
    own = f"its own speed of at most {speed} m/s allows"
    assert why == ("an aircraft can" if speed is None else own)


# Moves


@pytest.mark.parametrize(("metres", "count"), [(294.9, 0), (295.1, 1), (-294.9, 0), (-295.1, 1)])
def test_a_position_may_be_two_seconds_old_and_25_m_wrong(metres: float, count: int) -> None:
    """From one second to the next, at 90 m/s."""
    result = broadcast([metres * (n >= 10) for n in range(20)])
    assert len(result.findings) == count
    for finding in result.findings:
        assert finding.summary == (
            "The broadcast moves 295 m in 1.0 s, farther than an aircraft can, for 1.0 s from "
            "09:00:09 UTC (received by air.pcap)"
        )
        assert [each.offset for each in finding.evidence] == [190, 200]
        assert finding.evidence[0].value == "0.0000000, 0.0000001"
        assert (seconds_after(finding.start), seconds_after(finding.end)) == (9, 10)
        assert finding.peak == pytest.approx(295.1, abs=0.01)
        assert finding.latitude_deg == 0.0
        assert finding.longitude_deg == pytest.approx(0.009 / DEGREE_M)


@pytest.mark.parametrize(("metres", "outcome"), [(0.0, "not_assessable"), (400.0, "fail")])
def test_broadcast_alone_is_not_said_to_be_right(metres: float, outcome: str) -> None:
    """What its own moves contradict does not stand beside a sentence that nothing does."""
    result = broadcast([metres * (n >= 10) for n in range(20)])
    assert result.outcome == outcome
    (lacking,) = [it.reason for it in result.observations if not it.is_met]
    assert lacking == (
        "No log of the aircraft is at hand to compare the broadcast with: only what it says of "
        "itself could be checked."
    )


@pytest.mark.parametrize(
    ("speed_mps", "move"),
    [
        (64.1, "64 m in 1.0 s"), (63.9, "320 m in 5.0 s"), (23.3, "117 m in 5.0 s"),
        (23.1, "347 m in 15.0 s"), (16.5, "248 m in 15.0 s"), (16.3, "734 m in 45.0 s"),
        (14.2, "639 m in 45.0 s"), (14.1, None),
    ],
)  # fmt: skip
def test_a_drift_shows_over_five_fifteen_or_forty_five_seconds(
    speed_mps: float, move: str | None
) -> None:
    """It states 1 m/s, so that it may move at 13."""
    result = broadcast([speed_mps * n for n in range(60)], ground_speed_mps=[1.0] * 60)
    told = [each.summary for each in result.findings]
    assert len(told) == (move is not None)
    if move is not None:
        count = 60 - round(float(move.split()[-2]))
        assert told[0].startswith(
            f"The broadcast moves {move}, farther than its own speed of at most 1.0 m/s allows, "
            f"the greatest of {count} such moves, for 59 s from 09:00:00 UTC"
        )


@pytest.mark.parametrize(("pause_s", "count"), [(120.0, 1), (120.5, 0)])
def test_positions_more_than_two_minutes_apart_are_not_compared(pause_s: float, count: int) -> None:
    times = [float(n) if n < 10 else 9.0 + pause_s + (n - 10) for n in range(20)]
    result = broadcast([12_000.0 * (n >= 10) for n in range(20)], time=times)
    assert len(result.findings) == count


def jumps(*seconds: int, rows: int = 100) -> list[float]:
    """Return places that jump by 500 m out and back at some seconds."""
    return [500.0 * (sum(n >= second for second in seconds) % 2) for n in range(rows)]


@pytest.mark.parametrize(("between", "count"), [(30, 1), (31, 2)])
def test_moves_within_thirty_seconds_are_one_finding(between: int, count: int) -> None:
    result = broadcast(jumps(10, 10 + between))
    assert len(result.findings) == count
    first = result.findings[0]
    more = ", the greatest of 2 such moves, for 31 s from" if count == 1 else ", for 1.0 s from"
    assert f"farther than an aircraft can{more} 09:00:09 UTC" in first.summary
    contradictions = "1 contradiction" if count == 1 else "2 contradictions"
    assert result.reason.startswith(f"{contradictions} of what was broadcast.")
    last = result.findings[-1]
    assert seconds_after(last.end) == 10 + between


def test_ten_moves_are_listed_each_with_its_own_bytes() -> None:
    result = broadcast(jumps(*range(10, 10 + 32 * 12, 32), rows=450))
    assert len(result.findings) == 10
    offsets = [[each.offset for each in finding.evidence] for finding in result.findings]
    assert offsets == [[190 + 320 * n, 200 + 320 * n] for n in range(10)]


@pytest.mark.parametrize(("metres", "worst"), [(700.0, "700 m in 1.0 s"), (550.0, "1500 m in 11")])
def test_the_move_is_told_that_exceeds_the_speed_the_most(metres: float, worst: str) -> None:
    """One of a second, and one of 1,500 m in the 11 s after it."""
    times = [*range(11), *range(21, 31)]
    places = [metres * (n >= 10) + 1500.0 * (n >= 11) for n in range(21)]
    (finding,) = broadcast(places, time=times).findings
    assert f"moves {worst}" in finding.summary
    assert "the greatest of 2 such moves" in finding.summary
    assert finding.evidence[0].offset == (190 if metres == 700.0 else 200)


@pytest.mark.parametrize(
    ("second", "count"), [(9, 1), (8, 1), (7, 0)]
)  # fmt: skip
def test_a_position_that_is_repeated_counts_where_it_was_first_received(
    second: int, count: int
) -> None:
    """It jumps by 400 m in the tenth second; what it sends is renewed before at one second."""
    places = [0.001 * (n >= second) + 400.0 * (n >= 10) for n in range(20)]
    track = {
        "latitude_deg": [0.0] * 20,
        "longitude_deg": [each / DEGREE_M for each in places],
    }
    for more in ({}, {"height_ato_m": [20.0] * 20}):
        result = judged(track | more, file_name="air.pcap", format=RECEIVED)
        assert len(result.findings) == count
    # A height that is renewed shows that the position was measured again.
    heights = [20.0 + 0.1 * n for n in range(20)]
    for column in ("height_ato_m", "height_agl_m"):
        again = judged(track | {column: heights}, file_name="air.pcap", format=RECEIVED)
        assert len(again.findings) == 1


def test_messages_without_a_position_are_passed_over() -> None:
    known = [n not in (3, 10) for n in range(20)]
    places = [(0.001 * n + 900.0 * (n == 10)) / DEGREE_M if known[n] else None for n in range(20)]
    track = {"latitude_deg": [0.0 if each else None for each in known], "longitude_deg": places}
    assert judged(track, file_name="air.pcap", format=RECEIVED).findings == ()
    assert broadcast([0.0]).findings == ()


# Climbs


@pytest.mark.parametrize("column", ["height_ato_m", "height_agl_m"])
@pytest.mark.parametrize(
    ("climb_m", "stated_mps", "why"),
    [
        (84.9, None, None), (85.1, None, "an aircraft can"), (-85.1, None, "an aircraft can"),
        (30.9, 1.0, None), (31.1, 1.0, "its own speed of at most 1.0 m/s allows"),
        (31.1, -1.0, "its own speed of at most 1.0 m/s allows"), (85.1, 20.0, "an aircraft can"),
    ],
)  # fmt: skip
def test_a_height_may_be_two_seconds_old_and_ten_metres_wrong(
    column: str, climb_m: float, stated_mps: float | None, why: str | None
) -> None:
    heights = [200.0 + climb_m * (n >= 10) for n in range(20)]
    speeds = {} if stated_mps is None else {"vertical_speed_mps": [stated_mps] * 20}
    result = broadcast([0.0] * 20, **{column: heights}, **speeds)
    assert len(result.findings) == (why is not None)
    for finding in result.findings:
        climb = f"{abs(climb_m):.0f} m in 1.0 s"
        assert f"The broadcast rises or sinks {climb}, farther than {why}" in finding.summary
        assert [(each.offset, each.field, each.value) for each in finding.evidence] == [
            (190, "height", "200.0 m"), (200, "height", f"{200 + climb_m:.1f} m"),
        ]  # fmt: skip


def test_a_climb_between_two_heights_alone_is_told() -> None:
    heights = [20.0, 500.0, *[None] * 18]
    assert len(broadcast([0.0] * 20, height_ato_m=heights).findings) == 1
    assert broadcast([0.0] * 20, height_ato_m=[20.0, *[None] * 19]).findings == ()


# Stated speeds


@pytest.mark.parametrize(
    ("column", "most", "words"),
    [
        ("ground_speed_mps", 90.0, "flies at 90.2 m/s, more than an aircraft can (90 m/s)"),
        ("vertical_speed_mps", 25.0,
         "rises or sinks at 25.2 m/s, more than an aircraft can (25 m/s)"),
    ],
)  # fmt: skip
def test_the_greatest_stated_speed_is_told_with_the_message_before(
    column: str, most: float, words: str
) -> None:
    assert broadcast([0.0] * 20, **{column: [most, -most] * 10}).findings == ()
    speeds = [1.0] * 20
    speeds[5], speeds[8], speeds[9] = most + 0.1, -most - 0.2, most + 0.1
    (finding,) = broadcast([0.0] * 20, **{column: speeds}).findings
    assert finding.summary == (
        f"The broadcast states that the aircraft {words}, for 4.0 s from 09:00:05 UTC"
    )
    assert [each.offset for each in finding.evidence] == [170, 180]
    assert (seconds_after(finding.start), seconds_after(finding.end)) == (5, 9)
    assert finding.peak == pytest.approx(most + 0.2)
    assert finding.longitude_deg == pytest.approx(0.008 / DEGREE_M)
    first = broadcast([0.0] * 20, **{column: [most + 0.2, *[None] * 19]}).findings[0]
    assert [each.offset for each in first.evidence] == [100]


# What a reader of broadcasts says


def sent(record: str, text: str, offset: int, time: float | None = 5, **more: Any) -> Any:
    event = {"kind": "remote_id", "record": record, "text": text, "source_offset": offset}
    return event | {"time": time} | more


@pytest.mark.parametrize("record", ["Location.time", "second transmitter"])
@pytest.mark.parametrize(("offset", "before"), [(150, 140), (151, 150), (295, 290)])
def test_a_remark_of_the_reader_stands_beside_the_message_before(
    record: str, offset: int, before: int
) -> None:
    (finding,) = broadcast([0.0] * 20, events=[sent(record, "odd", offset)]).findings
    assert finding.summary == "In what was broadcast, odd, at 09:00:05 UTC"
    assert [each.offset for each in finding.evidence] == [before, offset]
    row = (before - 100) // 10
    assert finding.evidence[0].value == f"0.0000000, {0.001 * row / DEGREE_M:.7f}"


@pytest.mark.parametrize("record", ["other identity", "network name"])
def test_another_identity_stands_beside_the_first_that_was_stated(record: str) -> None:
    events = [
        sent("Basic ID", "serial S1", 105, 1), sent("Basic ID", "serial S2", 205, 2),
        sent(record, "sent X", 160, 6, end=8),
    ]  # fmt: skip
    (finding,) = broadcast([0.0] * 20, events=events).findings
    assert finding.summary == "In what was broadcast, sent X, for 2.0 s from 09:00:06 UTC"
    told = [(each.record, each.field, each.offset, each.value) for each in finding.evidence]
    assert told[0] == ("Basic ID", "identity", 105, "serial S1")
    assert [each[2] for each in told] == [105, 160]


def test_ten_remarks_of_a_kind_are_listed_with_and_without_a_time() -> None:
    events = [sent("Location.time", f"step {n}", 110 + n, n) for n in range(12)]
    events.append(sent("second transmitter", "two", 150, None))
    result = broadcast([0.0] * 20, events=events)
    told = [each.summary for each in result.findings]
    assert [each.split(", ")[1] for each in told] == [*(f"step {n}" for n in range(10)), "two"]
    assert told[-1] == "In what was broadcast, two"
    assert result.reason.startswith("11 contradictions of what was broadcast.")


# The log of the aircraft


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"longitude_deg": [-0.99] * 60},
         "position: example.txt and air.pcap are 694.4 m apart, in 60 rows for 59 s from 09:00:00 "
         "UTC; 50.026 m allowed"),
        ({"height_ato_m": [90.0] * 60},
         "height: example.txt and air.pcap are 70.0 m apart in height above take-off, in 60 rows "
         "for 59 s from 09:00:00 UTC; 6 m allowed"),
    ],
)  # fmt: skip
def test_what_the_log_contradicts_is_told_with_both_sides(
    columns: dict[str, Any], told: str
) -> None:
    received = FurtherExampleLog(
        "air.pcap", RECEIVED, track=northbound_example_track(60) | columns,
        log_fields={"aircraft": Aircraft(serial="S1"), "track_record": "Location"},
    )  # fmt: skip
    fields = {"aircraft": Aircraft(serial="S1")}
    result = judged(northbound_example_track(60), log_fields=fields, other_logs=(received,))
    (finding,) = result.findings
    assert finding.summary == f"The broadcast contradicts the log in {told}"
    assert [each.record for each in finding.evidence] == ["track", "Location"]
    assert (seconds_after(finding.start), seconds_after(finding.end)) == (0, 59)
    assert finding.peak == pytest.approx(694.4 if "longitude_deg" in columns else 70.0, abs=0.1)
    assert result.reason == "1 contradiction of what was broadcast."
