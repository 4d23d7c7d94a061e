"""A log that is damaged may show less; it is no sign of anything but the damage."""

from pathlib import Path

import pytest

from dji_audit.api import audit
from dji_audit.compliance.outcomes import Outcome

LOGS = (
    "DJIFlightRecord_2026-05-14_[10-01-58].txt",
    "FLY042.DAT",
    "00000042.BIN",
    "2026-05-14 12-01-58.tlog",
    "log_42_2026-5-14-14-01-58.ulg",
)
#: What a damaged log does show: what is lost, and that it is.
ABOUT_DAMAGE = {"log_integrity", "log_completeness", "record_chain", "track_gap"}


def damaged(data: bytes, how: str) -> bytes:
    """Return the bytes of a log with a part lost, in a way that cards and copies lose it."""
    middle = len(data) // 2
    match how:
        case "cut short":
            return data[: len(data) * 6 // 10]
        case "zeroed sectors":
            return data[:middle] + bytes(4096) + data[middle + 4096 :]
        case _:
            return data[:middle] + data[middle + 20_000 :]


def failed_rules(path: Path) -> set[str]:
    """Return the rules that a log fails, on any of its flights."""
    results = audit([path], jobs=0).run.contents.results
    return {it.rule for it in results if it.outcome is Outcome.FAIL}


@pytest.mark.parametrize("name", LOGS)
def test_a_damaged_log_fails_no_rule_beyond_those_about_what_is_lost(
    sample_logs: Path, tmp_path: Path, name: str
) -> None:
    whole = sample_logs / name
    failed = failed_rules(whole)
    path = tmp_path / name
    for how in ("cut short", "zeroed sectors", "bytes removed"):
        path.write_bytes(damaged(whole.read_bytes(), how))
        # Where bytes are removed the header counts more than the little debris can explain.
        allowed = ABOUT_DAMAGE | ({"header_mismatch"} if how == "bytes removed" else set())
        now = failed_rules(path)
        assert now - failed <= allowed, how
        assert now & ABOUT_DAMAGE, how
