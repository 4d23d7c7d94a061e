"""Gaps in the numbers that an aircraft gives its logs, or a camera its files.

A gap is never proof of a missing file: formatting, other cards and crashes skip numbers too.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from dji_audit.flights.join._flight_assembly import FileNumberGap, FlightCandidate
from dji_audit.flights.join._log_summary import LogSummary

#: A wider gap is a new count and no gap.
_MAX_GAP = 50


def find_file_number_gaps_by_flight_id(
    candidates: Sequence[FlightCandidate],
) -> dict[str, tuple[FileNumberGap, ...]]:
    """Return the gaps that each flight shows, by the id of its first part."""
    found: dict[str, list[FileNumberGap]] = defaultdict(list)
    for id_, note in (
        *_flight_ids_and_log_number_gaps(candidates),
        *_flight_ids_and_media_number_gaps(candidates),
    ):
        found[id_].append(note)
    return {id_: tuple(gaps) for id_, gaps in found.items()}


def _flight_ids_and_log_number_gaps(
    candidates: Sequence[FlightCandidate],
) -> list[tuple[str, FileNumberGap]]:
    """Return the gaps in the numbers that an aircraft gave its own logs."""
    flights: dict[str, list[tuple[float, LogSummary, FlightCandidate]]] = defaultdict(list)
    for candidate in candidates:
        summary = next((one for one in candidate.summaries if one.log_number is not None), None)
        if summary is None or candidate.start is None:
            continue
        for serial in sorted(summary.serials)[:1]:
            flights[serial].append((candidate.start, summary, candidate))
    out = []
    for serial in sorted(flights):
        numbered = sorted(flights[serial], key=lambda item: (item[0], item[1].id))
        for (_, before, _), (_, after, candidate) in pairwise(numbered):
            first, last = before.log_number or 0, after.log_number or 0
            if 1 < last - first <= _MAX_GAP:
                missing = _format_number_range(first + 1, last - 1)
                text = (
                    f"the aircraft gave this log number {last} and the log of the previous "
                    f"flight number {first}; "
                    f"none of these logs has number {missing}"
                )
                gap = FileNumberGap(kind="log_number", text=text, log_index=after.log_index)
                out.append((_id_of_candidate(candidate), gap))
    return out


def _flight_ids_and_media_number_gaps(
    candidates: Sequence[FlightCandidate],
) -> list[tuple[str, FileNumberGap]]:
    """Return the gaps in the numbers of the media files of one folder within a flight."""
    out = []
    for candidate in candidates:
        folders: dict[str, dict[int, LogSummary]] = defaultdict(dict)
        for summary in candidate.summaries:
            number = summary.camera_file_number if summary.is_media else None
            if number is not None:
                folders[summary.folder].setdefault(number, summary)
        for folder in sorted(folders):
            numbers = folders[folder]
            for first, last in pairwise(sorted(numbers)):
                if 1 < last - first <= _MAX_GAP:
                    missing = _format_number_range(first + 1, last - 1)
                    text = (
                        f"{numbers[last].name} follows {numbers[first].name}; "
                        f"no media file of the flight has number {missing}"
                    )
                    log_index = numbers[last].log_index
                    gap = FileNumberGap(kind="media_number", text=text, log_index=log_index)
                    out.append((_id_of_candidate(candidate), gap))
    return out


def _id_of_candidate(candidate: FlightCandidate) -> str:
    return candidate.members[0].segment_id


def _format_number_range(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
