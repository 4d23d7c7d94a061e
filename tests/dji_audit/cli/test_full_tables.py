"""The tables of ``--all``: each finding is a sentence."""

from dataclasses import replace

import pytest

from dji_audit.cli.audit._print_all_tables import finding_table
from tests.dji_audit.cli.test_summary import finding


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        ("no fix in the air for 9.0 s", "No fix in the air for 9.0 s."),
        ("Beyond the fence by 7.0 m.", "Beyond the fence by 7.0 m."),
        ("flight.txt lacks 40 bytes", "flight.txt lacks 40 bytes."),
    ],
)
def test_a_finding_begins_with_a_capital_and_ends_with_a_full_stop(
    summary: str, shown: str
) -> None:
    (_, row) = finding_table([replace(finding(1, "rule"), summary=summary)], 200).splitlines()
    assert row.endswith(f"  {shown}")
