"""Which page follows which, known before any is drawn: each page links to its neighbours."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from dji_audit.common.atomic_files import write_atomically
from dji_audit.flights import AssembledFlight, LogSummary
from dji_audit.mapper import NeighbourPages, PageLink, replace_neighbour_links
from dji_audit.report.flight_rows import page_file_name_of_flight


class PageOrder:
    """The pages of the flights in their order, and a link to each."""

    def __init__(self, links: Sequence[tuple[str, PageLink]]) -> None:
        """Take the id of each flight, with a link to its page, in order."""
        self._links = links
        self._places = {flight: place for place, (flight, _) in enumerate(links)}

    def __iter__(self) -> Iterator[str]:
        """Yield the ids of the flights."""
        return (flight for flight, _ in self._links)

    def link(self, flight: str) -> PageLink:
        """Return the link to the page of a flight."""
        return self._links[self._places[flight]][1]

    def neighbours(self, flight: str) -> NeighbourPages:
        """Return the pages before and after that of a flight."""
        place = self._places[flight]
        return NeighbourPages(
            self._links[place - 1][1] if place else None,
            self._links[place + 1][1] if place + 1 < len(self._links) else None,
        )


def page_order(assemblies: Iterable[AssembledFlight], summaries: Iterable[LogSummary]) -> PageOrder:
    """Return the order of the pages.

    Flights follow one another by the start of their first source, those without UTC last.

    Args:
        assemblies: The flights before their logs are merged.
        summaries: Every part of every log in short.
    """
    return PageOrder(_page_links_in_time_order(assemblies, summaries))


def _page_links_in_time_order(
    assemblies: Iterable[AssembledFlight], summaries: Iterable[LogSummary]
) -> list[tuple[str, PageLink]]:
    parts = {(summary.log_index, summary.segment_number): summary for summary in summaries}
    ordered = []
    for assembly in assemblies:
        first = assembly.members[0]
        summary = parts[first.log_index, first.segment_number]
        offset = first.alignment.offset_s
        start = None if summary.start is None or offset is None else summary.start + offset
        link = PageLink(
            page_file_name_of_flight(summary.name, assembly.id), _page_link_text(start, summary)
        )
        ordered.append((start is None, start or 0.0, summary.name, assembly.id, link))
    ordered.sort(key=lambda each: each[:4])
    return [(flight, link) for _, _, _, flight, link in ordered]


def _page_link_text(start: float | None, summary: LogSummary) -> str:
    """Return what a link says: when the flight began, and its file."""
    name = summary.name.rpartition("/")[2]
    if start is None:
        return name
    try:
        return f"{dt.datetime.fromtimestamp(start, dt.UTC):%Y-%m-%d %H:%M} UTC, {name}"
    except (OverflowError, ValueError, OSError):
        # A clock that shows no year of the calendar.
        return name


def rewrite_links_past_missing_pages(
    order: PageOrder,
    pages: Mapping[str, str],
    folder: Path,
    index_link: str,
    *,
    has_earlier_pages: bool = False,
) -> None:
    """Rewrite the pages that link to a flight without a page, so that they link past it.

    Nothing is rewritten where every flight has a page.

    Args:
        order: The pages that were to be drawn.
        pages: Id of each flight that has a page -> the file name of that page.
        folder: Where they lie.
        index_link: The relative address of the index that the pages were drawn with.
        has_earlier_pages: Whether an earlier run drew some of the pages, and may have left out
            others.

    Raises:
        OSError: If a page cannot be read or written.
    """
    there = [flight for flight in order if flight in pages]
    for place, flight in enumerate(there):
        drawn = order.neighbours(flight)
        wanted = NeighbourPages(
            order.link(there[place - 1]) if place else None,
            order.link(there[place + 1]) if place + 1 < len(there) else None,
        )
        if has_earlier_pages or wanted != drawn:
            path = folder / pages[flight]
            page = path.read_text("utf-8")
            linked = replace_neighbour_links(page, index_link, wanted)
            if linked != page:
                write_atomically(path, linked)
