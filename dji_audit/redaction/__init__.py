"""Redaction for disclosure: what flights show, without positions, serial numbers and names.

``RedactionMethodAndKey`` says how.  ``redact_flight_audit`` and ``redact_run`` take out of what was
audited what must not leave the unit; ``shape_hash_of_track`` gives the digest by which a reader can
check that shape and times are those of the evidence; ``iterate_phrases_on_leaks_in_text``
searches what was made from it.

Rules are applied before: an outcome is that of the true flight.
"""

from dji_audit.redaction._redact_values_of_any_shape import redact_value
from dji_audit.redaction._redacted_flight_audit import RedactedFlight, redact_flight_audit
from dji_audit.redaction._redacted_run import (
    HowRunWasRedacted,
    TrackHashFixesAndSensitiveValues,
    redact_run,
    sensitive_texts_of_run,
    values_to_check_redacted_track,
)
from dji_audit.redaction._redaction_method import (
    PositionRedactionMethod,
    RedactionMethodAndKey,
    redaction_keyed_by_evidence_file,
)
from dji_audit.redaction._search_for_leaks import (
    SensitiveValues,
    iterate_phrases_on_leaks_in_text,
    sensitive_values,
)
from dji_audit.redaction._sensitive_texts import SensitiveTexts
from dji_audit.redaction._track_shape_hash import (
    TrackShapeHash,
    shape_hash_of_moved_track_csv,
    shape_hash_of_track,
)

__all__ = [
    "HowRunWasRedacted",
    "PositionRedactionMethod",
    "RedactedFlight",
    "RedactionMethodAndKey",
    "SensitiveTexts",
    "SensitiveValues",
    "TrackHashFixesAndSensitiveValues",
    "TrackShapeHash",
    "iterate_phrases_on_leaks_in_text",
    "redact_flight_audit",
    "redact_run",
    "redact_value",
    "redaction_keyed_by_evidence_file",
    "sensitive_texts_of_run",
    "sensitive_values",
    "shape_hash_of_moved_track_csv",
    "shape_hash_of_track",
    "values_to_check_redacted_track",
]
