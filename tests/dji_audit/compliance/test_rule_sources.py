"""A rule is called verified only where the text that it rests on was read."""

import datetime as dt
import json
from itertools import product
from typing import Any, get_args

import jsonschema
import pytest
from pydantic import ValidationError

from dji_audit.compliance.policy import (
    PolicyEntry,
    PolicyError,
    load_policy,
    pack_schema,
    parse_policy,
    shipped_pack_names,
)
from dji_audit.compliance.rule_sources import (
    READ_AGAIN_AFTER_DAYS,
    STATUSES_WITH_SOURCES,
    RuleSource,
    SourceKind,
    why_rule_is_unverified,
)

HEAD = '[pack]\nname = "unit"\nversion = "1"\ntitle = "A unit"\n'
READ = dt.date(2026, 11, 30)


def pack_text(status: str, source: str | None, *, verified: str = "true") -> bytes:
    sources = "" if source is None else f"sources = [{{ {source} }}]\n"
    return (
        f'{HEAD}[[rule]]\nid = "height_limit"\nstatus = "{status}"\ncitation = "A law."\n'
        f"verified = {verified}\n{sources}"
    ).encode()


PROVED = 'instrument = "SI 2016/765", kind = "instrument", paragraph = "94A", read = 2026-11-30'
UNPROVED = (
    None,
    PROVED.replace('kind = "instrument"', 'kind = "secondary"'),
    PROVED.replace(', paragraph = "94A"', ""),
    PROVED.replace(", read = 2026-11-30", ""),
)


@pytest.mark.parametrize(
    ("status", "source"), list(product(sorted(STATUSES_WITH_SOURCES), UNPROVED))
)
def test_a_law_is_not_verified_by_what_nobody_read(status: str, source: str | None) -> None:
    with pytest.raises(PolicyError, match="verified needs a source of its own"):
        parse_policy(pack_text(status, source), "unit.toml")
    parse_policy(pack_text(status, source, verified="false"), "unit.toml")


@pytest.mark.parametrize("status", sorted(STATUSES_WITH_SOURCES))
def test_a_text_that_was_read_at_its_paragraph_verifies(status: str) -> None:
    policy = parse_policy(pack_text(status, PROVED), "unit.toml")
    assert policy.rules["height_limit"].verified


@pytest.mark.parametrize("status", ["engineering", "local_policy"])
def test_a_decision_of_a_unit_needs_no_text(status: str) -> None:
    assert parse_policy(pack_text(status, None), "unit.toml").rules["height_limit"].verified


def wordings(*periods: tuple[str | None, str | None]) -> str:
    """Return sources that were read, each in force from and to these days."""
    lines = []
    for since, until in periods:
        begin = f", since = {since}" if since else ""
        end = f", until = {until}" if until else ""
        lines.append(f"{{ {PROVED}{begin}{end} }}")
    return f"sources = [{', '.join(lines)}]\n"


def validity(first: str | None, last: str | None) -> str:
    return (f"valid_from = {first}\n" if first else "") + (f"valid_to = {last}\n" if last else "")


@pytest.mark.parametrize(
    ("first", "last", "periods", "unproven"),
    [
        (None, None, [(None, None)], None),
        (None, None, [("2020-01-01", None)], "before any text"),
        (None, "2025-12-31", [(None, "2025-12-31")], None),
        (None, "2026-01-01", [(None, "2025-12-31")], "on 2026-01-01"),
        ("2020-01-01", None, [("2020-01-01", None)], None),
        ("2020-01-01", None, [("2020-01-02", None)], "on 2020-01-01"),
        ("2020-01-01", None, [("2020-01-01", "2025-12-31")], "on 2026-01-01"),
        ("2020-01-01", None, [("2020-01-01", "2025-12-31"), ("2026-01-01", None)], None),
        ("2020-01-01", None, [("2026-01-01", None), ("2020-01-01", "2025-12-31")], None),
        ("2020-01-01", None, [("2020-01-01", "2025-12-31"), ("2026-01-02", None)], "2026-01-01"),
        # A short wording within a long one takes nothing away.
        ("2020-01-01", None, [("2019-01-01", None), ("2020-06-01", "2020-07-01")], None),
        ("2020-01-01", "2020-12-31", [("2010-01-01", "2021-01-01")], None),
        ("2020-01-01", "2020-12-31", [("2010-01-01", "2019-12-31")], "on 2020-01-01"),
    ],
)
def test_a_rule_is_verified_for_all_of_its_days_or_not_at_all(
    first: str | None,
    last: str | None,
    periods: list[tuple[str | None, str | None]],
    unproven: str | None,
) -> None:
    text = pack_text("statute", None) + (wordings(*periods) + validity(first, last)).encode()
    if unproven is None:
        assert parse_policy(text, "unit.toml").rules["height_limit"].verified
    else:
        with pytest.raises(PolicyError, match=unproven):
            parse_policy(text, "unit.toml")


def test_no_shipped_law_is_verified_without_instrument_paragraph_and_day() -> None:
    verified = [
        entry
        for name in shipped_pack_names()
        for entry in load_policy(name).rules.values()
        if entry.verified and entry.status in STATUSES_WITH_SOURCES
    ]
    assert {entry.id for entry in verified} >= {"remote_id", "night_flight", "maker_asda"}
    for entry in verified:
        proving = [source for source in entry.sources if source.has_read_text_and_paragraph]
        assert proving, entry.id
        assert any(source.kind in ("instrument", "guidance", "list") for source in proving)
        assert all(source.address for source in proving), entry.id
        assert all(source.read and source.read <= READ for source in proving), entry.id


def test_a_wording_that_has_ended_is_not_read_again() -> None:
    ended = RuleSource(instrument="A text", kind="instrument", paragraph="1", read=READ, until=READ)
    years_later = READ + dt.timedelta(days=1000)
    assert ended.review_task_on(years_later) is None
    unread = ended.model_copy(update={"read": None})
    assert unread.review_task_on(years_later) == "read it: its text was not read"


@pytest.mark.parametrize("name", shipped_pack_names())
def test_every_law_and_guidance_that_ships_names_its_texts(name: str) -> None:
    for entry in load_policy(name).rules.values():
        if entry.status in STATUSES_WITH_SOURCES:
            assert entry.sources, entry.id
            assert any(source.kind != "secondary" for source in entry.sources), entry.id


def test_another_citation_leaves_the_texts_of_the_inherited_one_behind() -> None:
    text = HEAD + 'extends = "uk-open"\n[[rule]]\nid = "height_limit"\ncitation = "Another."\n'
    inherited = load_policy("uk-open").rules["height_limit"]
    changed = parse_policy(text.encode(), "unit.toml").rules["height_limit"]
    assert inherited.sources
    assert changed.sources == ()
    renamed = HEAD + 'extends = "uk-open"\n[[rule]]\nid = "height_limit"\nseverity = "low"\n'
    kept = parse_policy(renamed.encode(), "unit.toml").rules["height_limit"]
    assert kept.sources == inherited.sources


@pytest.mark.parametrize("kind", get_args(SourceKind))
def test_a_text_is_read_again_after_a_time(kind: SourceKind) -> None:
    source = RuleSource(instrument="A text", kind=kind, paragraph="1", read=READ)
    limit = READ_AGAIN_AFTER_DAYS[kind]
    due = source.review_task_on(READ + dt.timedelta(days=limit + 1))
    kept = source.review_task_on(READ + dt.timedelta(days=limit))
    assert due is not None
    assert (kept is None) == (kind != "secondary")
    assert source.days_since_text_was_read(READ + dt.timedelta(days=3)) == 3


def test_a_text_that_was_not_read_or_lacks_its_paragraph_is_to_be_read() -> None:
    unread = RuleSource(instrument="A text", kind="guidance", paragraph="1")
    nowhere = RuleSource(instrument="A text", kind="guidance", read=READ)
    assert unread.review_task_on(READ) == "read it: its text was not read"
    assert nowhere.review_task_on(READ) == "find the paragraph"


@pytest.mark.parametrize("address", ["https://legislation.gov.uk", "two words", "mailto:a", ""])
def test_an_address_is_a_place_without_a_scheme(address: str) -> None:
    for field in ("address", "copy_address"):
        text = pack_text("statute", f'{PROVED}, {field} = "{address}"')
        with pytest.raises(PolicyError, match=field):
            parse_policy(text, "unit.toml")


def test_the_schema_knows_the_sources() -> None:
    source = {
        "instrument": "A law",
        "kind": "instrument",
        "paragraph": "1",
        "copy_address": "example.org/copy",
        "read": "2026-11-30",
    }
    entry = {"id": "height_limit", "status": "statute", "citation": "A law.", "sources": [source]}
    document = {"pack": {"name": "u", "version": "1", "title": "U"}, "rule": [entry]}
    schema = json.loads(pack_schema())
    jsonschema.validate(document, schema)
    for wrong in ({**source, "kind": "blog"}, {**source, "where": "here"}, {"kind": "list"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**document, "rule": [{**entry, "sources": [wrong]}]}, schema)


# Where each of these stops


def source(**more: Any) -> RuleSource:
    values: dict[str, Any] = {"instrument": "A", "kind": "instrument"}
    return RuleSource.model_validate(values | more)


def test_an_instrument_is_read_twice_a_year_and_a_page_each_quarter() -> None:
    assert READ_AGAIN_AFTER_DAYS == {
        "instrument": 180, "guidance": 90, "list": 30, "maker": 90, "secondary": 90,
    }  # fmt: skip


FIRST, LAST = dt.date(2026, 1, 2), dt.date(2026, 1, 9)


@pytest.mark.parametrize(
    ("since", "until", "day", "is_in_force"),
    [
        (None, None, None, True), (FIRST, None, None, False), (None, LAST, None, False),
        (FIRST, LAST, None, False), (None, None, FIRST, True),
        (FIRST, None, dt.date(2026, 1, 1), False), (FIRST, None, FIRST, True),
        (FIRST, None, LAST, True), (None, LAST, LAST, True), (None, LAST, FIRST, True),
        (None, LAST, dt.date(2026, 1, 10), False), (FIRST, LAST, FIRST, True),
        (FIRST, LAST, LAST, True), (FIRST, LAST, dt.date(2026, 1, 1), False),
        (FIRST, LAST, dt.date(2026, 1, 10), False),
    ],
)  # fmt: skip
def test_a_wording_is_in_force_on_its_first_and_last_day(
    since: dt.date | None, until: dt.date | None, day: dt.date | None, is_in_force: bool
) -> None:
    text = source(since=since, until=until)
    assert text.is_in_force(day) is is_in_force
    entry = PolicyEntry(
        id="a", rule="height_limit", status="engineering", citation="x",
        sources=(source(kind="secondary"), text),
    )  # fmt: skip
    assert entry.sources_in_force(day) == ((text,) if is_in_force else ())


@pytest.mark.parametrize(
    ("until", "days_later", "task"),
    [
        (None, 180, None), (None, 181, "read it again: it was read 181 days before"),
        (200, 199, "read it again: it was read 199 days before"),
        # On its last day it is still in force.
        (200, 200, "read it again: it was read 200 days before"), (200, 201, None),
    ],
)  # fmt: skip
def test_a_wording_is_read_again_while_it_is_in_force(
    until: int | None, days_later: int, task: str | None
) -> None:
    last = None if until is None else READ + dt.timedelta(days=until)
    text = source(paragraph="1", read=READ, until=last)
    assert text.review_task_on(READ + dt.timedelta(days=days_later)) == task


def test_somebody_elses_account_is_replaced_by_the_text_before_all_else() -> None:
    account = source(kind="secondary")
    expected = "read the text itself: this is somebody else's account of it"
    assert account.review_task_on(READ) == expected
    assert account.days_since_text_was_read(READ) is None
    assert (account.name_text, source(paragraph="s. 1").name_text) == ("A", "A, s. 1")


@pytest.mark.parametrize(
    ("changes", "proves"),
    [({}, True), ({"kind": "secondary"}, False), ({"kind": "maker"}, True), ({"read": None}, False),
     ({"paragraph": None}, False)],
)  # fmt: skip
def test_a_text_proves_a_rule_that_was_read_at_its_paragraph(
    changes: dict[str, Any], proves: bool
) -> None:
    text = source(**({"paragraph": "1", "read": READ} | changes))
    assert text.has_read_text_and_paragraph is proves


@pytest.mark.parametrize("field", ["instrument", "paragraph", "address", "copy_address", "note"])
def test_a_source_states_a_word_or_nothing(field: str) -> None:
    assert getattr(source(**{field: "a"}), field) == "a"
    with pytest.raises(ValidationError):
        source(**{field: ""})
    with pytest.raises(ValidationError, match="frozen"):
        setattr(source(), field, "b")


def day_or_none(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("first", "last", "periods", "unproven"),
    [
        ("2020-01-01", "2020-12-31", [("2010-01-01", "2020-12-30")], "on 2020-12-31"),
        ("2020-01-01", "2020-12-31", [("2010-01-01", "2020-12-31")], None),
        ("2020-01-01", "2020-01-01", [("2020-01-01", "2020-01-01")], None),
        ("2020-01-01", "2020-01-01", [("2020-01-02", None)], "on 2020-01-01"),
        # A short wording within a long one takes nothing away from the one that follows.
        (
            "2020-01-01",
            None,
            [("2019-01-01", "2020-06-30"), ("2019-06-01", "2019-07-01"), ("2020-07-01", None)],
            None,
        ),
        (
            "2020-01-01",
            None,
            [("2019-01-01", "2020-06-30"), ("2020-02-01", "2020-03-01"), ("2020-07-02", None)],
            "on 2020-07-01",
        ),
        (None, None, [(None, "2019-12-31"), ("2020-01-01", None)], None),
        (None, None, [("2020-01-01", None), (None, "2019-12-31")], None),
        (None, "2020-12-31", [("2020-01-01", None)], "before any text"),
    ],
)
def test_the_first_day_without_a_text_is_named(
    first: str | None,
    last: str | None,
    periods: list[tuple[str | None, str | None]],
    unproven: str | None,
) -> None:
    texts = [source(paragraph="1", read=READ, since=since, until=until) for since, until in periods]
    reason = why_rule_is_unverified("statute", texts, day_or_none(first), day_or_none(last))
    expected = "verified needs a text for every day of the rule, and none that was read holds"
    assert reason == (None if unproven is None else f"{expected} {unproven}")
    assert why_rule_is_unverified("engineering", texts) is None
