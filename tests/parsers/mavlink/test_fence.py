"""What texts about fences mean is the same in all three formats."""

import pytest

from parsers.mavlink._shared import _fence
from parsers.mavlink.tlog import _text as _tlog_text
from parsers.mavlink.ulog import _text_events as _ulog_speech
from tests.parsers.mavlink.dataflash.test_log import command, flight
from tests.parsers.mavlink.tlog.test_log import Station
from tests.parsers.mavlink.ulog.test_tables import command as ulog_command
from tests.parsers.mavlink.ulog.test_writer import flight as ulog_flight


@pytest.mark.parametrize(
    ("text", "kind", "severity"),
    [
        ("PreArm: fence requires position", "geofence.warning", "info"),
        ("PreArm: Fence enabled, need 3D Fix", "geofence.warning", "info"),
        ("Geofence RTL requires valid home", "geofence.warning", "info"),
        ("Polygon fence cleared", "geofence.warning", "info"),
        ("PreArm: fences enabled, but none selected", "geofence.warning", "notice"),
        ("Arm: vehicle outside fence", "geofence.refused", "warning"),
    ],
)
def test_a_check_before_the_start_is_a_refusal_only_where_a_fence_is_crossed(
    text: str, kind: str, severity: str
) -> None:
    assert _fence.remark(text) == (kind, severity)
    assert _fence.text_kind(text) == kind
    assert _tlog_text.kind_of(text, 4) == kind
    assert _ulog_speech._kind(text) == kind


@pytest.mark.parametrize("text", ["PreArm: Need 3D Fix", "Fence breached", "Dest outside fence"])
def test_other_texts_are_left_to_what_they_say(text: str) -> None:
    assert _fence.remark(text) is None


@pytest.mark.parametrize(
    ("mode", "severity"),
    [
        ("RTL", "warning"),
        ("BRAKE", "warning"),
        ("LAND", "serious"),
        ("QLAND", "serious"),
        ("AUTO.LAND", "serious"),
        ("Termination", "serious"),
        ("AUTO.RTL", "warning"),
    ],
)
def test_only_a_fence_that_ends_the_flight_is_serious(mode: str, severity: str) -> None:
    assert _fence.action_severity(mode) == severity


def test_a_refused_command_switches_no_fence() -> None:
    log = flight()
    command(log, 11_000_000, 207, 0, result=4)
    made = ulog_flight()
    ulog_command(made, 10, 207, result=2, p1=0.0)
    station = Station()
    for _ in range(3):
        station.beat()
        station.tell_time()
    station.order(207, 0, result=2)
    for told in (log.read(), made.log(), station.read()):
        kinds = told.events[told.events.kind.str.startswith("geofence")]["kind"].tolist()
        assert kinds == ["geofence.warning"]


@pytest.mark.parametrize(
    ("state", "kind"), [(0, "geofence.disable"), (1, "geofence.enable"), (2, "geofence.disable")]
)
def test_an_accepted_command_switches_the_fence_in_every_format(state: int, kind: str) -> None:
    log = flight()
    command(log, 11_000_000, 207, state)
    made = ulog_flight()
    ulog_command(made, 10, 207, p1=float(state))
    for told in (log.read(), made.log()):
        found = told.events[told.events.kind.str.startswith("geofence")]
        assert found[["kind", "grade"]].to_numpy().tolist() == [[kind, "reported"]]
