"""Where reports of fences and zones stop to agree with the track, and what is said of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules import (
    CheckResult,
    ExampleFlight,
    build_example_flight_and_audit_context,
)
from dji_audit.compliance.rules._shared._example_flights import hover_example_track_at_heights
from dji_audit.compliance.rules._shared._logged_fence_state import (
    fence_on_off_or_not_stated_in_logs,
    fence_without_geometry_text,
)
from dji_audit.compliance.rules._shared._zones._zone_crossing_findings import example_supplied_zones
from dji_audit.compliance.rules.fence_disagreement import (
    _overlaps_any_interval,
    _unreported_crossings_recordable_and_not,
    _widened_intervals,
)
from dji_audit.flights import assemble_flights
from dji_audit.zones import LatLonBox, SuppliedZones, ZoneEffect
from parsers import Geofence
from tests.dji_audit.compliance.one_rule import result_on_track
from tests.dji_audit.conftest import BEGIN, MakeLog

CIRCLE = Geofence("inclusion", "circle", ((51.5, -1.0),), 100.0, None, True, None, None, "PARM", 2)
#: Another circle, far wider than any flight here.
WIDE = replace(CIRCLE, radius_m=9_000.0, source_offset=3)
#: Latitudes inside of the circle, and 222 m north of its centre.
INSIDE, OUTSIDE = 51.5, 51.502


def hover(latitudes: Sequence[float | None], **more: Sequence[Any]) -> dict[str, Sequence[Any]]:
    return hover_example_track_at_heights(
        *[50.0] * len(latitudes), latitude_deg=list(latitudes), **more
    )


def in_air(last: float) -> list[Mapping[str, Any]]:
    return [{"kind": "takeoff", "time": 0}, {"kind": "landing", "time": last}]


def breach(second: float | None, text: str = "fence breached", **more: Any) -> dict[str, Any]:
    return {"kind": "geofence.breach", "time": second, "text": text} | more


def warning(second: float | None, text: str = "Zone", **more: Any) -> dict[str, Any]:
    event = {"kind": "geofence.warning", "time": second, "severity": "warning", "text": text}
    return event | more


def disagreement(
    latitudes: Sequence[float | None],
    *events: Mapping[str, Any],
    fences: Sequence[Geofence] = (),
    zones: SuppliedZones | None = None,
    **more: Any,
) -> CheckResult:
    """Return the result for a flight of one fix a second, from take-off to landing."""
    return result_on_track(
        "fence_disagreement",
        more.pop("track", None) or hover(latitudes),
        events=(*in_air(len(latitudes) - 1), *events),
        log_fields={"fences": tuple(fences)},
        context={} if zones is None else {"zones": zones},
        **more,
    )


# what is compared


def test_without_a_fence_and_zones_there_is_nothing_to_compare() -> None:
    none = disagreement([INSIDE] * 5)
    assert (none.outcome, none.reason) == (
        Outcome.NOT_APPLICABLE,
        "The log holds no fence in force, and no zones were supplied.",
    )
    # An autopilot with a fence of its own knows no zones.
    blind = disagreement([INSIDE] * 5, zones=example_supplied_zones(), format="dataflash")
    assert (blind.outcome, blind.reason) == (
        Outcome.NOT_APPLICABLE,
        "The log holds no fence in force, and an aircraft of this kind knows no zones.",
    )
    seen = disagreement([INSIDE] * 5, fences=[CIRCLE], format="dataflash")
    assert seen.outcome is Outcome.PASS


FAR = (52.5, -1.0)


@pytest.mark.parametrize(
    ("fences", "zones", "what"),
    [
        ([CIRCLE], None, "1 fence of its own"),
        ([CIRCLE, WIDE], None, "2 fences of its own"),
        ([], 1, "1 supplied zone"),
        ([], 2, "2 supplied zones"),
        ([CIRCLE], 1, "1 fence of its own and 1 supplied zone"),
    ],
)
def test_a_pass_counts_what_was_compared(
    fences: Sequence[Geofence], zones: int | None, what: str
) -> None:
    supplied = example_supplied_zones(centre=FAR)
    (file,) = supplied.files
    more = tuple(replace(file.zones[0], id=f"Z{number}") for number in range(zones or 0))
    given = None if zones is None else SuppliedZones((replace(file, zones=more),))
    result = disagreement([INSIDE] * 5, fences=fences, zones=given)
    assert (result.outcome, result.reason) == (
        Outcome.PASS,
        f"Reports and geometry agree for {what}.",
    )


def test_disagreements_are_counted() -> None:
    out_and_back = [INSIDE, INSIDE, *[OUTSIDE] * 8, *[INSIDE] * 8]
    one = disagreement(out_and_back, fences=[CIRCLE])
    assert one.reason == "1 disagreement between reports and geometry, for 1 fence of its own."
    two = disagreement([*out_and_back, *out_and_back], fences=[CIRCLE])
    assert two.reason == "2 disagreements between reports and geometry, for 1 fence of its own."
    assert all(
        finding.summary.startswith("Outside of ")
        and finding.summary.endswith(" m from its edge; no breach was reported.")
        for finding in two.findings
    )


def test_of_a_fence_and_zones_the_one_of_which_less_was_seen_decides() -> None:
    hull = example_supplied_zones(centre=FAR, extent=None)
    result = disagreement([INSIDE] * 5, fences=[CIRCLE], zones=hull)
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert "outside the supplied zones" in result.reason
    whole = example_supplied_zones(centre=FAR)
    deaf = disagreement([INSIDE] * 5, fences=[CIRCLE], zones=whole, without_facts=("fence_breach",))
    assert deaf.outcome is Outcome.NOT_ASSESSABLE


# a breach without a report, and a report without a breach


@pytest.mark.parametrize(("last", "outcome"), [(2, "pass"), (3, "fail")])
def test_two_seconds_outside_of_a_fence_need_no_report(last: int, outcome: str) -> None:
    assert disagreement([OUTSIDE] * (last + 1), fences=[CIRCLE]).outcome == outcome


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([breach(10)], 'Reported: "fence breached" at 09:00:10 UTC, '),
        # On the ground, or at a time that the log does not give, nothing contradicts a report.
        ([breach(-3)], None),
        ([breach(None)], None),
        ([breach(19)], 'Reported: "fence breached" at 09:00:19 UTC, '),
        ([breach(19.5)], None),
        # It began before the take-off and went on in the air.
        ([breach(-3), breach(4)], 'Reported: "fence breached" for 7.0 s from 08:59:57 UTC'),
        # Of a zone, not of a fence.
        ([breach(10, "limits exceeded")], None),
        # No more than that it is over.
        ([warning(10, "fence breach cleared")], None),
        # Two of its texts are told.
        (
            [breach(10), breach(11, "fence action"), breach(12, "back to the fence")],
            'Reported: "fence breached; fence action" for 2.0 s from 09:00:10 UTC, ',
        ),
    ],
)
def test_a_breach_in_the_air_that_was_none_is_a_disagreement(
    events: Sequence[Mapping[str, Any]], words: str | None
) -> None:
    result = disagreement([INSIDE] * 20, *events, fences=[CIRCLE])
    assert len(result.findings) == (words is not None), result.reason
    if words is not None:
        (finding,) = result.findings
        assert finding.summary.startswith(words)
        assert finding.summary.endswith("; but the track shows no breach.")


def after(second: float) -> pd.Timestamp:
    return BEGIN + pd.Timedelta(seconds=second)


def span(start: float | None, end: float | None) -> Any:
    """Return what an episode or a crossing says of its times."""
    return SimpleNamespace(
        start=None if start is None else after(start), end=None if end is None else after(end)
    )


@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [
        (0, 34, False), (0, 35, True), (0, 36, True), (30, 70, True), (50, 51, True),
        (0, 300, True), (65, 70, True), (65.5, 70, False), (70, 80, False), (70, 195, True),
        (206, 300, False), (None, 50, False), (50, None, False), (None, None, False),
    ],
)  # fmt: skip
def test_a_report_belongs_to_what_lies_within_five_seconds_of_it(
    start: float | None, end: float | None, overlaps: bool
) -> None:
    reports = _widened_intervals([span(40, 60), span(None, None), span(200, 200)], 5.0)
    assert _overlaps_any_interval(reports, span(start, end)) is overlaps


@pytest.mark.parametrize(
    ("start", "end", "is_silent"),
    [(5, 9, True), (-1, 9, True), (-1.125, 9, False), (10, 20, True), (10, 20.125, False),
     (-0.5, 19.5, True), (-0.5, 19.625, False)],
)  # fmt: skip
def test_a_second_before_the_first_row_or_after_the_last_is_recorded_too(
    start: float, end: float, is_silent: bool
) -> None:
    """Of a log from second 0 to second 19."""
    example = ExampleFlight(Outcome.PASS, "", hover([INSIDE] * 20), events=in_air(19))
    flight, _ = build_example_flight_and_audit_context(example)
    crossing = span(start, end)
    silent, unrecorded = _unreported_crossings_recordable_and_not(
        flight, [crossing], [], facts=("fence_breach",), within_s=5.0
    )
    assert (silent, unrecorded) == (([crossing], []) if is_silent else ([], [crossing]))
    reported = [cast("Any", span(end + 5.0, end + 9.0))]
    assert _unreported_crossings_recordable_and_not(
        flight, [crossing], reported, facts=("fence_breach",), within_s=5.0
    ) == ([], [])


def test_a_breach_that_a_report_could_not_have_shown_is_told_and_not_judged() -> None:
    times = [*range(150), *range(157, 300)]
    away = [OUTSIDE if 148 <= time <= 158 else INSIDE for time in times]
    result = disagreement(
        [INSIDE] * 300,
        fences=[CIRCLE],
        track=hover(away, time=times),
    )
    assert result.outcome is Outcome.NOT_ASSESSABLE, result.reason
    assert result.reason.startswith("Outside of ")
    assert result.reason.endswith(" m from its edge; a report could not have been seen then.")


def test_where_the_track_is_not_known_nothing_is_decided_but_what_was_found() -> None:
    times = [*range(150), *range(165, 300)]
    track = hover([INSIDE] * len(times), time=times)
    result = disagreement([INSIDE] * 300, fences=[CIRCLE], track=track)
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert "circle of 100 m: " in result.reason
    found = disagreement([INSIDE] * 300, breach(50), fences=[CIRCLE], track=track)
    assert found.outcome is Outcome.FAIL
    assert len(found.findings) == 1


# zones


@pytest.mark.parametrize(
    ("effect", "radius_m", "outcome"),
    [
        (ZoneEffect.PROHIBITED, 500.0, "fail"),
        (ZoneEffect.AUTHORISATION, 500.0, "fail"),
        (ZoneEffect.CONDITIONAL, 500.0, "fail"),
        (ZoneEffect.ADVISORY, 500.0, "fail"),
        (ZoneEffect.NONE, 500.0, "pass"),
        (ZoneEffect.FENCE, 500.0, "pass"),
        (ZoneEffect.NOT_STATED, 500.0, "pass"),
        # Inside by less than the error of the fixes.
        (ZoneEffect.PROHIBITED, 5.0, "pass"),
    ],
)
def test_a_zone_that_was_certainly_entered_is_reported_by_its_effect(
    effect: ZoneEffect, radius_m: float, outcome: str
) -> None:
    zones = example_supplied_zones(effect=effect, radius_m=radius_m)
    result = disagreement([INSIDE] * 10, zones=zones)
    assert result.outcome == outcome, result.reason
    if outcome == "fail":
        (finding,) = result.findings
        assert finding.summary.startswith("In EX1 Example zone (P, ")
        assert finding.summary.endswith("; nothing was reported.")


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (warning(3), "pass"),
        # Of a fence; or mere context.
        (warning(3, "fence is near"), "fail"),
        ({"kind": "geofence.limit", "time": 3, "severity": "info", "text": "zone state"}, "fail"),
    ],
)
def test_an_entry_is_reported_by_what_says_something_of_a_zone(
    event: Mapping[str, Any], outcome: str
) -> None:
    zones = example_supplied_zones(radius_m=500.0)
    assert disagreement([INSIDE] * 10, event, zones=zones).outcome == outcome


@pytest.mark.parametrize(
    ("event", "more", "outcome"),
    [
        (warning(3), {}, "fail"),
        ({"kind": "geofence.limit", "time": 3, "severity": "info", "text": "zone"}, {}, "pass"),
        (warning(3, "fence is near"), {}, "pass"),
        # At a time or a place that is not known, or where the zones are not complete.
        (warning(None), {}, "pass"),
        (warning(-60), {}, "pass"),
        (warning(3), {"extent": LatLonBox(52.0, -2.0, 53.0, 0.0)}, "not_assessable"),
    ],
)
def test_a_report_far_from_every_zone_is_a_disagreement(
    event: Mapping[str, Any], more: Mapping[str, Any], outcome: str
) -> None:
    result = disagreement([INSIDE] * 10, event, zones=example_supplied_zones(centre=FAR, **more))
    assert result.outcome == outcome, result.reason
    if outcome == "fail":
        (finding,) = result.findings
        assert finding.summary.startswith('Reported: "Zone" at 09:00:03 UTC, ')
        assert finding.summary.endswith("; but no supplied zone is within 500 m.")


@pytest.mark.parametrize(
    ("centre", "near_m", "outcome"),
    [
        # Inside of it.
        ((51.5, -1.0), 0.0, "pass"),
        # North-east of it, so that it is near in each direction and not in all.
        ((51.5 + 550 / 111_266.0, -1.0 + 550 / 69_440.0), 500.0, "fail"),
        ((51.5 + 550 / 111_266.0, -1.0 + 550 / 69_440.0), 700.0, "pass"),
    ],
)
def test_how_near_a_zone_is_counts_from_its_edge(
    centre: tuple[float, float], near_m: float, outcome: str
) -> None:
    zones = example_supplied_zones(centre=centre)
    result = disagreement([INSIDE] * 10, warning(3), zones=zones, parameters={"near_m": near_m})
    assert result.outcome == outcome, result.reason


# a fence that is switched off


def off(second: float, text: str = "fence off", **more: Any) -> dict[str, Any]:
    return {"kind": "geofence.disable", "time": second, "text": text, "severity": "notice"} | more


def disabled(*events: Mapping[str, Any], **more: Any) -> CheckResult:
    return result_on_track(
        "fence_disabled_in_flight", hover([INSIDE] * 40), events=(*in_air(39), *events), **more
    )


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        ([5.0], "The fence was switched off in flight."),
        ([5.0, 10.0], "The fence was switched off in flight."),
        ([5.0, 10.5], "The fence was switched off in flight 2 times."),
        ([5.0, 11.0, 20.0], "The fence was switched off in flight 3 times."),
    ],
)
def test_what_switches_a_fence_off_within_five_seconds_is_one_happening(
    seconds: Sequence[float], reason: str
) -> None:
    assert disabled(*[off(each) for each in seconds]).reason.startswith(reason)


def test_a_command_and_its_report_are_one_happening_by_the_surer_of_both() -> None:
    commanded = off(5.0, "asked", grade="commanded")
    (finding,) = disabled(commanded, off(6.0), off(7.0)).findings
    assert finding.summary.startswith("The fence was switched off at 09:00:05 UTC, at ")
    assert finding.summary.endswith(" (asked; fence off).")
    assert finding.severity is Severity.MEDIUM


def test_a_fence_that_no_pilot_can_switch_off_is_no_matter() -> None:
    result = disabled(format="dji-txt")
    assert (result.outcome, result.stated_by_log) == (Outcome.NOT_APPLICABLE, False)
    assert "has no fence that a pilot can switch off" in result.reason
    config = {"kind": "geofence.config", "time": 0, "text": "FENCE_ENABLE = 0"}
    stated = disabled(config, format="dataflash")
    assert (stated.outcome, stated.stated_by_log) == (Outcome.NOT_APPLICABLE, True)
    assert stated.reason == "The log states that the fence was off from the start."


# reports of zones, fences and limits


def reported(*events: Mapping[str, Any], **more: Any) -> CheckResult:
    return result_on_track(
        "geofence_event",
        more.pop("track", None) or hover([INSIDE] * 60),
        events=(*in_air(59), *events),
        **more,
    )


def test_the_first_happening_is_told_and_the_others_counted() -> None:
    one = reported(breach(10, "limits exceeded"))
    assert one.reason == one.findings[0].summary
    two = reported(breach(10, "limits exceeded"), breach(30, "limits exceeded"))
    first = two.findings[0].summary.removesuffix(".")
    assert two.reason == f"{first}, and 1 more."
    three = reported(*[breach(second, "limits exceeded") for second in (10, 30, 50)])
    assert three.reason.endswith(", and 2 more.")


@pytest.mark.parametrize(
    ("seconds", "severity"),
    [([-5.0], Severity.LOW), ([-5.0, 1.0], Severity.MEDIUM), ([5.0], Severity.MEDIUM)],
)
def test_a_breach_weighs_less_only_where_none_of_it_was_in_the_air(
    seconds: Sequence[float], severity: Severity
) -> None:
    (finding,) = reported(*[breach(each, "limits exceeded") for each in seconds]).findings
    assert finding.severity is severity
    assert not finding.informational


def test_only_a_log_that_can_report_fences_says_that_none_was_on() -> None:
    config = {"kind": "geofence.config", "time": 0, "text": "FENCE_ENABLE = 0"}
    off_throughout = reported(config, format="dataflash")
    assert (off_throughout.outcome, off_throughout.stated_by_log) == (Outcome.NOT_APPLICABLE, True)
    assert reported(config, format="dji-txt").outcome is Outcome.PASS
    assert reported(format="dataflash").outcome is Outcome.PASS


#: Two flights of one log; its fixes stand at byte 100, 110 and so on, and it states its settings
#: before them.
TWO_FLIGHTS = [
    {"kind": kind, "time": second, "text": kind, "source_offset": 100 + 10 * second}
    for kind, second in (("takeoff", 1), ("landing", 20), ("takeoff", 40), ("landing", 58))
]


def setting(second: float, text: str, kind: str = "geofence.config") -> dict[str, Any]:
    return {"kind": kind, "time": second, "text": text, "source_offset": int(99 + 10 * second)}


def fence_states(make_log: MakeLog, *events: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """Return of each flight whether a fence was on, and whether one of no known shape was."""
    track = hover([INSIDE] * 60, height_ato_m=[50.0] * 20 + [0.0] * 20 + [50.0] * 20)
    rows = sorted([*TWO_FLIGHTS, *events], key=lambda row: float(row["time"]))
    flights = assemble_flights(make_log(track, events=rows))
    assert len(flights) == 2
    return [
        (fence_on_off_or_not_stated_in_logs(flight).name, bool(fence_without_geometry_text(flight)))
        for flight in flights
    ]


def test_settings_stated_once_hold_for_the_later_flights_of_a_log_too(make_log: MakeLog) -> None:
    stated = [setting(0, "FENCE_ENABLE = 1"), setting(0, "FENCE_TOTAL = 9")]
    assert fence_states(make_log, *stated) == [("ON", True), ("ON", True)]


@pytest.mark.parametrize(
    ("change", "later"),
    [
        (setting(30, "FENCE_ENABLE = 0 (was 1)"), ("OFF", False)),
        (setting(30, "FENCE_TOTAL = 0 (was 9)"), ("ON", False)),
        (setting(30, "fence disabled", "geofence.disable"), ("NOT_STATED", False)),
        (setting(30, "FENCE_ACTION = 0 (was 1)"), ("ON", True)),
    ],
)
def test_of_each_setting_the_last_value_before_a_flight_counts(
    make_log: MakeLog, change: Mapping[str, Any], later: tuple[str, bool]
) -> None:
    stated = [
        setting(0, "FENCE_ENABLE = 1"), setting(0, "FENCE_TOTAL = 9"),
        setting(0, "FENCE_ACTION = 1"),
    ]  # fmt: skip
    assert fence_states(make_log, *stated, change) == [("ON", True), later]
