"""Incident bundles: the last minutes around one moment of a flight, from every log.

``build_incident_document`` says under the headings of an inquiry what the logs show, what they do
not, and what people must be asked; ``incident_bundle_files`` makes of that one page,
two sheets, and every value at full rate.
"""

from dji_audit.incident._build_document import (
    IncidentWindow,
    NoFlightAtThatTimeError,
    build_incident_document,
    flights_in_window,
)
from dji_audit.incident._bundle_files import SUMS_FILE, incident_bundle_files
from dji_audit.incident._incident_document_model import IncidentDocument
from dji_audit.incident._pdf_sheets import incident_sheets_pdf

__all__ = [
    "SUMS_FILE",
    "IncidentDocument",
    "IncidentWindow",
    "NoFlightAtThatTimeError",
    "build_incident_document",
    "flights_in_window",
    "incident_bundle_files",
    "incident_sheets_pdf",
]
