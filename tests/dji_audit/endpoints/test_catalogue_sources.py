"""Every row rests on listed sources, and every listed source carries a row."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from dji_audit.endpoints import CatalogueError, lint_catalogue, load_catalogue, shipped_catalogue
from dji_audit.endpoints._catalogue_sources import (
    READ_AGAIN_AFTER_DAYS,
    CatalogueSource,
    row_and_source_list_mismatches,
    shipped_sources,
    source_ages,
)

LISTED = CatalogueSource("maker/app", "code", "The app")
OTHER = CatalogueSource("maker/app-two", "page", "Another app")
ROW = replace(
    shipped_catalogue().rows[0],
    source="maker/app@1a2b src/Hosts.java",
    country_source="",
    read_on="2026-01-01",
)


def test_the_list_of_sources_and_the_rows_that_ship_agree() -> None:
    assert row_and_source_list_mismatches(shipped_catalogue().rows, shipped_sources()) == ()
    assert {source.kind for source in shipped_sources()} <= set(READ_AGAIN_AFTER_DAYS)
    names = [source.name for source in shipped_sources()]
    assert names == sorted(set(names))


def test_a_source_that_is_not_listed_and_one_without_a_row_are_named() -> None:
    unlisted = replace(ROW, source="maker/app@1a2b; a friend told me")
    (row_fault,) = row_and_source_list_mismatches([unlisted], [LISTED])
    assert row_fault.endswith("its source is not in the list of sources: a friend told me")
    (orphan,) = row_and_source_list_mismatches([ROW], [LISTED, OTHER])
    assert orphan == "maker/app-two: in the list of sources, and no row rests on it"


def test_a_source_whose_name_goes_on_is_another_one() -> None:
    longer = replace(ROW, source="maker/app-two, page 3")
    assert len(row_and_source_list_mismatches([longer], [LISTED])) == 2
    assert row_and_source_list_mismatches([longer], [OTHER]) == ()


def test_the_source_of_a_country_counts_as_a_source() -> None:
    row = replace(ROW, country_source="maker/app-two, imprint")
    assert row_and_source_list_mismatches([row], [LISTED, OTHER]) == ()


@pytest.mark.parametrize(("days", "is_due"), [(730, False), (731, True)])
def test_a_source_is_due_after_the_days_of_its_kind(days: int, is_due: bool) -> None:
    day = dt.date(2026, 1, 1) + dt.timedelta(days=days)
    (age,) = source_ages([ROW], [LISTED], day)
    assert (age.days, age.is_due_for_rereading, age.row_count) == (days, is_due, 1)


def test_a_source_is_as_old_as_its_oldest_reading() -> None:
    newer = replace(ROW, read_on="2026-06-01")
    (age,) = source_ages([ROW, newer], [LISTED], dt.date(2026, 6, 2))
    assert age.days == 152
    (undated,) = source_ages([ROW, replace(ROW, read_on="")], [LISTED], dt.date(2026, 6, 2))
    assert (undated.days, undated.is_due_for_rereading) == (None, True)


def test_lint_tells_the_age_only_with_a_day() -> None:
    known = shipped_catalogue()
    assert list(lint_catalogue(known)) == []
    assert list(lint_catalogue(known, dt.date(2026, 11, 30))) == []
    told = list(lint_catalogue(known, dt.date(2031, 1, 1)))
    assert any(fault.startswith("Bin4ry/deejayeye-modder: read ") for fault in told)
    assert all("to be read again" in fault for fault in told)


def test_lint_of_an_own_list_asks_for_the_day_of_its_source(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(
        "indicator,operator,source,read_on\n"
        "a.example.org,Force,firewall list,2026-11-01\nb.example.org,Force,firewall list,\n"
    )
    known = load_catalogue([path])
    assert list(lint_catalogue(known)) == []
    (fault,) = lint_catalogue(known, dt.date(2026, 11, 30))
    assert fault == "b.example.org (other): does not say when its source was read (read_on)"
    old = list(lint_catalogue(known, dt.date(2027, 11, 30)))
    assert any("a.example.org (other): its source was read 394 days before" in one for one in old)


def test_a_row_with_a_wrong_day_or_a_source_without_a_country_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    for cells, told in (
        ("read_on\na.example.org,Force,list,30.11.2026", "is not a date; use YYYY-MM-DD"),
        ("country_source\na.example.org,Force,list,a book", "without operator_country"),
    ):
        path.write_text(f"indicator,operator,source,{cells}\n")
        with pytest.raises(CatalogueError, match=told):
            load_catalogue([path])
