"""The time zone of a position, from boundaries in a package."""

import math
from zoneinfo import ZoneInfo

import pytest
import tzfpy

from dji_audit.basemap import UnknownTimeZoneNameError, time_zone_at


@pytest.mark.parametrize(
    ("position", "zone"),
    [((51.455, 0.78), "Europe/London"), ((-22.26, 166.46), "Pacific/Noumea"),
     ((-17.3, 179.999), "Pacific/Fiji"), ((-17.3, -180.001), "Pacific/Fiji"),
     ((64.15, -21.94), "Atlantic/Reykjavik"), ((39.74, -104.99), "America/Denver"),
     ((-51.7, -57.85), "Atlantic/Stanley"), ((0.0, -150.0), "Etc/GMT+10"),
     ((90.0, 0.0), "Etc/GMT"), ((27.7, 85.3), "Asia/Kathmandu")],
)  # fmt: skip
def test_a_position_has_the_time_zone_of_its_place(
    position: tuple[float, float], zone: str
) -> None:
    assert time_zone_at(*position) == zone
    ZoneInfo(zone)


@pytest.mark.parametrize("position", [(math.nan, 0.0), (0.0, math.inf), (-91.0, 0.0)])
def test_what_is_not_on_earth_has_no_time_zone(position: tuple[float, float]) -> None:
    assert time_zone_at(*position) is None


def test_a_zone_that_the_computer_does_not_know_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tzfpy, "get_tz", lambda longitude, latitude: "Europe/Nowhere")
    with pytest.raises(UnknownTimeZoneNameError, match="Europe/Nowhere"):
        time_zone_at(50.0, 0.0)


def test_every_zone_of_the_boundaries_is_in_the_time_zone_database() -> None:
    for name in tzfpy.timezonenames():
        ZoneInfo(name)
