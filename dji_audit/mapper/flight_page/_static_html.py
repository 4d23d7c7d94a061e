"""The parts of a page that need no script: facts, banner, rules and tables.

Every text is written as numeric character references . They
are read in print, by a screen reader, and where scripts do not run.
"""

from collections.abc import Iterable, Sequence

from dji_audit.common.plain_english import as_sentence, percent_text
from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.findings import Evidence, Finding, RuleResult
from dji_audit.compliance.outcomes import REMARK, Outcome
from dji_audit.mapper.flight_page._timeline_rows import GROUPS, TimelineRow
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.html._times import TimeZone, date_text, time_of_day_text, unix_ms

OUTCOME_WORDS = {
    Outcome.FAIL: "Fail",
    Outcome.FAIL_ACKNOWLEDGED: "Fail, acknowledged",
    Outcome.FAIL_AUTHORISED: "Fail, authorised",
    Outcome.NOT_ASSESSABLE: "Could not be checked",
    Outcome.PASS: "Checked, nothing found",
    Outcome.NOT_APPLICABLE: "Not applicable",
}

#: Outcomes that are not worth a word where they did not occur.
_HIDDEN_WHEN_ZERO = (
    Outcome.FAIL_ACKNOWLEDGED,
    Outcome.FAIL_AUTHORISED,
    Outcome.NOT_APPLICABLE,
)


def labelled_values_html(pairs: Iterable[tuple[str, str]]) -> str:
    """Return ``<div><dt><dd>`` for each pair that has something to say."""
    return "".join(
        f"<div><dt>{escape_html(name)}</dt><dd>{escape_html(value)}</dd></div>"
        for name, value in pairs
        if value
    )


def warning_banner_html(warnings: Iterable[str]) -> str:
    """Return a prominent box; nothing if there is nothing to warn of."""
    items = "".join(f"<p>{escape_html(text)}</p>" for text in warnings)
    return f'<section id="banner" aria-label="Read this first">{items}</section>' if items else ""


def outcome_counts_html(audit: FlightAudit) -> str:
    """Return how many rules had each outcome, the worst first; the usual ones even if none."""
    counts = {outcome: 0 for outcome in OUTCOME_WORDS}
    for result in audit.results:
        counts[result.outcome] += 1
    if not audit.results:
        return '<li class="not_assessable">No rule was applied</li>'
    return "".join(
        f'<li class="{outcome}{"" if counts[outcome] else " none"}"><b>{counts[outcome]}</b> '
        f"{words.lower()}</li>"
        for outcome, words in OUTCOME_WORDS.items()
        if counts[outcome] or outcome not in _HIDDEN_WHEN_ZERO
    )


def utc_and_local_text(ms: int | None, local: TimeZone, *, date: bool = False) -> str:
    """Return an instant in UTC and in local time, in that order."""
    if ms is None:
        return "not given"
    utc = f"{date_text(ms)} {time_of_day_text(ms)}" if date else time_of_day_text(ms)
    return f"{utc} UTC ({local.local_time_text(ms)})"


def finding_cards_html(audit: FlightAudit, local: TimeZone) -> str:
    """Return a card for each finding, with the bytes that show it; what weighs most comes first."""
    pairs = [(result, finding) for result in audit.results for finding in result.findings]
    order = [*OUTCOME_WORDS, REMARK]
    pairs.sort(
        key=lambda pair: (order.index(pair[0].outcome_of_finding(pair[1])), -pair[1].severity.rank)
    )
    cards = "".join(
        _finding_card_html(result, finding, local, number)
        for number, (result, finding) in enumerate(pairs, 1)
    )
    return cards or "<p>There are no findings. What each rule could check is below.</p>"


def _finding_card_html(result: RuleResult, finding: Finding, local: TimeZone, number: int) -> str:
    start, end = unix_ms(finding.start), unix_ms(finding.end)
    moment = "no single moment" if start is None else utc_and_local_text(start, local, date=True)
    if end is not None and end != start:
        moment += f" to {utc_and_local_text(end, local)}"
    at = f' data-at="{start}"' if start is not None else ""
    until = f' data-end="{end}"' if end is not None else ""
    outcome = result.outcome_of_finding(finding)
    # By this the address of the page names it.
    name = escape_html(finding.fingerprint or f"n{number}")
    severity = (
        ""
        if outcome == REMARK
        else f'<span class="chip">{escape_html(f"severity {finding.severity}")}</span> '
    )
    cover = finding.authorisation
    settled = [each.text for each in (cover, finding.acknowledgement) if each is not None]
    allowed = "".join(f'<p class="note"><b>{escape_html(text)}</b></p>' for text in settled)
    allowed += _finding_fingerprint_note(finding, outcome)
    evidence = "".join(_evidence_item_html(item) for item in finding.evidence)
    shows = (
        f'<details><summary>Evidence ({len(finding.evidence)})</summary><ul class="evidence">'
        f"{evidence}</ul></details>"
        if evidence
        else ""
    )
    return (
        f'<article class="card {outcome} {finding.severity}"{at}{until} data-finding="{name}">'
        f"<h3>{escape_html(as_sentence(finding.summary))}</h3>"
        f'<p class="note">{outcome_chip_html(outcome)} <span class="chip">'
        f"{escape_html(result.status_text)}</span> {severity}"
        f'<span class="chip">{escape_html(finding.grade)}</span> '
        f"Rule: {escape_html(result.title)}</p>"
        f'<p class="note">{escape_html(moment)}</p>{allowed}{shows}</article>'
    )


def _finding_fingerprint_note(finding: Finding, outcome: str) -> str:
    """Return the fingerprint of a finding, as a row of acknowledgements begins with it."""
    if outcome == REMARK or not finding.fingerprint:
        return ""
    peak = "" if finding.peak is None else f", peak {finding.peak:g}"
    return (
        '<p class="note fingerprint">Fingerprint <span class="hash">'
        f"{escape_html(finding.fingerprint)}</span>{escape_html(peak)}</p>"
    )


def _evidence_item_html(item: Evidence) -> str:
    offset = "whole file" if item.offset is None else f"byte {item.offset:,}"
    container = ""
    if item.container_sha256 is not None:
        container = f' in the container <span class="hash">{item.container_sha256}</span>'
    return (
        f"<li>{escape_html(item.record)}.{escape_html(item.field)} = "
        f"<b>{escape_html(item.value)}</b>, {offset} of {escape_html(item.file)} "
        f'<span class="hash">{escape_html(item.sha256)}</span>{container}</li>'
    )


def outcome_chip_html(outcome: str) -> str:
    """Return the outcome of a rule or finding as a coloured word."""
    words = "Remark" if outcome == REMARK else OUTCOME_WORDS[Outcome(outcome)]
    return f'<span class="chip {outcome}">{words}</span>'


def rule_table_rows_html(audit: FlightAudit) -> str:
    """Return the rows of the table of rules, failed ones first."""
    order = list(OUTCOME_WORDS)
    ranked = sorted(audit.results, key=lambda result: order.index(result.outcome))
    return "".join(
        f"<tr><td>{outcome_chip_html(result.outcome)}</td><td><b>{escape_html(result.title)}</b>"
        f"<p>{escape_html(outcome_sentence(result))}</p>{_observed_share_of_each_need_html(result)}"
        f"{_rule_parameter_list_html(result)}</td>"
        f'<td><span class="status">{escape_html(result.status_text)}</span>'
        f'<p class="note">{escape_html(result.citation)}</p>{_legal_basis_note(result)}</td></tr>'
        for result in ranked
    )


def _legal_basis_note(result: RuleResult) -> str:
    """Return the texts in force on the day of the flight as a note; empty: none is named."""
    if not result.legal_basis:
        return ""
    return f'<p class="note">In force that day: {escape_html("; ".join(result.legal_basis))}.</p>'


def outcome_sentence(result: RuleResult) -> str:
    """Return the reason of a result; of a pass with the share that was observed, of none why."""
    if result.outcome is Outcome.NOT_ASSESSABLE:
        return f"{OUTCOME_WORDS[result.outcome]}: {result.reason}"
    if result.outcome is not Outcome.PASS or not result.observations:
        return result.reason
    least = min(result.observations, key=lambda each: each.share)
    of = " of the time in the air" if least.intervals else " of what it needs"
    return f"{OUTCOME_WORDS[result.outcome]} ({percent_text(least.share)}{of}). {result.reason}"


def _observed_share_of_each_need_html(result: RuleResult) -> str:
    """Return how much of each thing that a rule needs was observed, and what would help."""
    said = []
    for each in result.observations:
        text = f"{each.subject}: {percent_text(each.share)}"
        text += f" observed, {percent_text(each.min_share)} needed"
        if each.sources:
            text += f"; by {', '.join(each.sources)}"
        if not each.is_met and each.remedy:
            text += f". What helps: {each.remedy}"
        said.append(text[:1].upper() + text[1:])
    return "".join(f'<p class="note">{escape_html(text)}</p>' for text in said)


def _rule_parameter_list_html(result: RuleResult) -> str:
    """Return each parameter with its source, unless that is what the rule cites anyway."""
    said = []
    for name, value in sorted(result.parameters.items()):
        source = result.parameter_sources.get(name, "")
        said.append(f"{name} = {value}" + (f" ({source})" if source != result.citation else ""))
    return "".join(f'<p class="note">{escape_html(text)}</p>' for text in said)


def event_table_rows_html(
    happened: list[TimelineRow], local: TimeZone, files: Sequence[str]
) -> str:
    """Return the rows of the table of events, for where scripts do not run.

    Args:
        happened: The rows.
        local: The time zone shown beside UTC.
        files: Names of the source files; a single one is not repeated.
    """
    return "".join(
        f"<tr{_css_class_of_event_row(row)}>{_time_cell_html(row, local)}"
        f"<td>{escape_html(row.text)}"
        f'<span class="sub">{escape_html(GROUPS[row.group])} · {escape_html(row.kind)}'
        f"{f' · {escape_html(row.severity)}' if row.severity else ''}</span></td>"
        f"{_event_source_cell_html(row, files)}</tr>"
        for row in happened
    )


def _css_class_of_event_row(row: TimelineRow) -> str:
    """Return the class of a row that has a place in a table of its own, and on paper only there."""
    is_capture = row.group == "recording" and not row.kind.startswith("capture.")
    return ' class="in_other_table"' if row.group == "finding" or is_capture else ""


def _time_cell_html(row: TimelineRow, local: TimeZone) -> str:
    if row.start is None:
        return '<td class="time">not given</td>'
    until = (
        f'<span class="sub">to {time_of_day_text(row.end)}</span>' if row.end is not None else ""
    )
    there = f'<span class="sub">{escape_html(local.local_time_text(row.start))}</span>'
    return f'<td class="time">{time_of_day_text(row.start)}{there}{until}</td>'


#: How much of the end of a long name is always shown.
_PATH_END = 16


def file_name_html(name: str, *, is_first: bool) -> str:
    """Return the name of a file in small print; a narrow column shows its beginning and its end.

    That of the first source is not repeated on paper.
    """
    shown = truncated_visible_text(name)
    start, end = shown[:-_PATH_END], shown[-_PATH_END:]
    look = "sub path first_source" if is_first else "sub path"
    return (
        f'<span class="{look}" title="{escape_html(name)}"><span class="path_start">'
        f'{escape_html(start)}</span><span class="path_end">{escape_html(end)}</span></span>'
    )


def _event_source_cell_html(row: TimelineRow, files: Sequence[str]) -> str:
    """Return how the log came to say so, the record, and its first byte."""
    file = ""
    if len(files) > 1 and row.source_index is not None:
        file = file_name_html(files[row.source_index], is_first=row.source_index == 0)
    place = "" if row.offset is None else f'<span class="sub">byte {row.offset:,}</span>'
    record = f'<span class="sub record">{escape_html(row.record)}</span>' if row.record else ""
    return f'<td class="source">{escape_html(row.grade)}{file}{record}{place}</td>'


def recording_table_rows_html(
    happened: list[TimelineRow], local: TimeZone, files: Sequence[str]
) -> str:
    """Return the rows of the table of recordings."""
    cells = []
    for row in happened:
        if row.group != "recording" or row.kind.startswith("capture."):
            continue
        at = "" if row.start is None else f' data-at="{row.start}"'
        until = "" if row.end is None else f' data-end="{row.end}"'
        cells.append(
            f"<tr{at}{until}>{_time_cell_html(row, local)}<td>{escape_html(row.text)}</td>"
            f"{_event_source_cell_html(row, files)}</tr>"
        )
    return "".join(cells)
