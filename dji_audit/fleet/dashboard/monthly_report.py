"""A month of a fleet for publication: counts, and no positions, names or serial numbers.

It states what could not be established as plainly as what was found.
"""

import csv
import datetime as dt
import io
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import spreadsheet_safe_cell
from dji_audit.endpoints import CLAIMS
from dji_audit.fleet.questions.answer import QuestionError
from dji_audit.fleet.questions.time_span import start_and_end_texts_of_time_span
from dji_audit.fleet.tables.open_database import open_fleet_database_read_only
from dji_audit.mapper.html._assets import read_asset
from dji_audit.mapper.html._csp import seal_document_with_csp
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.sectioned_document import (
    DocumentSection,
    SectionedDocument,
    SectionTable,
    document_markdown,
    document_pdf,
)

MONTHLY_FORMATS = ("md", "html", "pdf", "csv", "json")
_NOT_ESTABLISHED = "What could not be established"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_VERDICTS = {
    "needs_look": "needed a look",
    "note": "noted: broke a rule of low weight",
    "not_checked": "could mostly not be checked",
    "clean_in_part": "clean as far as they could be checked",
    "clean": "clean, and checked in full",
}
_UPLOADS = ("probable_upload", "confirmed_upload")


@dataclass(frozen=True, slots=True)
class MonthlySection:
    """One part of a monthly report: figures under a heading."""

    heading: str
    #: What is counted, and how much; ``None``: not known.
    figures: tuple[tuple[str, str | int | float | None], ...]


@dataclass(frozen=True, slots=True)
class MonthlyReport:
    """A month of a fleet in figures."""

    #: ``2026-05``.
    month: str
    sections: tuple[MonthlySection, ...]
    #: What could not be established, a sentence each.
    not_established: tuple[str, ...]
    #: What it was made with.
    basis: tuple[str, ...]

    @property
    def title(self) -> str:
        """The title, such as ``Drone flights in May 2026``."""
        return f"Drone flights in {_MONTHS[int(self.month[5:]) - 1]} {self.month[:4]}"


def gather_monthly_report_figures(state: Path, month: str | None = None) -> MonthlyReport:
    """Return a month of the fleet of a state.

    Args:
        state: The folder of the state.
        month: ``2026-05``; ``None``: that of the last flight.

    Raises:
        QuestionError: If there is no such month, or no flight states when it was.
        OutputError: If the state has no tables.
    """
    with open_fleet_database_read_only(state) as connection:
        chosen = month
        if chosen is None:
            chosen = connection.execute(
                "SELECT max(month) FROM flights WHERE NOT simulated"
            ).fetchone()[0]
            if chosen is None:
                raise QuestionError("no flight states when it was: name a month with --month")
        if len(chosen) != len("2026-05"):
            raise QuestionError(f"--month {chosen}: write 2026-05")
        start_and_end_texts_of_time_span(chosen)
        about = dict(connection.execute("SELECT name, value FROM about"))
        basis = tuple(
            f"{words} {about[name]}"
            for name, words in (
                ("tool_version", "dji-audit"),
                ("policy", "policy"),
                ("catalogue", "catalogue of hosts"),
            )
            if name in about
        )
        return MonthlyReport(
            chosen,
            tuple(_monthly_sections(connection, chosen)),
            tuple(_sentences_on_what_is_not_known(connection, chosen)),
            basis,
        )


def _monthly_sections(connection: sqlite3.Connection, month: str) -> Iterator[MonthlySection]:
    flights, aircraft, hours, video, thermal, sound = connection.execute(
        "SELECT count(*), count(DISTINCT serial), round(sum(duration_s) / 3600, 1), "
        "round(sum(video_s) / 3600, 1), round(sum(thermal_s) / 3600, 1), "
        "round(sum(audio_s) / 3600, 1) FROM logged_flights WHERE month = ?",
        (month,),
    ).fetchone()
    declared = _query_single_count(
        connection, "SELECT count(*) FROM flights WHERE entry = 'declared' AND month = ?", month
    )
    models = connection.execute(
        "SELECT coalesce(aircraft, 'model not stated'), count(*) FROM logged_flights "
        "WHERE month = ? GROUP BY 1 ORDER BY 2 DESC, 1",
        (month,),
    ).fetchall()
    yield MonthlySection(
        "Flights",
        (
            ("flights that logs record", flights),
            ("flights entered by hand, without a log", declared),
            ("aircraft with a serial number", aircraft),
            ("hours in the air", hours),
            *((f"flights of {model}", count) for model, count in models),
        ),
    )
    yield MonthlySection(
        "Recorded",
        (("hours of video", video), ("hours of thermal video", thermal), ("hours of sound", sound)),
    )
    verdicts = dict(
        connection.execute(
            "SELECT verdict, count(*) FROM logged_flights WHERE month = ? GROUP BY 1", (month,)
        )
    )
    yield MonthlySection(
        "Outcome",
        tuple((f"flights: {words}", verdicts.get(name, 0)) for name, words in _VERDICTS.items()),
    )
    yield _rule_section(connection, month)
    yield _contact_section(connection, month)


def _rule_section(connection: sqlite3.Connection, month: str) -> MonthlySection:
    rows = connection.execute(
        "SELECT coalesce(rules.title, results.rule), "
        "sum(outcome = 'fail'), sum(outcome IN ('fail_authorised', 'fail_acknowledged')) "
        "FROM results JOIN logged_flights ON logged_flights.flight = results.flight "
        "LEFT JOIN rules ON rules.rule = results.rule WHERE month = ? "
        "GROUP BY results.rule HAVING sum(outcome LIKE 'fail%') > 0 ORDER BY 2 DESC, 3 DESC, 1",
        (month,),
    ).fetchall()
    figures = [
        (f"flights that broke the rule “{title}”", failed) for title, failed, _ in rows if failed
    ] + [
        (f"flights that broke it, authorised or settled: “{title}”", settled)
        for title, _, settled in rows
        if settled
    ]
    return MonthlySection(
        "Rules", tuple(figures) or (("flights that broke a rule, as far as checked", 0),)
    )


def _contact_section(connection: sqlite3.Connection, month: str) -> MonthlySection:
    recorded = _query_single_count(
        connection,
        "SELECT count(*) FROM logged_flights WHERE network_share > 0 AND month = ?",
        month,
    )
    claims = dict(
        connection.execute(
            "SELECT claim, count(DISTINCT flight) FROM data_sync "
            "WHERE month = ? AND flight IS NOT NULL GROUP BY claim",
            (month,),
        )
    )
    contacted = _query_single_count(
        connection,
        "SELECT count(DISTINCT flight) FROM data_sync WHERE month = ? "
        "AND claim IN ('contact', 'probable_upload', 'confirmed_upload')",
        month,
    )
    operators = connection.execute(
        "SELECT operators, count(DISTINCT flight) FROM data_sync WHERE month = ? "
        "AND claim IN ('contact', 'probable_upload', 'confirmed_upload') AND operators <> '' "
        "GROUP BY operators ORDER BY 2 DESC, 1",
        (month,),
    ).fetchall()
    against = _query_single_count(
        connection,
        "SELECT count(DISTINCT flight) FROM data_sync WHERE local_data_mode LIKE 'fail%' "
        "AND month = ?",
        month,
    )
    uploads = [
        (f"of these, flights with a {claim.replace('_', ' ')}", claims.get(claim, 0))
        for claim in CLAIMS
        if claim in _UPLOADS
    ]
    contacts = [
        ("flights with a contact, of whatever grade, as far as recorded", contacted),
        *uploads,
        ("flights with a contact against a claimed Local Data Mode", against),
    ]
    return MonthlySection(
        "Contacts of devices with servers",
        (
            ("flights whose network was recorded, in part or whole", recorded),
            # Where nothing was recorded, none is not nought.
            *((name, count if recorded or count else None) for name, count in contacts),
            *((f"flights in contact with servers of {name}", count) for name, count in operators),
        ),
    )


def _sentences_on_what_is_not_known(connection: sqlite3.Connection, month: str) -> Iterator[str]:
    flights, unrecorded, unknown, unchecked, asked, durations = connection.execute(
        "SELECT count(*), coalesce(sum(network_share IS NULL OR network_share < 0.95), 0), "
        "coalesce(sum(videos IS NULL), 0), coalesce(sum(not_assessable), 0), "
        "coalesce(sum(pass + fail + fail_acknowledged + fail_authorised + not_assessable), 0), "
        "coalesce(sum(duration_s IS NULL), 0) FROM logged_flights WHERE month = ?",
        (month,),
    ).fetchone()
    if unrecorded:
        yield (
            f"Whether data left the aircraft, the controller or the app could not be established "
            f"in full for {unrecorded:,} of {pluralised_count(flights, 'flight')}: their network "
            "was not recorded, or not for the whole flight. That no contact is listed for them "
            "does not show that there was none."
        )
    if unchecked:
        yield (
            f"{unchecked:,} of {asked:,} checks could not be made, since the logs or the records "
            "of the unit do not hold what they need. A rule that could not be checked has not "
            "been passed."
        )
    if unknown:
        count = pluralised_count(unknown, "flight")
        yield f"What was recorded is not known of {count}: their logs do not say."
    if durations:
        count = pluralised_count(durations, "flight")
        yield f"The hours in the air leave out {count} whose duration is not known."
    untimed = connection.execute(
        "SELECT count(*) FROM logged_flights WHERE month IS NULL"
    ).fetchone()[0]
    if untimed:
        count = pluralised_count(untimed, "flight")
        yield f"{count} of this fleet could belong to any month: their logs state no date in UTC."
    lost = connection.execute("SELECT count(*) FROM quarantine").fetchone()[0]
    if lost:
        count = pluralised_count(lost, "file")
        yield f"{count} of this fleet, of whatever month, could not be read in full."
    yield (
        "Flights of which nobody kept a log, and that nobody entered by hand, are not in these "
        "figures."
    )


def _query_single_count(connection: sqlite3.Connection, statement: str, month: str) -> int:
    return int(connection.execute(statement, (month,)).fetchone()[0])


def render_monthly_report_in_format(
    report: MonthlyReport, format_name: str, generated: dt.datetime | None = None
) -> bytes:
    """Return a monthly report as a document.

    Args:
        report: The report.
        format_name: One of ``MONTHLY_FORMATS``.
        generated: Time to print in a PDF, aware; ``None``: none.

    Raises:
        SheetsError: If it is to be a PDF, and typst is not installed or cannot set it.
    """
    if format_name == "pdf":
        return document_pdf(_sectioned_document(report), generated)
    write = {
        "md": _report_markdown,
        "html": _report_html,
        "csv": _report_csv,
        "json": _report_json,
    }[format_name]
    return write(report).encode("utf-8")


def _figure_value_text(value: str | float | None) -> str:
    if value is None:
        return "not known"
    return f"{value:,}" if isinstance(value, int | float) else value


def _sectioned_document(report: MonthlyReport) -> SectionedDocument:
    head = ("What", "How many")
    return SectionedDocument(
        title=report.title,
        sections=(
            *(
                DocumentSection(
                    section.heading,
                    table=SectionTable(
                        head,
                        [(name, _figure_value_text(value)) for name, value in section.figures],
                        wide=frozenset(head[:1]),
                        numbers=frozenset(head[1:]),
                    ),
                )
                for section in report.sections
            ),
            DocumentSection(_NOT_ESTABLISHED, report.not_established),
            DocumentSection("Made with", (f"{'; '.join(report.basis)}.",)),
        ),
        subject="Counts of one month, without positions, names or serial numbers",
        whole_in="the CSV of this month",
        on_wide_sheets=False,
    )


def _report_markdown(report: MonthlyReport) -> str:
    return document_markdown(_sectioned_document(report))


def _report_html(report: MonthlyReport) -> str:
    sections = "".join(
        f'<section aria-label="{escape_html(section.heading)}"><h2>{escape_html(section.heading)}'
        '</h2><table><thead><tr><th scope="col">What</th><th scope="col" class="number">How many'
        "</th></tr></thead><tbody>"
        + "".join(
            f'<tr><td>{escape_html(name)}</td><td class="number">'
            f"{escape_html(_figure_value_text(value))}</td></tr>"
            for name, value in section.figures
        )
        + "</tbody></table></section>"
        for section in report.sections
    )
    sentences = "".join(f"<li>{escape_html(it)}</li>" for it in report.not_established)
    styles = "".join(f"<style>{read_asset(name)}</style>\n" for name in ("page.css", "index.css"))
    style = "<style>main { max-width: 820px; } #open li { margin: 0 0 6px; }</style>\n"
    head = f"<title>{escape_html(report.title)}</title>\n{styles}{style}"
    body = (
        f'<body><header id="top"><h1>{escape_html(report.title)}</h1></header><main>{sections}'
        f'<section id="open" aria-label="{_NOT_ESTABLISHED}"><h2>{_NOT_ESTABLISHED}</h2>'
        f"<ul>{sentences}</ul></section>"
        f'<p class="note">Made with {escape_html("; ".join(report.basis))}.</p></main></body>\n'
    )
    return seal_document_with_csp(head, body)


def _report_csv(report: MonthlyReport) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("month", "section", "figure", "value"))
    for section in report.sections:
        for name, value in section.figures:
            row = (report.month, section.heading, name, "" if value is None else value)
            # A month is none of the numbers that a spreadsheet makes of it.
            writer.writerow(map(spreadsheet_safe_cell, row))
    for sentence in report.not_established:
        writer.writerow((report.month, _NOT_ESTABLISHED, sentence, ""))
    return stream.getvalue()


def _report_json(report: MonthlyReport) -> str:
    document = {
        "month": report.month,
        "title": report.title,
        "sections": [
            {
                "heading": section.heading,
                "figures": [{"figure": name, "value": value} for name, value in section.figures],
            }
            for section in report.sections
        ],
        "not_established": list(report.not_established),
        "basis": list(report.basis),
    }
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"
