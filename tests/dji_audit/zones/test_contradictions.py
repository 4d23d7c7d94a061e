"""What a zone file states wrongly never makes a zone silently inactive or empty."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

import parsers
from dji_audit.zones import (
    ActivePeriod,
    Circle,
    Limit,
    VerticalDatum,
    ZoneFile,
    ZoneIndex,
    find_zone_crossings,
    lint_zone_file,
    read_zone_content,
    zones_at_position,
)
from dji_audit.zones.engine._active_intervals import active_intervals
from tests.dji_audit.zones.made import make_track, zone

NOON = dt.datetime(2026, 5, 14, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
HERE = Circle((51.0, -1.0), 500.0)


def always(*periods: ActivePeriod) -> bool:
    """Return whether a zone with some periods is active throughout a flight of 100 s."""
    area = zone(HERE, schedule=periods, schedule_stated=True)
    start = np.datetime64("2026-05-14T12:00:00", "ns")
    return bool(
        active_intervals(area, (51.0, -1.0), start, 100.0).certain.tolist() == [[0.0, 100.0]]
    )


@pytest.mark.parametrize(
    "period",
    [
        ActivePeriod(NOON + HOUR, NOON - HOUR),
        ActivePeriod(NOON - 2 * HOUR, NOON - 3 * HOUR),
        ActivePeriod(NOON + HOUR, NOON + HOUR),
        ActivePeriod(NOON - HOUR, dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)),
        ActivePeriod(dt.datetime(1, 1, 1, tzinfo=dt.UTC), NOON + HOUR),
        ActivePeriod(
            NOON - HOUR,
            dt.datetime(9999, 12, 31, 23, tzinfo=dt.timezone(dt.timedelta(hours=-12))),
        ),
        ActivePeriod(None, dt.datetime(2262, 4, 12, tzinfo=dt.UTC)),
    ],
)
def test_a_period_that_contradicts_itself_or_has_no_end_does_not_hide_a_zone(
    period: ActivePeriod,
) -> None:
    assert always(period)
    assert always(ActivePeriod(NOON - 5 * HOUR, NOON - 4 * HOUR), period)


@pytest.mark.parametrize(
    "period",
    [
        ActivePeriod(NOON - 3 * HOUR, NOON - 2 * HOUR),
        ActivePeriod(NOON + 2 * HOUR, None),
        ActivePeriod(None, NOON - HOUR),
        ActivePeriod(dt.datetime(9000, 1, 1, tzinfo=dt.UTC), None),
    ],
)
def test_a_period_at_another_time_is_another_time(period: ActivePeriod) -> None:
    assert not always(period)


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        (Limit(VerticalDatum.AMSL, 400, "ft"), Limit(VerticalDatum.AMSL, 300, "ft")),
        (Limit(VerticalDatum.AMSL, 100, "m"), Limit(VerticalDatum.AMSL, 100, "m")),
        (Limit(VerticalDatum.AGL, 0, "m"), Limit(VerticalDatum.AGL, 0, "m")),
        (Limit(VerticalDatum.SURFACE), Limit(VerticalDatum.SURFACE)),
        (Limit(VerticalDatum.UNLIMITED), Limit(VerticalDatum.UNLIMITED)),
    ],
)
def test_limits_without_a_height_between_them_are_undetermined_and_never_clear(
    lower: Limit, upper: Limit
) -> None:
    area = zone(HERE, lower=lower, upper=upper)
    track = make_track([(51.0, -1.0)] * 5, altitude_amsl_m=200.0, height_agl_m=50.0)
    result = find_zone_crossings(track, ZoneIndex((area,)))
    assert not result.crossings
    assert {period.reason for period in result.undetermined} == {area.limits_fault}
    height = Limit(VerticalDatum.AMSL, 200, "m")
    (answer,) = zones_at_position(ZoneIndex((area,)), (51.0, -1.0), height, NOON)
    assert (answer.within, answer.reason) == (None, area.limits_fault)


def test_limits_that_can_be_right_are_compared() -> None:
    limits = (Limit(VerticalDatum.AMSL, 100, "ft"), Limit(VerticalDatum.AMSL, 1000, "ft"))
    area = zone(HERE, lower=limits[0], upper=limits[1])
    assert not area.limits_fault
    # Of different datums it cannot be told which is higher.
    assert not replace(area, upper=Limit(VerticalDatum.AGL, 50, "ft")).limits_fault
    track = make_track([(51.0, -1.0)] * 5, altitude_amsl_m=200.0)
    assert find_zone_crossings(track, ZoneIndex((area,))).crossings


def remarks_of(text: str) -> list[str]:
    file = read_zone_content(parsers.Content("zones", text.encode()))
    return [remark.text for remark in lint_zone_file(file)]


AREA = "AC R\nAN A\nAL GND\nAH 400ft AGL\n{}V X=51:00:00N 001:00:00W\nDC 1\n"


def test_lint_names_times_and_limits_that_contradict_themselves() -> None:
    backwards = remarks_of(AREA.format("AA 2025-01-02T14:00Z/2025-01-01T15:00Z\n"))
    assert (
        "its activity ends before it begins (2025-01-02 14:00 to 2025-01-01 15:00): treated as "
        "always active"
    ) in backwards
    turned = remarks_of(AREA.format("").replace("AL GND", "AL 500ft AGL"))
    assert (
        "its lower limit 500 ft AGL is not below its upper limit 400 ft AGL: a flight in this zone "
        "cannot be assessed"
    ) in turned


def ed318(metadata: str) -> str:
    text = (
        '{"type": "FeatureCollection", "metadata": {METADATA}, "features": [{"type": "Feature", '
        '"properties": {"identifier": "A", "country": "SWE", "type": "PROHIBITED", '
        '"variant": "COMMON", "zoneAuthority": [{"purpose": "INFORMATION"}]}, '
        '"geometry": {"type": "Polygon", "coordinates": [[[16,59],[16.1,59],[16.1,59.1],[16,59]]]}'
        "}]}"
    )
    return text.replace("METADATA", metadata)


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        (
            '"validFrom": "2026-08-13T10:00:00Z", "validTo": "2026-08-13T11:00:00Z"',
            "is valid for 1 h only (from 2026-08-13 10:00 to 2026-08-13 11:00 UTC): its zones are "
            "compared with every flight, but it is current only for flights in that time",
        ),
        (
            '"validFrom": "2026-08-13T12:00:00+02:00", "validTo": "2026-08-13T11:30:00Z"',
            "is valid for 1.5 h only (from 2026-08-13 10:00 to 2026-08-13 11:30 UTC): its zones "
            "are compared with every flight, but it is current only for flights in that time",
        ),
        (
            '"validFrom": "2026-08-13T10:00:00Z", "validTo": "2026-08-12T10:00:00Z"',
            "its validity ends before it begins (from 2026-08-13 10:00 to 2026-08-12 10:00 UTC): "
            "it is current for no flight",
        ),
    ],
)
def test_lint_names_a_file_that_is_valid_for_an_hour_or_never(metadata: str, told: str) -> None:
    assert told in remarks_of(ed318(metadata))


def test_a_file_that_is_valid_for_a_month_is_not_remarked_on() -> None:
    month = '"validFrom": "2026-08-13T10:00:00Z", "validTo": "2026-09-10T10:00:00Z"'
    assert not any("valid" in text for text in remarks_of(ed318(month)))


def test_the_zones_of_a_file_that_is_valid_for_an_hour_are_in_use_at_any_time() -> None:
    hour = '"validFrom": "2026-08-13T10:00:00Z", "validTo": "2026-08-13T11:00:00Z"'
    file: ZoneFile = read_zone_content(parsers.Content("zones", ed318(hour).encode()))
    (answer,) = zones_at_position(ZoneIndex(file.zones), (59.03, 16.06), None, NOON)
    assert answer.zone is file.zones[0]
    assert file.source.effective_to == dt.datetime(2026, 8, 13, 11, tzinfo=dt.UTC)
