"""The files of an incident bundle, by name, with their hashes."""

import hashlib
import json
from collections.abc import Iterator

from dji_audit.incident._full_rate_csv import full_rate_csv_files
from dji_audit.incident._html_page import incident_page_html
from dji_audit.incident._incident_document_model import IncidentDocument, IncidentSection

SUMS_FILE, SHEETS_FILE = "SHA256SUMS", "incident.pdf"


def incident_bundle_files(document: IncidentDocument, sheets: bytes | None) -> dict[str, bytes]:
    """Return the files of the bundle of one flight: page, sheets, data, tables, and their hashes.

    The same arguments give the same bytes in every process.

    Args:
        document: What is said.
        sheets: The PDF of ``incident_sheets_pdf``; ``None``: it could not be set.
    """
    files = dict(_names_and_bytes_of_files(document))
    if sheets is not None:
        files[SHEETS_FILE] = sheets
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return files | {SUMS_FILE: sums.encode()}


def _names_and_bytes_of_files(document: IncidentDocument) -> Iterator[tuple[str, bytes]]:
    yield "incident.html", incident_page_html(document).encode()
    yield "incident.json", _document_json(document).encode()
    for name, text in full_rate_csv_files(document):
        yield name, text.encode()


def _document_json(document: IncidentDocument) -> str:
    value = {
        "schema": "dji-audit.incident/0.1",
        "moment": document.moment.isoformat(),
        "start": document.start.isoformat(),
        "end": document.end.isoformat(),
        "head": [list(pair) for pair in document.head],
        "sections": [_section_as_json_object(section) for section in document.sections],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _section_as_json_object(section: IncidentSection) -> dict[str, object]:
    parts: dict[str, object] = {
        "heading": section.heading,
        "paragraphs": list(section.paragraphs),
        # A list: two operations at one moment have facts of the same names.
        "facts": [[name, value] for name, value in section.facts if value],
        "items": list(section.items),
    }
    if section.table is not None:
        parts["table"] = {
            "columns": list(section.table.columns),
            "rows": [list(row) for row in section.table.rows],
        }
    return {name: part for name, part in parts.items() if part}
