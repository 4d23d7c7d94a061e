"""Texts for people: sentences with a capital letter, numbers with their noun, durations."""

import math
from collections.abc import Sequence


def sentence_case(text: str) -> str:
    """Return a text with a capital first letter; the name of a file or host keeps its own."""
    first = text.partition(" ")[0].rstrip(",;:")
    if "/" in first or "." in first.rstrip(".") or not first.islower():
        return text
    return text[:1].upper() + text[1:]


def as_sentence(text: str) -> str:
    """Return a text with a capital first letter and one full stop."""
    return f"{sentence_case(text).rstrip('.')}."


def pluralised_count(number: int, noun: str) -> str:
    """Return a number with its noun, such as ``2 zones``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def joined_with_and(texts: Sequence[str]) -> str:
    """Return texts as a list in words, such as ``a, b and c``; empty: there are none."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def aircraft_type_text(maker: str | None, model: str | None) -> str:
    """Return the maker and the model of an aircraft, the maker once; empty: neither is known."""
    if maker and model and model.casefold().startswith(f"{maker.casefold()} "):
        return model
    return " ".join(filter(None, (maker, model)))


def duration_text(seconds: float | None) -> str:
    """Return a duration as people say it: 0.3 s, 21 s, 2 min 5 s, 1 h 3 min, 730 days.

    It is "not known" where it is missing.
    """
    if seconds is None or not math.isfinite(seconds):
        return "not known"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, left_s = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {left_s} s" if left_s else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{round(seconds / 86400):,} days"


def without_article(words: str) -> str:
    """Return words such as "a ZIP archive" without the article, for use in a list."""
    article, blank, rest = words.partition(" ")
    return rest if blank and article in ("a", "an", "the") else words


def percent_text(share: float) -> str:
    """Return a share as per cent, never rounded up to 100 %."""
    tenths = int(share * 1000) / 10
    return f"{tenths:g} %" if tenths or not share else "less than 0.1 %"


def number_and_lesser_limit_texts(
    number: float, limit: float, decimals: int = 0
) -> tuple[str, str]:
    """Return a number and a limit that it exceeds so that they read as that: 40.3 and 40.

    Args:
        number: More than the limit.
        limit: The limit, whole where that suffices.
        decimals: The fewest of the number.
    """
    for digits in range(decimals, decimals + 4):
        for limit_digits in range(digits + 1):
            texts = f"{number:.{digits}f}", f"{limit:.{limit_digits}f}"
            if float(texts[0]) > float(texts[1]):
                return texts
    return f"{number:g}", f"{limit:g}"
