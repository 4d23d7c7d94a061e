"""Redact a secret in a text that was sent in several chunks."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from ..._secrets._redact_secrets import REDACTED, redacted_form_of_each_text_with_secrets


def changed_chunks_after_redaction(chunks: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the number of each chunk that a secret of the whole text lies in, without it.

    A secret in one chunk alone counts too.

    Args:
        chunks: The parts of one text, in order; what was lost between two is a part of its own.
    """
    whole = "".join(chunks)
    found = redacted_form_of_each_text_with_secrets([whole]).get(whole)
    if found is None:
        return
    ends = list(accumulate(map(len, chunks)))
    for number, (begin, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        shown, at = "", begin
        for first, last, _ in found.secrets:
            if first < end and last > begin:
                shown += whole[at : max(at, first)] + REDACTED
                at = min(last, end)
        if shown:
            yield number, shown + whole[at:end]
