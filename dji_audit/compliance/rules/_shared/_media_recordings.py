"""Recordings of a flight as the rules use them: intervals with their evidence."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dji_audit.common.data_frame_rows_as_mappings import rows_as_mappings
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.table_values import time_of_table_cell_or_none
from dji_audit.compliance.findings import Evidence
from dji_audit.compliance.rules._shared._flight_evidence import evidence_of_record_in_flight_log
from dji_audit.flights import Flight


@dataclass(frozen=True, slots=True)
class MediaRecordingWithEvidence:
    """One photo, video or sound recording; ``None``: its time is not known."""

    kind: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    evidence: Evidence


def media_recordings_of_flight(flight: Flight) -> list[MediaRecordingWithEvidence]:
    """Return the recordings of a flight, in time order."""
    recordings = []
    for row in rows_as_mappings(flight.captures):
        start, kind = time_of_table_cell_or_none(row["start"]), str(row["kind"])
        record = str(row["source"])
        evidence = evidence_of_record_in_flight_log(
            flight,
            offset=int(row["source_offset"]),
            record=record,
            field=kind,
            value=str(start),
            source_index=int(row["source_index"]),
        )
        recordings.append(
            MediaRecordingWithEvidence(
                kind, start, time_of_table_cell_or_none(row["end"]) or start, evidence
            )
        )
    return recordings


def names_of_evidence_files_text(evidence: Sequence[Evidence]) -> str:
    """Return the files that some evidence is in, the first three by name."""
    names = list(dict.fromkeys(part.file for part in evidence))
    more = f" and {len(names) - 3} more files" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def recording_counts_text(recordings: list[MediaRecordingWithEvidence]) -> str:
    """Return the number of photos, videos and sound recordings, in words."""
    words = {"photo": "photo", "video": "video", "audio": "sound recording"}
    parts = []
    for kind, word in words.items():
        count = sum(recording.kind == kind for recording in recordings)
        if count:
            parts.append(pluralised_count(count, word))
    return " and ".join(parts)
