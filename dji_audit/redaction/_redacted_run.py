"""The rows of a run without names of files and of the unit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from dji_audit.compliance.context import AuditContext
from dji_audit.redaction._redact_values_of_any_shape import redact_value
from dji_audit.redaction._redacted_flight_audit import RedactedFlight
from dji_audit.redaction._redaction_method import PositionRedactionMethod, RedactionMethodAndKey
from dji_audit.redaction._search_for_leaks import SensitiveValues
from dji_audit.redaction._sensitive_texts import (
    SensitiveTexts,
    build_sensitive_texts,
    is_distinctive_name,
    kinds_and_sensitive_forms_of_file_name,
    kinds_and_sensitive_names_in_context,
)
from dji_audit.redaction._track_shape_hash import TrackShapeHash, format_moved_track_as_csv
from dji_audit.report.rows import MediaFilesCaptureRow, RunContents


@dataclass(frozen=True, slots=True)
class TrackHashFixesAndSensitiveValues:
    """What a reader of a redacted flight checks it by, and what must be nowhere in the results."""

    flight: str
    #: ``None``: its track has no position, or was not moved as a whole.
    shape: TrackShapeHash | None
    #: The fixes as they were moved, with all digits; empty without a shape.
    fixes_csv: str
    sensitive_values: SensitiveValues


@dataclass(frozen=True, slots=True)
class HowRunWasRedacted:
    """How a run was redacted."""

    method: PositionRedactionMethod
    texts: SensitiveTexts
    tracks: Sequence[TrackHashFixesAndSensitiveValues]
    #: What a person states of the case, which stands on every sheet although a name may be in it.
    stated: frozenset[str] = frozenset()

    @property
    def sensitive_values(self) -> SensitiveValues:
        """What must be nowhere in the results."""
        coordinates = frozenset[int]().union(
            *(it.sensitive_values.coordinates for it in self.tracks)
        )
        names = frozenset(filter(is_distinctive_name, self.texts.replacements))
        names = names.union(*(it.sensitive_values.texts for it in self.tracks))
        stated = "\n".join(self.stated).casefold()
        return SensitiveValues(
            coordinates, frozenset(name for name in names if name.casefold() not in stated)
        )


def values_to_check_redacted_track(flight: RedactedFlight) -> TrackHashFixesAndSensitiveValues:
    """Return what a reader checks a redacted flight by."""
    audited = flight.audit.flight
    fixes = format_moved_track_as_csv(audited.track) if flight.shape is not None else ""
    return TrackHashFixesAndSensitiveValues(
        audited.id, flight.shape, fixes, flight.sensitive_values
    )


def sensitive_texts_of_run(
    redaction: RedactionMethodAndKey, contents: RunContents, context: AuditContext
) -> SensitiveTexts:
    """Return the names of the files and devices of a run, and of what a unit supplied."""
    names = [
        pair
        for file in contents.files
        for pair in kinds_and_sensitive_forms_of_file_name(file.name)
    ]
    for capture in contents.captures:
        names += kinds_and_sensitive_forms_of_file_name(capture.name)
        names += [
            pair
            for stream in capture.streams
            for pair in kinds_and_sensitive_forms_of_file_name(stream.file)
        ]
    for folder in contents.app_folders:
        names += kinds_and_sensitive_forms_of_file_name(folder.folder)
    for clock in contents.clocks:
        names += [*kinds_and_sensitive_forms_of_file_name(clock.files), ("purpose", clock.note)]
    devices = [("device", device) for row in contents.contacts for device in row.devices]
    return build_sensitive_texts(
        redaction, (*names, *devices, *kinds_and_sensitive_names_in_context(context))
    )


def redact_run(
    contents: RunContents,
    texts: SensitiveTexts,
    keep_rows: Callable[[Iterator[Any]], Sequence[Any]] = tuple,
) -> RunContents:
    """Return the rows of a run with every text redacted; flights are redacted before.

    Args:
        contents: The rows.
        texts: What is replaced by what.
        keep_rows: Puts rows where they are kept: in memory, or on disk.
    """
    redacted: dict[str, Any] = {
        # Which acknowledgements match nothing names who looked at findings.
        "unmatched_acknowledgements": ""
    }
    for field in fields(contents):
        if field.name in redacted:
            continue
        rows: Sequence[Any] = getattr(contents, field.name)
        if field.name == "captures":
            redacted[field.name] = keep_rows(
                redact_value(_media_capture_without_positions(it), texts) for it in rows
            )
        else:
            redacted[field.name] = keep_rows(redact_value(it, texts) for it in rows)
    return replace(contents, **redacted)


def _media_capture_without_positions(capture: MediaFilesCaptureRow) -> MediaFilesCaptureRow:
    """Return the files of a capture without where they were taken: no flight moves them."""
    streams = (replace(it, latitude_deg=None, longitude_deg=None) for it in capture.streams)
    return replace(capture, streams=tuple(streams))
