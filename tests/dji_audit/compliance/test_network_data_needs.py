"""A network log watched what its records show, and a pass of a network rule rests on that alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parsers
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.network import ContactMatchSettings, collect_contacts
from dji_audit.compliance.network._network_watched_times import (
    NetworkWatchedTimes,
    merge_watched_times,
    times_watched_by_all,
)
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules import (
    AnyRule,
    CheckResult,
    ExampleFlight,
    RuleInputs,
    apply_rule_to_flight,
    build_example_flight_and_audit_context,
    rules_by_id,
)
from dji_audit.compliance.rules._shared._example_flights import (
    DEVICE,
    FLIGHT_FIELDS,
    example_network_log_as_context_fields,
    example_tls_contact,
)
from dji_audit.compliance.rules._shared._network_recording_data_needs import (
    _period_in_policy_units_text,
    network_recording_data_needs,
)
from dji_audit.compliance.rules._shared._network_rules import NetworkRuleParameters

NETWORK_RULES = [
    rule for rule in rules_by_id().values() if issubclass(rule.parameters, NetworkRuleParameters)
]
PASSING = [
    pytest.param(rule, example, id=rule.id)
    for rule in NETWORK_RULES
    for example in rule.examples
    if example.outcome is Outcome.PASS
]
START = pd.Timestamp("2026-05-14T09:00:00Z")
HOUR = pd.Timedelta(hours=1)
Change = Callable[[parsers.NetworkCaptureWindow], Mapping[str, Any]]


def times(*stretches: tuple[float, float], read: int = 100, unread: int = 0) -> Any:
    """Return that something was recorded in some stretches, hours after the start."""
    intervals = tuple(
        parsers.NetworkRecordingInterval(START + a * HOUR, START + b * HOUR, read, unread)
        for a, b in stretches
    )
    return parsers.NetworkRecordingTimes(intervals, 60.0, read * len(stretches), unread)


def outcome_with(
    rule: AnyRule, example: ExampleFlight, change: Change, devices: tuple[str, ...] = ()
) -> CheckResult:
    """Return the result of an example whose network log has another capture window."""
    flight, context = build_example_flight_and_audit_context(example)
    (log,) = context.network
    assert log.capture_window is not None
    window = replace(log.capture_window, **change(log.capture_window))
    context = replace(context, network=(replace(log, capture_window=window),), devices=devices)
    parameters = rule.parameters.model_validate(dict(example.parameters))
    inputs = RuleInputs(rule=rule.id, context=context, severity=Severity.MEDIUM)
    return apply_rule_to_flight(rule, flight, parameters, inputs)


#: What can be true of a network log so that it did not watch the flight, and what the result says.
NOT_WATCHING: dict[str, tuple[Change, tuple[str, ...], str]] = {
    "two packets, years apart": (
        lambda _: {"recorded": times((-20_000.0, -20_000.0), (9_000.0, 9_000.0), read=1)},
        (),
        "0 % of the window",
    ),
    "one packet in the flight": (
        lambda _: {"recorded": times((0.0, 0.0), read=1)},
        (),
        "0 % of the window",
    ),
    "silence for three hours": (
        lambda _: {"recorded": times((-1.0, 8.0), (11.0, 30.0))},
        (),
        "nothing for 3.0 h from 2026-05-14 17:00 UTC on",
    ),
    "Wi-Fi frames that nobody read": (
        lambda _: {
            "recorded": parsers.NetworkRecordingTimes((), 0.0, 0, 5_795),
            "unread": {"link type 105 (Wi-Fi)": 5_795},
        },
        (),
        "by 0 of 1 network log",
    ),
    "a tenth of the packets not understood": (
        lambda _: {
            "recorded": times((-1.0, 30.0), read=90, unread=10),
            "unread": {"link type 239 (NFLOG)": 10},
        },
        (),
        "90 % of the window (2026-05-14 08:50 to 2026-05-15 09:00 UTC) was recorded, by 1 of 1 "
        "network log; for all devices; none is declared; 10 of their records were not understood "
        "(link type 239 (NFLOG) 10)",
    ),
    "a kind of log that does not show when it recorded": (
        lambda _: {"recorded": None},
        (),
        "by 0 of 1 network log",
    ),
    "captures of several networks, merged": (
        lambda _: {"merge_signs": ("Its 9 sections were written by 4 computers or programs.",)},
        (),
        "by 0 of 1 network log",
    ),
    "a device that never appears": (
        lambda _: {"by_device": {"192.0.2.99": times((-1.0, 30.0))}},
        (DEVICE,),
        "by 0 of 1 network log",
    ),
    "a device that was there for an hour": (
        lambda _: {"by_device": {DEVICE: times((-1.0, 1.0))}},
        (DEVICE,),
        "4.8 % of the window",
    ),
    "an interface that was silent": (
        lambda _: {"by_interface": {"wlan0": times((-1.0, 1.0)), "eth0": times((-1.0, 30.0))}},
        (),
        "4.8 % of the window",
    ),
    "a day of recording that leaves out the flight": (
        lambda _: {"recorded": times((-1.0, -0.01), (0.1, 30.0))},
        (),
        "only 0 % of the flight itself was recorded; 99.5 % of the window",
    ),
    "look-ups of names alone": (
        lambda _: {"flow_count": 0, "unnamed_flow_count": 0},
        (),
        "it holds look-ups of names, and no other conversation",
    ),
    "look-ups over HTTPS alone": (
        lambda _: {"flow_count": 40, "blind_spots": {"doh": 38, "dot": 2}},
        (),
        "it holds look-ups of names, and no other conversation",
    ),
    "traffic through a tunnel": (
        lambda _: {"blind_spots": {"vpn": 1}},
        (),
        "1 conversations went through a tunnel or proxy",
    ),
}


@pytest.mark.parametrize("name", NOT_WATCHING)
@pytest.mark.parametrize(("rule", "example"), PASSING)
def test_what_was_not_watched_is_not_passed(
    rule: AnyRule, example: ExampleFlight, name: str
) -> None:
    assert outcome_with(rule, example, lambda _: {}).outcome is Outcome.PASS
    change, devices, words = NOT_WATCHING[name]
    result = outcome_with(rule, example, change, devices)
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert words in result.reason
    recorded, _names = result.observations
    assert not recorded.is_met
    assert recorded.remedy


@pytest.mark.parametrize(
    ("change", "devices"),
    [
        ({"recorded": times((-1.0, 9.0), (9.05, 30.0))}, ()),
        ({"recorded": times((-1.0, 30.0), read=96, unread=4)}, ()),
        # A capture in two parts: the interface of one name is one.
        ({"by_interface": {"eth0 0": times((-1.0, 9.0)), "eth0 1": times((9.0, 30.0))}}, ()),
        # A declared device is what counts, wherever it was.
        ({"by_interface": {"lo": times((-1.0, 1.0))}}, (DEVICE,)),
        ({"by_device": {DEVICE: times((-1.0, 1.0)), "x.lan": times((1.0, 30.0))}},
         (f"{DEVICE}, x.lan",)),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("rule", "example"), PASSING)
def test_what_was_watched_nearly_throughout_is_passed(
    rule: AnyRule, example: ExampleFlight, change: dict[str, Any], devices: tuple[str, ...]
) -> None:
    result = outcome_with(rule, example, lambda _: change, devices)
    assert result.outcome is Outcome.PASS, result.reason


@pytest.mark.parametrize("rule", NETWORK_RULES, ids=lambda rule: rule.id)
@pytest.mark.parametrize("address", ["203.0.113.7", "192.168.1.1"])
def test_a_log_in_which_no_conversation_has_a_name_passes_nothing(
    rule: AnyRule, address: str
) -> None:
    row = example_tls_contact(None, address=address)
    logs = example_network_log_as_context_fields(row, unnamed_flow_count=1)
    flight, context = build_example_flight_and_audit_context(
        ExampleFlight(Outcome.NOT_ASSESSABLE, "", **FLIGHT_FIELDS, context=logs)
    )
    given = {"declared": True} if rule.id == "local_data_mode" else {}
    inputs = RuleInputs(rule=rule.id, context=context, severity=Severity.LOW)
    result = apply_rule_to_flight(rule, flight, rule.parameters.model_validate(given), inputs)
    fails = rule.id == "unknown_host" and address == "203.0.113.7"
    assert result.outcome is (Outcome.FAIL if fails else Outcome.NOT_ASSESSABLE)
    assert "proves nothing" in result.reason
    assert [each.is_met for each in result.observations] == [True, False]


@pytest.mark.parametrize(
    ("host", "address", "outcome"),
    [
        (None, "198.51.100.9", Outcome.NOT_ASSESSABLE),
        # Carriers and overlay networks share these addresses.
        (None, "100.64.1.1", Outcome.NOT_ASSESSABLE),
        ("server", "198.51.100.9", Outcome.NOT_ASSESSABLE),
        ("some text", "198.51.100.9", Outcome.NOT_ASSESSABLE),
        ("nas", "192.168.1.5", Outcome.PASS),
        ("upload.example.org", "198.51.100.9", Outcome.PASS),
    ],
)
def test_many_small_conversations_without_a_public_name_count_as_one_large_one(
    host: str | None, address: str, outcome: Outcome
) -> None:
    rule = rules_by_id()["data_sync_endpoint"]

    def result_of(each_bytes: int) -> CheckResult:
        small = example_tls_contact(host, address=address, bytes_up=each_bytes)
        logs = example_network_log_as_context_fields(
            *([example_tls_contact("www.example.org")] * 100), small, small, small
        )
        flight, context = build_example_flight_and_audit_context(
            ExampleFlight(outcome, "", **FLIGHT_FIELDS, context=logs)
        )
        inputs = RuleInputs(rule=rule.id, context=context, severity=Severity.LOW)
        return apply_rule_to_flight(rule, flight, rule.parameters(), inputs)

    assert result_of(33_333).outcome is Outcome.PASS
    result = result_of(33_334)
    assert result.outcome is outcome
    if outcome is Outcome.NOT_ASSESSABLE:
        assert result.reason.endswith(
            f"More than 100,000 bytes went to {host or address}, without a public name: their "
            "operator is not known."
        )


@pytest.mark.parametrize("rule", NETWORK_RULES, ids=lambda rule: rule.id)
def test_two_packets_years_apart_pass_no_flight_between_them(rule: AnyRule, samples: Path) -> None:
    (path,) = (samples.parent / "cases" / "network_two_packets").glob("*.pcap")
    capture = parsers.read(path)
    flight, context = build_example_flight_and_audit_context(
        ExampleFlight(Outcome.NOT_ASSESSABLE, "", **FLIGHT_FIELDS, start="2018-05-14T09:00:00Z")
    )
    context = replace(context, network=(capture,))
    given = {"declared": True} if rule.id == "local_data_mode" else {}
    inputs = RuleInputs(rule=rule.id, context=context, severity=Severity.MEDIUM)
    result = apply_rule_to_flight(rule, flight, rule.parameters.model_validate(given), inputs)
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert result.observations[0].share == 0


def test_the_reason_why_a_log_does_not_count_names_what_was_not_understood() -> None:
    window = parsers.NetworkCaptureWindow(
        START - HOUR, START + 30 * HOUR, flow_count=0,
        recorded=parsers.NetworkRecordingTimes((), 0.0, 0, 12),
        unread={"link type 9 (PPP)": 7, "link type 239 (NFLOG)": 5},
    )  # fmt: skip
    log = parsers.Log(parsers.Source("a.pcap", 1, "1" * 64, "pcap"), capture_window=window)
    flight, _ = build_example_flight_and_audit_context(
        ExampleFlight(Outcome.NOT_ASSESSABLE, "", **FLIGHT_FIELDS)
    )
    found = collect_contacts(flight, AuditContext(network=(log,)), ContactMatchSettings())
    assert found.coverage.logs[0].not_counted == (
        "none of its 12 records was understood (link type 9 (PPP) 7, link type 239 (NFLOG) 5)"
    )
    assert found.coverage.intervals == ()


Stretch = st.tuples(st.integers(0, 20), st.integers(0, 6), st.sampled_from([0.25, 0.5, 1.0]))


def as_watched(stretches: list[tuple[int, int, float]]) -> NetworkWatchedTimes:
    """Return stretches one after another: gap, length and share of each."""
    rows, at = list[tuple[float, float, float]](), 0
    for gap, length, share in stretches:
        at += gap
        rows.append((at, at + length, share))
        at += length
    table = np.array(rows, float).reshape(-1, 3)
    return NetworkWatchedTimes(table[:, :2], table[:, 2])


def share_in(watched: NetworkWatchedTimes, second: int) -> float:
    """Return the share that is understood between a second and the next."""
    middle = second + 0.5
    for (start, end), share in zip(watched.intervals, watched.shares, strict=True):
        if start <= middle <= end:
            return float(share)
    return 0.0


@given(st.lists(st.lists(Stretch, max_size=4), min_size=1, max_size=4))
def test_several_logs_watch_what_the_best_did_and_devices_what_the_least_known_was(
    drawn: list[list[tuple[int, int, float]]],
) -> None:
    parts = [as_watched(stretches) for stretches in drawn]
    best, least = merge_watched_times(parts), times_watched_by_all(parts)
    for second in range(110):
        shares = [share_in(part, second) for part in parts]
        assert share_in(best, second) == max(shares)
        assert share_in(least, second) == min(shares)
    assert best.watched_and_understood_s == pytest.approx(
        sum(max(share_in(part, second) for part in parts) for second in range(110))
    )


@pytest.mark.parametrize(
    ("max_unnamed", "words", "least"),
    [(0.25, "75 %", 0.75), (0.0, "100 %", 1.0), (1.0, "0 %", 0.0)],
)
def test_the_needs_of_a_recording_state_their_shares_and_their_time(
    max_unnamed: float, words: str, least: float
) -> None:
    settings = ContactMatchSettings(
        before_takeoff_s=600.0, after_landing_s=86_400.0, min_coverage=0.8
    )
    recording, names = network_recording_data_needs(
        settings, max_unnamed=max_unnamed, allowed_hosts=()
    )
    assert (recording.min_share, names.min_share) == (0.8, least)
    assert recording.words == (
        "conversations of the devices with other computers, in records that were understood, for "
        "80 % of the time from 10 min before take-off to 24 h after landing, and as much of the "
        "flight itself"
    )
    assert names.words == f"names of the computers contacted, for {words} of the conversations"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(59.0, "59 s"), (60.0, "1 min"), (3599.0, "59.9833 min"), (3600.0, "1 h"), (5400.0, "1.5 h")],
)
def test_a_period_is_told_in_seconds_minutes_or_hours(seconds: float, text: str) -> None:
    assert _period_in_policy_units_text(seconds) == text
