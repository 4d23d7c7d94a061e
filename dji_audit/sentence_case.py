"""Sentences that begin with a capital letter, as people write them."""


def sentence_case(text: str) -> str:
    """Return a text with a capital first letter; the name of a file or host keeps its own."""
    first = text.partition(" ")[0].rstrip(",;:")
    if "/" in first or "." in first.rstrip(".") or not first.islower():
        return text
    return text[:1].upper() + text[1:]


def as_sentence(text: str) -> str:
    """Return a text with a capital first letter and one full stop."""
    return f"{sentence_case(text).rstrip('.')}."
