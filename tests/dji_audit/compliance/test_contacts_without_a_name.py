"""A conversation that nothing names is told by a published range, or by app and bytes alone."""

import struct
from dataclasses import replace
from pathlib import Path

import pytest

import parsers
from dji_audit.compliance.audit import FlightAudit, audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Policy, PolicyParameterValueAndSource, load_policy
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page._network_contacts import network_section_html_and_host_count
from dji_audit.mapper.html._times import TimeZone
from dji_audit.report.network_contact_rows import contact_rows_of_flight
from sample_logs import network_wire as wire
from tests.parsers.network import captures_made as made

#: An address that Amazon publishes, and one for documentation that nobody does.
HOSTED, UNPUBLISHED = "52.94.76.1", "203.0.113.9"
AT = 3600.0


@pytest.fixture(scope="module")
def unnamed_contact_policy() -> Policy:
    whole = load_policy()
    names = ("unknown_host", "live_stream", "log_upload")
    return replace(whole, rules={name: whole.rules[name] for name in names})


def capture(packets: list[bytes]) -> parsers.Log:
    frames = [
        made.record(made.ethernet(one), AT + number * 0.1) for number, one in enumerate(packets)
    ]
    return made.read(made.header() + b"".join(frames))


def tls_without_name(server: str, more: bytes = b"") -> parsers.Log:
    talk = made.Connection(server=server)
    hello = made.client_hello(None, more)
    return capture([*talk.opened(), talk.up(hello), talk.down(b"\x16\x03\x03")])


def audited(log: parsers.Log, flight: Flight, policy: Policy) -> FlightAudit:
    return audit_flight(flight, policy, AuditContext(network=(log,), devices=(made.DEVICE,)))


def summaries(audit: FlightAudit, rule: str) -> list[str]:
    (result,) = (one for one in audit.results if one.rule == rule)
    return [finding.summary for finding in result.findings]


def test_tls_without_a_name_is_told_by_the_published_range(
    flight: Flight, unnamed_contact_policy: Policy
) -> None:
    audit = audited(tls_without_name(HOSTED), flight, unnamed_contact_policy)
    (summary,) = summaries(audit, "unknown_host")
    assert f"{HOSTED}, an address without a name that Amazon Web Services lists" in summary
    assert "who used it is not shown" in summary


def test_a_name_hidden_by_ech_is_no_name(flight: Flight, unnamed_contact_policy: Policy) -> None:
    # Extension encrypted_client_hello (0xfe0d), outer form; the inner name is not readable.
    ech = struct.pack(">HH", 0xFE0D, 12) + b"\x00" * 12
    log = tls_without_name(HOSTED, ech)
    assert log.contacts.host.isna().all()
    (row,) = contact_rows_of_flight(audited(log, flight, unnamed_contact_policy))
    assert (row.host, row.has_name, row.operators) == (HOSTED, False, ())
    assert row.hosting.startswith("an address that Amazon Web Services lists as its own")


def test_an_address_in_no_published_range_is_said_to_be_so(
    flight: Flight, unnamed_contact_policy: Policy
) -> None:
    audit = audited(tls_without_name(UNPUBLISHED), flight, unnamed_contact_policy)
    (summary,) = summaries(audit, "unknown_host")
    assert "an address without a name, in no range that a hosting company publishes" in summary
    (row,) = contact_rows_of_flight(audit)
    assert row.hosting == ""


def test_a_range_makes_no_host_of_the_catalogue_and_breaks_no_other_rule(
    flight: Flight, unnamed_contact_policy: Policy
) -> None:
    audit = audited(tls_without_name(HOSTED), flight, unnamed_contact_policy)
    outcomes = {result.rule: result.outcome for result in audit.results}
    assert outcomes["unknown_host"] is Outcome.FAIL
    assert Outcome.FAIL not in (outcomes["log_upload"], outcomes["live_stream"])


def test_a_stream_to_an_address_tells_who_lets_it_out(
    flight: Flight, unnamed_contact_policy: Policy
) -> None:
    talk = made.Connection(port=1935, server=HOSTED)
    video = [talk.up(b"\x03" + b"v" * 1300) for _ in range(120)]
    log = capture([*talk.opened(), *video, talk.down(b"\x03", wire.ACK)])
    audit = audited(log, flight, unnamed_contact_policy)
    told = summaries(audit, "live_stream")
    assert any(
        "by rtmp" in one and "an address that Amazon Web Services lists" in one for one in told
    )


def test_the_page_tells_the_range_below_the_address(
    flight: Flight, unnamed_contact_policy: Policy
) -> None:
    audit = audited(tls_without_name(HOSTED), flight, unnamed_contact_policy)
    html, count = network_section_html_and_host_count(
        audit.network, flight, TimeZone("UTC", ((0, 0, "UTC"),))
    )
    assert count == 1
    assert "an address without a name that Amazon Web Services lists as its own" in html


def test_bytes_of_an_app_alone_are_told_as_app_and_bytes(flight: Flight, sample_logs: Path) -> None:
    whole = load_policy()
    entry = whole.rules["local_data_mode"]
    declared = {"declared": PolicyParameterValueAndSource(value=True, source="the unit")}
    entry = entry.model_copy(update={"parameters": entry.parameters | declared})
    # Android's statistics of network use: apps with their bytes, and no computer.
    log = parsers.read(sample_logs / "network" / "netstats.txt")
    assert log.contacts.address.isna().all()
    policy = replace(whole, rules={"local_data_mode": entry})
    audit = audit_flight(flight, policy, AuditContext(network=(log,)))
    told = summaries(audit, "local_data_mode")
    assert told
    for summary in told:
        assert "an app whose log names no computer, so that only app and bytes are known" in summary
        assert "bytes sent" in summary
