"""What was broadcast as Remote ID can be, and fits the aircraft's own log.

Anybody can send Remote ID, of any aircraft and from any place.  A broadcast is contradicted where
it moves or climbs faster than an aircraft can, or than it says itself; where the time in its
messages steps against the clock of the receiver, as in a recording that is sent again; where two
transmitters send one identity, or one transmitter several; and where the log of the aircraft gives
another place, height or serial number.  Each finding shows both bytes.  The rule does not say who
sent what is contradicted, nor which side is wrong.  That nothing contradicts a broadcast does not
prove who sent it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.findings import Evidence, Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, positive_parameter_field
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    Floats,
    north_east_of_first_fix_m,
    split_at_time_gaps,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    FurtherExampleLog,
    northbound_example_track,
)
from dji_audit.compliance.rules._shared._finding_sentences import interval_text
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_of_one_side_of_disagreement,
    evidence_of_record_in_flight_log,
)
from dji_audit.compliance.rules._shared._logged_events import LoggedEvent, event_finding
from dji_audit.compliance.rules._shared._received_remote_id import (
    compared_broadcast_data_need,
    disagreement_involves_broadcast,
    indices_of_received_broadcasts,
    received_broadcast_data_need,
    received_remote_id_events_of_record,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Disagreement, Flight
from parsers import Aircraft

#: A position is sent again until the next one is measured, so that each may be this much older than
#: its reception, seconds.
_AGE_S = 2.0
#: What each position is compared with: the next, and those so many seconds later, by which a slow
#: drift shows.
_LAGS_S = (0.0, 5.0, 15.0, 45.0)
#: Positions farther apart in time are not compared: what was between them is not known.
_MAX_GAP_S = 120.0
#: Seconds between moves that are one finding, and findings of one kind and broadcast.
_BRIDGE_S, _LISTED = 30.0, 10
#: Events that a reader of broadcasts makes of what cannot be.
_SIGNS = ("Location.time", "second transmitter", "other identity", "network name")


class RemoteIdContradictionParameters(Parameters):
    """Parameters of the rule."""

    maximum_mps: float = positive_parameter_field(
        90.0, "Greatest ground speed of an aircraft that sends Remote ID, wind included, m/s."
    )
    maximum_vertical_mps: float = positive_parameter_field(25.0, "Greatest vertical speed, m/s.")
    margin_mps: float = positive_parameter_field(
        12.0, "How much faster than it states an aircraft may move over the ground, m/s."
    )
    vertical_margin_mps: float = positive_parameter_field(
        6.0, "How much faster than it states an aircraft may rise or sink, m/s."
    )
    tolerance_m: float = positive_parameter_field(25.0, "Total error of two positions, metres.")
    height_tolerance_m: float = positive_parameter_field(
        10.0, "Total error of two heights, metres."
    )


def check(
    flight: Flight, parameters: RemoteIdContradictionParameters, inputs: RuleInputs
) -> CheckResult:
    """List what contradicts the broadcasts of the flight."""
    indices = indices_of_received_broadcasts(flight)
    findings = [
        finding
        for index in indices
        for finding in (
            *_impossible_motion_findings(flight, index, parameters, inputs),
            *_reader_remark_findings(flight, index, inputs),
        )
    ]
    findings += [
        _log_disagreement_finding(flight, disagreement, inputs)
        for disagreement in flight.disagreements
        if disagreement.kind in ("position", "height", "identity")
        and disagreement_involves_broadcast(flight, disagreement)
    ]
    return CheckResult.from_findings(
        findings,
        "What was broadcast is possible and agrees with the log of the aircraft.",
        f"{pluralised_count(len(findings), 'contradiction')} of what was broadcast.",
    )


@dataclass(frozen=True, slots=True, eq=False)
class _ReceivedBroadcastPositions:
    """Positions of one broadcast as they were renewed: each where it was first received."""

    flight: Flight
    index: int
    rows: pd.DataFrame
    seconds: Floats

    def column_values(self, column: str) -> Floats:
        """Return a column as numbers, NaN where it is not known."""
        return self.rows[column].to_numpy(np.float64)

    def time_at(self, row: int) -> pd.Timestamp:
        """Return when a position was received."""
        return pd.Timestamp(self.rows["time"].iloc[row])

    def evidence(self, row: int, field: str, value: str) -> Evidence:
        """Return the bytes of a message."""
        return evidence_of_record_in_flight_log(
            self.flight,
            offset=int(self.rows["source_offset"].iloc[row]),
            record="Location",
            field=field,
            value=value,
            source_index=self.index,
        )


def _broadcast_without_repeated_positions(
    flight: Flight, index: int
) -> _ReceivedBroadcastPositions:
    """Return the positions of a broadcast without those that repeat the one before."""
    track = flight.sources[index].track
    track = track[track["time"].notna() & track["latitude_deg"].notna()]
    columns = track[["latitude_deg", "longitude_deg", "height_ato_m", "height_agl_m"]].to_numpy()
    is_new = np.ones(len(track), np.bool_)
    same = (columns[1:] == columns[:-1]) | (np.isnan(columns[1:]) & np.isnan(columns[:-1]))
    is_new[1:] = ~same.all(axis=1)
    rows = track[is_new]
    ns = rows["time"].to_numpy("datetime64[ns]").astype(np.int64)
    return _ReceivedBroadcastPositions(
        flight, index, rows, (ns - ns[0]) / 1e9 if len(ns) else np.empty(0)
    )


def _impossible_motion_findings(
    flight: Flight,
    index: int,
    parameters: RemoteIdContradictionParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield moves and climbs that no aircraft makes, or that the broadcast itself contradicts."""
    broadcast = _broadcast_without_repeated_positions(flight, index)
    if len(broadcast.rows) < 2:
        return
    north, east = north_east_of_first_fix_m(
        broadcast.column_values("latitude_deg"), broadcast.column_values("longitude_deg")
    )
    limit, why = _speed_limit_mps_and_reason(
        broadcast.column_values("ground_speed_mps"), parameters.maximum_mps, parameters.margin_mps
    )
    yield from _impossible_move_findings(
        broadcast, (north, east), limit, why, parameters.tolerance_m, inputs
    )
    climb_limit, why = _speed_limit_mps_and_reason(
        np.abs(broadcast.column_values("vertical_speed_mps")),
        parameters.maximum_vertical_mps,
        parameters.vertical_margin_mps,
    )
    for column in ("height_ato_m", "height_agl_m"):
        values = broadcast.column_values(column)
        if np.isfinite(values).sum() > 1:
            tolerance_m = parameters.height_tolerance_m
            yield from _impossible_move_findings(
                broadcast, (values,), climb_limit, why, tolerance_m, inputs, column
            )
    yield from _stated_speed_beyond_any_aircraft_findings(broadcast, parameters, inputs)


def _speed_limit_mps_and_reason(stated: Floats, maximum: float, margin: float) -> tuple[float, str]:
    """Return the greatest speed between two positions, and why it is the greatest.

    That which the broadcast states, with a margin, where it states speeds that are not all 0:
    some transmitters leave the field as it is.
    """
    known = stated[np.isfinite(stated)]
    if not known.any() or 2 * len(known) < len(stated):
        return maximum, "an aircraft can"
    # A few wrong values do not make the whole broadcast fast.
    greatest = float(np.quantile(known, 0.99)) + margin
    if greatest >= maximum:
        return maximum, "an aircraft can"
    return greatest, f"its own speed of at most {greatest - margin:.1f} m/s allows"


def _impossible_move_findings(
    broadcast: _ReceivedBroadcastPositions,
    axes: tuple[Floats, ...],
    limit_mps: float,
    why: str,
    tolerance_m: float,
    inputs: RuleInputs,
    column: str = "",
) -> Iterator[Finding]:
    """Yield the moves along some axes that are farther than a speed allows."""
    known = np.flatnonzero(np.isfinite(np.sum(axes, axis=0)))
    seconds = broadcast.seconds[known]
    near = [axis[known] for axis in axes]
    pairs: list[tuple[int, int]] = []
    for lag_s in _LAGS_S:
        first = np.arange(len(known))
        second = np.maximum(np.searchsorted(seconds, seconds + lag_s), first + 1)
        first, second = first[second < len(known)], second[second < len(known)]
        elapsed = seconds[second] - seconds[first]
        excess = (
            _euclidean_distances(near, second, first) - limit_mps * (elapsed + _AGE_S) - tolerance_m
        )
        found = np.flatnonzero((excess > 0) & (elapsed <= max(_MAX_GAP_S, 2 * lag_s)))
        pairs += zip(first[found].tolist(), second[found].tolist(), strict=True)
        if pairs:
            # A jump shows in every longer comparison too; the shortest says where it is.
            break
    if not pairs:
        return
    moves = np.array(pairs, np.int64)
    groups = split_at_time_gaps(seconds, moves[:, 0], _BRIDGE_S)
    at = 0
    for group in groups[:_LISTED]:
        own = moves[at : at + len(group)]
        at += len(group)
        yield _impossible_move_finding(broadcast, axes, known[own], limit_mps, why, inputs, column)


def _euclidean_distances(axes: Sequence[Floats], first: Any, second: Any) -> Floats:
    """Return the distances between some values and others, along all axes together."""
    squares = [(axis[first] - axis[second]) ** 2 for axis in axes]
    return np.asarray(np.sqrt(np.sum(squares, axis=0)), np.float64)


def _impossible_move_finding(
    broadcast: _ReceivedBroadcastPositions,
    axes: tuple[Floats, ...],
    moves: npt.NDArray[np.int64],
    limit_mps: float,
    why: str,
    inputs: RuleInputs,
    column: str,
) -> Finding:
    metres = _euclidean_distances(axes, moves[:, 1], moves[:, 0])
    elapsed = broadcast.seconds[moves[:, 1]] - broadcast.seconds[moves[:, 0]]
    worst = int(np.argmax(metres - limit_mps * elapsed))
    first, second = moves[worst].tolist()
    verb = "rises or sinks" if column else "moves"
    more = f", the greatest of {len(moves)} such moves" if len(moves) > 1 else ""
    start, end = broadcast.time_at(int(moves[0, 0])), broadcast.time_at(int(moves[-1, 1]))
    name = broadcast.flight.logs[broadcast.index].source.name
    summary = (
        f"The broadcast {verb} {metres[worst]:.0f} m in {elapsed[worst]:.1f} s, farther than {why}"
        f"{more}, {interval_text(start, end)} (received by {name})"
    )
    return inputs.finding(
        summary,
        grade="reported",
        evidence=tuple(
            _broadcast_position_evidence(broadcast, row, column) for row in (first, second)
        ),
        start=start,
        end=end,
        position=_position_at_row(broadcast, first),
        peak=float(metres[worst]),
    )


def _broadcast_position_evidence(
    broadcast: _ReceivedBroadcastPositions, row: int, column: str
) -> Evidence:
    if column:
        return broadcast.evidence(row, "height", f"{broadcast.column_values(column)[row]:.1f} m")
    latitude, longitude = _position_at_row(broadcast, row)
    return broadcast.evidence(row, "latitude, longitude", f"{latitude:.7f}, {longitude:.7f}")


def _position_at_row(broadcast: _ReceivedBroadcastPositions, row: int) -> tuple[float, float]:
    fix = broadcast.rows.iloc[row]
    return float(fix["latitude_deg"]), float(fix["longitude_deg"])


def _stated_speed_beyond_any_aircraft_findings(
    broadcast: _ReceivedBroadcastPositions,
    parameters: RemoteIdContradictionParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield the greatest speed that is stated and that no aircraft reaches."""
    for column, limit, words in (
        ("ground_speed_mps", parameters.maximum_mps, "flies"),
        ("vertical_speed_mps", parameters.maximum_vertical_mps, "rises or sinks"),
    ):
        values = np.abs(broadcast.column_values(column))
        beyond = np.flatnonzero(np.nan_to_num(values) > limit)
        if not len(beyond):
            continue
        worst = int(beyond[np.argmax(values[beyond])])
        before = max(0, worst - 1)
        start, end = broadcast.time_at(int(beyond[0])), broadcast.time_at(int(beyond[-1]))
        yield inputs.finding(
            f"The broadcast states that the aircraft {words} at {values[worst]:.1f} m/s, more than "
            f"an aircraft can ({limit:g} m/s), {interval_text(start, end)}",
            grade="reported",
            evidence=tuple(
                broadcast.evidence(row, column, f"{values[row]:.1f} m/s")
                for row in dict.fromkeys((before, worst))
            ),
            start=start,
            end=end,
            position=_position_at_row(broadcast, worst),
            peak=float(values[worst]),
        )


def _reader_remark_findings(flight: Flight, index: int, inputs: RuleInputs) -> Iterator[Finding]:
    """Yield what the reader of a broadcast saw of its times, transmitters and identities."""
    for record in _SIGNS:
        for event in received_remote_id_events_of_record(flight, index, record)[:_LISTED]:
            when = f", {interval_text(event.time, event.end)}" if event.time is not None else ""
            finding = event_finding(
                flight, event, inputs, summary=f"In what was broadcast, {event.text}{when}"
            )
            others = _evidence_of_earlier_message_contradicted(flight, event)
            yield replace(finding, evidence=(*others, *finding.evidence))


def _evidence_of_earlier_message_contradicted(flight: Flight, event: LoggedEvent) -> list[Evidence]:
    """Return what an event contradicts: the identity of the broadcast, or the message before."""
    index = event.source_index
    if event.record in ("other identity", "network name"):
        stated = received_remote_id_events_of_record(flight, index, "Basic ID")[:1]
        told = [(each.source_offset, "Basic ID", "identity", each.text) for each in stated]
    else:
        track = flight.sources[index].track
        earlier = track[track["source_offset"] < event.source_offset]
        told = [
            (
                int(fix["source_offset"]),
                "Location",
                "latitude, longitude",
                f"{fix['latitude_deg']:.7f}, {fix['longitude_deg']:.7f}",
            )
            for _, fix in earlier.nlargest(1, "source_offset").iterrows()
        ]
    return [
        evidence_of_record_in_flight_log(
            flight, offset=offset, record=record, field=field, value=value, source_index=index
        )
        for offset, record, field, value in told
    ]


def _log_disagreement_finding(
    flight: Flight, disagreement: Disagreement, inputs: RuleInputs
) -> Finding:
    """Return a disagreement between a broadcast and another log of the flight."""
    when = f" {interval_text(disagreement.start, disagreement.end)}" if disagreement.start else ""
    limit = ""
    if disagreement.difference is not None and disagreement.tolerance is not None:
        limit = f"; {disagreement.tolerance:g} {disagreement.unit} allowed"
    first = disagreement.sides[0]
    against = (
        "another broadcast" if flight.sources[first.source_index].is_from_receiver else "the log"
    )
    return inputs.finding(
        f"The broadcast contradicts {against} in {disagreement.kind}: {disagreement.text}"
        f"{when}{limit}",
        grade="reported",
        evidence=tuple(
            evidence_of_one_side_of_disagreement(flight, side) for side in disagreement.sides
        ),
        start=disagreement.start,
        end=disagreement.end,
        peak=disagreement.difference,
    )


_RECEIVED = "remote-id-broadcast"


def _example_log_of_received_broadcast(
    serial: str | None = "S1", **columns: object
) -> FurtherExampleLog:
    """Return what a receiver recorded of the flight of an example."""
    return FurtherExampleLog(
        "air.pcap",
        _RECEIVED,
        track={**northbound_example_track(60), **columns},  # type: ignore[dict-item]  # columns of a track
        log_fields={"aircraft": Aircraft(serial=serial), "track_record": "Location"},
    )


_ASIDE = [-1.0] * 30 + [-0.99] * 30
_CLIMB = [20.0] * 30 + [20.0 + 60.0 * second for second in range(30)]
_FIRST: dict[str, object] = {"aircraft": Aircraft(serial="S1")}

_CASES = (
    (Outcome.PASS, "a broadcast that agrees with the log", _example_log_of_received_broadcast()),
    (
        Outcome.FAIL,
        "a broadcast that jumps by 700 m",
        _example_log_of_received_broadcast(longitude_deg=_ASIDE),
    ),
    (
        Outcome.FAIL,
        "a broadcast that climbs at 60 m/s",
        _example_log_of_received_broadcast(height_ato_m=_CLIMB),
    ),
    (
        Outcome.FAIL,
        "a broadcast on the path of the flight with another serial number",
        _example_log_of_received_broadcast("S2-OTHER-AIRCRAFT"),
    ),
)  # fmt: skip
_EXAMPLES = (
    *(
        ExampleFlight(
            outcome, title, northbound_example_track(60), log_fields=_FIRST, other_logs=(broadcast,)
        )
        for outcome, title, broadcast in _CASES
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a broadcast alone, which nothing contradicts",
        northbound_example_track(60),
        file_name="air.pcap",
        format=_RECEIVED,
        log_fields=_FIRST,
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a flight of which nobody received anything",
        northbound_example_track(60),
    ),
)
RULE = Rule(
    id="remote_id_contradiction",
    title="What was broadcast as Remote ID is possible and fits the log of the aircraft",
    parameters=RemoteIdContradictionParameters,
    check=check,
    needs=(received_broadcast_data_need(), compared_broadcast_data_need()),
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="Positions, heights, speeds, times and identities of the broadcasts that receivers "
    "recorded, against physics and against the logs of the flight.",
    not_assessable="No receiver recorded a broadcast of the aircraft with positions, or no log of "
    "the aircraft is at hand to compare it with.",
)
