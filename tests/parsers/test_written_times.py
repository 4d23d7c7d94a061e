"""Times as spreadsheets and web pages write them become ISO 8601 only where they are certain."""

import pytest

from parsers._shared._written_times import iso_8601_from_written_time


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14.05.2026 09:01:58", "2026-05-14T09:01:58"),
        ("04.05.2026, 9:01", "2026-05-04T09:01:00"),
        ("14/05/2026, 09:01:58.25", "2026-05-14T09:01:58.25"),
        ("5/14/2026 9:01:58 PM", "2026-05-14T21:01:58"),
        ("5/14/2026 12:01 a.m.", "2026-05-14T00:01:00"),
        ("14-May-2026 09:01:58 UTC", "2026-05-14T09:01:58Z"),
        ("14 Sept 2026 09:01:58 +01:00", "2026-09-14T09:01:58+01:00"),
        ("05/05/2026 09:01", "2026-05-05T09:01:00"),
        # Either way round: as it is.
        ("04/05/2026 09:01", "04/05/2026 09:01"),
        ("2026-05-14 09:01:58", "2026-05-14 09:01:58"),
        ("14 Foo 2026 09:01:58", "14 Foo 2026 09:01:58"),
        ("1,77875E+12", "1,77875E+12"),
        ("", ""),
    ],
)
def test_a_written_time_becomes_iso_8601(text: str, expected: str) -> None:
    assert iso_8601_from_written_time(text) == expected
