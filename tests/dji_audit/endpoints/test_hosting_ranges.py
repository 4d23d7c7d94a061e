"""An address without a name is told by the published range that holds it, and by nothing more."""

import csv
import datetime as dt
import ipaddress
import time
from importlib.resources import files

import pytest

from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules import apply_rule_to_example, rules_by_id
from dji_audit.compliance.rules._shared._example_flights import (
    example_flight_with_contacts,
    example_tls_contact,
)
from dji_audit.compliance.rules._shared._rule import CheckResult
from dji_audit.endpoints import hosting_range_of_ip_address

TEXT = (files("dji_audit") / "data" / "hosting_ranges.csv").read_text("utf-8")
ROWS = list(csv.DictReader(TEXT.splitlines()))
RANGES = [(ipaddress.ip_network(part), row) for row in ROWS for part in row["ranges"].split()]


@pytest.mark.parametrize(
    ("address", "company", "region"),
    [
        ("52.94.76.1", "Amazon Web Services", "us-west-2"),
        ("104.16.0.1", "Cloudflare", ""),
        ("34.64.32.1", "Google Cloud", "asia-northeast3"),
        ("2606:4700::1", "Cloudflare", ""),
    ],
)
def test_an_address_is_of_the_company_that_publishes_it(
    address: str, company: str, region: str
) -> None:
    found = hosting_range_of_ip_address(address)
    assert found is not None
    assert (found.company, found.region) == (company, region)
    assert "who used it is not shown" in found.address_owner_text
    assert str(found.as_of) in found.address_owner_text


@pytest.mark.parametrize(
    "address",
    [
        "192.0.2.1",
        "10.0.0.1",
        "2001:db8::1",
        "",
        "52.94.76",
        "amazonaws.com",
        "52.94.76.1.evil.org",
    ],
)
def test_other_addresses_and_names_are_of_none(address: str) -> None:
    assert hosting_range_of_ip_address(address) is None


def test_both_ends_of_a_range_are_in_it() -> None:
    for network, row in RANGES[::97]:
        for address in (network.network_address, network.broadcast_address):
            found = hosting_range_of_ip_address(str(address))
            assert found is not None
            assert found.company == row["company"], address


def test_no_range_belongs_to_two_companies_and_each_list_says_where_and_when() -> None:
    by_version: dict[int, list[tuple[int, int, str]]] = {4: [], 6: []}
    for network, row in RANGES:
        first, last = int(network.network_address), int(network.broadcast_address)
        by_version[network.version].append((first, last, row["company"]))
        assert network.is_global, network
    for spans in by_version.values():
        reached, holder = -1, ""
        for first, last, company in sorted(spans):
            assert first > reached or company == holder, company
            if last > reached:
                reached, holder = last, company
    for row in ROWS:
        assert dt.date.fromisoformat(row["as_of"])
        assert row["published_at"]


def test_a_hundred_thousand_addresses_take_no_longer_than_seconds() -> None:
    began = time.process_time()
    for number in range(100_000):
        hosting_range_of_ip_address(str(ipaddress.IPv4Address(0x34000000 + number * 641)))
    assert time.process_time() - began < 10


def unknown_host_result(address: str, **fields: object) -> CheckResult:
    contact = example_tls_contact(
        None, address=address, time=1200, end=1260, bytes_up=3_000_000, **fields
    )
    return apply_rule_to_example(
        rules_by_id()["unknown_host"],
        example_flight_with_contacts(Outcome.FAIL, "an address without a name", contact),
    )


def test_a_finding_tells_the_hosting_company_and_that_it_is_not_the_user() -> None:
    (finding,) = unknown_host_result("52.94.76.1").findings
    assert "a name that Amazon Web Services lists as its own (region us-west-2" in finding.summary
    assert "who used it is not shown" in finding.summary
    assert "bytes sent" in finding.summary


def test_a_finding_says_that_no_list_holds_an_address_and_which_app_used_it() -> None:
    (finding,) = unknown_host_result("198.51.100.7", app="dji.go.v5").findings
    assert "in no range that a hosting company publishes; used by dji.go.v5" in finding.summary
