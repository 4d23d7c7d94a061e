"""Which page follows which, known before any is drawn: each page links to its neighbours."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from dji_audit.common.atomic_files import write_atomically
from dji_audit.flights import FlightAssembly, LogSummary
from dji_audit.mapper import Neighbours, PageLink, relink_page
from dji_audit.report.rows import page_name_of_flight


def neighbours_of_flights(
    assemblies: Sequence[FlightAssembly], summaries: Iterable[LogSummary]
) -> dict[str, Neighbours]:
    """Return the pages before and after that of each flight, by the id of the flight.

    Flights follow one another by the start of their first source, those without UTC last.

    Args:
        assemblies: The flights before their logs are merged.
        summaries: Every part of every log in short.
    """
    links = _links_in_order(assemblies, summaries)
    return {
        flight: Neighbours(
            links[place - 1][1] if place else None,
            links[place + 1][1] if place + 1 < len(links) else None,
        )
        for place, (flight, _) in enumerate(links)
    }


def _links_in_order(
    assemblies: Sequence[FlightAssembly], summaries: Iterable[LogSummary]
) -> list[tuple[str, PageLink]]:
    parts = {(summary.log_index, summary.segment_number): summary for summary in summaries}
    ordered = []
    for assembly in assemblies:
        first = assembly.members[0]
        summary = parts[first.log_index, first.segment_number]
        offset = first.alignment.offset_s
        start = None if summary.start is None or offset is None else summary.start + offset
        link = PageLink(page_name_of_flight(summary.name, assembly.id), _words(start, summary))
        ordered.append((start is None, start or 0.0, summary.name, assembly.id, link))
    ordered.sort(key=lambda each: each[:4])
    return [(flight, link) for _, _, _, flight, link in ordered]


def _words(start: float | None, summary: LogSummary) -> str:
    """Return what a link says: when the flight began, and its file."""
    name = summary.name.rpartition("/")[2]
    if start is None:
        return name
    try:
        return f"{dt.datetime.fromtimestamp(start, dt.UTC):%Y-%m-%d %H:%M} UTC, {name}"
    except (OverflowError, ValueError, OSError):
        # A clock that shows no year of the calendar.
        return name


def skip_missing_pages(
    neighbours: Mapping[str, Neighbours], pages: Mapping[str, Path], index_link: str
) -> None:
    """Rewrite the pages that link to a flight without a page, so that they link past it.

    Nothing is rewritten where every flight has a page.

    Args:
        neighbours: The pages before and after that of each flight, in order.
        pages: Id of each flight that has a page -> that page.
        index_link: The relative address of the index that the pages were drawn with.

    Raises:
        OSError: If a page cannot be read or written.
    """
    order = list(neighbours)
    missing = [flight for flight in order if flight not in pages]
    if not missing:
        return
    link_of = {
        flight: link
        for before, flight in pairwise(order)
        if (link := neighbours[before].next) is not None
    }
    if len(order) > 1 and (first := neighbours[order[1]].previous) is not None:
        link_of[order[0]] = first
    there = [flight for flight in order if flight in pages]
    for place, flight in enumerate(there):
        wanted = Neighbours(
            link_of[there[place - 1]] if place else None,
            link_of[there[place + 1]] if place + 1 < len(there) else None,
        )
        if wanted != neighbours[flight]:
            page = pages[flight].read_text("utf-8")
            page = relink_page(page, index_link, neighbours[flight], wanted)
            write_atomically(pages[flight], page)
