"""Text from a log on its way to people: visible, and inert wherever it is shown.

Names of files, aircraft and zones, and messages, are written by whoever made the evidence. The
one place that takes from such a text what a terminal, a spreadsheet, a text editor or an XML
reader would obey: escape codes, marks that turn the order of letters round, letters that draw
nothing, formulas, markup.
"""

import re
import unicodedata
from functools import lru_cache

#: Longest text that is shown; what is cut off is counted.
MAX_TEXT = 2000
_BREAKS = re.compile(r"\r\n|[\r\n\t]")
# Characters that draw nothing or reorder what is around them.  A reviewer must
# see that they are there: a name could otherwise be made to read as another.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\ue000-\uf8ff\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_UNPRINTED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: A cell that begins so is a formula to a spreadsheet; the wide forms are, too, in East Asia.
_FORMULA_MARKS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_BREAK_MARKS = "\t\r\n"
#: A cell may begin again where a spreadsheet takes another character to part the cells.
_FORMULA = re.compile(rf"(^|[;|]) *(?=[{_FORMULA_MARKS}])")
#: Text that a spreadsheet would make another number of: 0012, 15E3, 1581123456789012.
_CHANGED_NUMBER = re.compile(
    r"0[0-9]{1,20}(?:[.,][0-9]{0,20})?|[0-9.,]{1,20}[eE][+-]?[0-9]{1,20}|[0-9]{16,}"
)
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 .,:_-]")
#: What Markdown takes for markup within a line; an address becomes a link without any mark.
_MARKDOWN_MARKS = re.compile(r"([\\`*_{}\[\]()<>#!|~$&@]|:(?=//)|(?<=[wW]{3})\.)")


def spell_out_unseen_characters(text: object) -> str:
    """Return a text with every character that draws nothing spelt out, such as ``⟨U+202E⟩``."""
    return _INVISIBLE.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", str(text))


def truncated_visible_text(text: object) -> str:
    """Return a text in one line with every unseen character spelt out, cut at ``MAX_TEXT``."""
    whole = str(text)
    if len(whole) <= MAX_TEXT and whole.isascii() and whole.isprintable():
        return whole
    kept = spell_out_unseen_characters(_BREAKS.sub(" ", whole[:MAX_TEXT]))
    cut = len(whole) - MAX_TEXT
    return f"{kept} … [{cut} more characters]" if cut > 0 else kept


def whole_visible_text(text: object) -> str:
    """Return a text in one line with every unseen character spelt out, whole."""
    return spell_out_unseen_characters(_BREAKS.sub(" ", str(text)))


def terminal_safe_text(text: object) -> str:
    """Return text without characters that control a terminal: controls, escapes, reversals.

    Each is one sign of the same width, so that a table keeps its columns.
    """
    return "".join(
        "�" if unicodedata.category(character) in _UNPRINTED_CATEGORIES else character
        for character in _INVISIBLE.sub("�", str(text))
    )


def spreadsheet_safe_cell(value: object) -> object:
    """Return a value that is safe in a spreadsheet, in CSV and in a workbook.

    Numbers stay numbers. Text is visible, and never a formula, nor another number than it shows:
    where a spreadsheet would make one of it (``=1+1``, ``0012``, ``15E3``), it begins with ``'``.
    So it does within a text behind ``;`` and ``|``, where a spreadsheet of another country begins
    a cell.
    """
    if not isinstance(value, str):
        return value
    text = whole_visible_text(value)
    if _CHANGED_NUMBER.fullmatch(text.strip()) or value.startswith(tuple(_BREAK_MARKS)):
        return f"'{text}"
    return _FORMULA.sub(r"\g<0>'", text)


def markdown_text(text: object) -> str:
    """Return a text that Markdown shows as it is: no link, picture, heading, table or HTML."""
    return _MARKDOWN_MARKS.sub(r"\\\1", truncated_visible_text(text))


def escape_html(text: object) -> str:
    """Return text for HTML, every character that is not plain as a reference.

    Braces, backticks and quotes are references too, so that the text is inert
    in an attribute, in a script and in a template language.
    """
    return _escape_as_html_references(truncated_visible_text(text))


# Names, kinds and the texts of rules stand in every page again.
@lru_cache(maxsize=4096)
def _escape_as_html_references(text: str) -> str:
    return _NOT_PLAIN.sub(lambda found: f"&#{ord(found[0])};", text)


def xml_safe_text(text: object) -> str:
    """Return a text for XML, within an element or an attribute in double quotes.

    Unseen characters are spelt out: XML 1.0 has no form for most of them.
    """
    kept = whole_visible_text(text)
    for mark, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
        kept = kept.replace(mark, f"&{name};")
    return kept
