"""XML elements by local name, because the namespaces of a format change with its versions."""

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dji_audit.zones._model import ZoneError


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children_named(element: Element, name: str) -> Iterator[Element]:
    """Yield the children with a name."""
    return (element_ for element_ in element if local_name(element_) == name)


def first_child_named(element: Element, name: str) -> Element | None:
    """Return the first child with a name; ``None`` where there is none."""
    return next(children_named(element, name), None)


def stripped_text_of_element(element: Element) -> str:
    """Return the text of an element, without white space around it."""
    return (element.text or "").strip()


def child_text(element: Element, name: str) -> str:
    """Return the text of the first child with a name; empty where there is none."""
    element_ = first_child_named(element, name)
    return stripped_text_of_element(element_) if element_ is not None else ""


def parse_number(word: str, path: str) -> float:
    """Return a word as a number.

    Raises:
        ZoneError: If it is not a finite number.
    """
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ZoneError(f"{path}: expected a number, found {word[:40]!r}")
    return number
