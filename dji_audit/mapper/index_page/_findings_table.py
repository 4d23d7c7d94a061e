"""The findings of all flights in one table, the most severe first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import nsmallest

from dji_audit.common.plain_english import pluralised_count, sentence_case
from dji_audit.compliance.outcomes import REMARK
from dji_audit.mapper.flight_page._static_html import OUTCOME_WORDS
from dji_audit.mapper.html._escape import escape_html, omitted_rows_note_html
from dji_audit.mapper.html._times import date_text, unix_ms, utc_datetime_from_ms
from dji_audit.mapper.index_page._flight_table import flight_page_link_html
from dji_audit.report.rows import FindingRow, FlightRow, PolicyRuleRow

#: Findings shown, the most severe first; the report holds all.
_MAX_FINDINGS = 3000


def findings_section_html(
    findings: Sequence[FindingRow], flights: Sequence[FlightRow], rules: Sequence[PolicyRuleRow]
) -> str:
    """Return the findings that are no remarks, a row each; empty without any."""
    numbers = {flight.id: number for number, flight in enumerate(flights)}
    titles = {rule.rule: rule.title for rule in rules}
    counts = Counter(str(it.outcome) for it in findings)
    remarks = counts.pop(str(REMARK), 0)
    total = counts.total()
    if not total:
        return ""
    shown = nsmallest(
        _MAX_FINDINGS,
        (it for it in findings if it.outcome != REMARK and it.flight in numbers),
        key=lambda finding: (-finding.severity.rank, numbers[finding.flight]),
    )
    rows = "".join(
        _finding_row_html(finding, numbers[finding.flight], flights, titles) for finding in shown
    )
    heading = pluralised_count(total, "finding")
    note = " ".join(
        f"{text}: {counts[str(outcome)]:,}."
        for outcome, text in OUTCOME_WORDS.items()
        if counts[str(outcome)]
    )
    if remarks:
        note += f" {pluralised_count(remarks, 'remark')}, which break no rule, are on the pages."
    return (
        f'<section id="finding_section" aria-label="Findings"><h2>{heading} '
        '<span class="count" id="findings_shown"></span></h2>'
        f'<p class="note">{escape_html(note)}</p>'
        '<div class="scroll"><table id="findings"><thead><tr>'
        '<th scope="col">Severity</th><th scope="col">Flight</th><th scope="col">When (UTC)</th>'
        '<th scope="col">What</th><th scope="col">Rule</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
        '<div id="finding_pager" class="live pager" role="group" '
        'aria-label="Rows of the table of findings"></div>'
        f"{omitted_rows_note_html(total, _MAX_FINDINGS)}</section>"
    )


def _finding_row_html(
    finding: FindingRow, number: int, flights: Sequence[FlightRow], titles: Mapping[str, str]
) -> str:
    flight = flights[number]
    link = flight_page_link_html(flight.page, f"Flight {number + 1}", finding.start)
    aircraft = f'<span class="sub">{escape_html(flight.aircraft or "not named")}</span>'
    start = unix_ms(finding.start)
    when = (
        "no time" if start is None else f"{date_text(start)} {utc_datetime_from_ms(start):%H:%M:%S}"
    )
    local = finding.local_time_text
    there = f'<span class="sub">local {escape_html(local)}</span>' if local else ""
    outcome = next(
        (text for it, text in OUTCOME_WORDS.items() if str(it) == str(finding.outcome)),
        str(finding.outcome),
    )
    return (
        f'<tr data-flight="{number}" data-rule="{escape_html(finding.rule)}">'
        f'<td><span class="chip {finding.severity}">{finding.severity}</span></td>'
        f'<td>{link}{aircraft}</td><td class="time">{when}{there}</td>'
        f"<td>{escape_html(sentence_case(finding.summary))}"
        f'<span class="sub">{escape_html(outcome)}</span></td>'
        f"<td>{escape_html(titles.get(finding.rule, finding.rule))}"
        f'<span class="sub">{escape_html(finding.rule)}</span></td></tr>'
    )
