"""Which page follows which in a run."""

import json
import re
from pathlib import Path

import pytest

from dji_audit.api import audit
from dji_audit.fleet.stages.page_order import PageOrder, rewrite_links_past_missing_pages
from dji_audit.mapper import NeighbourPages, PageLink, page_without_links
from dji_audit.mapper.flight_page._page_links import (
    neighbour_page_links_as_json_data,
    page_links_html,
)
from dji_audit.mapper.html._escape import json_text_for_script_element

INDEX = "../index.html"
#: The order of four flights, and the link to each.
LINKS = {name: PageLink(f"{name}.html", f"flight <{name}>") for name in "abcd"}
ORDER = PageOrder(list(LINKS.items()))


def page(neighbours: NeighbourPages) -> str:
    """Return as much of a page as links to its neighbours."""
    data = json_text_for_script_element(
        {"neighbours": neighbour_page_links_as_json_data(neighbours)}
    )
    return f"<p>{page_links_html(INDEX, neighbours)}</p><script>{data}</script>"


def write_all(folder: Path, names: str) -> dict[str, str]:
    """Write the pages of some flights."""
    pages = {name: f"{name}.html" for name in names}
    for name, file in pages.items():
        (folder / file).write_text(page(ORDER.neighbours(name)), encoding="utf-8")
    return pages


def linked(path: Path) -> list[str]:
    """Return the pages that a page links to as its neighbours."""
    return re.findall(r'rel="(?:prev|next)" href="([^"]*)"', path.read_text(encoding="utf-8"))


def test_pages_stay_as_they_are_where_every_flight_has_one(tmp_path: Path) -> None:
    pages = write_all(tmp_path, "abcd")
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in pages.values()}
    rewrite_links_past_missing_pages(ORDER, pages, tmp_path, INDEX)
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in pages.values()} == before


@pytest.mark.parametrize(
    ("there", "links"),
    [
        ("acd", {"a": ["c.html"], "c": ["a.html", "d.html"], "d": ["c.html"]}),
        ("bcd", {"b": ["c.html"], "c": ["b.html", "d.html"], "d": ["c.html"]}),
        ("ad", {"a": ["d.html"], "d": ["a.html"]}),
        ("b", {"b": []}),
    ],
)
def test_a_page_links_past_flights_without_one(
    tmp_path: Path, there: str, links: dict[str, list[str]]
) -> None:
    pages = write_all(tmp_path, there)
    rewrite_links_past_missing_pages(ORDER, pages, tmp_path, INDEX)
    assert {name: linked(tmp_path / file) for name, file in pages.items()} == links
    # The block of data says the same as the links.
    for name, path in {name: tmp_path / file for name, file in pages.items()}.items():
        assert sorted(re.findall(r'"href":"([^"]*)"', path.read_text())) == sorted(links[name])
        assert INDEX in path.read_text()


def test_pages_of_an_earlier_run_get_the_links_of_this_one(tmp_path: Path) -> None:
    # The earlier run had no page of the flight between them.
    rewrite_links_past_missing_pages(ORDER, write_all(tmp_path, "acd"), tmp_path, INDEX)
    pages = {name: f"{name}.html" for name in "abcd"}
    (tmp_path / "b.html").write_text(page(ORDER.neighbours("b")), encoding="utf-8")
    rewrite_links_past_missing_pages(ORDER, pages, tmp_path, INDEX, has_earlier_pages=True)
    assert {name: (tmp_path / file).read_text("utf-8") for name, file in pages.items()} == {
        name: page(ORDER.neighbours(name)) for name in pages
    }


def test_without_its_links_a_page_is_the_same_for_any_neighbours() -> None:
    without = {page_without_links(page(ORDER.neighbours(name))) for name in "abcd"}
    assert len(without) == 1
    assert not re.findall("href", without.pop())
    assert page_without_links("no page of a flight") == "no page of a flight"


def test_a_run_draws_its_flights_on_the_index_and_links_their_pages(
    whole: Path, sample_logs: Path, tmp_path: Path
) -> None:
    logs = [whole, sample_logs / "log_42_2026-5-14-14-01-58.ulg"]
    audit(logs, out=tmp_path / "results")
    index = (tmp_path / "results" / "index.html").read_text(encoding="utf-8")
    tracks = json.loads(re.findall(r'id="tracks">(.*?)</script>', index)[0])
    assert [(number, turns) for number, _, turns in tracks] == [(0, 0), (1, 0)]
    assert all(track["kept"] < track["fixes"] / 4 for _, track, _ in tracks)
    pages = sorted((tmp_path / "results" / "flights").glob("*.html"))
    assert [linked(page) for page in pages] == [[pages[1].name], [pages[0].name]]
