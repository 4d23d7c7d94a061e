"""Redaction for disclosure: what flights show, without positions, serial numbers and names.

``Redaction`` says how.  ``redact_flight_audit`` and ``redact_run`` take out of what was audited
what must not leave the unit; ``shape_of_track`` gives the digest by which a reader can check that
shape and times are those of the evidence; ``find_leaks`` searches what was made from it.

Rules are applied before: an outcome is that of the true flight.
"""

from dji_audit.redaction._flight_audit import RedactedFlight, redact_flight_audit
from dji_audit.redaction._leaks import SensitiveValues, find_leaks, sensitive_values
from dji_audit.redaction._method import Redaction, RedactionMethod, redaction_for_evidence
from dji_audit.redaction._redacted_values import redact_value
from dji_audit.redaction._run_contents import (
    RedactedTrack,
    RunRedaction,
    redact_run,
    redacted_track,
    texts_of_run,
)
from dji_audit.redaction._sensitive_texts import SensitiveTexts
from dji_audit.redaction._track_shape import TrackShape, shape_of_csv, shape_of_track

__all__ = [
    "RedactedFlight",
    "RedactedTrack",
    "Redaction",
    "RedactionMethod",
    "RunRedaction",
    "SensitiveTexts",
    "SensitiveValues",
    "TrackShape",
    "find_leaks",
    "redact_flight_audit",
    "redact_run",
    "redact_value",
    "redacted_track",
    "redaction_for_evidence",
    "sensitive_values",
    "shape_of_csv",
    "shape_of_track",
    "texts_of_run",
]
