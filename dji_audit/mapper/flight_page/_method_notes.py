"""What a page says of how a file was read, and of how the page was made."""

from collections.abc import Iterator
from datetime import UTC, datetime

import parsers
from dji_audit.basemap import ATTRIBUTION, OUTLINES_GOOD_FOR, PLACES_GOOD_FOR
from dji_audit.basemap.supplied_map import SuppliedMapClip
from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.mapper.basemap import supplied_map_content_sentences
from dji_audit.mapper.flight_page._byte_coverage import ByteCoverageSummary, coverage_percent_text
from dji_audit.mapper.flight_page._page_track import GAP_MS, PageTrack
from dji_audit.mapper.flight_page._static_html import labelled_values_html
from dji_audit.mapper.html._escape import escape_html, table_html
from dji_audit.report.flight_location import FlightLocation

#: Issues that are listed one by one; the rest are counted.
MAX_ISSUES = 300


def clock_uncertainty_words(seconds: float | None) -> str:
    """Return how well a clock is known."""
    return "not known" if seconds is None else f"about {seconds:g} s"


def byte_coverage_section_html(log: parsers.Log, read: ByteCoverageSummary) -> str:
    """Return how the bytes were accounted for, and the list of issues."""
    holes = sum(1 for issue in log.issues if issue.size)
    size = log.source.size or 1
    lead = (
        f"{coverage_percent_text(read.accounted_pct)} % of the bytes are accounted for"
        if read.accounted_pct is not None
        else "How its bytes were accounted for is not stated"
    )
    if hidden := read.sizes.get("encrypted", 0):
        lead += f", but {coverage_percent_text(100 * hidden / size)} % need a key and were not read"
    remarks = pluralised_count(len(log.issues) - holes, "remark")
    lead += f"; {pluralised_count(holes, 'part')} not decoded, {remarks}."
    kinds = "".join(
        f"<tr><td>{escape_html(parsers.COVERAGE_KINDS.get(kind, kind))}</td>"
        f'<td class="number">{count:,}</td>'
        f'<td class="number">{coverage_percent_text(100 * count / size)} %</td></tr>'
        for kind, count in read.sizes.items()
    )
    table = (
        table_html(
            {"Bytes that are": "", "how many": "number", "share": "number"}, kinds, 'class="bytes"'
        )
        if kinds
        else ""
    )
    items = "".join(
        f"<li>byte {issue.offset:,}, {pluralised_count(issue.size, 'byte')}: "
        f"{escape_html(issue.reason)}</li>"
        for issue in log.issues[:MAX_ISSUES]
    )
    if len(log.issues) > MAX_ISSUES:
        items += f"<li>and {len(log.issues) - MAX_ISSUES:,} more</li>"
    issues = (
        f"<details><summary>Issues ({len(log.issues):,})</summary>"
        f'<ul class="evidence">{items}</ul></details>'
        if items
        else ""
    )
    return f"<p><b>{lead}</b></p>{table}{issues}"


def method_notes_html(
    track: PageTrack, location: FlightLocation, basemap: SuppliedMapClip | None, *, grid_method: str
) -> str:
    """Return what times, heights, positions and lines on the page mean.

    Args:
        track: The path.
        location: Where the flight was, and whose local time is shown.
        basemap: What is drawn of the unit's own map; ``None``: it supplies none.
        grid_method: How grid references were made; empty: there are none.
    """
    notes = [
        f"Times are UTC as the log's clock gives them. Local time is {location.timezone_text}; its "
        "offsets are those of the time zone database, not of this computer.",
        "Height is above the take-off point, by the aircraft's barometer; it is neither the height "
        "above the ground below nor above sea level.",
        "Positions are WGS 84, as the aircraft logged them, every fix at full rate. Between two "
        f"fixes the marker moves in a straight line; over a gap of more than {GAP_MS // 1000} s "
        "the track is dashed and the marker waits at the last fix.",
        "Recording is what the log states about the camera. “Sensor not stated” means that the log "
        "does not distinguish visible light from thermal.",
        "The picture on the ground is an estimate: see “In view”. Where it cannot be computed, a "
        "line from the aircraft marker shows where the gimbal pointed on the compass.",
        "This page loads nothing and sends nothing. What lies behind the path is in the page: "
        "asking for a map would disclose where the flight was.",
        f"{OUTLINES_GOOD_FOR} {PLACES_GOOD_FOR} {ATTRIBUTION}",
        *([] if basemap is None else [supplied_map_content_sentences(basemap)]),
    ]
    if grid_method:
        notes.insert(3, f"Grid references: {grid_method}.")
    return "".join(f"<p>{escape_html(note)}</p>" for note in [*track.notes, *notes])


def audit_basis_labelled_values_html(
    basis: AuditInputProvenance, generated: datetime | None
) -> str:
    """Return the tool, the policy and the catalogue, with their hashes, as HTML."""
    return labelled_values_html(audit_basis_labels_and_values(basis, generated))


def audit_basis_labels_and_values(
    basis: AuditInputProvenance, generated: datetime | None
) -> list[tuple[str, str]]:
    """Return the tool, the policy and the catalogue, with their hashes, each with its label."""
    return [
        ("Tool", f"dji-audit {basis.tool_version}"),
        ("Policy", f"{basis.policy_name} {basis.policy_version}"),
        ("Policy SHA-256", basis.policy_sha256),
        ("Packs", ", ".join(f"{it.name} {it.version}" for it in basis.packs)),
        ("Rules as of", f"{basis.as_of}, not the date of the flight" if basis.as_of else ""),
        *_context_file_labels_and_values(basis),
        ("Catalogue", f"edition {basis.catalogue_edition}"),
        ("Catalogue SHA-256", basis.catalogue_sha256),
        ("Made", generation_time_words(generated)),
    ]


def _context_file_labels_and_values(basis: AuditInputProvenance) -> Iterator[tuple[str, str]]:
    """Yield the files that the unit supplied besides the logs, with their hashes."""
    for document in basis.context_files:
        rows = pluralised_count(document.count, "row")
        if document.datum is not None:
            yield "Elevation model", f"{document.name}, heights above: {document.datum}"
            yield "Elevation model SHA-256", document.sha256
            continue
        if document.kind == "base map":
            yield "Base map", f"{document.name}, {document.note}"
            yield "Base map SHA-256", document.sha256
            continue
        note = f"; {document.note}" if document.note else ""
        yield f"{document.kind.capitalize()} list", f"{document.name}, {rows}{note}"
        yield f"{document.kind.capitalize()} list SHA-256", document.sha256


def generation_time_words(generated: datetime | None) -> str:
    """Return when a page was made, in UTC."""
    if generated is None:
        return "time not given"
    return f"{generated.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
