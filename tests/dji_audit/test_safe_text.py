"""Text from evidence, where it is shown: nothing in it is obeyed, and nothing of it is unseen."""

import csv
import io

import pytest

from dji_audit.common.safe_text import (
    MAX_TEXT,
    markdown_text,
    spreadsheet_safe_cell,
    terminal_safe_text,
    truncated_visible_text,
    whole_visible_text,
    xml_safe_text,
)

#: One of each kind: escape codes, reversals, isolates, joiners, fillers, tags, private use, halves.
UNSEEN = (
    "\x00\x07\x1b\x7f\x85\x9b\u00ad\u061c\u115f\u200b\u200e\u200f\u2028\u202a\u202e\u2060\u2066"
    "\u2069\u3164\ufe0f\ufeff\udc80\ue000\U000e0041\U0010ffff"
)
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1+1")


@pytest.mark.parametrize("character", UNSEEN)
def test_a_character_that_draws_nothing_is_spelt_out(character: str) -> None:
    text = f"a{character}b"
    spelt = f"a⟨U+{ord(character):04X}⟩b"
    assert truncated_visible_text(text) == spelt
    assert whole_visible_text(text) == spelt
    assert spreadsheet_safe_cell(text) == spelt
    assert xml_safe_text(text) == spelt
    assert markdown_text(text) == spelt


@pytest.mark.parametrize("character", UNSEEN)
def test_a_terminal_gets_no_character_that_it_would_obey(character: str) -> None:
    assert terminal_safe_text(f"a{character}b") == "a�b"


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    cell = str(spreadsheet_safe_cell(text))
    assert cell.lstrip(" ").startswith("'")
    assert not set("\t\r\n") & set(cell)


@pytest.mark.parametrize("separator", [";", "|"])
def test_no_part_of_a_cell_is_a_formula_where_another_sign_parts_the_cells(separator: str) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow([spreadsheet_safe_cell(f"a.txt{separator} =cmd()"), "b"])
    for cell in stream.getvalue().strip().split(separator):
        assert not cell.strip(' "').startswith("="), cell


@pytest.mark.parametrize("text", ["0012", "15E3", "1.5e+3", "1581123456789012345", "00.5"])
def test_a_text_that_would_become_another_number_stays_a_text(text: str) -> None:
    assert spreadsheet_safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "value",
    [
        -1.5,
        0,
        None,
        True,
        "plain",
        "a=b",
        "",
        "1581F5BKD229C00A",
        "2026-05-14T10:01:58Z",
        "12.5",
        "0",
    ],
)
def test_what_a_spreadsheet_takes_as_it_is_stays_as_it_is(value: object) -> None:
    assert spreadsheet_safe_cell(value) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[x](http://e.example)", r"\[x\]\(http\://e.example\)"),
        ("<img src=x>", r"\<img src=x\>"),
        ("a|b", r"a\|b"),
        ("www.e.example", r"www\.e.example"),
        ("`code` *b* _i_", r"\`code\` \*b\* \_i\_"),
        ("a\nb\r\n# c", r"a b \# c"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, shown: str) -> None:
    assert markdown_text(text) == shown


def test_xml_holds_a_text_as_it_is() -> None:
    assert xml_safe_text('<a b="c">&\'') == "&lt;a b=&quot;c&quot;&gt;&amp;'"


def test_what_is_cut_off_is_counted() -> None:
    assert truncated_visible_text("x" * (MAX_TEXT + 7)).endswith("x … [7 more characters]")
    assert whole_visible_text("x" * (MAX_TEXT + 7)) == "x" * (MAX_TEXT + 7)
