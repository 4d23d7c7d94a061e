"""Links from a flight page to others of its run: the index, the flight before and the one after."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from dji_audit.mapper.html._escape import (
    escape_html,
    json_text_for_script_element,
    truncated_visible_text,
)


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page of the same run."""

    #: Relative address, as it stands in a link.
    href: str
    #: What it is, such as ``14 May 2026 09:02, Mavic 2``.
    words: str


@dataclass(frozen=True, slots=True)
class NeighbourPages:
    """The pages of the flights before and after this one in the run; ``None``: it is at an end."""

    previous: PageLink | None = None
    next: PageLink | None = None


NO_NEIGHBOURS = NeighbourPages()
#: What the links stand between, and what comes before the neighbours in the block of data.
_LINKS_BEGIN, _LINKS_END = '<nav class="back" aria-label="Other flights">', "</nav>"
_DATA_BEGIN = '"neighbours":'


def neighbour_page_links_as_json_data(
    neighbours: NeighbourPages,
) -> dict[str, dict[str, str] | None]:
    """Return the neighbours of a page for its block of data."""
    return {
        name: None
        if link is None
        else {"href": link.href, "words": truncated_visible_text(link.words)}
        for name, link in (("previous", neighbours.previous), ("next", neighbours.next))
    }


def replace_neighbour_links(page: str, index: str | None, neighbours: NeighbourPages) -> str:
    """Return a page with links to some neighbours in the place of those that it has.

    Args:
        page: The page, as it was drawn, with any neighbours.
        index: The relative address of its index; ``None``: no link to one is wanted.
        neighbours: Those that it shall link to.
    """
    begin = page.find(_LINKS_BEGIN)
    if begin >= 0:
        end = page.index(_LINKS_END, begin) + len(_LINKS_END)
        page = page[:begin] + page_links_html(index, neighbours) + page[end:]
    begin = page.find(_DATA_BEGIN)
    if begin >= 0:
        begin += len(_DATA_BEGIN)
        _, end = json.JSONDecoder().raw_decode(page, begin)
        page = (
            page[:begin]
            + json_text_for_script_element(neighbour_page_links_as_json_data(neighbours))
            + page[end:]
        )
    return page


def page_without_links(page: str) -> str:
    """Return a page without what links it to others: the same for any neighbours."""
    return replace_neighbour_links(page, None, NO_NEIGHBOURS)


def page_links_html(index: str | None, neighbours: NeighbourPages) -> str:
    """Return the links to other pages of the run; nothing without any."""
    links = list(_each_page_link_html(index, neighbours))
    return f"{_LINKS_BEGIN}{' '.join(links)}{_LINKS_END}" if links else ""


def _each_page_link_html(index: str | None, neighbours: NeighbourPages) -> Iterator[str]:
    if (before := neighbours.previous) is not None:
        yield _page_link_html(before.href, "prev", "Previous flight", before.words)
    if index is not None:
        yield f'<a id="to_index" href="{quote(index)}">All flights</a>'
    if (after := neighbours.next) is not None:
        yield _page_link_html(after.href, "next", "Next flight", after.words)


def _page_link_html(href: str, relation: str, label: str, words: str) -> str:
    title = escape_html(words)
    return (
        f'<a rel="{relation}" href="{quote(href)}" title="{title}">{label}'
        f'<span class="hidden">: {title}</span></a>'
    )
