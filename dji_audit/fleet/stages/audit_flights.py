"""The third stage: each flight that the logs were joined to is audited.

A flight goes to a worker and comes back as encoded rows, which go to the disk as they are.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
    result_key_of_flight,
)
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.pages_to_draw_setting import PagesToDraw
from dji_audit.fleet.rows_on_disk import NO_ROWS, EncodedRows, RowFile, RowKind, RowsOnDisk
from dji_audit.fleet.stages.flight_results_of_last_run import (
    FlightResultKey,
    FlightResultsOfLastRun,
    FlightResultsToKeep,
    KeptFlightRows,
)
from dji_audit.fleet.stages.join_logs import JoinedFlightsOnDisk
from dji_audit.fleet.stages.progress_callback import Progress
from dji_audit.fleet.stages.read_files import FilesRead
from dji_audit.fleet.store import StoredValueError
from dji_audit.fleet.tables.table_rows import RowsOfOneTable
from dji_audit.fleet.worker_pool import WorkerPool
from dji_audit.flights import (
    AssembledFlight,
    ClockAlignment,
    LogPartInFlight,
    PointSightingsInFlight,
)
from dji_audit.redaction import TrackHashFixesAndSensitiveValues
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.rows import FlightRuleOutcomes, PolicyRuleRow

#: Flights of a run of which all pages are drawn unless the user says otherwise.
MAX_FLIGHTS_ALL_DRAWN = 200
#: So few are given to the pool together: it starts no more workers than there are flights.
_FEW_FLIGHTS = 64

#: Id of a flight -> its verdict, and its index.
_FlightsByUrgency = dict[str, tuple[FlightVerdict, int]]


@dataclass(slots=True)
class FlightsAudited:
    """The results of auditing every flight, in the order in which joining gives them."""

    #: Which parts of which logs each flight is made of, with its id: a block for each.
    assemblies: RowsOnDisk[AssembledFlight]
    #: The parts of logs that are in no flight.
    unjoined: RowsOnDisk[LogPartInFlight]
    #: What a run decides by, of each flight a block; one that could not be audited has no row.
    shorts: RowsOnDisk[FlightSummaryRow]
    #: Its rows by kind, a block for each flight.
    rows: dict[RowKind, RowsOnDisk[object]]
    #: The final alignments of the clocks of its sources: a block for each.
    alignments: RowsOnDisk[ClockAlignment]
    #: What came of the rules on each flight, in short: a block for each.
    rule_outcomes: RowsOnDisk[FlightRuleOutcomes]
    #: What the tables of a fleet hold of each flight: a block for each.
    table_rows: RowsOnDisk[RowsOfOneTable]
    #: The track of each flight on the map of all, a block for each.
    track_rows: RowsOnDisk[object]
    #: By what the redaction of each flight is checked.
    redacted: RowsOnDisk[TrackHashFixesAndSensitiveValues]
    #: When the place was in view that was asked for: of each flight.
    in_view: RowsOnDisk[PointSightingsInFlight]
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
    #: Index of a flight -> the key under which its result is kept, as bytes.
    result_keys: dict[int, bytes] = field(default_factory=dict)
    #: The policy entries as flights have them, nearly all the same, and which of them each has.
    _distinct_rules: list[EncodedRows] = field(default_factory=list)
    _rules_blocks: "array[int]" = field(default_factory=lambda: array("H"))
    _order: list[int] | None = None

    @classmethod
    def create_empty(cls, joined: JoinedFlightsOnDisk, spool: Path) -> "FlightsAudited":
        """Return the results of no flight; those that are added lie in the spool.

        Raises:
            OSError: If nothing can be written there.
        """
        file = RowFile(spool)
        return cls(
            assemblies=joined.assemblies,
            unjoined=joined.unjoined,
            shorts=RowsOnDisk(file),
            rows={kind: RowsOnDisk(file) for kind in ROW_KINDS_OF_FLIGHT},
            alignments=RowsOnDisk(file),
            rule_outcomes=RowsOnDisk(file),
            table_rows=RowsOnDisk(file),
            track_rows=RowsOnDisk(file),
            redacted=RowsOnDisk(file),
            in_view=RowsOnDisk(file),
            ids=[assembly.id for assembly in joined.assemblies],
        )

    def add_result(self, index: int, result: FlightResult) -> None:
        """Keep the result of the next flight, by its index among those that joining gave."""
        self._add_rows(KeptFlightRows.from_flight_result(result), result.short)
        if result.in_view is not None:
            self.in_view.add_rows((result.in_view,))
        if result.redacted is not None:
            self.redacted.add_rows((result.redacted,))
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
            self.result_keys[index] = bytes.fromhex(result.key)

    def add_rows_of_last_run(self, index: int, key: str, kept: KeptFlightRows) -> None:
        """Keep what the last run found out about the next flight, which has not changed since."""
        (short,) = kept.summary.decode()
        if not isinstance(short, FlightSummaryRow):
            raise StoredValueError("no flight")
        self._add_rows(kept, short)
        self.known_count += 1
        self.result_keys[index] = bytes.fromhex(key)

    def _add_rows(self, kept: KeptFlightRows, short: FlightSummaryRow | None) -> None:
        self.shorts.add_block(kept.summary)
        for kind, stored in self.rows.items():
            stored.add_block(kept.rows.get(kind, NO_ROWS))
        self.alignments.add_block(kept.alignments)
        self.rule_outcomes.add_block(kept.rule_outcomes)
        self.table_rows.add_block(kept.table_rows)
        self.track_rows.add_block(kept.map_track)
        self.page_count += short is not None and short.has_page
        if kept.rules not in self._distinct_rules:
            self._distinct_rules.append(kept.rules)
            self.rules |= {
                it.rule: it for it in kept.rules.decode() if isinstance(it, PolicyRuleRow)
            }
        self._rules_blocks.append(self._distinct_rules.index(kept.rules))

    def results_to_keep(self) -> FlightResultsToKeep:
        """Return what the next run can take as it is, of flights whose result is kept."""
        indices = sorted(self.result_keys)
        return FlightResultsToKeep(
            keys=(
                FlightResultKey(self.result_keys[index].hex(), self._rules_blocks[index])
                for index in indices
            ),
            rules=self._distinct_rules,
            summaries=map(self.shorts.encoded_block, indices),
            alignments=map(self.alignments.encoded_block, indices),
            rule_outcomes=map(self.rule_outcomes.encoded_block, indices),
            table_rows=map(self.table_rows.encoded_block, indices),
            map_tracks=map(self.track_rows.encoded_block, indices),
            rows={kind: map(stored.encoded_block, indices) for kind, stored in self.rows.items()},
        )

    def iterate_stage_and_key_of_used_results(self) -> Iterator[tuple[str, str]]:
        """Yield stage and key of each result."""
        return ((AUDIT_STAGE, key.hex()) for key in self.result_keys.values())

    def page_file_names(self) -> Iterator[str]:
        """Yield the file name of each page that was drawn."""
        return (it.page_file for it in self.shorts if it.page_file)

    def flight_summaries_in_order(self) -> RowsOnDisk[FlightSummaryRow]:
        """Return the flights that were audited in short, in the order of the report."""
        return self.shorts.with_blocks_reordered(self.flight_indices_in_order())

    def flight_indices_in_order(self) -> list[int]:
        """Return the indices of the flights that were audited, in the order of the report."""
        if self._order is None:
            known = [
                (it.sort_key, index)
                for index in range(self.shorts.block_count)
                for it in self.shorts.rows_of_block(index)
            ]
            self._order = [index for _, index in sorted(known)]
        return self._order

    def rows_of_kind_in_report_order(self, kind: RowKind) -> RowsOnDisk[object]:
        """Return the rows of one kind, flight by flight in the order of the report."""
        return self.rows[kind].with_blocks_reordered(self.flight_indices_in_order())

    def indexed_flights_with_clock_alignments(
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
    pool: WorkerPool | DaskPool,
    progress: Progress | None,
    last_run: FlightResultsOfLastRun | None = None,
) -> FlightsAudited:
    """Audit each flight that the logs were joined to.

    Args:
        read: The results of the first stage.
        joined: Those of the second.
        settings: What a worker needs to know, with what ``settings_for_auditing`` adds.
        pool: The workers.
        progress: Told of each flight.
        last_run: What the last run of the state found out, where the pages that it drew are as it
            left them: a flight that has not changed since goes to no worker.
    """
    audited = FlightsAudited.create_empty(joined, settings.spool)
    audited.are_pages_linked = are_pages_linked_to_next_page(settings)
    flights = _FlightsToAudit(read, joined, are_pages_linked=audited.are_pages_linked)
    known: dict[int, str] = {}
    if last_run is not None:
        for index, item in enumerate(flights.items()):
            key = result_key_of_flight(item, settings)
            if key in last_run:
                known[index] = key
    items: Iterable[FlightToAudit] = flights.items(known)
    if len(audited.ids) - len(known) < _FEW_FLIGHTS:
        items = list(items)
    results = pool.results_of_each(AUDIT_FLIGHT, items, settings)
    urgent: _FlightsByUrgency = {}
    for index in range(len(audited.ids)):
        if last_run is not None and index in known:
            kept = last_run.rows_of_flight(known[index])
            audited.add_rows_of_last_run(index, known[index], kept)
        else:
            audited.add_result(index, next(results))
        if settings.pages_folder is not None:
            _note_flight_with_track_by_urgency(urgent, audited, index)
        if progress:
            progress(index + 1, len(audited.ids), f"flight {audited.ids[index]}")
    audited.map_tracks = {
        flight: track
        for flight, (_, index) in _keep_only_most_urgent_flights(urgent).items()
        for track in audited.track_rows.rows_of_block(index)
        if isinstance(track, mapper.FlightMapTrack)
    }
    return audited


def pages_to_draw_or_default(pages: PagesToDraw | None, flight_count: int) -> PagesToDraw:
    """Return of which flights pages are drawn; unless the user says, of all where they are few."""
    if pages is not None:
        return pages
    are_few = flight_count <= MAX_FLIGHTS_ALL_DRAWN
    return PagesToDraw.ALL if are_few else PagesToDraw.FINDINGS


def are_pages_linked_to_next_page(settings: WorkerSettings) -> bool:
    """Return whether each page leads to the next."""
    return (
        settings.pages_folder is not None
        and settings.index_link is not None
        and settings.pages is not PagesToDraw.NONE
        and settings.redaction is None
    )


@dataclass(frozen=True, slots=True)
class _FlightsToAudit:
    """The flights that logs were joined to, with the keys of their logs."""

    read: FilesRead
    joined: JoinedFlightsOnDisk
    are_pages_linked: bool

    def items(self, left_out: Collection[int] = ()) -> Iterator[FlightToAudit]:
        """Yield each flight in order, but those of some indices."""
        nothing = mapper.NeighbourPages()
        for index in range(self.joined.assemblies.block_count):
            if index in left_out:
                continue
            (assembly,) = self.joined.assemblies.rows_of_block(index)
            (neighbours,) = (
                self.joined.neighbours.rows_of_block(index) if self.are_pages_linked else (nothing,)
            )
            logs = tuple(self.read.log_with_result_key(it) for it in assembly.log_indices)
            yield FlightToAudit(assembly, neighbours, logs)


def _note_flight_with_track_by_urgency(
    urgent: _FlightsByUrgency, audited: FlightsAudited, index: int
) -> None:
    """Note a flight that has a track; beyond twice those that a map draws, half go."""
    if not audited.track_rows.encoded_block(index).count:
        return
    for short in audited.shorts.rows_of_block(index):
        urgent[short.id] = short.verdict, index
    if len(urgent) >= 2 * mapper.MAX_MAP_TRACKS:
        kept = _keep_only_most_urgent_flights(urgent)
        urgent.clear()
        urgent |= kept


def _keep_only_most_urgent_flights(flights: _FlightsByUrgency) -> _FlightsByUrgency:
    kept = mapper.ids_of_most_urgent_flights(
        [(verdict, it) for it, (verdict, _) in flights.items()]
    )
    return {flight: place for flight, place in flights.items() if flight in kept}
