"""The parts of a page that need no script: facts, banner, rules and tables.

Every text is written as numeric character references (`_text.escaped`).  They
are read in print, by a screen reader, and where scripts do not run.
"""

from collections.abc import Iterable, Sequence

from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.findings import REMARK, Evidence, Finding, Outcome, RuleResult
from dji_audit.mapper.flight_page._timeline import GROUPS, Row
from dji_audit.mapper.html._escape import escaped
from dji_audit.mapper.html._times import Zone, clock, day, milliseconds

OUTCOMES = {
    Outcome.FAIL: "Fail",
    Outcome.FAIL_AUTHORISED: "Fail, authorised",
    Outcome.NOT_ASSESSABLE: "Not assessable",
    Outcome.PASS: "Pass",
    Outcome.NOT_APPLICABLE: "Not applicable",
}

#: Outcomes that are not worth a word where they did not occur.
_SELDOM = (Outcome.FAIL_AUTHORISED, Outcome.NOT_APPLICABLE)


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return ``<div><dt><dd>`` for each pair that has something to say."""
    return "".join(
        f"<div><dt>{escaped(name)}</dt><dd>{escaped(value)}</dd></div>"
        for name, value in pairs
        if value
    )


def banner(warnings: Iterable[str]) -> str:
    """Return a prominent box; nothing if there is nothing to warn of."""
    items = "".join(f"<p>{escaped(text)}</p>" for text in warnings)
    return f'<section id="banner" aria-label="Read this first">{items}</section>' if items else ""


def verdict(audit: FlightAudit) -> str:
    """Return how many rules had each outcome, the worst first; the usual ones even if none."""
    counts = {outcome: 0 for outcome in OUTCOMES}
    for result in audit.results:
        counts[result.outcome] += 1
    if not audit.results:
        return '<li class="not_assessable">No rule was applied</li>'
    return "".join(
        f'<li class="{outcome}{"" if counts[outcome] else " none"}"><b>{counts[outcome]}</b> '
        f"{words.lower()}</li>"
        for outcome, words in OUTCOMES.items()
        if counts[outcome] or outcome not in _SELDOM
    )


def when(ms: int | None, local: Zone, *, date: bool = False) -> str:
    """Return an instant in UTC and in local time, in that order."""
    if ms is None:
        return "not given"
    utc = f"{day(ms)} {clock(ms)}" if date else clock(ms)
    return f"{utc} UTC ({local.local(ms)})"


def findings(audit: FlightAudit, local: Zone) -> str:
    """Return a card for each finding, with the bytes that show it; what weighs most comes first."""
    found = [(result, finding) for result in audit.results for finding in result.findings]
    order = [*OUTCOMES, REMARK]
    found.sort(key=lambda one: (order.index(one[0].outcome_of(one[1])), -one[1].severity.rank))
    cards = "".join(_card(result, finding, local) for result, finding in found)
    return cards or "<p>There are none. What each rule could check is below.</p>"


def _card(result: RuleResult, finding: Finding, local: Zone) -> str:
    start, end = milliseconds(finding.start), milliseconds(finding.end)
    moment = "no single moment" if start is None else when(start, local, date=True)
    if end is not None and end != start:
        moment += f" to {when(end, local)}"
    at = f' data-at="{start}"' if start is not None else ""
    until = f' data-end="{end}"' if end is not None else ""
    outcome = result.outcome_of(finding)
    cover = finding.cover
    allowed = f'<p class="note"><b>{escaped(cover.text)}</b></p>' if cover else ""
    evidence = "".join(_evidence(item) for item in finding.evidence)
    shows = (
        f'<details><summary>Evidence ({len(finding.evidence)})</summary><ul class="evidence">'
        f"{evidence}</ul></details>"
        if evidence
        else ""
    )
    return (
        f'<article class="card {outcome} {finding.severity}"{at}{until}>'
        f"<h3>{escaped(finding.summary)}</h3>"
        f'<p class="note">{chip(outcome)} <span class="chip">'
        f'{escaped(result.status_words)}</span> <span class="chip">'
        f"{escaped(f'severity {finding.severity}')}</span> "
        f'<span class="chip">{escaped(finding.grade)}</span> Rule: {escaped(result.title)}</p>'
        f'<p class="note">{escaped(moment)}</p>{allowed}{shows}</article>'
    )


def _evidence(item: Evidence) -> str:
    place = "whole file" if item.offset is None else f"byte {item.offset:,}"
    return (
        f"<li>{escaped(item.record)}.{escaped(item.field)} = <b>{escaped(item.value)}</b>, "
        f'{place} of {escaped(item.file)} <span class="hash">{escaped(item.sha256)}</span></li>'
    )


def chip(outcome: str) -> str:
    """Return the outcome of a rule or finding as a coloured word."""
    words = "Remark" if outcome == REMARK else OUTCOMES[Outcome(outcome)]
    return f'<span class="chip {outcome}">{words}</span>'


def rules(audit: FlightAudit) -> str:
    """Return the rows of the table of rules, failed ones first."""
    order = list(OUTCOMES)
    ranked = sorted(audit.results, key=lambda result: order.index(result.outcome))
    return "".join(
        f"<tr><td>{chip(result.outcome)}</td><td><b>{escaped(result.title)}</b>"
        f"<p>{escaped(result.reason)}</p>{_parameters(result)}</td>"
        f'<td><span class="status">{escaped(result.status_words)}</span>'
        f'<p class="note">{escaped(result.citation)}</p></td></tr>'
        for result in ranked
    )


def _parameters(result: RuleResult) -> str:
    """Return each parameter with its source, unless that is what the rule cites anyway."""
    said = []
    for name, value in sorted(result.parameters.items()):
        source = result.sources.get(name, "")
        said.append(f"{name} = {value}" + (f" ({source})" if source != result.citation else ""))
    return "".join(f'<p class="note">{escaped(text)}</p>' for text in said)


def events(happened: list[Row], local: Zone, files: Sequence[str]) -> str:
    """Return the rows of the table of events, for where scripts do not run.

    Args:
        happened: The rows.
        local: The time zone shown beside UTC.
        files: Names of the files that tell the flight; with one it is not repeated.
    """
    return "".join(
        f"<tr>{_time(row, local)}<td>{escaped(row.what)}"
        f'<span class="sub">{escaped(GROUPS[row.group])} · {escaped(row.kind)}'
        f"{f' · {escaped(row.severity)}' if row.severity else ''}</span></td>"
        f"{_source(row, files)}</tr>"
        for row in happened
    )


def _time(row: Row, local: Zone) -> str:
    if row.start is None:
        return '<td class="time">not given</td>'
    until = f'<span class="sub">to {clock(row.end)}</span>' if row.end is not None else ""
    there = f'<span class="sub">{escaped(local.local(row.start))}</span>'
    return f'<td class="time">{clock(row.start)}{there}{until}</td>'


def _source(row: Row, files: Sequence[str]) -> str:
    """Return how the log came to say so, the record, and its first byte."""
    file = ""
    if len(files) > 1 and row.told_by is not None:
        file = f'<span class="sub">{escaped(files[row.told_by])}</span>'
    place = "" if row.offset is None else f'<span class="sub">byte {row.offset:,}</span>'
    record = f'<span class="sub">{escaped(row.record)}</span>' if row.record else ""
    return f'<td class="source">{escaped(row.grade)}{file}{record}{place}</td>'


def captures(happened: list[Row], local: Zone, files: Sequence[str]) -> str:
    """Return the rows of the table of recordings."""
    cells = []
    for row in happened:
        if row.group != "recording" or row.kind.startswith("capture."):
            continue
        at = "" if row.start is None else f' data-at="{row.start}"'
        until = "" if row.end is None else f' data-end="{row.end}"'
        cells.append(
            f"<tr{at}{until}>{_time(row, local)}<td>{escaped(row.what)}</td>"
            f"{_source(row, files)}</tr>"
        )
    return "".join(cells)
