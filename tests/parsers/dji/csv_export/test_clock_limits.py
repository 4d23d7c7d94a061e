"""The numbers of the clocks of tables: stamps, years, and the fit of a finer count."""

import numpy as np
import pandas as pd
import pytest

from parsers.dji.csv_export import _clock

SECOND_NS = 10**9


def parsed(*texts: str) -> list[str]:
    instants = _clock._parse_datetimes_ns(pd.Series(texts, dtype="str"))
    return [
        "" if ns == _clock.NAT else str(np.datetime64(int(ns), "ns").astype("datetime64[s]"))
        for ns in instants.tolist()
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2010-01-01 00:00:00", ""),
        ("2010-01-01 00:00:01", "2010-01-01T00:00:01"),
        ("2099-12-31 23:59:59", "2099-12-31T23:59:59"),
        ("2100-01-01 00:00:00", ""),
        ("2018-06-21 24:00:00", ""),
        ("2018-06-21 10:60:00", ""),
        ("2018-06-21 10:00:60.9", "2018-06-21T10:01:00"),
        ("2018-06-21 10:00:61", ""),
        ("6/21/2018 12:30:00 PM", "2018-06-21T12:30:00"),
        ("6/21/2018 12:30:00 AM", "2018-06-21T00:30:00"),
        ("6/21/2018 1:30:00 PM", "2018-06-21T13:30:00"),
        # Twelve can be a month and is one; thirteen is a day.
        ("12/5/2018 10:00:00", "2018-12-05T10:00:00"),
        ("13/5/2018 10:00:00", "2018-05-13T10:00:00"),
        ("31/5/2018 10:00:00", "2018-05-31T10:00:00"),
    ],
)
def test_a_stamp_is_read_up_to_its_limits(text: str, expected: str) -> None:
    assert parsed(text) == [expected]


def fitted(offsets_s: list[float]) -> _clock.RowTimes:
    """Return the times of rows, a second apart, that miss their stamps by some seconds."""
    count = np.arange(len(offsets_s), dtype=np.float64)
    stamps = np.array([(1_600_000_000 + n + off) * 1e9 for n, off in enumerate(offsets_s)])
    return _clock._fine_count_times("UTC", np.round(stamps).astype(np.int64), count)


def first_s(times: _clock.RowTimes) -> float:
    return float(times.utc_ns[0] - 1_600_000_000 * SECOND_NS) / SECOND_NS


def test_the_greatest_offset_within_three_seconds_counts() -> None:
    assert first_s(fitted([0.0] * 10 + [3.0])) == 3
    assert first_s(fitted([0.0] * 10 + [3.5])) == 0
    assert first_s(fitted([0.0] * 10 + [-3.0])) == 0


def test_nine_rows_of_ten_must_follow_the_count() -> None:
    assert first_s(fitted([0.5] * 9 + [60.0])) == 0.5
    loose = fitted([0.5] * 8 + [60.0] * 2)
    assert "do not follow its own counter" in loose.clock.notes[0]
    assert loose.utc_ns[-1] == (1_600_000_000 + 9 + 60) * SECOND_NS


def test_what_the_whole_seconds_leave_open_is_the_uncertainty() -> None:
    assert fitted([0.0, 0.4, 0.2]).clock.uncertainty_s == pytest.approx(0.6)
    assert fitted([0.0, 2.0, 0.0]).clock.uncertainty_s == 0.0
    assert fitted([0.0, 0.4, 0.2]).clock.offset_s == pytest.approx(1_600_000_000.4)
