"""Lists of makers go by name, country or criterion; the makers of the estate have one name each."""

import csv
import datetime as dt
from collections import Counter
from importlib.resources import files
from io import StringIO

import pytest

from dji_audit.compliance.camera_system_makers import (
    CameraSystemKind,
    camera_system_maker_by_name_or_none,
    listings_of_maker,
    shipped_camera_system_makers,
)
from dji_audit.compliance.makers_of_concern import (
    MakerListing,
    all_shipped_maker_listings,
    maker_list_names,
    normalised_maker_name,
)

#: Those that a return of the estate must be able to group.
NAMED = (
    "Hikvision",
    "Dahua",
    "Huawei",
    "Hytera",
    "ZTE",
    "Uniview",
    "Motorola",
    "Axon",
    "Reveal",
    "Edesix",
    "Axis",
    "Genetec",
    # Those that the survey of 2022 names beside them.
    "Honeywell",
    "Nuuo",
    "DJI",
)


def data_rows(name: str) -> list[dict[str, str]]:
    text = (files("dji_audit") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(StringIO(text, newline="")))


@pytest.mark.parametrize("name", NAMED)
def test_every_maker_of_the_estate_is_known(name: str) -> None:
    maker = camera_system_maker_by_name_or_none(name)
    assert maker is not None
    assert maker.source
    assert maker.read == dt.date(2026, 11, 30)


@pytest.mark.parametrize("system", CameraSystemKind)
def test_every_kind_of_system_has_makers(system: CameraSystemKind) -> None:
    assert [maker.maker for maker in shipped_camera_system_makers() if system in maker.systems]


def test_no_name_belongs_to_two_makers() -> None:
    names = Counter(
        normalised_maker_name(name)
        for maker in shipped_camera_system_makers()
        for name in maker.names
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_an_owner_is_a_maker_of_the_list() -> None:
    makers = {maker.maker for maker in shipped_camera_system_makers()}
    assert {maker.owner for maker in shipped_camera_system_makers() if maker.owner} <= makers


@pytest.mark.parametrize(
    ("name", "owner"),
    [("Edesix", "Motorola Solutions"), ("Pelco", "Motorola Solutions"), ("Axon", None)],
)
def test_an_owner_is_known_or_is_none(name: str, owner: str | None) -> None:
    maker = camera_system_maker_by_name_or_none(name)
    assert maker is not None
    assert maker.owner == owner


@pytest.mark.parametrize(
    ("written", "maker"),
    [
        ("HIKVISION", "Hikvision"),
        ("Hikvision UK Ltd", "Hikvision"),
        ("hangzhou hikvision digital technology co., ltd.", "Hikvision"),
        ("Dahua Technology", "Dahua"),
        ("Axis P3265-LVE", "Axis Communications"),
        ("Axis Communications AB", "Axis Communications"),
        ("Motorola VB400", "Motorola Solutions"),
        ("Edesix Limited", "Edesix"),
        ("Reveal Media", "Reveal"),
        ("Genetec AutoVu", "Genetec"),
        ("L3 Wescam MX-15", "L3Harris Wescam"),
        ("FLIR Systems", "Teledyne FLIR"),
        ("SZ DJI Technology Co., Ltd", "DJI"),
        ("Taser International", "Axon"),
    ],
)
def test_a_maker_is_found_under_the_names_that_people_write(written: str, maker: str) -> None:
    found = camera_system_maker_by_name_or_none(written)
    assert found is not None
    assert found.maker == maker


@pytest.mark.parametrize(
    "written", ["", "Ltd", "Axisware", "The Axis", "Hik", "Nobody Cameras", "   ", "…"]
)
def test_a_name_that_only_resembles_one_is_not_found(written: str) -> None:
    assert camera_system_maker_by_name_or_none(written) is None


@pytest.mark.parametrize(
    ("maker", "day", "lists"),
    [
        ("Hikvision UK Ltd", "2019-08-12", set()),
        ("Hikvision UK Ltd", "2019-08-13", {"ndaa_889"}),
        ("Hikvision UK Ltd", "2021-03-11", {"ndaa_889"}),
        ("Hikvision UK Ltd", "2021-03-12", {"ndaa_889", "fcc_covered"}),
        ("ZTE Corporation", "2021-03-12", {"ndaa_889", "fcc_covered"}),
        ("DJI Innovations", "2022-10-04", set()),
        ("DJI Innovations", "2022-10-05", {"dod_1260h"}),
        ("Autel", "2025-01-06", set()),
        ("Autel", "2025-01-07", {"dod_1260h"}),
        ("Autel", "2025-12-21", {"dod_1260h"}),
        ("Autel", "2025-12-22", {"dod_1260h", "fcc_covered", "ndaa_1709", "fasc_asda"}),
        ("DJI", "2028-12-22", {"dod_1260h", "fcc_covered", "ndaa_1709", "fasc_asda"}),
        ("DJI", "2028-12-23", {"dod_1260h", "fcc_covered", "ndaa_1709"}),
        ("Axon", "2026-11-30", set()),
        # The list names Motorola's maker neither, nor does an owner's listing count for others.
        ("Edesix", "2026-11-30", set()),
        ("Nobody Cameras", "2026-11-30", set()),
    ],
)
def test_a_maker_is_on_the_lists_of_a_day(maker: str, day: str, lists: set[str]) -> None:
    assert {row.list for row in listings_of_maker(maker, dt.date.fromisoformat(day))} == lists


def test_a_name_that_no_survey_knows_is_still_found_on_a_list() -> None:
    known_to_lists = {row.maker for row in all_shipped_maker_listings() if row.maker}
    day = dt.date(2026, 11, 30)
    assert all(listings_of_maker(maker, day) for maker in known_to_lists)


def listing(**fields: str) -> MakerListing:
    empty = {"list": "a", "maker": "", "source": "A list."}
    return MakerListing(
        **(empty | fields), aliases=(), valid_from=None, valid_to=None, verified=True
    )


def test_a_list_that_goes_by_the_country_of_production_names_no_maker() -> None:
    row = listing(country_of_production="!US")
    assert not row.matches_maker("DJI")
    assert not row.matches_maker("")


def test_every_row_goes_by_one_thing_and_names_what_it_binds() -> None:
    for row in all_shipped_maker_listings():
        by = [bool(each) for each in (row.maker, row.country_of_production, row.criterion)]
        assert sum(by) == 1, row
        assert row.scope, row
        assert row.source, row
    assert "fcc_foreign_produced" not in maker_list_names(all_shipped_maker_listings())


def test_a_row_is_verified_if_its_cell_says_yes() -> None:
    all_shipped_maker_listings.cache_clear()
    shown = [row.verified for row in all_shipped_maker_listings()]
    assert shown == [row["verified"] == "yes" for row in data_rows("makers.csv")]
    assert {True, False} == set(shown)


def test_a_verified_row_says_when_its_source_was_read() -> None:
    verified = [row for row in all_shipped_maker_listings() if row.verified]
    assert {row.list for row in verified} == {"fcc_covered", "ndaa_889"}
    assert all("read 2026-11-30" in row.source for row in verified)


@pytest.mark.parametrize("name", ["makers.csv", "estate_makers.csv"])
def test_a_row_has_a_cell_for_every_column(name: str) -> None:
    for row in data_rows(name):
        assert None not in row
        assert None not in row.values()
    rows = data_rows(name)
    key = "list" if name == "makers.csv" else "maker"
    assert [row[key].casefold() for row in rows] == sorted(row[key].casefold() for row in rows)
