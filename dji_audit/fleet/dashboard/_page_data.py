"""What the script of the dashboard reads: the flights and contacts that its numbers lead to."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.fleet.dashboard._dashboard_queries import (
    CLAIM_ORDER,
    SIGNS,
    query_sqlite_rows,
    wear_and_danger_signs_by_flight,
)

#: Contacts that the page lists, the strongest claims first; the table has all.
MAX_CONTACTS = 20_000
#: Outcome -> its letter in the outcomes of a rule.
OUTCOME_LETTERS = {
    "pass": "p",
    "fail": "f",
    "fail_acknowledged": "k",
    "fail_authorised": "a",
    "not_assessable": "u",
    "not_applicable": "n",
}
#: Columns of flights whose words repeat: each value is an index of the words.
_WORD_COLUMNS = ("month", "aircraft", "serial", "verdict", "region", "entry", "app", "thermal")
_VALUE_COLUMNS = (
    "flight", "start", "local_start", "file", "place", "duration_s", "video_s", "thermal_s",
    "audio_s", "findings", "remarks", "not_assessable", "network_share", "operation",
)  # fmt: skip
#: Columns of flights that hold several words, parted by semicolons -> flight and word of each.
_LISTS = {
    "battery": "SELECT flight, serial FROM parts WHERE part = 'battery' AND serial IS NOT NULL",
    "firmware": "SELECT flight, part || ' ' || version FROM flight_firmware",
}
_CONTACT_COLUMNS = (
    "host", "operators", "apps", "devices", "claim", "first", "last", "rows", "bytes_up",
    "local_data_mode", "file", "sha256", "offset", "record",
)  # fmt: skip


def fleet_page_data(
    connection: sqlite3.Connection, page_address: Callable[[str], str | None]
) -> dict[str, object]:
    """Return the flights, the outcomes of rules and the contacts, column by column.

    Args:
        connection: The database of a state.
        page_address: The address of a flight's page from the dashboard; ``None``: it is not there.
    """
    flights = query_sqlite_rows(
        connection,
        "SELECT * FROM flights WHERE NOT simulated "
        "ORDER BY start IS NULL, start DESC, file, flight",
    )
    numbers = {row["flight"]: number for number, row in enumerate(flights)}
    signs = wear_and_danger_signs_by_flight(connection)
    sign_bits = {name: 1 << bit for bit, name in enumerate(SIGNS)}
    columns: dict[str, object] = {
        name: [_value_with_text_made_visible(row[name]) for row in flights]
        for name in _VALUE_COLUMNS
    }
    words: dict[str, list[str]] = {}
    for name in _WORD_COLUMNS:
        columns[name], words[name] = _word_indexes_and_distinct_words(
            [row[name] for row in flights]
        )
    for name, select in _LISTS.items():
        texts = _query_joined_words_by_flight(connection, select)
        columns[name], words[name] = _word_indexes_and_distinct_words(
            [texts.get(row["flight"]) for row in flights]
        )
    columns["page"] = [None if not row["page"] else page_address(row["page"]) for row in flights]
    columns["signs"] = [
        sum(sign_bits[name] for name in signs.get(row["flight"], ())) for row in flights
    ]
    contacts, left_out = _network_contact_columns_and_omitted_count(connection, numbers)
    return {
        "count": len(flights),
        "flights": columns,
        "words": words,
        "outcomes": _outcome_letters_by_rule(connection, numbers),
        "letters": OUTCOME_LETTERS,
        "signs": {name: [sign_bits[name], text] for name, (text, _) in SIGNS.items()},
        "contacts": contacts,
        "contacts_left_out": left_out,
        "claims": list(CLAIM_ORDER),
    }


def flight_page_address_function(
    results_folder: str | None, page_folder: Path
) -> Callable[[str], str | None]:
    """Return how pages of flights are reached from a page in a folder.

    Args:
        results_folder: Where the run wrote its results; ``None``: nowhere.
        page_folder: Where the dashboard is written.
    """
    if results_folder is None:
        return lambda _: None
    folder, here = Path(results_folder), page_folder.resolve()
    depth = 0
    while not folder.is_relative_to(here):
        if here == here.parent:
            return lambda _: None
        here, depth = here.parent, depth + 1
    parts = (*[".."] * depth, *folder.relative_to(here).parts)
    found = {it.name for it in (folder / "flights").glob("*.html")}

    def address(page: str) -> str | None:
        name = page.rpartition("/")[2]
        return "/".join((*parts, "flights", name)) if name in found else None

    return address


def _outcome_letters_by_rule(
    connection: sqlite3.Connection, numbers: dict[str, int]
) -> dict[str, str]:
    letters: dict[str, bytearray] = {}
    nothing = b"-" * len(numbers)
    for flight, rule, outcome in connection.execute("SELECT flight, rule, outcome FROM results"):
        number = numbers.get(flight)
        if number is not None:
            own = letters.setdefault(rule, bytearray(nothing))
            own[number] = ord(OUTCOME_LETTERS[outcome])
    return {rule: bytes(own).decode("ascii") for rule, own in sorted(letters.items())}


def _network_contact_columns_and_omitted_count(
    connection: sqlite3.Connection, numbers: dict[str, int]
) -> tuple[dict[str, list[Any]], int]:
    rows = query_sqlite_rows(
        connection, "SELECT * FROM contacts WHERE contacted_by = 'device' AND NOT is_local"
    )
    rank = {claim: index for index, claim in enumerate(CLAIM_ORDER)}
    rows.sort(
        key=lambda row: (
            -rank.get(row["claim"], -1),
            str(row["first"]),
            row["host"],
            row["flight"] or "",
        )
    )
    listed = rows[:MAX_CONTACTS]
    columns: dict[str, list[Any]] = {
        name: [_value_with_text_made_visible(row[name]) for row in listed]
        for name in _CONTACT_COLUMNS
    }
    columns["flight"] = [numbers.get(row["flight"], -1) for row in listed]
    return columns, len(rows) - len(listed)


def _query_joined_words_by_flight(connection: sqlite3.Connection, select: str) -> dict[str, str]:
    found: dict[str, set[str]] = defaultdict(set)
    for flight, word in connection.execute(select):
        found[flight].add(word.replace(";", ","))
    return {flight: "; ".join(sorted(words)) for flight, words in found.items()}


def _word_indexes_and_distinct_words(values: Sequence[str | None]) -> tuple[list[int], list[str]]:
    """Return for each value its index among the different words, -1 where it is missing."""
    words = sorted({value for value in values if value})
    index = {word: number for number, word in enumerate(words)}
    return [index[value] if value else -1 for value in values], [
        truncated_visible_text(it) for it in words
    ]


def _value_with_text_made_visible(value: object) -> object:
    return truncated_visible_text(value) if isinstance(value, str) else value
