"""Secrets in a text that was sent in parts: what to show of each part."""

from collections.abc import Iterator, Sequence

from ..._secrets import REDACTED, redact_path


def masked(text: str, clean: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Yield the parts that a secret of the whole text lies in, without what lies in them of it.

    Args:
        text: The whole text.
        clean: The same without its secrets.
        places: Where each part begins and ends in the whole text.
    """
    same = _alike(text, clean)
    until = len(text) - _alike(text[same:][::-1], clean[same:][::-1])
    for number, (begin, after) in enumerate(places):
        first, last = max(same, begin), min(until, after)
        if first < last:
            yield number, redact_path(text[begin:first] + REDACTED + text[last:after])[0]


def _alike(one: str, other: str) -> int:
    """Return how many letters of two texts are the same from the start on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
