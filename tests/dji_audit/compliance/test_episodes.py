"""One happening is one finding, however many records tell of it."""

import itertools
import time
from dataclasses import dataclass

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dji_audit.compliance.findings import Evidence, Finding
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.rules._shared._event_episodes import (
    WHOLE_FLIGHT_S,
    EventEpisode,
    group_into_event_episodes,
    merge_findings_into_one,
)

_START = pd.Timestamp("2026-05-14T09:00:00Z")


@dataclass(frozen=True)
class Part:
    subject: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None


def part(start_s: float | None, end_s: float | None = None, subject: str = "fence") -> Part:
    start, end = (None if s is None else _START + pd.Timedelta(seconds=s) for s in (start_s, end_s))
    return Part(subject, start, end)


def episodes_of(*parts: Part, bridge_s: float = 0.0) -> list[EventEpisode[Part]]:
    return group_into_event_episodes(parts, lambda each: each.subject, bridge_s)


def spans(episodes: list[EventEpisode[Part]]) -> list[tuple[float, float] | None]:
    return [
        None
        if episode.start is None or episode.end is None
        else ((episode.start - _START).total_seconds(), (episode.end - _START).total_seconds())
        for episode in episodes
    ]


@pytest.mark.parametrize(
    ("parts", "bridge_s", "expected"),
    [
        ([part(0, 5), part(5, 9)], 0, [(0, 9)]),
        ([part(0, 9), part(2, 3), part(4)], 0, [(0, 9)]),
        ([part(4), part(0, 9)], 0, [(0, 9)]),
        ([part(0, 5), part(7, 9)], 0, [(0, 5), (7, 9)]),
        ([part(0, 5), part(7, 9)], 2, [(0, 9)]),
        ([part(0), part(500)], WHOLE_FLIGHT_S, [(0, 500)]),
        ([part(0, 20), part(3, 4), part(21)], 1, [(0, 21)]),
        ([part(0, 5), part(5, 9, "zone")], 0, [(0, 5), (5, 9)]),
        ([part(None), part(None)], 0, [None]),
        ([part(None), part(3)], 0, [(3, 3)]),
        ([part(None), part(3), part(9)], 0, [(3, 3), (9, 9), None]),
    ],
)
def test_intervals_that_touch_are_one_episode(
    parts: list[Part], bridge_s: float, expected: list[tuple[float, float] | None]
) -> None:
    assert spans(episodes_of(*parts, bridge_s=bridge_s)) == expected


_PARTS = st.lists(
    st.builds(
        lambda start, length, subject: part(
            start, None if start is None else start + length, subject
        ),
        st.none() | st.integers(0, 60),
        st.integers(0, 9),
        st.sampled_from(["fence", "zone"]),
    ),
    max_size=30,
)


@given(_PARTS, st.integers(0, 5))
def test_no_part_is_lost_and_episodes_of_a_subject_lie_apart(
    parts: list[Part], bridge_s: int
) -> None:
    episodes = episodes_of(*parts, bridge_s=bridge_s)
    assert sorted(map(repr, parts)) == sorted(
        repr(each) for episode in episodes for each in episode.parts
    )
    for first, second in itertools.combinations(episodes, 2):
        if first.subject == second.subject and first.end is not None and second.start is not None:
            assert (second.start - first.end).total_seconds() > bridge_s


def test_the_order_of_the_parts_does_not_matter() -> None:
    parts = [part(0, 5), part(4, 9), part(30), part(None)]
    expected = spans(episodes_of(*parts, bridge_s=2))
    for order in itertools.permutations(parts):
        assert spans(episodes_of(*order, bridge_s=2)) == expected


def test_many_parts_take_no_time_in_proportion_to_their_square() -> None:
    def seconds(count: int) -> float:
        parts = [part(second % 977, second % 977 + 1) for second in range(count)]
        best = float("inf")
        for _ in range(3):
            begin = time.process_time()
            episodes_of(*parts, bridge_s=1)
            best = min(best, time.process_time() - begin)
        return best

    # Sixteen times as many: 256 times as long, if it were their square.
    assert seconds(80_000) < 80 * max(seconds(5_000), 0.001)


def finding(start_s: float | None, grade: str = "reported", **more: object) -> Finding:
    shown = Evidence(
        file="a.bin", sha256="0" * 64, offset=int(start_s or 0), record="ERR", field="ECode",
        value="breach",
    )  # fmt: skip
    start = None if start_s is None else _START + pd.Timedelta(seconds=start_s)
    fields = {"severity": Severity.LOW, "summary": "one", "evidence": (shown,)} | more
    return Finding(rule="geofence_event", grade=grade, start=start, end=start, **fields)  # type: ignore[arg-type]


def test_a_merged_finding_keeps_every_record_and_the_deepest_value() -> None:
    parts = [
        finding(9, peak=107.0, latitude_deg=52.0),
        finding(3, "inferred", peak=101.0, latitude_deg=51.0),
        finding(3, "measured", severity=Severity.HIGH, informational=True),
        finding(None),
    ]
    merged = merge_findings_into_one(parts, "Beyond the fence by 7 m.")
    assert merged.summary == "Beyond the fence by 7 m."
    assert merged.severity is Severity.HIGH
    assert merged.grade == "measured"
    assert merged.peak == 107.0
    assert (merged.start, merged.latitude_deg) == (_START + pd.Timedelta(seconds=3), 51.0)
    assert merged.end == _START + pd.Timedelta(seconds=9)
    assert [shown.offset for shown in merged.evidence] == [3, 9, 0]
    assert not merged.informational


def test_a_merged_finding_is_for_information_where_all_of_it_is() -> None:
    parts = [finding(1, informational=True, inconclusive=True) for _ in range(2)]
    merged = merge_findings_into_one(parts, "a setting", severity=Severity.REMARK, peak=3.0)
    assert merged.informational and merged.inconclusive
    assert (merged.severity, merged.peak) == (Severity.REMARK, 3.0)
    assert len(merged.evidence) == 1
