"""Elements of XML by their local names: the namespaces of a format change with its versions."""

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dji_audit.zones._model import ZoneError


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element, name: str) -> Iterator[Element]:
    """Yield the children of a name."""
    return (one for one in element if local(one) == name)


def child(element: Element, name: str) -> Element | None:
    """Return the first child of a name."""
    return next(children(element, name), None)


def text_of(element: Element) -> str:
    """Return the text of an element, without white space around it."""
    return (element.text or "").strip()


def text_in(element: Element, name: str) -> str:
    """Return the text of the first child of a name; empty where there is none."""
    found = child(element, name)
    return text_of(found) if found is not None else ""


def number_in(word: str, path: str) -> float:
    """Return a word as a number.

    Raises:
        ZoneError: If it is none.
    """
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ZoneError(f"{path}: expected a number, found {word[:40]!r}")
    return number
