"""What the last run of a state found out about each flight, so that a known one costs no worker.

As with files, the rows of all flights lie in one file as they are encoded, each flight under the
key of its result in the store: those of an unchanged flight are copied.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dji_audit.fleet.audit_flight_in_worker import ROW_KINDS_OF_FLIGHT, FlightResult
from dji_audit.fleet.rows_on_disk import (
    EncodedBlocks,
    EncodedRows,
    RowKind,
    RowsOnDisk,
    encode_rows,
    encode_rows_in_blocks,
    load_checked_rows_by_name,
    save_named_rows_in_file,
)

#: Lies in the state from the end of one run to that of the next.
FLIGHTS_OF_LAST_RUN = "flights-of-last-run"
_KEYS, _SUMMARIES, _RULES, _ALIGNMENTS = "keys", "flight summaries", "rules", "clock alignments"
_RULE_OUTCOMES, _TABLE_ROWS, _MAP_TRACKS = "rule outcomes", "table rows", "map tracks"
_NAMES = (
    _KEYS,
    _SUMMARIES,
    _RULES,
    _ALIGNMENTS,
    _RULE_OUTCOMES,
    _TABLE_ROWS,
    _MAP_TRACKS,
    *(kind.value for kind in ROW_KINDS_OF_FLIGHT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFlightRows:
    """What a run found out about one flight, its rows as they are encoded."""

    summary: EncodedRows
    rows: Mapping[RowKind, EncodedRows]
    rules: EncodedRows
    alignments: EncodedRows
    rule_outcomes: EncodedRows
    table_rows: EncodedRows
    map_track: EncodedRows

    @classmethod
    def from_flight_result(cls, result: FlightResult) -> "KeptFlightRows":
        """Return the rows of a result."""
        return cls(
            summary=encode_rows(() if result.short is None else (result.short,)),
            rows=result.rows,
            rules=result.rules,
            alignments=encode_rows(result.clock_alignments),
            rule_outcomes=result.rule_outcomes,
            table_rows=result.table_rows,
            map_track=encode_rows(() if result.map_track is None else (result.map_track,)),
        )


@dataclass(frozen=True, slots=True)
class FlightResultKey:
    """The key of the result of a flight, in hexadecimal, and which rules were applied to it."""

    key: str
    #: Number of the block that holds them: nearly every flight has the same.
    rules_block: int


class FlightResultsOfLastRun:
    """The rows that the last run found out, by the key of each flight."""

    def __init__(self, rows: Mapping[str, RowsOnDisk[Any]]) -> None:
        """Take the keys of flights, and the rows of each kind: a block for each flight."""
        self._keys: RowsOnDisk[FlightResultKey] = rows[_KEYS]
        self._rules = rows[_RULES]
        self._rows = {name: rows[name] for name in _NAMES if name not in (_KEYS, _RULES)}
        self._numbers = {bytes.fromhex(it.key): number for number, it in enumerate(self._keys)}

    @classmethod
    def load(cls, state: Path) -> "FlightResultsOfLastRun | None":
        """Return what the last run left; ``None``: nothing that can be used."""
        rows = load_checked_rows_by_name(state / FLIGHTS_OF_LAST_RUN, _NAMES)
        return None if rows is None else cls(rows)

    def __contains__(self, key: str) -> bool:
        """Return whether a flight is known by its key, which rests on the program too."""
        return bytes.fromhex(key) in self._numbers

    def rows_of_flight(self, key: str) -> KeptFlightRows:
        """Return what is known of a flight by its key.

        Raises:
            KeyError: If it is not known.
        """
        number = self._numbers[bytes.fromhex(key)]
        block = {name: rows.encoded_block(number) for name, rows in self._rows.items()}
        return KeptFlightRows(
            summary=block[_SUMMARIES],
            rows={kind: block[kind.value] for kind in ROW_KINDS_OF_FLIGHT},
            rules=self._rules.encoded_block(self._keys[number].rules_block),
            alignments=block[_ALIGNMENTS],
            rule_outcomes=block[_RULE_OUTCOMES],
            table_rows=block[_TABLE_ROWS],
            map_track=block[_MAP_TRACKS],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightResultsToKeep:
    """What a run found out about some flights: a block for each, in the same order."""

    keys: Iterable[FlightResultKey]
    #: The distinct ones, as the keys number them.
    rules: Iterable[EncodedRows]
    summaries: Iterable[EncodedRows]
    alignments: Iterable[EncodedRows]
    rule_outcomes: Iterable[EncodedRows]
    table_rows: Iterable[EncodedRows]
    map_tracks: Iterable[EncodedRows]
    rows: Mapping[RowKind, Iterable[EncodedRows]]


def save_flight_results(state: Path, results: FlightResultsToKeep) -> None:
    """Keep what a run found out in a state; what the run before did is replaced.

    Raises:
        OutputError: If it cannot be written.
    """
    blocks = {
        _KEYS: encode_rows_in_blocks(results.keys),
        _SUMMARIES: results.summaries,
        _RULES: results.rules,
        _ALIGNMENTS: results.alignments,
        _RULE_OUTCOMES: results.rule_outcomes,
        _TABLE_ROWS: results.table_rows,
        _MAP_TRACKS: results.map_tracks,
        **{kind.value: own for kind, own in results.rows.items()},
    }
    rows = {name: EncodedBlocks(own) for name, own in blocks.items()}
    save_named_rows_in_file(state / FLIGHTS_OF_LAST_RUN, rows)
