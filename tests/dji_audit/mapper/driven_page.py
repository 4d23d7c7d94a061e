"""A page that is used by one hand only: by keyboard alone, or by pointer.

What a feature does is said once, in words that either hand understands (`activate`, `choose`,
`write`); `DrivenPage` turns them into key presses, or into clicks that must hit what they aim at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Error as BrowserError

from tests.dji_audit.mapper.clock_videos import dropped
from tests.dji_audit.mapper.conftest import Visit

Hand = Literal["keyboard", "pointer"]

#: More presses of the Tab key than any page has things to reach.
MOST_TABS = 600
#: So many presses before it is looked where the focus is.
TABS_AT_ONCE = 8
#: Let the Tab key go no further than an element; whether the focus stands before it now.
STOP_THERE = """(target) => {
  window.stopTabs = (event) => {
    if (event.key === 'Tab' && document.activeElement === target) event.preventDefault();
  };
  window.addEventListener('keydown', window.stopTabs, true);
  const held = document.activeElement;
  if (!held || held === document.body || held.contains(target)) return true;
  return Boolean(held.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING);
}"""
GO_ON = "() => window.removeEventListener('keydown', window.stopTabs, true)"
#: What is painted on the map, in a few numbers.
PAINTED = """() => {
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [400, 300];
  const ctx = copy.getContext('2d', { willReadFrequently: true });
  for (const one of document.querySelectorAll('.canvas_layer')) ctx.drawImage(one, 0, 0, 400, 300);
  return ctx.getImageData(0, 0, 400, 300).data
    .reduce((sum, each, n) => (sum * 31 + each * (n % 7 + 1)) % 1e9, 7);
}"""
#: Where the middle of the map is, and how near: latitude, longitude, zoom.
VIEW = """() => {
  const { map } = window.__flightPage || window.__indexPage;
  const { lat, lng } = map.getCenter();
  return [lat, lng, map.getZoom()];
}"""
#: Whether the map shows a part, to two pixels: the map rounds its middle to whole ones.
SHOWS_VIEW = """([lat, lng, zoom]) => {
  const { map } = window.__flightPage || window.__indexPage;
  const at = map.latLngToContainerPoint([lat, lng]);
  return map.getZoom() === zoom && at.distanceTo(map.getSize().divideBy(2)) <= 2;
}"""
IS_HELD = "(target) => document.activeElement === target"


@dataclass(frozen=True, slots=True)
class Screen:
    """How much of a page is seen: CSS pixels, and pixels of the screen for each of them."""

    name: str
    width: int
    height: int
    scale: int = 1


SCREENS = (
    Screen("1366x768", 1366, 768),
    Screen("390x844", 390, 844),
    # A browser that zooms to 200 % has half the CSS pixels, each of two by two.
    Screen("200 %", 683, 384, 2),
)


class DrivenPage:
    """A page that is open, and the hand that uses it."""

    def __init__(self, visit: Visit, hand: Hand, audited_file: Path) -> None:
        self.visit = visit
        #: A log that the page was made from.
        self.audited_file = audited_file
        self.page = visit.page
        self.hand = hand

    @property
    def uses_keyboard(self) -> bool:
        """Whether the pointer is never touched."""
        return self.hand == "keyboard"

    def text(self, selector: str) -> str:
        """Return the text of the first element that fits."""
        return self.visit.text(selector)

    def has(self, selector: str) -> bool:
        """Return whether the page has such an element, and it is shown."""
        return bool(self.page.locator(selector).first.is_visible())

    def wait_until(self, condition: str, argument: Any = None) -> None:
        """Wait until a function of JavaScript is true."""
        self.page.wait_for_function(condition, arg=argument)

    def reach(self, selector: str) -> Any:
        """Move the focus to an element with the Tab key, and return the element."""
        found = self.page.locator(selector).first.element_handle()
        assert found is not None, selector
        key = "Tab" if found.evaluate(STOP_THERE) else "Shift+Tab"
        for _ in range(0, MOST_TABS, TABS_AT_ONCE):
            if found.evaluate(IS_HELD):
                found.evaluate(GO_ON)
                return found
            self.press(*[key] * TABS_AT_ONCE)
        raise AssertionError(f"the Tab key does not reach {selector}")

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        for key in keys:
            self.page.keyboard.press(key)

    def activate(self, selector: str, key: str = "Enter") -> None:
        """Press a button, follow a link, open what is folded."""
        if self.uses_keyboard:
            self.reach(selector)
            self.press(key)
        else:
            self.page.locator(selector).first.click()

    def tick(self, selector: str) -> None:
        """Change whether a box is ticked."""
        self.activate(selector, "Space")

    def choose(self, selector: str, value: str) -> None:
        """Choose from a list by the value of an option."""
        field_ = self.page.locator(selector)
        if not self.uses_keyboard:
            # The computer draws the list outside the page: what opens it must be there to hit.
            field_.click(trial=True)
            field_.select_option(value)
            return
        self.reach(selector)
        wanted, held = field_.evaluate(
            "(list, value) => { const open = [...list.options].filter((one) => !one.disabled);"
            " return [open.findIndex((one) => one.value === value),"
            " open.indexOf(list.selectedOptions[0])]; }",
            value,
        )
        assert wanted >= 0, f"{selector} has no {value}"
        key = "ArrowDown" if wanted > held else "ArrowUp"
        self.press(*[key] * abs(wanted - held))
        assert field_.input_value() == value

    def write(self, selector: str, text: str, end: str = "") -> None:
        """Write in a field in place of what it holds."""
        if self.uses_keyboard:
            self.reach(selector)
        else:
            self.page.locator(selector).first.click()
        self.press("Control+A", "Delete")
        self.page.keyboard.type(text)
        if end:
            self.press(end)

    def choose_row(self, row: str, number: int) -> str:
        """Choose one of rows that are walked with arrow keys, and return what it says.

        Args:
            row: What fits every row that is shown; the first is number 0.
            number: Which of them.
        """
        rows = self.page.locator(row)
        if self.uses_keyboard:
            # One of them is in the order of the Tab key.
            marked = rows.evaluate_all(
                "(all) => { const one = all.find((row) => row.tabIndex === 0);"
                " one?.setAttribute('data-in-order', ''); return Boolean(one); }"
            )
            assert marked, f"the Tab key reaches none of {row}"
            self.reach("[data-in-order]")
            self.page.evaluate(
                "document.querySelector('[data-in-order]').removeAttribute('data-in-order')"
            )
            self.press("Home", *["ArrowDown"] * number)
            assert rows.nth(number).evaluate(IS_HELD), f"arrows do not walk {row}"
            self.press("Enter")
        else:
            rows.nth(number).click(position={"x": 12, "y": 8})
        return str(rows.nth(number).text_content())

    def open_files(self, selector: str, files: Sequence[Path] | dict[str, Any]) -> None:
        """Choose files with a field."""
        with self.page.expect_file_chooser() as chooser:
            self.activate(selector)
        chooser.value.set_files(files)

    def open_or_drop(self, selector: str, target: str, name: str, data: bytes) -> None:
        """Open a file with the field by keyboard, or drop it on an element by pointer."""
        if self.uses_keyboard:
            file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
            self.open_files(selector, file)
        else:
            dropped(self.page, target, (name, data))

    def slide(self, selector: str, share: float, key: str) -> None:
        """Move a slider: with a key, or by pressing on it at a share of its width."""
        if self.uses_keyboard:
            self.reach(selector)
            self.press(key)
            return
        found = self.page.locator(selector)
        found.scroll_into_view_if_needed()
        box = found.evaluate("(one) => one.getBoundingClientRect().toJSON()")
        found.click(position={"x": share * box["width"], "y": box["height"] / 2})

    def open_and_close(self, details: str, content: str) -> None:
        """Turn what can be opened to the other state and back."""
        was_open = self.has(content)
        for is_open in (not was_open, was_open):
            self.activate(f"{details} summary")
            assert self.has(content) == is_open

    def close_copied_link(self) -> str:
        """Return the link that was copied, and close what shows it: by Escape, or its button."""
        link = str(self.page.locator("#copied_link").input_value())
        if self.uses_keyboard:
            self.press("Escape")
        else:
            self.activate("#copied_close")
        assert not self.has("#copied")
        return link

    def follow_link(self, link: str) -> None:
        """Lead the page to what a link to it asks for."""
        self.page.evaluate("(link) => { location.hash = new URL(link).hash; }", link)

    def compare_file(self, area: str, name: str, data: bytes, verdict: str) -> Any:
        """Open a file, or drop it on an area, and return the row with the verdict on it."""
        self.open_or_drop("#verify_files", area, name, data)
        row = self.page.locator(f"#verify_list .verified[data-verdict={verdict}]").first
        row.wait_for()
        return row

    def follow_skip_link(self, target: str) -> None:
        """Reach the skip link with the first press of Tab, and follow it to an element."""
        self.page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
        self.press("Tab")
        assert self.page.locator(".skip").evaluate("(one) => document.activeElement === one")
        self.press("Enter")
        assert self.page.evaluate("document.activeElement.id") == target

    def move_and_zoom_map(
        self, selector: str, page_object: str, zoom: Literal["in", "out"]
    ) -> None:
        """Move a map and zoom it, each by the hand that is used, and show it whole again."""
        self.activate("#fit")
        whole = self.page.evaluate(VIEW)
        if self.uses_keyboard:
            self.reach(selector)
            self.press("ArrowRight")
        else:
            self._drag_map(selector)
        self.wait_until(f"(before) => String(({VIEW})()) !== String(before)", whole)
        before = self.page.evaluate(f"window.{page_object}.map.getZoom()")
        if self.uses_keyboard:
            self.press("+" if zoom == "in" else "-")
        else:
            self.page.locator(f".leaflet-control-zoom-{zoom}").click()
        sign = ">" if zoom == "in" else "<"
        self.wait_until(f"(before) => window.{page_object}.map.getZoom() {sign} before", before)
        self.wait_until(f"() => !window.{page_object}.map._animatingZoom")
        self.activate("#fit")
        self.wait_until(SHOWS_VIEW, whole)

    def _drag_map(self, selector: str) -> None:
        found = self.page.locator(selector)
        found.scroll_into_view_if_needed()
        box = found.evaluate("(one) => one.getBoundingClientRect().toJSON()")
        # The middle of what is in sight; where that is much, beside what lies over the map.
        height = self.page.evaluate("innerHeight")
        x, y = box["left"] + box["width"] / 2, (max(box["top"], 0) + box["bottom"]) / 2
        if box["height"] > height / 2:
            x, y = box["left"] + box["width"] * 0.7, max(box["top"], 0) + 130
        y = min(y, height - 60)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x - 60, y + 40, steps=4)
        self.page.mouse.up()


Drive = Callable[[DrivenPage], None]


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that a person does on a page, by either hand, and what must come of it."""

    name: str
    by_keyboard: Drive
    by_pointer: Drive
    #: What must be on the page; empty: every page has it.
    needs: str = ""

    def drive(self, driven: DrivenPage) -> None:
        """Use the feature with the hand that the page is driven by."""
        (self.by_keyboard if driven.uses_keyboard else self.by_pointer)(driven)


@dataclass(slots=True)
class FeatureList:
    """The features of a kind of page, in the order in which they are used."""

    features: list[Feature] = field(default_factory=list)

    def either_hand(self, name: str, needs: str = "") -> Callable[[Drive], Drive]:
        """Add a feature that is told in words of either hand."""

        def add(drive: Drive) -> Drive:
            self.features.append(Feature(name, drive, drive, needs))
            return drive

        return add


def use_features(driven: DrivenPage, features: Sequence[Feature]) -> tuple[list[str], list[str]]:
    """Use features one after another.

    Returns:
        What failed, each with the reason, and the names of those that the page does not have.
    """
    failed, absent = [], []
    for feature in features:
        if feature.needs and not driven.page.locator(feature.needs).count():
            absent.append(feature.name)
            continue
        try:
            feature.drive(driven)
        except (AssertionError, BrowserError) as error:
            failed.append(f"{feature.name}: {str(error)[:600]}")
        if driven.visit.complaints or driven.visit.violations:
            failed.append(f"{feature.name}: {driven.visit.complaints} {driven.visit.violations}")
            driven.visit.complaints.clear()
    return failed, absent
