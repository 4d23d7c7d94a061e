"""The shared cases of values that nothing measured: they are missing, and one remark says so."""

from pathlib import Path

import pytest

import parsers
from parsers import Log
from tests.conftest import required


@pytest.mark.parametrize(
    ("case", "remark"),
    [
        ("dji_txt_near_zero_start", "105 OSD records hold a position near 0 N 0 E"),
        ("dji_txt_stale_start", "60 OSD records hold a position left over from another place"),
    ],
)
def test_a_flight_begins_where_the_aircraft_was(case: str, remark: str, samples: Path) -> None:
    log = read_case(samples, case, "*.txt")
    known = log.track.dropna(subset=["latitude_deg"])
    assert len(known) > 2900
    assert known.latitude_deg.between(39.96, 39.963).all()
    assert known.longitude_deg.between(-106.218, -106.214).all()
    assert [issue.reason[: len(remark)] for issue in log.issues] == [remark]


def test_a_photo_with_angles_of_0_keeps_its_heading_and_tells_no_view(samples: Path) -> None:
    log = read_case(samples, "dji_photo_gimbal_all_zero", "*.JPG")
    (row,) = log.track.itertuples()
    assert row.heading_deg == pytest.approx(360 - 101.7)
    assert (
        log.track[["gimbal_yaw_deg", "gimbal_pitch_deg", "gimbal_roll_deg"]].isna().all(axis=None)
    )
    assert len([issue for issue in log.issues if "exactly 0" in issue.reason]) == 1


def read_case(samples: Path, case: str, pattern: str) -> Log:
    folder = samples.parent / "cases" / case
    required(f"the case {case}", folder.is_dir())
    (path,) = folder.glob(pattern)
    return parsers.read(path)
