"""What the texts of a telemetry log are taken for."""

import pytest

from parsers.mavlink.tlog._status_text import status_text_event_kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Radio Failsafe - Continuing", "failsafe"),
        ("GCS Fail-safe", "failsafe"),
        ("Battery 1 failsafe: after PrecLand", "failsafe"),
        ("GCS Failsafe Cleared", "warning"),
        ("PrecLand: Failsafe Measures", "warning"),
        ("PrecLand: Retrying", "warning"),
    ],
)
def test_only_a_fail_safe_of_the_vehicle_is_one(text: str, kind: str) -> None:
    assert status_text_event_kind(text, 4) == kind
