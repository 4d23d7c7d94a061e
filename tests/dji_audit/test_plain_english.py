"""Texts for people: sentences, numbers with their noun, durations."""

import pytest

from dji_audit.common.plain_english import (
    aircraft_type_text,
    as_sentence,
    duration_text,
    joined_with_and,
    number_and_lesser_limit_texts,
    pluralised_count,
    sentence_case,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "not known"), (float("nan"), "not known"), (0.3, "0.3 s"), (9.94, "9.9 s"),
        (9.95, "10 s"), (119.4, "119 s"), (120, "2 min"), (460, "7 min 40 s"), (125, "2 min 5 s"),
        (3599.6, "1 h"), (3719.6, "1 h 2 min"), (172740, "47 h 59 min"), (172800, "2 days"),
        (63072000, "730 days"), (272055672, "3,149 days"),
    ],
)  # fmt: skip
def test_a_duration_is_said_as_people_say_it(seconds: float | None, words: str) -> None:
    assert duration_text(seconds) == words


@pytest.mark.parametrize(
    ("maker", "model", "words"),
    [
        ("DJI", "Mavic Air", "DJI Mavic Air"), ("DJI", "DJI FPV", "DJI FPV"),
        ("DJI", None, "DJI"), (None, "Skydio X10", "Skydio X10"), ("Sky", "Skydio", "Sky Skydio"),
        (None, None, ""),
    ],
)  # fmt: skip
def test_a_maker_is_named_once(maker: str | None, model: str | None, words: str) -> None:
    assert aircraft_type_text(maker, model) == words


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 zones"), (1, "1 zone"), (2, "2 zones"), (1200, "1,200 zones")]
)
def test_a_number_has_its_noun_in_one_or_many(number: int, words: str) -> None:
    assert pluralised_count(number, "zone") == words


@pytest.mark.parametrize(
    ("texts", "words"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_texts_are_joined_as_people_list_them(texts: list[str], words: str) -> None:
    assert joined_with_and(texts) == words


def test_a_sentence_begins_with_a_capital_unless_a_name_begins_it() -> None:
    assert as_sentence("no fix in the air..") == "No fix in the air."
    assert sentence_case("flight.txt: not read") == "flight.txt: not read"
    assert sentence_case("dji.com, which is known") == "dji.com, which is known"


@pytest.mark.parametrize(
    ("number", "limit", "decimals", "texts"),
    [
        (60.0, 40.0, 0, ("60", "40")), (40.3, 40.0, 0, ("40.3", "40")),
        (24.9, 24.6, 0, ("24.9", "24.6")), (40.0, 10.0, 1, ("40.0", "10")),
        (0.25, 0.0, 0, ("0.2", "0")), (5.00001, 5.0, 0, ("5.00001", "5")),
    ],
)  # fmt: skip
def test_a_number_reads_as_more_than_the_limit_that_it_exceeds(
    number: float, limit: float, decimals: int, texts: tuple[str, str]
) -> None:
    assert number_and_lesser_limit_texts(number, limit, decimals) == texts
