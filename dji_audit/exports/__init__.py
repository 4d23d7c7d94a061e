"""Exports: flights as files for other programs, one public module a format.

Each format is written from the same account of a flight (``ExportedFlight``), in two steps: the
parts of a flight, as soon as it is audited, and the document of all flights when the last one is
done. The same flights give the same bytes. No export loads anything, and no text from a log is
markup in one.

To add a format, add a module with an ``ExportFormat``, and name it in ``_write_exports.py``.
"""

from dji_audit.exports._export_format import (
    ExportFormat,
    ExportProvenance,
    FlightParts,
    MissingExtraError,
)
from dji_audit.exports._export_target import (
    ExportError,
    ExportTarget,
    refuse_writing_into_evidence,
)
from dji_audit.exports._exported_flight import (
    ExportedFlight,
    exported_host_contacts,
    flight_for_export,
)
from dji_audit.exports._write_exports import (
    EXPORT_FORMATS,
    FORMAT_NAMES,
    TIMELINE_FORMATS,
    FlightWithStoredExportParts,
    export_document_names_and_bytes_by_flight,
    export_format_by_name,
    is_timeline_format,
    save_document_parts_of_flight,
    save_host_contacts_as_timeline_export_parts,
    stored_document_parts_of_flight,
    write_exports,
)

__all__ = [
    "EXPORT_FORMATS",
    "FORMAT_NAMES",
    "TIMELINE_FORMATS",
    "ExportError",
    "ExportFormat",
    "ExportProvenance",
    "ExportTarget",
    "ExportedFlight",
    "FlightParts",
    "FlightWithStoredExportParts",
    "MissingExtraError",
    "export_document_names_and_bytes_by_flight",
    "export_format_by_name",
    "exported_host_contacts",
    "flight_for_export",
    "is_timeline_format",
    "refuse_writing_into_evidence",
    "save_document_parts_of_flight",
    "save_host_contacts_as_timeline_export_parts",
    "stored_document_parts_of_flight",
    "write_exports",
]
