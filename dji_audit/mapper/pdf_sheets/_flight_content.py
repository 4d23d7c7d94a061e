"""What the sheets of one flight show: the rows of its page, as JSON."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from dji_audit.basemap import OUTLINES_GOOD_FOR, PLACES_GOOD_FOR
from dji_audit.common.plain_english import aircraft_type_text, as_sentence, pluralised_count
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.compliance.findings import Evidence, Finding, RuleResult
from dji_audit.compliance.outcomes import REMARK, Outcome
from dji_audit.geo.national_grid import best_national_grid_transformation
from dji_audit.mapper.flight_page import (
    page_warnings,
    static_map_legend_html,
    static_map_svg,
    unlisted_recordings_note,
)
from dji_audit.mapper.flight_page._facts_at_top import facts_at_top
from dji_audit.mapper.flight_page._method_notes import (
    audit_basis_labels_and_values,
    clock_uncertainty_words,
)
from dji_audit.mapper.flight_page._page_model import PageModel
from dji_audit.mapper.flight_page._static_html import (
    OUTCOME_WORDS,
    outcome_sentence,
    utc_and_local_text,
)
from dji_audit.mapper.flight_page._timeline_rows import GROUPS, HIDDEN_GROUPS, TimelineRow
from dji_audit.mapper.html._times import (
    TimeZone,
    date_text,
    time_of_day_text,
    time_of_day_text_with_other_date,
    unix_ms,
)
from dji_audit.mapper.pdf_sheets._typeset_with_typst import SheetHeaderAndFooter, typeset_sheets

#: What is printed at most: the page and the report list everything.
MAX_EVENTS, MAX_RECORDINGS, MAX_FINDINGS, MAX_EVIDENCE, MAX_SOURCES = 300, 200, 200, 10, 60
_OUTCOME_KIND = {Outcome.FAIL: "fail", Outcome.PASS: "pass"}
_TAG = re.compile(r"<[^<>]*+>")
_MAP_NOTE = "Positions are WGS 84. North is up."
_MOVED_MAP_NOTE = "Positions are moved: they are not those of the flight. North is up."


def typeset_pdf_of_one_flight(
    page: PageModel, *, basis: AuditInputProvenance, generated: datetime | None
) -> bytes:
    """Return a flight as a tagged PDF with the geometry and the words of its page.

    The same arguments give the same bytes.

    Args:
        page: What the page of the flight shows.
        basis: Tool, policy and catalogue that the flight was audited with.
        generated: When the sheets are made, aware; ``None``: not stated.

    Raises:
        SheetsError: If they cannot be set.
    """
    source = page.flight.log.source
    head = SheetHeaderAndFooter(
        title=_flight_sheet_title(page),
        case=page.case,
        tool_version=basis.tool_version,
        subject=source.name,
        subject_sha256=source.sha256,
        generated=generated,
    )
    content = flight_sheet_content(page, basis, generated)
    pictures = {"map": static_map_svg(page)}
    if pictures["map"]:
        key = _map_legend_svgs_and_texts(page)
        pictures |= {f"key_{number}": sign for number, (sign, _) in enumerate(key)}
        content["map_key"] = [words for _, words in key]
    return typeset_sheets("flight", head, content, pictures)


def flight_sheet_content(
    page: PageModel, basis: AuditInputProvenance, generated: datetime | None
) -> dict[str, object]:
    """Return what the template ``flight`` prints of a flight."""
    audit, local = page.audit, page.local
    order = list(OUTCOME_WORDS)
    results = sorted(audit.results, key=lambda result: order.index(result.outcome))
    return {
        "warnings": [*page_warnings(page)],
        "facts": [*page.case.labelled_values(), *_headline_facts(page, basis, generated)],
        "outcomes": [*_outcome_counts_for_template(audit.results)],
        "map_words": _map_description(page),
        "map_key": [],
        "map_note": _MOVED_MAP_NOTE if page.flight.positions_moved else _MAP_NOTE,
        "findings": [*_findings_for_template(audit.results, local)],
        "findings_left": max(0, len(audit.findings) - MAX_FINDINGS),
        "recordings": _recordings_for_template(page),
        "events": _events_for_template(page),
        "rules": [_rule_result_for_template(result) for result in results],
        "sources": [*_sources_for_template(page)],
        "sources_left": max(0, len(page.flight.sources) - MAX_SOURCES),
        "disagreements": [each.text for each in page.flight.disagreements[:MAX_FINDINGS]],
        "notes": [*_method_notes(page)],
        "basis": [pair for pair in audit_basis_labels_and_values(basis, generated) if pair[1]],
    }


def _flight_sheet_title(page: PageModel) -> str:
    flight = page.flight
    name = aircraft_type_text(flight.aircraft.maker, flight.aircraft.model)
    start = unix_ms(flight.takeoff or flight.start)
    when = "" if start is None else f", {date_text(start)} {time_of_day_text(start)} UTC"
    return f"Flight of {name or 'an aircraft that is not named'}{when}"


def _headline_facts(
    page: PageModel, basis: AuditInputProvenance, generated: datetime | None
) -> Iterator[tuple[str, str]]:
    for label, value in facts_at_top(page.flight, page.local, basis, generated):
        if value:
            yield label, value
    yield "Flight", page.flight.id


def _outcome_counts_for_template(results: Sequence[RuleResult]) -> Iterator[Mapping[str, object]]:
    for outcome, words in OUTCOME_WORDS.items():
        count = sum(result.outcome is outcome for result in results)
        if count or outcome in (Outcome.FAIL, Outcome.NOT_ASSESSABLE, Outcome.PASS):
            yield {
                "count": count,
                "words": words.lower(),
                "kind": _OUTCOME_KIND.get(outcome, "") if count else "",
            }


def _map_description(page: PageModel) -> str:
    """Return what the map shows in words, or why there is none."""
    bounds = page.track.bounds
    if bounds is None:
        return "There is no track to draw; everything else that the log shows is printed below."
    return (
        f"Map of the track, between latitude {bounds.south:.5f}° and {bounds.north:.5f}° and "
        f"longitude {bounds.west:.5f}° and {bounds.east:.5f}°. The tables below hold the same in "
        "words."
    )


def _map_legend_svgs_and_texts(page: PageModel) -> list[tuple[str, str]]:
    """Return the signs of the still map as SVG, each with its words: the key of the page."""
    signs = []
    for item in static_map_legend_html(page).split("<li")[1:]:
        before, end, words = item.partition("</li>")[0].partition("</svg>")
        drawing = before.partition("<svg")[2]
        signs.append((f"<svg{drawing}{end}", html.unescape(_TAG.sub("", words)).strip()))
    return signs


def _findings_for_template(
    results: Sequence[RuleResult], local: TimeZone
) -> Iterator[Mapping[str, object]]:
    pairs = [(result, finding) for result in results for finding in result.findings]
    order = [*OUTCOME_WORDS, REMARK]
    pairs.sort(
        key=lambda pair: (order.index(pair[0].outcome_of_finding(pair[1])), -pair[1].severity.rank)
    )
    for result, finding in pairs[:MAX_FINDINGS]:
        outcome = result.outcome_of_finding(finding)
        is_remark = outcome == REMARK
        settled = [each.text for each in (finding.authorisation, finding.acknowledgement) if each]
        mark = "" if is_remark else finding.fingerprint and f"fingerprint {finding.fingerprint}"
        yield {
            "summary": as_sentence(finding.summary),
            "outcome": "Remark" if is_remark else OUTCOME_WORDS[Outcome(outcome)],
            "kind": "" if is_remark else _OUTCOME_KIND.get(Outcome(outcome), ""),
            "chips": [
                result.status_text,
                *([] if is_remark else [f"severity {finding.severity}"]),
                finding.grade,
            ],
            "moment": "; ".join(filter(None, [_finding_time_text(finding, local), mark])),
            "rule": result.title,
            "settled": settled,
            "evidence": [_evidence_for_template(item) for item in finding.evidence[:MAX_EVIDENCE]],
            "evidence_left": max(0, len(finding.evidence) - MAX_EVIDENCE),
        }


def _finding_time_text(finding: Finding, local: TimeZone) -> str:
    start, end = unix_ms(finding.start), unix_ms(finding.end)
    if start is None:
        return "No single moment"
    until = ""
    if end is not None and end != start:
        is_other_day = date_text(start) != date_text(end)
        until = f" to {utc_and_local_text(end, local, date=is_other_day)}"
    place = ""
    if finding.latitude_deg is not None and finding.longitude_deg is not None:
        place = f", at {finding.latitude_deg:.6f}, {finding.longitude_deg:.6f}"
    return f"{utc_and_local_text(start, local, date=True)}{until}{place}"


def _evidence_for_template(item: Evidence) -> Mapping[str, str]:
    return {
        "value": f"{item.record}.{item.field} = {item.value}",
        "place": "whole file" if item.offset is None else f"byte {item.offset:,}",
        "file": item.file,
        "sha256": item.sha256,
    }


def _recordings_for_template(page: PageModel) -> Mapping[str, object]:
    rows = [
        row
        for row in page.timeline
        if row.group == "recording" and not row.kind.startswith("capture.")
    ]
    left = len(rows) - MAX_RECORDINGS
    notes = [unlisted_recordings_note(page)]
    if left > 0:
        notes.append(f"The first {MAX_RECORDINGS} are printed; {left:,} more are on the page.")
    return {
        "note": " ".join(filter(None, notes)),
        "rows": [_timeline_row_for_template(row, page) for row in rows[:MAX_RECORDINGS]],
    }


def _events_for_template(page: PageModel) -> Mapping[str, object]:
    """Return what happened, in time order; of too much of it what matters most."""
    listed = [row for row in page.timeline if row.group not in (*HIDDEN_GROUPS, "recording")]
    groups = list(GROUPS)
    ranked = sorted(
        range(len(listed)), key=lambda number: (groups.index(listed[number].group), number)
    )
    chosen = sorted(ranked[:MAX_EVENTS])
    left = len(page.timeline) - len(chosen)
    note = ""
    if left:
        note = (
            f"{pluralised_count(left, 'more row')} (recordings, tips, settings and what matters "
            "less) stand above or on the page of the flight."
        )
    return {
        "note": note,
        "rows": [_timeline_row_for_template(listed[number], page) for number in chosen],
    }


def _timeline_row_for_template(row: TimelineRow, page: PageModel) -> Mapping[str, str]:
    time, local = "not given", ""
    if row.start is not None:
        began = unix_ms(page.flight.start)
        time = f"{time_of_day_text_with_other_date(row.start, began)} UTC"
        if row.end is not None:
            time += f" to {time_of_day_text_with_other_date(row.end, row.start)}"
        local = page.local.local_time_text(row.start)
    file = ""
    if row.source_index is not None and len(page.file_names) > 1:
        file = page.file_names[row.source_index]
    place = "" if row.offset is None else f"byte {row.offset:,}"
    return {
        "time": time,
        "local": local,
        "text": row.text,
        "kind": " · ".join(filter(None, [GROUPS[row.group], row.kind, row.severity])),
        "source": " · ".join(filter(None, [row.grade, row.record])),
        "place": " · ".join(filter(None, [place, file])),
    }


def _rule_result_for_template(result: RuleResult) -> Mapping[str, str]:
    return {
        "outcome": OUTCOME_WORDS[result.outcome],
        "kind": _OUTCOME_KIND.get(result.outcome, ""),
        "title": result.title,
        "reason": outcome_sentence(result),
        "status": result.status_text,
        "citation": "; ".join([result.citation, *result.legal_basis]),
    }


def _sources_for_template(page: PageModel) -> Iterator[Mapping[str, object]]:
    """Yield each source file: what it is, its hash, its clock, and how much of it was read."""
    pairs = zip(page.flight.sources, page.coverages, strict=True)
    for number, (source, coverage) in enumerate(islice(pairs, MAX_SOURCES), 1):
        file, alignment = source.log.source, source.alignment
        known = clock_uncertainty_words(alignment.uncertainty_s)
        clock = source.log.clock.source or "clock not stated by the log"
        hashes = [file.sha256]
        if file.container_sha256:
            hashes.append(f"in the container {file.container_sha256}")
        yield {
            "number": str(number),
            "name": file.name,
            "kind": f"{file.format} {file.format_version or ''}".strip() + f", {file.size:,} bytes",
            "hashes": hashes,
            "clock": f"{clock}, known within: {known}"
            if alignment.is_aligned
            else f"{clock}; not aligned: {alignment.reason}",
            "read": "; ".join(coverage.warnings) or "read in full",
        }


def _method_notes(page: PageModel) -> Iterator[str]:
    yield (
        "Times are UTC as the clock of the log gives them. Local time is "
        f"{page.location.timezone_text}; its offsets are those of the time zone database, not of "
        "this computer."
    )
    yield (
        "Height is above the take-off point, by the aircraft's barometer; it is neither the "
        "height above the ground below nor above sea level."
    )
    yield (
        "Positions are WGS 84, as the aircraft logged them. The map has the same geometry as the "
        "page of the flight. Grid references of Great Britain: "
        f"{best_national_grid_transformation().method}. {PLACES_GOOD_FOR} {OUTLINES_GOOD_FOR}"
    )
    yield (
        "Each line names the record of the log that shows it and its first byte in the file. "
        "Measured, reported, commanded, inferred: how the log obtained the value."
    )
    yield (
        "A character that these sheets cannot print is shown by its number, as in ⟨U+4E2D⟩; the "
        "page and report.json show it."
    )
