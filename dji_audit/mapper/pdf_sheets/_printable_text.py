"""Text on its way to a sheet: only characters that the fonts of the sheets hold."""

import re
from collections.abc import Mapping, Sequence

from dji_audit.common.safe_text import truncated_visible_text

#: What the fonts that typst carries print in upright and bold, from left to right: Latin, Greek,
#: Cyrillic, punctuation, currencies, arrows, a few signs of mathematics, and the two brackets
#: that `truncated_visible_text` writes.  PDF/UA-1 forbids a character without a glyph.
_NOT_PRINTABLE = re.compile(
    "[^ -~\u00a1-\u00ac\u00ae-\u02ff\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce"
    "\u0400-\u045f\u0490-\u04c4\u1e00-\u1e9b\u2010-\u2027\u2030-\u203a\u20a4\u20ac"
    "\u2190-\u2193\u2212\u2248\u2260\u2264\u2265\u27e8\u27e9]"
)
#: A run without a blank, longer than a narrow column is wide: a path, a name, an address.
_LONG_RUN = re.compile(r"[^\s]{20,}")
#: A hash stays in one piece, so that it can be copied; it has a line of its own.
_HASH = re.compile(r"[0-9a-f]{64}\Z")
#: Where a line of such a run may end: behind what divides names, else behind 20 characters.
_ENDS_IN_RUN = re.compile(
    r"(?<![_/\\.,;:=&?+-])[_/\\.,;:=&?+-]++(?=[^_/\\.,;:=&?+-])|[^_/\\.,;:=&?+-]{20}"
)
#: Where a line may end and nothing is printed.
_LINE_MAY_END = "\u200b"
_CHARACTER_REFERENCE = re.compile(r"&#(\d{1,7});")


def spell_out_unprintable_characters(text: object) -> str:
    """Return text with each character that no font holds spelt out, as in ``⟨U+4E2D⟩``."""
    spelt = _NOT_PRINTABLE.sub(
        lambda found: f"⟨U+{ord(found[0]):04X}⟩",
        truncated_visible_text(text).replace("\u00a0", " "),
    )
    return _LONG_RUN.sub(lambda found: _insert_line_break_chances(found[0]), spelt)


def _insert_line_break_chances(run: str) -> str:
    if _HASH.match(run):
        return run
    return _ENDS_IN_RUN.sub(lambda found: found[0] + _LINE_MAY_END, run)


def make_json_texts_printable(value: object) -> object:
    """Return a JSON value in which every text, but no key, is printable.

    Raises:
        TypeError: If it holds anything that JSON has no word for.
    """
    if isinstance(value, str):
        return spell_out_unprintable_characters(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): make_json_texts_printable(each) for name, each in value.items()}
    if isinstance(value, Sequence):
        return [make_json_texts_printable(each) for each in value]
    raise TypeError(f"a sheet shows no {type(value).__name__}")


def printable_svg(svg: str) -> str:
    """Return a picture of the page as a picture of its own, in the font of the sheets."""

    def spelt(found: re.Match[str]) -> str:
        number = int(found[1])
        character = chr(number) if number < 0x110000 else "\ufffd"
        return f"⟨U+{number:04X}⟩" if _NOT_PRINTABLE.match(character) else found[0]

    picture = _CHARACTER_REFERENCE.sub(spelt, svg)
    picture = _NOT_PRINTABLE.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", picture)
    picture = picture.replace('font-family="sans-serif"', 'font-family="DejaVu Sans Mono"')
    return picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
