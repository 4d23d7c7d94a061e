"""What the cameras of a flight recorded: one row a capture, with its bytes."""

from dataclasses import dataclass

import pandas as pd

from dji_audit.common.data_frame_rows_as_mappings import rows_as_mappings
from dji_audit.common.table_values import text_of_table_cell_or_none, time_of_table_cell_or_none
from dji_audit.flights import Flight

#: Captures of a flight that are listed; a survey takes some thousands of photos.
MAX_CAPTURES = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightCaptureRow:
    """One capture of a flight; ``None``: not stated."""

    start: pd.Timestamp | None
    end: pd.Timestamp | None
    sensor: str | None
    kind: str | None
    grade: str | None
    source: str | None
    media_file: str | None
    #: The log that records it.
    file: str
    sha256: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCaptureRowsAndLeftOutCount:
    """The captures of a flight that are listed, and how many are not."""

    rows: tuple[FlightCaptureRow, ...]
    left_out: int


def media_capture_rows_and_left_out_count(
    flight: Flight,
) -> ListedCaptureRowsAndLeftOutCount | None:
    """Return the captures of a flight in order of time; ``None``: its logs do not record them.

    Of more than ``MAX_CAPTURES`` the first are listed.
    """
    captures = flight.captures
    if not len(captures) and not flight.would_show_recordings:
        return None
    listed = captures.head(MAX_CAPTURES)
    rows = []
    for capture in rows_as_mappings(listed):
        source = flight.logs[int(capture["source_index"])].source
        rows.append(
            FlightCaptureRow(
                start=time_of_table_cell_or_none(capture["start"]),
                end=time_of_table_cell_or_none(capture["end"]),
                media_file=text_of_table_cell_or_none(capture["file"]),
                **{
                    name: text_of_table_cell_or_none(capture[name])
                    for name in ("sensor", "kind", "grade", "source")
                },
                file=source.name,
                sha256=source.sha256,
                offset=int(capture["source_offset"]),
            )
        )
    return ListedCaptureRowsAndLeftOutCount(rows=tuple(rows), left_out=len(captures) - len(listed))
