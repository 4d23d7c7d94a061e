"""Where an aircraft was at an event: by the nearest fix, if one is near in time."""

import numpy as np
import pandas as pd

from dji_audit.report.event_rows import MAX_FIX_AGE_S, FixIndexByTime
from tests.dji_audit.conftest import BEGIN, MakeLog


def rows_near(make_log: MakeLog, seconds: list[float | None], *asked: float | None) -> list[int]:
    track = make_log(
        {
            "time": seconds,
            "latitude_deg": 50.0 + np.arange(len(seconds)),
            "longitude_deg": np.zeros(len(seconds)),
        }
    ).track
    times = pd.Series(
        [pd.NaT if it is None else BEGIN + pd.Timedelta(seconds=it) for it in asked],
        dtype="datetime64[ns, UTC]",
    )
    return [int(row) for row in FixIndexByTime(track).row_numbers_nearest_to(times)]


def test_the_nearest_fix_is_taken(make_log: MakeLog) -> None:
    assert rows_near(make_log, [0.0, 1.0, 2.0], 0.4, 0.6, 2.0, -1.0, 3.0) == [0, 1, 2, 0, 2]
    # Of two as near, the earlier: the aircraft had not been at the other yet.
    assert rows_near(make_log, [0.0, 1.0], 0.5) == [0]


def test_a_fix_that_is_too_far_in_time_says_nothing(make_log: MakeLog) -> None:
    asked = (MAX_FIX_AGE_S, MAX_FIX_AGE_S + 0.001, 20 - MAX_FIX_AGE_S - 0.001, 20 - MAX_FIX_AGE_S)
    assert rows_near(make_log, [0.0, 20.0], *asked) == [0, -1, -1, 1]


def test_without_a_time_or_a_fix_nothing_is_known(make_log: MakeLog) -> None:
    assert rows_near(make_log, [0.0, 1.0], None) == [-1]
    assert rows_near(make_log, [None, None], 0.0) == [-1]
    assert rows_near(make_log, [], 0.0) == [-1]
