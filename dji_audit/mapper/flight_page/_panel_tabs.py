"""The tabs beside the map: each is a button with a count, and the section it opens.

To add one, add a `PanelTab` to the list in ``flight_page/__init__.py``, with its HTML in
``assets/tabs``.  Without scripts, and in print, the sections stand below one another.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dji_audit.mapper.html._assets import fill_template_slots, read_asset
from dji_audit.mapper.html._escape import escape_html


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelTab:
    """A tab beside the map and the section it opens."""

    #: The id of the section; that of the button is ``tab_`` and this.
    name: str
    label: str
    #: What a screen reader calls the section.
    title: str
    #: How many things it lists; ``None``: they are not counted.
    count: int | None
    #: What fills the slots of ``assets/tabs/NAME.html``, as HTML.
    slots: dict[str, str]
    #: Whether it shows nothing where scripts do not run, nor in print.
    is_scripted: bool = False


def tab_template_slots(tabs: Iterable[PanelTab]) -> dict[str, str]:
    """Return the row of buttons and the sections, for the template of the page.

    Raises:
        KeyError: If the file of a tab names a slot that is not given.
    """
    tabs = list(tabs)
    return {
        "tab_buttons": "\n".join(map(_tab_button_html, tabs)),
        "tab_sections": "\n".join(map(_tab_section_html, tabs)),
    }


def _tab_button_html(tab: PanelTab) -> str:
    count = "" if tab.count is None else f"{tab.count:,}"
    return (
        f'<button type="button" role="tab" id="tab_{tab.name}" aria-controls="{tab.name}">'
        f'{escape_html(tab.label)} <span class="count" id="{tab.name}_count">{count}</span>'
        "</button>"
    )


def _tab_section_html(tab: PanelTab) -> str:
    look = "page scripted" if tab.is_scripted else "page"
    title = escape_html(tab.title)
    html = fill_template_slots(read_asset(f"tabs/{tab.name}.html"), tab.slots)
    return f'<section id="{tab.name}" class="{look}" aria-label="{title}">\n{html}\n</section>'
