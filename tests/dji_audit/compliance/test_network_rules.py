"""Rules about the network: what passes, fails and cannot be told, and the bytes that show it."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import parsers
from dji_audit.compliance import rules as compliance_rules
from dji_audit.compliance.audit import audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import PolicyError, load_policy
from dji_audit.compliance.remarks_made_once_per_run import remarks_on_several_flights
from dji_audit.compliance.rules._shared._example_flights import (
    BLOCKED,
    FLIGHT_FIELDS,
    MAPS,
    UPLOAD,
    example_network_log_as_context_fields,
    example_tls_contact,
)
from dji_audit.compliance.rules._shared._network_rules import NetworkRuleParameters
from dji_audit.endpoints import CLAIMS, shipped_catalogue
from dji_audit.flights import Flight
from tests.dji_audit.compliance.one_rule import apply_rule
from tests.dji_audit.conftest import MakeLog

RULES = [
    rule
    for rule in compliance_rules.rules_by_id().values()
    if issubclass(rule.parameters, NetworkRuleParameters)
]
TRACK = {"height_ato_m": [1.0], "latitude_deg": [50.0], "longitude_deg": [-3.0]}


def data_sync_result(flight: Flight, context: AuditContext) -> compliance_rules.CheckResult:
    rule = compliance_rules.rules_by_id()["data_sync_endpoint"]
    inputs = compliance_rules.RuleInputs(rule=rule.id, context=context, severity=Severity.HIGH)
    return compliance_rules.apply_rule_to_flight(rule, flight, rule.parameters(), inputs)


def check(
    log: parsers.Log,
    rule: str = "data_sync_endpoint",
    case: AuditContext | None = None,
    **changes: Any,
) -> RuleResult:
    """Apply one rule of the default pack, some of whose keys are changed, to the first flight."""
    result = apply_rule(log, rule, case, **changes)
    for finding in result.findings:
        assert finding.grade in CLAIMS
        assert finding.evidence
    return result


def contact(host: str | None, **more: Any) -> dict[str, Any]:
    return {
        "time": 1, "host": host, "evidence": "Link.host", "grade": "measured", "source_offset": 55,
    } | more  # fmt: skip


def mention(host: str) -> parsers.HostReference:
    return parsers.HostReference(host, f"https://{host}/x", "AppTip", 44)


def said(kind: str, **more: Any) -> dict[str, Any]:
    return {"time": 1, "kind": kind, "severity": "info", "source_offset": 33} | more


def test_there_are_seven_rules_about_the_network_and_the_default_pack_holds_them_all() -> None:
    assert sorted(rule.id for rule in RULES) == [
        "data_sync_endpoint", "live_stream", "local_data_mode", "log_upload",
        "rtk_position_disclosure", "third_party_sdk", "unknown_host",
    ]  # fmt: skip
    assert {rule.id for rule in RULES} <= set(load_policy().rules)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_without_network_logs_no_rule_ever_passes(
    rule: compliance_rules.AnyRule, make_log: MakeLog
) -> None:
    result = check(make_log(TRACK), rule.id)
    wanted = Outcome.NOT_APPLICABLE if rule.id == "local_data_mode" else Outcome.NOT_ASSESSABLE
    assert result.outcome is wanted
    assert result.findings == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_what_was_blocked_is_listed_and_breaks_nothing(rule: compliance_rules.AnyRule) -> None:
    rows = [
        {**row, "grade": "attempted"}
        for row in (
            BLOCKED,
            MAPS,
            example_tls_contact("logs.px4.io"),
            example_tls_contact("dps.djiservice.org"),
            example_tls_contact("x.example.org"),
            example_tls_contact(None, address="203.0.113.9", port=1935, bytes_up=9_000_000),
        )
    ]
    flight, case = compliance_rules.build_example_flight_and_audit_context(
        compliance_rules.ExampleFlight(
            Outcome.PASS,
            "blocked",
            **FLIGHT_FIELDS,
            context=example_network_log_as_context_fields(*rows),
        )
    )
    given = {"declared": True} if rule.id == "local_data_mode" else {}
    verdict = rule.check(
        flight,
        rule.parameters.model_validate(given),
        compliance_rules.RuleInputs(rule=rule.id, context=case, severity=Severity.HIGH),
    )
    assert verdict.outcome is Outcome.PASS, verdict.reason
    assert {finding.severity for finding in verdict.findings} <= {Severity.REMARK}
    assert {finding.grade for finding in verdict.findings} <= {"attempted"}
    assert bool(verdict.findings) == (rule.id != "unknown_host")


def test_the_result_and_the_report_know_how_much_was_watched() -> None:
    flight, case = compliance_rules.build_example_flight_and_audit_context(
        compliance_rules.ExampleFlight(
            Outcome.FAIL,
            "",
            **FLIGHT_FIELDS,
            context=example_network_log_as_context_fields(UPLOAD, hours=0.65),
        )
    )
    policy = load_policy()
    results = {one.rule: one for one in audit_flight(flight, policy, case).results}
    assert results["data_sync_endpoint"].coverage == pytest.approx(2040 / 87_004)
    recorded, names = results["data_sync_endpoint"].observations
    assert [each.need for each in (recorded, names)] == ["network", "network"]
    assert recorded.sources == ("capture.pcap",)
    ((start, end),) = recorded.intervals
    assert (str(start), end - start) == (
        "2026-05-14 08:50:00+00:00",
        pd.Timedelta(seconds=2040),
    )
    assert recorded.remedy.startswith("Give a capture of all traffic of the devices, from 10 min")
    assert names.share == 1
    assert results["data_sync_endpoint"].outcome is Outcome.FAIL
    assert "2.3 % of the window" in results["data_sync_endpoint"].reason


def test_a_finding_says_claim_host_roles_bytes_and_when_and_shows_the_bytes() -> None:
    flight, case = compliance_rules.build_example_flight_and_audit_context(
        compliance_rules.ExampleFlight(
            Outcome.FAIL, "", **FLIGHT_FIELDS, context=example_network_log_as_context_fields(UPLOAD)
        )
    )
    only = replace(
        load_policy(), rules={"data_sync_endpoint": load_policy().rules["data_sync_endpoint"]}
    )
    (finding,) = audit_flight(flight, only, case).findings
    assert finding.summary == (
        "Probable upload to mydjiflight.dji.com (DJI: activation, firmware_update, "
        "flight_record_sync, geolocation, gnss_assist, remote_config): 3,000,000 bytes sent, "
        "for 60 s from 09:20:00 UTC, 20 min after the flight; matched to this flight by "
        "its time alone; known from capture.pcap (tls.server_name)."
    )
    assert finding.grade == "probable_upload"
    assert finding.subject == "mydjiflight.dji.com"
    (part,) = finding.evidence
    assert (part.file, part.offset, part.record) == ("capture.pcap", 100, "tls.server_name")
    assert str(finding.start) == "2026-05-14 09:20:00+00:00"


@pytest.mark.parametrize("host", ["mydjiflight.dji.com", "www.skypixel.com", "example.org"])
def test_a_name_in_a_log_is_an_indicator_and_never_fails_a_flight(
    make_log: MakeLog, host: str
) -> None:
    log = make_log(TRACK, host_references=(mention(host),))
    result = check(log, severity=Severity.HIGH)
    assert result.outcome is Outcome.NOT_ASSESSABLE
    (finding,) = result.findings
    assert finding.grade == "indicator"
    assert finding.severity is Severity.REMARK
    assert finding.informational
    assert host in finding.summary
    assert finding.evidence[0].offset == 44
    assert finding.summary.endswith("; a name is not a contact.")


def test_a_mark_of_a_record_still_to_be_sent_is_a_remark_of_the_run(make_log: MakeLog) -> None:
    events = [
        said("sync", text="the mark is 1", value=1.0, record="Details.needs_upload"),
        said("sync", text="3 records of FlightHub", record="FlightHub"),
        said("account", text="not logged in", record="Details.account_hash"),
    ]
    result = check(make_log(TRACK, events=events))
    assert result.outcome is Outcome.NOT_ASSESSABLE
    mark, hub = result.findings
    assert "marked this flight record as still to be sent" in mark.summary
    assert hub.summary == "3 records of FlightHub."
    assert not hub.run_remark
    assert {(each.severity, each.grade) for each in result.findings} == {
        (Severity.REMARK, "indicator")
    }
    # Said once of two flights; a mark that is off says nothing.
    (remark,) = remarks_on_several_flights([("a", mark), ("b", mark), ("b", mark), ("b", hub)])
    assert remark.text.endswith("(needs_upload; it does not show that it was): 2.")
    assert (remark.rule, remark.flights) == ("data_sync_endpoint", ("a", "b"))
    events[0]["value"] = 0.0
    assert len(check(make_log(TRACK, events=events)).findings) == 1


def test_a_contact_that_the_flights_own_log_recorded_fails_it(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    result = check(make_log(TRACK, contacts=[contact("mydjiflight.dji.com")]))
    assert result.outcome is Outcome.FAIL
    assert result.reason.startswith(
        "Contacts with hosts that accept flight data: mydjiflight.dji.com. Not seen in full: No "
    )
    (finding,) = result.findings
    assert (finding.grade, finding.severity) == ("contact", Severity.HIGH)
    assert (finding.start, finding.evidence[0].offset) == (start + pd.Timedelta(seconds=1), 55)


def test_a_contact_fails_the_flight_whatever_its_policy_says_it_weighs(make_log: MakeLog) -> None:
    log = make_log(TRACK, contacts=[contact("mydjiflight.dji.com")])
    assert check(log, severity=Severity.REMARK).outcome is Outcome.FAIL


@pytest.mark.parametrize("grade", ["commanded", "inferred"])
def test_a_host_that_was_only_set_up_or_guessed_is_no_contact(
    make_log: MakeLog, grade: str
) -> None:
    log = make_log(TRACK, contacts=[contact("mydjiflight.dji.com", grade=grade)])
    assert check(log).outcome is Outcome.NOT_ASSESSABLE


def test_a_path_of_another_role_is_no_sync(make_log: MakeLog) -> None:
    log = make_log(TRACK, contacts=[contact("mydjiflight.dji.com", path="/getfile/getallfile")])
    assert check(log).outcome is Outcome.NOT_ASSESSABLE


def test_much_sent_to_a_makers_host_that_nobody_explains_is_a_finding(make_log: MakeLog) -> None:
    rows = [contact("new-thing.dji.com", bytes_up=5_000_000)]
    result = check(make_log(TRACK, contacts=rows))
    assert result.outcome is Outcome.FAIL
    assert result.findings[0].grade == "contact"
    little = [contact("new-thing.dji.com", bytes_up=500)]
    assert check(make_log(TRACK, contacts=little)).outcome is Outcome.NOT_ASSESSABLE


def test_a_broker_of_a_fleet_service_takes_telemetry_unless_the_unit_has_chosen_it(
    make_log: MakeLog,
) -> None:
    rows = [contact(None, address="203.0.113.8", port=8883, protocol="tcp", bytes_up=900_000)]
    result = check(make_log(TRACK, contacts=rows))
    assert result.outcome is Outcome.FAIL
    assert "on port 8883, the port of MQTT brokers" in result.findings[0].summary
    own = check(make_log(TRACK, contacts=rows), parameters={"allowed_hosts": ["203.0.113.8"]})
    assert own.outcome is Outcome.NOT_ASSESSABLE
    little = [rows[0] | {"bytes_up": 600}]
    assert check(make_log(TRACK, contacts=little)).findings == ()


def test_a_host_that_many_share_is_listed_and_never_makes_a_finding_by_itself(
    make_log: MakeLog,
) -> None:
    host = "oss-cn-hangzhou.aliyuncs.com"
    assert {row.specificity for row in shipped_catalogue().entries_of_host(host)} == {"generic"}
    log = make_log(TRACK, contacts=[contact(host, bytes_up=9_000_000)])
    result = check(log)
    assert result.outcome is Outcome.NOT_ASSESSABLE
    (finding,) = result.findings
    assert finding.severity is Severity.REMARK
    assert "a host that many services share" in finding.summary


def test_endpoints_that_rest_on_a_guess_count_only_where_the_policy_says_so(
    make_log: MakeLog,
) -> None:
    log = make_log(TRACK, contacts=[contact("drone-logs.autelrobotics.com")])
    assert check(log).outcome is Outcome.NOT_ASSESSABLE
    brave = check(log, parameters={"low_confidence": True})
    assert brave.outcome is Outcome.FAIL


def test_a_host_is_one_finding_however_often_it_was_met(make_log: MakeLog) -> None:
    rows = [contact("mydjiflight.dji.com")] * 8
    (finding,) = check(make_log(TRACK, contacts=rows)).findings
    assert "known from 8 records of " in finding.summary
    assert len(finding.evidence) == 5


def test_much_sent_to_an_address_without_a_name_is_no_clean_flight() -> None:
    rows = [
        example_tls_contact(None, address="203.0.113.99", bytes_up=5_000_000),
        *[example_tls_contact("example.org")] * 4,
    ]
    flight, case = compliance_rules.build_example_flight_and_audit_context(
        compliance_rules.ExampleFlight(
            Outcome.PASS, "", **FLIGHT_FIELDS, context=example_network_log_as_context_fields(*rows)
        )
    )
    verdict = data_sync_result(flight, case)
    assert verdict.outcome is Outcome.NOT_ASSESSABLE
    assert "203.0.113.99" in verdict.reason
    local = [example_tls_contact(None, address="192.168.1.7", bytes_up=5_000_000)]
    flight, case = compliance_rules.build_example_flight_and_audit_context(
        compliance_rules.ExampleFlight(
            Outcome.PASS, "", **FLIGHT_FIELDS, context=example_network_log_as_context_fields(*local)
        )
    )
    assert data_sync_result(flight, case).outcome is Outcome.PASS


@pytest.mark.parametrize(("named", "outcome"), [(3, Outcome.PASS), (2, Outcome.NOT_ASSESSABLE)])
def test_silence_about_names_means_nothing_where_most_conversations_have_none(
    named: int, outcome: Outcome
) -> None:
    rows = [example_tls_contact(f"h{number}.example.org") for number in range(named)]
    rows += [example_tls_contact(None, address="203.0.113.99", bytes_up=10)]
    rows += [example_tls_contact(None, address="203.0.113.53", protocol="dns")] * 9
    flight, case = compliance_rules.build_example_flight_and_audit_context(
        compliance_rules.ExampleFlight(
            outcome, "", **FLIGHT_FIELDS, context=example_network_log_as_context_fields(*rows)
        )
    )
    verdict = data_sync_result(flight, case)
    assert verdict.outcome is outcome, verdict.reason


def test_the_aircrafts_own_picture_in_the_local_network_is_no_live_stream(
    make_log: MakeLog,
) -> None:
    own = [contact(None, address="192.168.42.1", port=554, protocol="rtsp", bytes_up=900_000)]
    assert check(make_log(TRACK, contacts=own), "live_stream").findings == ()
    abroad = [contact("tv.example.org", port=554, protocol="rtsp", bytes_up=1)]
    assert check(make_log(TRACK, contacts=abroad), "live_stream").outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("row", "exempt", "outcome"),
    [
        (example_tls_contact("flysafe-api.dji.com"), [], Outcome.FAIL),
        (example_tls_contact("flysafe-api.dji.com"), ["FLY_SAFE"], Outcome.PASS),
        (example_tls_contact("flysafe-api.dji.com"), ["RTK"], Outcome.FAIL),
        (example_tls_contact("mydjiflight.dji.com"), ["FIRMWARE_UPGRADE"], Outcome.NOT_ASSESSABLE),
        (
            example_tls_contact("mydjiflight.dji.com", path="/getfile/firmware"),
            ["FIRMWARE_UPGRADE"],
            Outcome.PASS,
        ),
        (
            example_tls_contact("mydjiflight.dji.com", path="/flight/upload"),
            ["FIRMWARE_UPGRADE"],
            Outcome.FAIL,
        ),
        (example_tls_contact("new-thing.dji.com"), [], Outcome.FAIL),
        (example_tls_contact("new-thing.dji.com"), ["RTK"], Outcome.NOT_ASSESSABLE),
        (example_tls_contact("events.mapbox.com"), [], Outcome.NOT_ASSESSABLE),
        (example_tls_contact("a.tiles.mapbox.com"), [], Outcome.PASS),
        (example_tls_contact("a.tiles.mapbox.com", app="dji.go.v4"), [], Outcome.FAIL),
        (example_tls_contact("mydjiflight.dji.com", app="com.android.chrome"), [], Outcome.PASS),
        (example_tls_contact("example.org"), [], Outcome.PASS),
        # The mode binds the app: whatever it talks to counts.
        (example_tls_contact("example.org", app="dji.go.v4"), [], Outcome.FAIL),
        (example_tls_contact(None, address="192.168.1.1", app="dji.go.v4"), [], Outcome.PASS),
    ],
)
def test_local_data_mode_holds_each_contact_against_the_module_of_its_role(
    row: dict[str, Any], exempt: list[str], outcome: Outcome
) -> None:
    flight, case = compliance_rules.build_example_flight_and_audit_context(
        compliance_rules.ExampleFlight(
            outcome, "", **FLIGHT_FIELDS, context=example_network_log_as_context_fields(row)
        )
    )
    rule = compliance_rules.rules_by_id()["local_data_mode"]
    parameters = rule.parameters.model_validate({"declared": True, "exempt": exempt})
    assert (
        rule.check(
            flight,
            parameters,
            compliance_rules.RuleInputs(rule=rule.id, context=case, severity=Severity.HIGH),
        ).outcome
        is outcome
    )


def test_a_module_or_category_that_does_not_exist_is_refused(make_log: MakeLog) -> None:
    for rule, parameters in (
        ("local_data_mode", {"exempt": ["EXPERIENCE_IMPROVEMENT"]}),
        ("third_party_sdk", {"allowed_categories": ["map"]}),
        ("data_sync_endpoint", {"categories": ["sync"]}),
        ("unknown_host", {"min_coverage": 1.5}),
    ):
        with pytest.raises(PolicyError, match=rule):
            check(make_log(TRACK), rule, parameters=parameters)


def test_many_unknown_hosts_are_counted_after_the_first_hundred() -> None:
    rows = [
        example_tls_contact(f"h{number}.example.org", time=120 + number) for number in range(150)
    ]
    flight, case = compliance_rules.build_example_flight_and_audit_context(
        compliance_rules.ExampleFlight(
            Outcome.FAIL, "", **FLIGHT_FIELDS, context=example_network_log_as_context_fields(*rows)
        )
    )
    rule = compliance_rules.rules_by_id()["unknown_host"]
    verdict = rule.check(
        flight,
        rule.parameters(),
        compliance_rules.RuleInputs(rule=rule.id, context=case, severity=Severity.REMARK),
    )
    assert len(verdict.findings) == 101
    assert verdict.findings[-1].summary.startswith("Contact with 50 further hosts")
    assert "unknown names 150" in verdict.reason
