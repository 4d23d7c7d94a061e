"""The third stage: each flight that the logs were joined to is audited.

A flight goes to a worker and comes back as encoded rows, which go to the disk as they are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dji_audit import mapper
from dji_audit.fleet.audit_flight_in_worker import (
    AUDIT_FLIGHT,
    AUDIT_STAGE,
    ROW_KINDS_OF_FLIGHT,
    FlightResult,
    FlightSummaryRow,
    FlightToAudit,
    WorkerSettings,
)
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.pages_to_draw import PagesToDraw
from dji_audit.fleet.stages.join_logs import JoinedFlightsOnDisk
from dji_audit.fleet.stages.progress_callback import Progress
from dji_audit.fleet.stages.read_files import FilesRead
from dji_audit.fleet.stored_rows import EncodedRows, RowFile, RowKind, StoredRows, encode_rows
from dji_audit.fleet.worker_pool import WorkerPool
from dji_audit.flights import (
    AssembledFlight,
    ClockAlignment,
    LogPartInFlight,
    PointSightingsInFlight,
)
from dji_audit.redaction import TrackRedactionCheck
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.rows import PolicyRuleRow

#: Flights of a run of which all pages are drawn unless the user says otherwise.
MAX_FLIGHTS_ALL_DRAWN = 200
#: So few are given to the pool together: it starts no more workers than there are flights.
_FEW_FLIGHTS = 64

_TracksByFlight = dict[str, tuple[FlightVerdict, mapper.FlightMapTrack]]


@dataclass(slots=True)
class FlightsAudited:
    """The results of auditing every flight, in the order in which joining gives them."""

    #: Which parts of which logs each flight is made of, with its id: a block for each.
    assemblies: StoredRows[AssembledFlight]
    #: The parts of logs that are in no flight.
    unjoined: StoredRows[LogPartInFlight]
    #: What a run decides by, of each flight a block; one that could not be audited has no row.
    shorts: StoredRows[FlightSummaryRow]
    #: Its rows by kind, a block for each flight.
    rows: dict[RowKind, StoredRows[object]]
    #: The final alignments of the clocks of its sources: a block for each.
    alignments: StoredRows[ClockAlignment]
    #: What the tables of a fleet hold besides the rows of the run.
    table_rows: StoredRows[object]
    #: By what the redaction of each flight is checked.
    redacted: StoredRows[TrackRedactionCheck]
    #: When the place was in view that was asked for: of each flight.
    in_view: StoredRows[PointSightingsInFlight]
    ids: list[str] = field(default_factory=list)
    #: The policy entries that were applied, in the order of the policy.
    rules: dict[str, PolicyRuleRow] = field(default_factory=dict)
    #: Index of a flight -> why it could not be audited, or its page could not be written.
    failures: dict[int, str] = field(default_factory=dict)
    page_failures: dict[int, str] = field(default_factory=dict)
    #: Id of a flight -> its track on the map of all flights: of many the most urgent.
    map_tracks: Mapping[str, mapper.FlightMapTrack] = field(default_factory=dict)
    #: Whether each page leads to the next.
    are_pages_linked: bool = False
    #: Why what is exported of the first such flight could not be saved; empty: all was.
    export_failure: str = ""
    #: Pages that were drawn, and flights that were known from an earlier run.
    page_count: int = 0
    known_count: int = 0
    #: Under which keys the results are kept, as bytes.
    result_keys: set[bytes] = field(default_factory=set)
    _rules_seen: set[bytes] = field(default_factory=set)

    @classmethod
    def none_yet(cls, joined: JoinedFlightsOnDisk, spool: Path) -> "FlightsAudited":
        """Return the results of no flight; those that are added lie in the spool.

        Raises:
            OSError: If nothing can be written there.
        """
        file = RowFile(spool)
        return cls(
            assemblies=joined.assemblies,
            unjoined=joined.unjoined,
            shorts=StoredRows(file),
            rows={kind: StoredRows(file) for kind in ROW_KINDS_OF_FLIGHT},
            alignments=StoredRows(file),
            table_rows=StoredRows(file),
            redacted=StoredRows(file),
            in_view=StoredRows(file),
            ids=[assembly.id for assembly in joined.assemblies],
        )

    def add_result(self, index: int, result: FlightResult) -> None:
        """Keep the result of a flight, by its index among those that joining gave."""
        self.shorts.add_block(encode_rows(() if result.short is None else (result.short,)))
        for kind, stored in self.rows.items():
            stored.add_block(result.rows.get(kind, EncodedRows(0, b"")))
        self.alignments.add_block(encode_rows(result.clock_alignments))
        self.table_rows.add_block(result.table_rows)
        if result.in_view is not None:
            self.in_view.add_rows((result.in_view,))
        if result.redacted is not None:
            self.redacted.add_rows((result.redacted,))
        self.page_count += result.short is not None and result.short.has_page
        if result.failure:
            self.failures[index] = result.failure
        if result.page_failure:
            self.page_failures[index] = result.page_failure
        if result.export_failure and not self.export_failure and result.short is not None:
            self.export_failure = (
                f"flight {result.short.id}: cannot export: {result.export_failure}"
            )
        self.known_count += result.was_known
        if result.key:
            self.result_keys.add(bytes.fromhex(result.key))
        # Nearly every flight has the same.
        if result.rules.data not in self._rules_seen:
            self._rules_seen.add(result.rules.data)
            self.rules |= {
                it.rule: it for it in result.rules.decode() if isinstance(it, PolicyRuleRow)
            }

    def used_results(self) -> Iterator[tuple[str, str]]:
        """Yield stage and key of each result."""
        return ((AUDIT_STAGE, key.hex()) for key in self.result_keys)

    def page_files(self) -> Iterator[str]:
        """Yield the file name of each page that was drawn."""
        return (it.page_file for it in self.shorts if it.page_file)

    def flight_summaries_in_order(self) -> StoredRows[FlightSummaryRow]:
        """Return the flights that were audited in short, in the order of the report."""
        return self.shorts.with_blocks_reordered(self.flight_indices_in_order())

    def flight_indices_in_order(self) -> list[int]:
        """Return the indices of the flights that were audited, in the order of the report."""
        known = [
            (it.sort_key, index)
            for index in range(self.shorts.block_count)
            for it in self.shorts.rows_of_block(index)
        ]
        return [index for _, index in sorted(known)]

    def rows_of_kind_in_report_order(self, kind: RowKind) -> StoredRows[object]:
        """Return the rows of one kind, flight by flight in the order of the report."""
        return self.rows[kind].with_blocks_reordered(self.flight_indices_in_order())

    def flights_with_clock_alignments(
        self,
    ) -> Iterator[tuple[int, AssembledFlight, Sequence[ClockAlignment]]]:
        """Yield index and parts of each flight, and how the clock of each was aligned."""
        for index in range(len(self.ids)):
            (assembly,) = self.assemblies.rows_of_block(index)
            final = self.alignments.rows_of_block(index)
            yield index, assembly, final or [member.alignment for member in assembly.members]


def audit_flights(
    read: FilesRead,
    joined: JoinedFlightsOnDisk,
    settings: WorkerSettings,
    pages: PagesToDraw | None,
    pool: WorkerPool | DaskPool,
    progress: Progress | None,
) -> FlightsAudited:
    """Audit each flight that the logs were joined to.

    Args:
        read: The results of the first stage.
        joined: Those of the second.
        settings: What a worker needs to know.
        pages: Of which flights pages are drawn; ``None``: of all where they are few.
        pool: The workers.
        progress: Told of each flight.
    """
    audited = FlightsAudited.none_yet(joined, settings.spool)
    if pages is None:
        are_few = len(audited.ids) <= MAX_FLIGHTS_ALL_DRAWN
        pages = PagesToDraw.ALL if are_few else PagesToDraw.FINDINGS
    audited.are_pages_linked = (
        settings.pages_folder is not None
        and settings.index_link is not None
        and pages is not PagesToDraw.NONE
        and settings.redaction is None
    )
    network = tuple(read.log_with_result_key(log.index) for log in read.network_logs)
    settings = replace(settings, network_logs=network, pages=pages)
    tracks: _TracksByFlight = {}
    items: Iterable[FlightToAudit] = _work_items_of_flights(
        read, joined, are_pages_linked=audited.are_pages_linked
    )
    if len(audited.ids) < _FEW_FLIGHTS:
        items = list(items)
    results = pool.results_of_each(AUDIT_FLIGHT, items, settings)
    for index, result in enumerate(results):
        audited.add_result(index, result)
        _add_flight_track_for_map(tracks, result)
        if progress:
            progress(index + 1, len(audited.ids), f"flight {audited.ids[index]}")
    audited.map_tracks = {
        flight: track for flight, (_, track) in _tracks_of_most_urgent_flights(tracks).items()
    }
    return audited


def _work_items_of_flights(
    read: FilesRead, joined: JoinedFlightsOnDisk, *, are_pages_linked: bool
) -> Iterator[FlightToAudit]:
    nothing = mapper.NeighbourPages()
    for assembly, neighbours in zip(joined.assemblies, joined.neighbours, strict=True):
        yield FlightToAudit(
            assembly,
            neighbours if are_pages_linked else nothing,
            tuple(read.log_with_result_key(index) for index in assembly.log_indices),
        )


def _add_flight_track_for_map(tracks: _TracksByFlight, result: FlightResult) -> None:
    """Add the track of a flight to those of a run; beyond twice those that a map draws, half go."""
    if result.short is None or result.map_track is None:
        return
    tracks[result.short.id] = result.short.verdict, result.map_track
    if len(tracks) >= 2 * mapper.MAX_MAP_TRACKS:
        kept = _tracks_of_most_urgent_flights(tracks)
        tracks.clear()
        tracks |= kept


def _tracks_of_most_urgent_flights(tracks: _TracksByFlight) -> _TracksByFlight:
    kept = mapper.ids_of_most_urgent_flights([(verdict, it) for it, (verdict, _) in tracks.items()])
    return {flight: track for flight, track in tracks.items() if flight in kept}
