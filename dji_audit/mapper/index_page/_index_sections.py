"""What came of a run as a whole: each rule over all flights, and every file that was given."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from dji_audit.compliance.findings import Outcome
from dji_audit.mapper.flight_page._html_tables import OUTCOMES
from dji_audit.mapper.html._escape import escaped

#: Reasons shown for a rule, the most frequent first; the pages of the flights give each.
_REASONS = 3
#: Files shown; the report holds all.
_FILES = 2000

_STATUS = {
    "read": "read",
    "partial": "read in part",
    "encrypted": "encrypted",
    "unread": "not read",
    "unopened": "not opened",
    "copy": "copy",
    "other": "no log",
}


def rules_section(results: Sequence[Mapping[str, Any]]) -> str:
    """Return a table with what came of each rule over all flights; empty without any.

    Args:
        results: As `dji_audit.report.rows.result_rows` gives them.
    """
    if not results:
        return ""
    by_rule: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for result in results:
        by_rule[result["rule"]].append(result)
    counts = {rule: Counter(one["outcome"] for one in each) for rule, each in by_rule.items()}
    order = sorted(
        by_rule, key=lambda rule: [-counts[rule][outcome.value] for outcome in OUTCOMES] + [0]
    )
    rows = "".join(_rule(by_rule[rule], counts[rule]) for rule in order)
    heads = "".join(f'<th scope="col" class="number">{words}</th>' for words in OUTCOMES.values())
    unsure = sum(each[Outcome.NOT_ASSESSABLE.value] for each in counts.values())
    return (
        '<section aria-label="Rules"><h2>What each rule found, and what was not checked</h2>'
        f"<p><b>{unsure:,} of {len(results):,} results are not assessable:</b> nothing is known "
        "there, which is not the same as nothing wrong.</p>"
        f'<div class="scroll"><table id="rules"><thead><tr><th scope="col">Rule</th>{heads}'
        '<th scope="col">Why it could not be assessed</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _rule(results: Sequence[Mapping[str, Any]], counts: Mapping[str, int]) -> str:
    first = results[0]
    cells = "".join(_count(outcome, counts[outcome.value]) for outcome in OUTCOMES)
    reasons = Counter(
        str(one["reason"]) for one in results if one["outcome"] == Outcome.NOT_ASSESSABLE.value
    )
    shown = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    words = "".join(
        f"<p>{escaped(reason)}{f' ({count:,} flights)' if count > 1 else ''}</p>"
        for reason, count in shown[:_REASONS]
    )
    if len(shown) > _REASONS:
        words += f'<p class="note">and {len(shown) - _REASONS:,} more reasons</p>'
    status = escaped(str(first["status"]).replace("_", " "))
    return (
        f"<tr><td><b>{escaped(first['title'])}</b>"
        f'<span class="sub">{escaped(first["rule"])} · {status}</span></td>'
        f'{cells}<td class="reasons">{words}</td></tr>'
    )


def _count(outcome: Outcome, count: int) -> str:
    kind = f"chip {outcome}" if count else "none"
    return f'<td class="number"><span class="{kind}">{count:,}</span></td>'


def files_section(files: Sequence[Mapping[str, Any]], flights: Mapping[str, str | None]) -> str:
    """Return every file that was given and what became of it; empty if none is told.

    Args:
        files: Mappings with ``name``, ``status``, ``reason``, ``format`` and ``flights``.
        flights: Id of each flight -> its page, relative to the index; ``None``: it has none.
    """
    if not files:
        return ""
    counts = Counter(str(one["status"]) for one in files)
    lead = ", ".join(
        f"{counts[status]:,} {words}" for status, words in _STATUS.items() if counts[status]
    )
    rows = "".join(_file(one, flights) for one in files[:_FILES])
    rest = len(files) - _FILES
    more = f'<p class="note">{rest:,} more are in report.json.</p>' if rest > 0 else ""
    return (
        f'<section aria-label="Every file"><h2>{len(files):,} files given, '
        f"{len(files):,} accounted for</h2><p>{lead}.</p>"
        f"<details><summary>List them</summary><table><thead><tr>"
        '<th scope="col">File</th><th scope="col">What became of it</th>'
        '<th scope="col">Format</th><th scope="col">Tells of</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{more}</details></section>"
    )


def _file(one: Mapping[str, Any], flights: Mapping[str, str | None]) -> str:
    status = str(one["status"])
    reason = f'<span class="sub">{escaped(one["reason"])}</span>' if one["reason"] else ""
    told = "<br>".join(_link(str(flight), flights) for flight in one["flights"])
    return (
        f"<tr><td>{escaped(one['name'])}</td>"
        f"<td>{escaped(_STATUS.get(status, status))}{reason}</td>"
        f"<td>{escaped(one['format'] or '')}</td><td>{told}</td></tr>"
    )


def _link(flight: str, flights: Mapping[str, str | None]) -> str:
    page = flights.get(flight)
    return f'<a href="{quote(page)}">{escaped(flight)}</a>' if page else escaped(flight)
