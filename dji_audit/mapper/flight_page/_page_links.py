"""Links from a flight page to others of its run: the index, the flight before and the one after."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from dji_audit.mapper.html._escape import escape_html, json_block, visible_text


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


def neighbour_pages_for_viewer(neighbours: NeighbourPages) -> dict[str, dict[str, str] | None]:
    """Return the neighbours of a page for its block of data."""
    return {
        name: None if link is None else {"href": link.href, "words": visible_text(link.words)}
        for name, link in (("previous", neighbours.previous), ("next", neighbours.next))
    }


def replace_neighbour_links(
    page: str, index: str | None, old: NeighbourPages, new: NeighbourPages
) -> str:
    """Return a page that was drawn with some neighbours, with others in their place.

    Args:
        page: The page, as it was drawn.
        index: The relative address of its index, as it was drawn with.
        old: The neighbours that it was drawn with.
        new: Those that it shall link to.
    """
    linked = page.replace(page_links_html(index, old), page_links_html(index, new), 1)
    data_old, data_new = (
        f'"neighbours":{json_block(neighbour_pages_for_viewer(it))}' for it in (old, new)
    )
    return linked.replace(data_old, data_new, 1)


def page_links_html(index: str | None, neighbours: NeighbourPages) -> str:
    """Return the links to other pages of the run; nothing without any."""
    links = list(_each_page_link_html(index, neighbours))
    return f'<nav class="back" aria-label="Other flights">{" ".join(links)}</nav>' if links else ""


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
