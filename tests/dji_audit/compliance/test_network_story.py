"""The synthetic captures, joined to the synthetic flight, come to exactly what the story tells."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from dji_audit.compliance.audit import FlightAudit, audit_flight, rule_and_parameters_of_entry
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Policy, PolicyParameterValueAndSource, load_policy
from dji_audit.compliance.rules._shared._network_rules import NetworkRuleParameters
from dji_audit.flights import Flight, assemble_flights
from dji_audit.report.network_contact_rows import contact_rows_of_flight
from sample_logs.network_story import DEVICE

Audit = Callable[..., FlightAudit]
UPLOADED = ("high", "probable_upload", "mydjiflight.dji.com")
BLOCKED = ("remark", "attempted", "statistical-report.djiservice.org")
MAP = ("low", "contact", "a.tiles.mapbox.com")
STREAM = ("remark", "attempted", "198.51.100.77")
MARKS = [("remark", "indicator", None), ("remark", "indicator", None)]


@pytest.fixture(scope="module")
def network_logs(sample_logs: Path) -> Path:
    return sample_logs / "network"


@pytest.fixture(scope="module")
def router(network_logs: Path) -> parsers.Log:
    return parsers.read(network_logs / "2026-05-14_router_wlan0.pcap")


def policy(**parameters: Any) -> Policy:
    """Return the rules about the network of the default pack, with some other parameters."""
    whole = load_policy()
    given = {
        name: PolicyParameterValueAndSource(value=value, source="x")
        for name, value in parameters.items()
    }
    rules = {
        name: entry.model_copy(update={"parameters": entry.parameters | given})
        for name, entry in whole.rules.items()
        if isinstance(rule_and_parameters_of_entry(entry)[1], NetworkRuleParameters)
    }
    return replace(whole, rules=rules)


@pytest.fixture(scope="module")
def audit(flight: Flight) -> Audit:
    def of(*logs: parsers.Log, **parameters: Any) -> FlightAudit:
        return audit_flight(
            flight, policy(**parameters), AuditContext(network=logs, devices=(DEVICE,))
        )

    return of


def outcomes(audit: FlightAudit) -> Mapping[str, str]:
    return {result.rule: result.outcome.value for result in audit.results}


def findings(audit: FlightAudit, rule: str) -> list[tuple[str, str, str | None]]:
    (result,) = (one for one in audit.results if one.rule == rule)
    return [(one.severity.value, one.grade, one.subject) for one in result.findings]


def test_two_hours_of_a_window_of_a_day_show_the_upload_and_pass_nothing(
    audit: Audit, router: parsers.Log, flight: Flight
) -> None:
    told = audit(router)
    assert outcomes(told) == {
        "data_sync_endpoint": "fail",
        "live_stream": "not_assessable",
        "local_data_mode": "not_applicable",
        "log_upload": "not_assessable",
        "rtk_position_disclosure": "not_assessable",
        "third_party_sdk": "fail",
        "unknown_host": "fail",
    }
    assert findings(told, "data_sync_endpoint") == [UPLOADED, BLOCKED, *MARKS]
    assert findings(told, "third_party_sdk") == [MAP]
    (synced,) = (one for one in told.results if one.rule == "data_sync_endpoint")
    # The rule fails by the upload alone; what was blocked, and marks, break nothing.
    assert [synced.outcome_of_finding(one) for one in synced.findings] == [
        "fail", *["remark"] * len((BLOCKED, *MARKS))
    ]  # fmt: skip
    assert findings(told, "live_stream") == [STREAM]
    assert findings(told, "log_upload") == []
    assert findings(told, "rtk_position_disclosure") == []
    assert findings(told, "unknown_host") == [
        ("low", "contact", "192.0.2.1"),
        ("low", "contact", "198.51.100.99"),
        ("low", "contact", "time.android.com"),
    ]
    assert flight.takeoff is not None
    assert flight.landing is not None
    begin = flight.takeoff - pd.Timedelta(minutes=10)
    end = flight.landing + pd.Timedelta(hours=24)
    # Its packets show that it recorded at times within these two hours, and not throughout.
    spanned = (pd.Timestamp("2026-05-14T10:39:30.05Z") - begin) / (end - begin)
    (share,) = {one.coverage for one in told.results if one.coverage is not None}
    assert 0 < share < spanned
    assert told.network is not None
    intervals = told.network.coverage.intervals
    assert share == pytest.approx(sum((b - a) / (end - begin) for a, b in intervals))
    for result in told.results:
        if result.outcome is Outcome.NOT_ASSESSABLE:
            assert result.observations[0].intervals == intervals


def test_the_upload_is_shown_by_its_bytes(audit: Audit, router: parsers.Log) -> None:
    (finding,) = (one for one in audit(router).findings if one.grade == "probable_upload")
    assert finding.summary.endswith(
        ": 3,145,728 bytes sent, for 42 s from 09:31:29 UTC, 20 min after the flight; "
        "matched to this flight by its time and by the maker DJI; known from "
        "2026-05-14_router_wlan0.pcap (tls.server_name)."
    )
    (part,) = finding.evidence
    assert (part.file, part.record) == (router.source.name, "tls.server_name")
    assert part.sha256 == router.source.sha256
    # The packet at that offset holds the name.
    assert part.offset in set(router.contacts["source_offset"])


def test_within_a_window_that_was_watched_whole_silence_passes(
    audit: Audit, router: parsers.Log
) -> None:
    sparse = outcomes(audit(router, after_landing_s=3600.0))
    assert sparse["live_stream"] == "not_assessable"
    told = audit(recorded_throughout(router), after_landing_s=3600.0)
    assert outcomes(told) == {
        "data_sync_endpoint": "fail",
        "live_stream": "pass",
        "local_data_mode": "not_applicable",
        "log_upload": "pass",
        "rtk_position_disclosure": "pass",
        "third_party_sdk": "fail",
        "unknown_host": "fail",
    }
    resting = [one.observations for one in told.results if one.observations]
    # Recorded throughout; one of six conversations has no name.
    assert {tuple(each.share for each in both) for both in resting} == {(1.0, 1 - 1 / 6)}


def recorded_throughout(log: parsers.Log) -> parsers.Log:
    """Return a capture whose packets follow one another from its first to its last."""
    window = log.capture_window
    assert window is not None
    assert window.start is not None
    assert window.end is not None
    times = parsers.NetworkRecordingTimes(
        (parsers.NetworkRecordingInterval(window.start, window.end, 9_000),), 60.0, 9_000
    )
    whole = replace(window, recorded=times, by_device={DEVICE: times})
    return replace(log, capture_window=whole)


def cut(path: Path, until: str, folder: Path) -> parsers.Log:
    """Return a capture without the packets from an instant on."""
    data = path.read_bytes()
    end = pd.Timestamp(until).timestamp()
    place = 24
    while True:
        seconds, micros, size, _ = struct.unpack_from("<IIII", data, place)
        if seconds + micros / 1e6 >= end:
            break
        place += 16 + size
    short = folder / path.name
    short.write_bytes(data[:place])
    return parsers.read(short)


def test_a_capture_that_is_cut_before_landing_leaves_everything_open(
    audit: Audit, router: parsers.Log, network_logs: Path, tmp_path: Path
) -> None:
    short = cut(network_logs / router.source.name, "2026-05-14T09:10:00Z", tmp_path)
    for more in ({}, {"after_landing_s": 3600.0}):
        told = audit(short, **more)
        assert outcomes(told)["data_sync_endpoint"] == "not_assessable"
        assert findings(told, "data_sync_endpoint") == [BLOCKED, *MARKS]
        assert Outcome.PASS.value not in outcomes(told).values()


def test_the_app_is_named_where_the_capture_names_it(audit: Audit, network_logs: Path) -> None:
    own = parsers.read(network_logs / "PCAPdroid_14_May_09_40_11.pcapng")
    told = audit(own)
    assert findings(told, "data_sync_endpoint") == [UPLOADED, BLOCKED, *MARKS]
    (finding,) = (one for one in told.findings if one.rule == "third_party_sdk")
    assert ", by dji.go.v4," in finding.summary


def test_decrypted_traffic_confirms_the_upload_and_covers_nothing(
    audit: Audit, network_logs: Path
) -> None:
    for name in ("tablet.har", "tablet.mitm"):
        told = audit(parsers.read(network_logs / name), after_landing_s=3600.0)
        strongest = findings(told, "data_sync_endpoint")[0]
        assert strongest == ("high", "confirmed_upload", "mydjiflight.dji.com")
        assert {one.coverage for one in told.results} == {None, 0.0}
        assert outcomes(told)["log_upload"] == "not_assessable"


def test_look_ups_name_the_conversations_that_another_log_saw(
    audit: Audit, network_logs: Path
) -> None:
    flows, lookups = (parsers.read(network_logs / name) for name in ("conn.log", "dns.log"))
    bare = audit(flows, after_landing_s=3600.0)
    assert findings(bare, "data_sync_endpoint") == MARKS
    together = audit(flows, lookups, after_landing_s=3600.0)
    assert findings(together, "data_sync_endpoint") == [UPLOADED, BLOCKED, *MARKS]
    (finding,) = (one for one in together.findings if one.grade == "probable_upload")
    files = {part.file for part in finding.evidence}
    assert files == {"conn.log", "dns.log"}


def test_every_log_of_the_story_together_says_nothing_more(
    audit: Audit, network_logs: Path
) -> None:
    logs = [parsers.read(path) for path in sorted(network_logs.iterdir())]
    told = audit(*logs)
    assert findings(told, "data_sync_endpoint") == [
        ("high", "confirmed_upload", "mydjiflight.dji.com"), BLOCKED, *MARKS,
    ]  # fmt: skip
    (upload,) = (one for one in told.findings if one.grade == "confirmed_upload")
    assert "3,145,728 bytes sent" in upload.summary


def test_the_mark_of_a_ground_station_confirms_the_upload_of_its_log_and_of_no_other(
    sample_logs: Path, network_logs: Path, flight: Flight
) -> None:
    log = parsers.read(sample_logs / "log_42_2026-5-14-14-01-58.ulg")
    mark = parsers.read(network_logs / "log_42_2026-5-14-14-01-58.uploaded")
    settings = parsers.read(network_logs / "QGroundControl.ini")
    case = AuditContext(network=(mark, settings))
    told = audit_flight(assemble_flights(log)[0], policy(), case)
    assert findings(told, "log_upload") == [
        ("medium", "confirmed_upload", "QGroundControl"),
        ("remark", "indicator", "logs.px4.io"),
    ]
    assert findings(told, "rtk_position_disclosure") == [
        ("remark", "indicator", "caster.example.org")
    ]
    assert outcomes(told)["log_upload"] == "fail"
    other = audit_flight(flight, policy(), case)
    assert findings(other, "log_upload") == [("remark", "indicator", "logs.px4.io")]
    assert outcomes(other)["log_upload"] == "not_assessable"


def test_the_auditors_own_contact_stands_beside_the_flight_and_is_no_finding(
    sealed: Path, network_logs: Path, flight: Flight
) -> None:
    trail = parsers.read(network_logs / "keychains.json.disclosed.jsonl")
    told = audit_flight(
        assemble_flights(parsers.read(sealed))[0], policy(), AuditContext(network=(trail,))
    )
    assert told.network is not None
    assert told.network.auditor is not None
    assert told.network.auditor.rows["claim"].tolist() == ["attempted", "contact"]
    assert {finding.grade for finding in told.findings} <= {"indicator"}
    assert told.network.coverage.insufficient_reason.endswith(
        "which computers the devices contacted."
    )
    (row,) = (row for row in contact_rows_of_flight(told) if row.contacted_by == "auditor")
    assert (row.host, row.claim, list(row.categories)) == (
        "dev.dji.com", "contact", ["log_decrypt"],
    )  # fmt: skip
    other = audit_flight(flight, policy(), AuditContext(network=(trail,)))
    assert other.network is not None
    assert other.network.auditor is None
