"""The services that units send their logs to are known by name in a capture beside a flight."""

import pytest

from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules import apply_rule_to_example, rules_by_id
from dji_audit.compliance.rules._shared._example_flights import (
    example_flight_with_contacts,
    example_tls_contact,
)
from dji_audit.compliance.rules._shared._rule import CheckResult

#: Operator -> a host of its log service.
LOG_SERVICES = {
    "Airdata": "app.airdata.com",
    "Airdata, its site": "airdata.com",
    "DroneLogbook": "www.dronelogbook.com",
    "Litchi": "flylitchi.com",
    "Dronelink": "app.dronelink.com",
    "DroneDeploy": "app.dronedeploy.com",
    "AirHub": "app.airhub.app",
    "DroneSense": "dronesense.com",
    "Flight Reader": "api.flightreader.com",
    "Kittyhawk": "app.kittyhawk.io",
    "PX4 flight review": "logs.px4.io",
}
#: Names that look like them and are other people's.
LOOK_ALIKES = (
    "airdata.com.example.org",
    "notairdata.com",
    "airdata.community",
    "flylitchi.com-login.net",
    "dronelink.example",
    "mydronedeploy.com",
    "dronesense.com.cdn.example.net",
    "flightreader.com.au",
    "www.gov.uk",
    "police.uk",
    "time.windows.com",
)


def result_with_upload_to(host: str) -> CheckResult:
    contact = example_tls_contact(host, time=1200, end=1260, bytes_up=3_000_000)
    return apply_rule_to_example(
        rules_by_id()["log_upload"],
        example_flight_with_contacts(Outcome.FAIL, "an upload", contact),
    )


@pytest.mark.parametrize("host", LOG_SERVICES.values(), ids=LOG_SERVICES)
def test_an_upload_to_a_log_service_fails_by_its_name(host: str) -> None:
    result = result_with_upload_to(host)
    assert result.outcome is Outcome.FAIL
    assert any(host in finding.summary for finding in result.findings)


@pytest.mark.parametrize("host", LOOK_ALIKES)
def test_a_host_with_a_name_like_theirs_does_not(host: str) -> None:
    assert result_with_upload_to(host).outcome is Outcome.PASS
