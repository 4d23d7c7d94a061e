"""The flights below some paths, whose logs are read again when one of the flights is wanted.

Joining needs a short summary of each log.  So one file is in memory at a time, and at the end the
logs of the flights that are asked for, however many lie beside them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

import parsers
from dji_audit.flights import (
    AssembledFlight,
    Flight,
    LogSummary,
    is_log_of_flight,
    join_logs,
    merge_flight,
    summarise_each_part_of_log,
)
from dji_audit.ingest import (
    FailedInput,
    IngestSettings,
    InputFilesAndKeychains,
    UnreadAndLeftOutInputs,
    find_input_files_and_keychains,
    read_inputs,
    unread_evidence,
)
from dji_audit.ingest.input_files import InputFile
from dji_audit.report.declared_clock_rows import LogClockTextsForReport, log_clock_for_report

#: A clock whose alignment is refined on the whole track moves by a few seconds, and drifts.
_REFINED_WITHIN_S = 120.0


class EvidenceChangedError(Exception):
    """A file is not what it was when its flights were found; the message names it."""


@dataclass(frozen=True, slots=True)
class UnmergedFlightSummary:
    """A flight before its logs are merged: what its summaries tell of it."""

    assembly: AssembledFlight
    #: First and last instant of any of its logs, UTC, to some seconds; ``None``: no log has UTC.
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: Whether a position at a known time is known.
    has_timed_position: bool

    @property
    def id(self) -> str:
        """The id of the flight."""
        return self.assembly.id

    def may_overlap(self, start: pd.Timestamp, end: pd.Timestamp) -> bool:
        """Return whether a log of it may have a fix between two instants.

        Merging moves clocks a little: this is never ``False`` of a flight that has one.
        """
        if self.start is None or self.end is None:
            return False
        margin = pd.Timedelta(_REFINED_WITHIN_S, "s")
        return bool(self.start - margin <= end and start <= self.end + margin)


@dataclass(frozen=True, slots=True)
class _LogInFile:
    """Where a log lies: its file, its number among the logs of the file, and its hash."""

    input: InputFile
    number: int
    sha256: str


@dataclass(slots=True)
class _ReadFileSummary:
    """What is kept of one file that was read."""

    logs: list[_LogInFile] = field(default_factory=list)
    #: Summaries whose ``log_index`` is the number of the log in the file.
    summaries: list[LogSummary] = field(default_factory=list)
    clocks: list[LogClockTextsForReport] = field(default_factory=list)
    network_logs: list[parsers.Log] = field(default_factory=list)


@dataclass(frozen=True)
class EvidenceJoinedIntoFlights:
    """The flights below some paths, and how their logs are read again."""

    flights: tuple[UnmergedFlightSummary, ...]
    #: What is known of the clock of each log, also of those in no flight.
    clocks: tuple[LogClockTextsForReport, ...]
    network_logs: tuple[parsers.Log, ...]
    unread: UnreadAndLeftOutInputs
    _logs: tuple[_LogInFile, ...] = field(repr=False)
    _files: InputFilesAndKeychains = field(repr=False)
    _settings: IngestSettings = field(repr=False)

    def merged_flights(self, flights: Iterable[UnmergedFlightSummary]) -> tuple[Flight, ...]:
        """Return some of the flights; their files are read again, each once.

        Raises:
            EvidenceChangedError: If a file is not what it was.
        """
        wanted = list(flights)
        logs = self._reread_logs({index for it in wanted for index in it.assembly.log_indices})
        return tuple(merge_flight(it.assembly, logs) for it in wanted)

    def _reread_logs(self, indices: Iterable[int]) -> dict[int, parsers.Log]:
        logs_of_file: dict[str, list[tuple[int, _LogInFile]]] = defaultdict(list)
        for index in sorted(indices):
            place = self._logs[index]
            logs_of_file[place.input.name].append((index, place))
        inputs = [wanted[0][1].input for wanted in logs_of_file.values()]
        found: dict[int, parsers.Log] = {}
        for read in read_inputs(inputs, self._files, self._settings):
            logs = () if read.reading is None else read.reading.logs
            for index, place in logs_of_file[read.input.name]:
                if place.number >= len(logs) or logs[place.number].source.sha256 != place.sha256:
                    raise EvidenceChangedError(
                        f"{read.input.name} changed while its flight was read: nothing is shown"
                    )
                found[index] = logs[place.number]
        return found


def read_and_join_evidence(
    paths: Iterable[Path], settings: IngestSettings, camera_timezone: str | None = None
) -> EvidenceJoinedIntoFlights:
    """Read everything below some paths, one file at a time, and join the logs to flights.

    Args:
        paths: Files and folders.
        settings: How files are found and opened.
        camera_timezone: IANA time zone that the user declares for local clocks of unknown zone.

    Raises:
        parsers.InvalidKeysError: If a file that the user named as keychains is none.
        OSError: If such a file cannot be opened.
    """
    files = find_input_files_and_keychains(paths, settings)
    in_short: dict[str, _ReadFileSummary] = {}
    failed: dict[str, FailedInput] = {}
    for read in read_inputs(files.inputs_without_copies, files, settings):
        if read.failed is not None:
            failed[read.input.name] = read.failed
        if read.reading is not None:
            in_short[read.input.name] = _summarise_read_file(read.input, read.reading.logs)
    in_order = [in_short[it.name] for it in files.inputs_without_copies if it.name in in_short]
    logs: list[_LogInFile] = []
    summaries: list[LogSummary] = []
    for file in in_order:
        summaries += [replace(it, log_index=len(logs) + it.log_index) for it in file.summaries]
        logs += file.logs
    parts = {(it.log_index, it.segment_number): it for it in summaries}
    joined = join_logs(summaries, camera_timezone).assemblies
    return EvidenceJoinedIntoFlights(
        flights=tuple(_summarise_unmerged_flight(assembly, parts) for assembly in joined),
        clocks=tuple(clock for file in in_order for clock in file.clocks),
        network_logs=tuple(log for file in in_order for log in file.network_logs),
        unread=unread_evidence(files, failed),
        _logs=tuple(logs),
        _files=files,
        _settings=settings,
    )


def _summarise_read_file(item: InputFile, logs: Sequence[parsers.Log]) -> _ReadFileSummary:
    short = _ReadFileSummary()
    for number, log in enumerate(logs):
        short.logs.append(_LogInFile(item, number, log.source.sha256))
        short.clocks.append(log_clock_for_report(log))
        if log.capture_window is not None:
            short.network_logs.append(log)
        elif is_log_of_flight(log):
            short.summaries += summarise_each_part_of_log(log, number)
    return short


def _summarise_unmerged_flight(
    assembly: AssembledFlight, parts: Mapping[tuple[int, int], LogSummary]
) -> UnmergedFlightSummary:
    """Return a flight with its times, from the summaries of its parts by log and segment."""
    instants: list[pd.Timestamp] = []
    has_timed_position = False
    for member in assembly.members:
        if not member.alignment.is_aligned:
            continue
        part = parts[member.log_index, member.segment_number]
        has_timed_position |= part.fix_count > 0
        for own in (part.start, part.end):
            instant = None if own is None else pd.Timestamp(round(own * 1e9), tz="UTC")
            aligned = member.alignment.aligned_instant(instant)
            if aligned is not None:
                instants.append(aligned)
    return UnmergedFlightSummary(
        assembly,
        min(instants, default=None),
        max(instants, default=None),
        has_timed_position,
    )
