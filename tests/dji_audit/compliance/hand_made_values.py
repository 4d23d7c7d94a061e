"""Values of logs made by hand, for several tests of rules: clocks, losses, watched times."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dji_audit.compliance.network._network_watched_times import NetworkWatchedTimes
from dji_audit.compliance.rules.log_integrity import _DataLossOfLog
from parsers import OtherClockReadings
from tests.dji_audit.conftest import BEGIN


def other_clock(ahead_s: Sequence[float], **fields: Any) -> OtherClockReadings:
    """Return the clock of a ground station that is ahead by so many seconds, second by second."""
    own_s = BEGIN.value / 1e9 + np.arange(float(len(ahead_s)))
    values: dict[str, Any] = {
        "name": "the clock of the ground station", "record": "frame", "field": "time stamp",
        "offsets": np.arange(100, 100 + 10 * len(own_s), 10), "own_s": own_s,
        "other_s": own_s + np.array(ahead_s), "can_be_set": True,
    }  # fmt: skip
    return OtherClockReadings(**values | fields)


def data_loss(*, airborne_size: int, **fields: Any) -> _DataLossOfLog:
    """Return no loss at all, of a log with so many bytes written in the air."""
    values: dict[str, Any] = {
        "issues": (), "byte_count": 0, "airborne_byte_count": 0, "airborne_size": airborne_size,
        "missing_share": 0.0, "missing_text": "", "longest_step_s": None, "step_start": None,
        "is_cut_short": False, "ends_airborne": False, "broken_off_count": 0,
        "breaks_off_airborne": False, "last_height_m": None, "is_air_known": True,
        "is_media": False,
    }  # fmt: skip
    return _DataLossOfLog(**values | fields)


def watched(*rows: tuple[float, float, float]) -> NetworkWatchedTimes:
    """Return when the network was watched, by begin, end and share that was understood."""
    table = np.array(rows, np.float64).reshape(-1, 3)
    return NetworkWatchedTimes(table[:, :2], table[:, 2])
