"""The first thing on the index: what needs a look, and what could not be checked."""

import re
from collections.abc import Sequence

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.outcomes import Outcome
from dji_audit.mapper.html._escape import (
    escape_html,
    omitted_rows_note_html,
    table_row_of_html_cells,
)
from dji_audit.mapper.index_page._filter_data import OUTCOME_LETTERS
from dji_audit.mapper.index_page._filter_form import flight_count_link_html
from dji_audit.mapper.index_page._flight_table import flight_page_link_html
from dji_audit.report.network_contact_rows import ContactRow, host_counts_text
from dji_audit.report.rows import FileRow
from dji_audit.report.run_verdict import DID_NOT_FLY
from dji_audit.report.triage import RemedyForUnchecked, RunTriage, UrgentRuleWithWorstFinding

#: There are fewer than a thousand rules.
_RULES_NOT_CHECKED = re.compile(r"\d{1,3} rules? not checked")
#: Hosts shown where there is no flight; the report holds all.
_MAX_HOSTS = 200


def triage_section_html(triage: RunTriage) -> str:
    """Return what needs a look first and what could not be checked; empty: there is neither."""
    parts = []
    if triage.urgent:
        items = "".join(map(_urgent_rule_item_html, triage.urgent))
        parts.append(f"<h2>What needs a look first</h2><ol>{items}</ol>")
    if triage.remedies:
        items = "".join(map(_remedy_item_html, triage.remedies))
        parts.append(f"<h2>What could not be checked, and what to do</h2><ul>{items}</ul>")
    if not parts:
        return ""
    return f'<section id="triage" aria-label="What needs a look first">{"".join(parts)}</section>'


def _remedy_item_html(remedy: RemedyForUnchecked) -> str:
    """Return what was not checked and what to do; its numbers lead to the files and the rules."""
    names = escape_html(remedy.uncut_reason_with_file_names.removeprefix(remedy.reason))
    reason = escape_html(remedy.reason)
    if remedy.file_count:
        reason = f'<a href="#file_section">{reason}</a>'
    else:
        reason = _RULES_NOT_CHECKED.sub(r'<a href="#rule_section">\g<0></a>', reason)
    return f"<li>{reason}{names}: <b>{escape_html(remedy.action)}</b></li>"


def _urgent_rule_item_html(urgent: UrgentRuleWithWorstFinding) -> str:
    finding, flight = urgent.worst, urgent.flight
    name = f"{flight.aircraft or 'unnamed aircraft'}, {flight.id}"
    link = flight_page_link_html(flight.page, name, finding.start)
    others = ""
    if urgent.flight_count > 1:
        more = pluralised_count(urgent.flight_count - 1, "more flight")
        letter = OUTCOME_LETTERS[Outcome.FAIL]
        link_to_others = flight_count_link_html(more, rule=finding.rule, outcome=letter)
        # Of the others the sentence need not be true.
        others = f"; {link_to_others} for the same rule"
    local = f"; local time {finding.local_time_text}" if finding.local_time_text else ""
    return (
        f'<li><span class="chip {finding.severity}">{finding.severity}</span> '
        f"{escape_html(urgent.worst_finding_sentence)} ({link}{others})"
        f'<span class="sub">Rule {escape_html(finding.rule + local)}</span></li>'
    )


def logs_without_flight_section_html(files: Sequence[FileRow]) -> str:
    """Return the logs in which nothing flew, and what shows it; empty without any."""
    grounded = [file for file in files if file.reason.startswith(DID_NOT_FLY)]
    if not grounded:
        return ""
    rows = "".join(
        table_row_of_html_cells(escape_html(file.name), escape_html(file.reason))
        for file in grounded
    )
    return (
        '<section aria-label="Did not fly"><h2>Read, and nothing flew '
        f"({len(grounded):,})</h2><details><summary>List them</summary><table><thead><tr>"
        '<th scope="col">File</th><th scope="col">What it shows</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></details></section>"
    )


def hosts_without_flight_section_html(contacts: Sequence[ContactRow]) -> str:
    """Return the hosts in the network logs of a run without any flight; empty without any."""
    hosts = [contact for contact in contacts if contact.flight is None]
    if not hosts:
        return ""
    more = omitted_rows_note_html(len(hosts), _MAX_HOSTS)
    return (
        f'<section aria-label="Hosts"><h2>{host_counts_text(hosts)}</h2>'
        "<p>These network logs record no time of a flight, so no rule was applied to them.</p>"
        '<div class="scroll"><table><thead><tr><th scope="col">Host</th>'
        '<th scope="col">Operator</th><th scope="col">What was seen</th>'
        '<th scope="col" class="number">Records</th><th scope="col">First, last (UTC)</th>'
        f"</tr></thead><tbody>{''.join(map(_host_row_html, hosts[:_MAX_HOSTS]))}</tbody>"
        "</table></div>"
        f"{more}</section>"
    )


def _host_row_html(contact: ContactRow) -> str:
    times = [f"{time:%Y-%m-%d %H:%M:%S}" for time in (contact.first, contact.last) if time]
    operators = ", ".join(contact.operators) or "not in the catalogue"
    return (
        f"<tr><td>{escape_html(contact.host)}</td><td>{escape_html(operators)}</td>"
        f"<td>{escape_html(contact.claim.replace('_', ' '))}</td>"
        f'<td class="number">{contact.row_count:,}</td>'
        f"<td>{'<br>'.join(times) or 'not known'}</td></tr>"
    )
