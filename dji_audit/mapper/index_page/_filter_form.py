"""The lists of the filters of the index, each with the words that occur and of how many flights."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.index_page._filter_data import FILTERS, READ_IN_PART
from dji_audit.mapper.index_page._flight_table import VERDICT_WORDS, is_partly_read
from dji_audit.report.rows import FlightRow, PolicyRuleRow


def filter_form_html(data: Mapping[str, Any], rules: Sequence[PolicyRuleRow]) -> str:
    """Return a list to choose from for each filter; those of fewer than two words are hidden.

    Args:
        data: What the script of the page filters by.
        rules: The rules that were applied.
    """
    lists = []
    for name, label, any_words in FILTERS:
        words, of_flights = data["filters"][name]["words"], data["filters"][name]["of"]
        counts = Counter(number for numbers in of_flights for number in numbers)
        options = [(word, f"{word} ({counts[n]:,})") for n, word in enumerate(words)]
        lists.append(_filter_list_html(f"filter_{name}", label, any_words, options))
    lists.append(
        _filter_list_html("filter_rule", "Rule", "any", [(rule.rule, rule.title) for rule in rules])
    )
    present = {letter for letters in data["outcomes"] for letter in letters}
    outcomes = [(letter, words) for letter, words in data["outcome_words"] if letter in present]
    lists.append(_filter_list_html("filter_outcome", "with outcome", "any", outcomes))
    return "\n".join(lists)


def _filter_list_html(
    identifier: str, label: str, any_words: str, options: Sequence[tuple[str, str]]
) -> str:
    items = "".join(
        f'<option value="{escape_html(value)}">{escape_html(words)}</option>'
        for value, words in options
    )
    # Of one word nothing is to be chosen; an address may name it all the same.
    hidden = "" if len(options) > 1 else " hidden"
    return (
        f'<label{hidden}>{escape_html(label)} <select id="{identifier}">'
        f'<option value="">{escape_html(any_words)}</option>{items}</select></label>'
    )


def flight_count_link_html(html: str, kind: str = "", **choice: str) -> str:
    """Return a number that leads to the flights it counts where scripts run, as HTML.

    Args:
        html: The number and its words.
        kind: Classes of the element.
        choice: Name of each filter -> the word that is chosen.
    """
    classes = f' class="{kind}"' if kind else ""
    return f'<span{classes} data-filter="{escape_html(urlencode(choice))}">{html}</span>'


def counts_by_verdict_html(flights: Sequence[FlightRow]) -> str:
    """Return how many flights have each verdict, and how many were read in part, as HTML.

    Each number leads to its flights.
    """
    counts = Counter(flight.verdict for flight in flights)
    chips = [
        flight_count_link_html(f"{words}: {counts[it]:,}", f"chip {it}", verdict=words)
        for it, words in VERDICT_WORDS.items()
        if counts[it]
    ]
    if partial := sum(map(is_partly_read, flights)):
        chips.append(
            flight_count_link_html(
                f"Read in part: {partial:,}", "chip not_checked", logs=READ_IN_PART
            )
        )
    return " ".join(chips)
