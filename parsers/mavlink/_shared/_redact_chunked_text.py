"""Redact a secret in a text that was sent in several chunks."""

from collections.abc import Iterator, Sequence

from ..._redact_secrets import REDACTED, redact_path_and_count


def redacted_chunks(
    text: str, redacted: str, chunk_spans: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, str]]:
    """Yield the parts that a secret of the whole text lies in, without what lies in them of it.

    Args:
        text: The whole text.
        redacted: The same without its secrets.
        chunk_spans: Where each chunk begins and ends in the whole text.
    """
    same = _common_prefix_length(text, redacted)
    until = len(text) - _common_prefix_length(text[same:][::-1], redacted[same:][::-1])
    for number, (begin, after) in enumerate(chunk_spans):
        first, last = max(same, begin), min(until, after)
        if first < last:
            yield number, redact_path_and_count(text[begin:first] + REDACTED + text[last:after])[0]


def _common_prefix_length(text: str, other: str) -> int:
    """Return how many letters of two texts are the same from the start on."""
    pairs = enumerate(zip(text, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(text), len(other)))
