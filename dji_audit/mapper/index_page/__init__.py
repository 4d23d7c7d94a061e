"""The index of a run: every flight in one table, and the files that could not be read."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pandas as pd

from dji_audit.compliance.audit import AuditBasis
from dji_audit.compliance.findings import Outcome, Severity
from dji_audit.mapper.flight_page._coverage import percent
from dji_audit.mapper.flight_page._html_tables import OUTCOME_WORDS, banner, outcome_chip
from dji_audit.mapper.flight_page._method import basis_facts
from dji_audit.mapper.html._assets import fill_template, read_asset
from dji_audit.mapper.html._csp import seal
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.html._times import date_text, duration_text, time_zone, unix_ms, utc_datetime
from dji_audit.mapper.index_page._overview_map import overview_map
from dji_audit.mapper.index_page._sections import (
    captures_section,
    files_section,
    rules_section,
)


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One flight in the index; ``None`` where the log does not say."""

    id: str
    #: The log's file name.
    file: str
    #: The flight's page, relative to the index; ``None``: no page was made.
    page: str | None
    start: pd.Timestamp | None
    takeoff: pd.Timestamp | None
    landing: pd.Timestamp | None
    aircraft: str | None
    serial: str | None
    duration_s: float | None
    distance_m: float | None
    max_height_ato_m: float | None
    max_home_distance_m: float | None
    #: ``None``: this kind of log cannot tell, or could not be read.
    video_count: int | None
    video_s: float | None
    photo_count: int | None
    #: Whether thermal was recorded; ``None``: the log does not tell.
    thermal: bool | None
    #: How many rules had each outcome.
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    #: The worst severity of a finding; ``None``: there is no finding.
    worst: Severity | None = None
    #: Whether part of the log could not be read for want of a key.
    encrypted: bool = False
    #: Per cent of bytes accounted for; ``None``: the reader does not say.
    accounted_pct: float | None = None
    #: Bytes that should have been decoded and were not.
    bytes_not_decoded: int = 0
    #: Whether the log ends before what it holds does.
    cut_short: bool = False
    #: Parts of the log that were not decoded, and remarks.
    issue_count: int = 0
    home_latitude_deg: float | None = None
    home_longitude_deg: float | None = None
    #: Names of the files that tell the flight, and how often they disagree.
    source_files: tuple[str, ...] = ()
    disagreements: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "IndexRow":
        """Return the row of a flight from the plain values that ``flights.csv`` holds.

        Args:
            row: As `dji_audit.report.rows.flight_row` gives it; a key that is
                absent is a thing that the log does not say.
        """
        worst = row.get("worst")
        names = [row.get("aircraft"), row.get("aircraft_name")]
        return cls(
            id=str(row["id"]),
            file=str(row["file"]),
            page=row.get("page"),
            start=_instant(row.get("start")),
            takeoff=_instant(row.get("takeoff")),
            landing=_instant(row.get("landing")),
            aircraft=", ".join(str(name) for name in names if name) or None,
            serial=row.get("serial"),
            duration_s=row.get("duration_s"),
            distance_m=row.get("distance_m"),
            max_height_ato_m=row.get("max_height_ato_m"),
            max_home_distance_m=row.get("max_home_distance_m"),
            video_count=row.get("videos"),
            video_s=row.get("video_s"),
            photo_count=row.get("photos"),
            thermal={"yes": True, "no": False}.get(str(row.get("thermal"))),
            outcomes={outcome: row.get(outcome.value) or 0 for outcome in Outcome},
            worst=Severity(worst) if worst else None,
            encrypted=bool(row.get("encrypted")),
            accounted_pct=row.get("accounted_pct"),
            bytes_not_decoded=row.get("bytes_not_decoded") or 0,
            cut_short=bool(row.get("cut_short")),
            issue_count=row.get("issues") or 0,
            home_latitude_deg=row.get("home_latitude_deg"),
            home_longitude_deg=row.get("home_longitude_deg"),
            source_files=tuple(str(log["file"]) for log in row.get("logs", ())),
            disagreements=row.get("disagreements") or 0,
        )


def draw_index_page(
    rows: Sequence[IndexRow],
    *,
    basis: AuditBasis,
    generated: datetime | None,
    verdict_line: str,
    unread_files: Sequence[tuple[str, str]],
    captures: Sequence[Mapping[str, Any]] = (),
    results: Sequence[Mapping[str, Any]] = (),
    files: Sequence[Mapping[str, Any]] = (),
    local_zone: str = "Europe/London",
) -> str:
    """Return the index page of a run: self-contained, and the same for the same arguments.

    Args:
        rows: The flights, in the order in which they are first shown.
        yardstick: What they were measured against.
        generated: When the page is made, aware; ``None``: not said.
        verdict: The line that sums up the run, shown before anything else.
        unread: Name and reason of each file that could not be read.
        results: What came of each rule on each flight, as
            `dji_audit.report.rows.result_rows` gives it.
        files: Every file that was given: ``name``, ``status``, ``reason``, ``format`` and
            the ids of its ``flights``.
        captures: What media files tell, as `dji_audit.report.rows.capture_row` gives it.
        local_zone: The IANA time zone shown beside UTC.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: If there is no such time zone.
        dji_audit.mapper.html._csp.SealError: If the page would load something.
    """
    slots = {
        "verdict": escape_html(verdict_line),
        "banner": banner(_warnings(rows, unread_files)),
        "flights": _count(len(rows), "flight"),
        "overview": overview_map(_home_points(rows)),
        "rows": "".join(_flight_row(number, row, local_zone) for number, row in enumerate(rows, 1)),
        "rules": rules_section(results),
        "captures": captures_section(captures, local_zone),
        "files": files_section(files, {row.id: row.page for row in rows}),
        "unread": _unread_section(unread_files),
        "zone": escape_html(local_zone),
        "basis": basis_facts(basis, generated),
    }
    body = fill_template(read_asset("index.html"), slots)
    script = f"(() => {{\n'use strict';\n{read_asset('js/index_page.js')}\n}})();\n"
    head = "<title>Flights audited</title>\n"
    head += "".join(f"<style>{read_asset(name)}</style>\n" for name in ("page.css", "index.css"))
    return seal(head, f"{body}<script>{script}</script>\n</body>\n")


def _warnings(rows: Sequence[IndexRow], unread: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield what must be read before anything else: what was not read."""
    if unread:
        yield f"{_count(len(unread), 'file')} could not be read: listed below the table."
    if partial := sum(1 for row in rows if _is_partly_read(row)):
        yield f"{_count(partial, 'flight')} could be read only in part: see “Read”."


def _home_points(rows: Sequence[IndexRow]) -> list[tuple[float, float, int]]:
    """Return home point and number of each flight that has one."""
    return [
        (row.home_latitude_deg, row.home_longitude_deg, number)
        for number, row in enumerate(rows, 1)
        if row.home_latitude_deg is not None and row.home_longitude_deg is not None
    ]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _instant(text: str | None) -> pd.Timestamp | None:
    return None if text is None else pd.Timestamp(text)


def _is_partly_read(row: IndexRow) -> bool:
    short = row.accounted_pct is not None and row.accounted_pct < 100
    return row.encrypted or short or row.cut_short or row.bytes_not_decoded > 0


def _flight_row(number: int, row: IndexRow, local_zone: str) -> str:
    flags = " ".join(str(outcome) for outcome in OUTCOME_WORDS if row.outcomes.get(outcome))
    flags += " partial" if _is_partly_read(row) else ""
    flags += " disagree" if row.disagreements else ""
    cells = "".join(_cell(value, shown, kind) for value, shown, kind in _cells(row, local_zone))
    return f'<tr data-has="{flags}"><td class="number">{number}</td>{cells}</tr>'


def _cell(value: float | None, shown: str, kind: str) -> str:
    """Return a cell with what it is sorted by; without, it is sorted by its text."""
    key = "" if value is None or not math.isfinite(value) else f' data-key="{value:.10g}"'
    return f'<td class="{kind}"{key}>{shown}</td>'


def _cells(row: IndexRow, local_zone: str) -> Iterator[tuple[float | None, str, str]]:
    name = escape_html(row.file)
    link = f'<a href="{quote(row.page)}">{name}</a>' if row.page else name
    start = unix_ms(row.takeoff) if row.takeoff is not None else unix_ms(row.start)
    yield None, f'{link}<span class="sub">{escape_html(row.id)}</span>', "file"
    yield float(len(row.source_files)), _sources_cell(row), "sources"
    yield start, _takeoff_cell(row, start, local_zone), "time"
    aircraft = escape_html(row.aircraft or "not named")
    yield None, f'{aircraft}<span class="sub">{escape_html(row.serial or "")}</span>', "craft"
    yield row.duration_s, escape_html(duration_text(row.duration_s)), "number"
    yield row.distance_m, _metres(row.distance_m), "number"
    yield row.max_height_ato_m, _metres(row.max_height_ato_m), "number"
    yield row.max_home_distance_m, _metres(row.max_home_distance_m), "number"
    yield row.video_s, _recorded_cell(row), "rec"
    yield _severity_key(row), _outcomes_cell(row), "outcomes"
    unread = row.bytes_not_decoded + 1e12 * row.encrypted + 1e6 * (100 - (row.accounted_pct or 100))
    unread += row.cut_short
    yield unread, _coverage_cell(row), "read"


def _sources_cell(row: IndexRow) -> str:
    """Return how many files tell the flight, whether they agree, and which they are."""
    if len(row.source_files) < 2:
        return "1 file"
    apart = row.disagreements
    words = f"disagree {'once' if apart == 1 else f'{apart:,} times'}" if apart else "agree"
    names = "".join(f"<li>{escape_html(name)}</li>" for name in row.source_files)
    return (
        f"<details><summary>{len(row.source_files)} files</summary>"
        f'<ul class="evidence">{names}</ul></details><span class="sub">{words}</span>'
    )


def _takeoff_cell(row: IndexRow, start: int | None, local_zone: str) -> str:
    if start is None:
        return "not given"
    local = time_zone(local_zone, start, start).local(start)
    lead = "" if row.takeoff is not None else "log begins "
    return f'{lead}{date_text(start)} {utc_datetime(start):%H:%M:%S}<span class="sub">{escape_html(local)}</span>'


def _metres(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "not known"
    return f"{value / 1000:.2f} km" if abs(value) >= 10_000 else f"{value:,.0f} m"


def _recorded_cell(row: IndexRow) -> str:
    parts = []
    if row.video_count:
        parts.append(f"{_count(row.video_count, 'video')}, {duration_text(row.video_s)}")
    if row.photo_count:
        parts.append(_count(row.photo_count, "photo"))
    if not parts:
        return "not known" if _is_partly_read(row) or row.photo_count is None else "none shown"
    words = {True: "thermal", False: "no thermal", None: "thermal not stated"}
    return f'{", ".join(parts)}<span class="sub">{words[row.thermal]}</span>'


def _severity_key(row: IndexRow) -> float:
    """Return a number that puts the gravest flights on one side."""
    worst = row.worst.rank + 1 if row.worst else 0
    unsure = row.outcomes.get(Outcome.NOT_ASSESSABLE, 0)
    return 10_000 * row.outcomes.get(Outcome.FAIL, 0) + 100 * worst + unsure


def _outcomes_cell(row: IndexRow) -> str:
    shown = [
        outcome_chip(outcome).replace(">", f">{row.outcomes[outcome]} ", 1)
        for outcome in OUTCOME_WORDS
        if row.outcomes.get(outcome) and outcome is not Outcome.NOT_APPLICABLE
    ]
    worst = f'<span class="sub">worst finding: {row.worst}</span>' if row.worst else ""
    return " ".join(shown) + worst if shown else "no rule was applied"


def _coverage_cell(row: IndexRow) -> str:
    words = "in part" if _is_partly_read(row) else "all"
    if row.accounted_pct is not None:
        words = f"{percent(row.accounted_pct)} %"
    parts = ["encrypted"] if row.encrypted else []
    if row.cut_short:
        parts.append("cut short")
    if row.bytes_not_decoded:
        parts.append(f"{row.bytes_not_decoded:,} bytes not decoded")
    if row.issue_count:
        parts.append(_count(row.issue_count, "issue"))
    return f'{words}<span class="sub">{", ".join(parts)}</span>'


def _unread_section(unread: Sequence[tuple[str, str]]) -> str:
    if not unread:
        return ""
    rows = "".join(
        f"<tr><td>{escape_html(name)}</td><td>{escape_html(reason)}</td></tr>"
        for name, reason in unread
    )
    return (
        '<section aria-label="Files that could not be read"><h2>Not read, so not audited '
        f'({len(unread):,})</h2><table id="unread"><thead><tr><th scope="col">File</th>'
        f'<th scope="col">Reason</th></tr></thead><tbody>{rows}</tbody></table></section>'
    )
