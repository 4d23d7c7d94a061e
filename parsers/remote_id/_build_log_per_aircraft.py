"""From what was received of an aircraft to its ``Log``: track, identity, operator, events.

Every format of this family gathers what it read in the columns below, and this module tells the
aircraft apart and makes their logs, so that a capture and the table of an app give the same.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._byte_coverage import CoverageSpan
from .._file_content import Content
from .._model import Aircraft, Clock, Issue, Log, NamedPosition, Source
from .._tables import TRACK, build_table, event_table_from_rows, row_order_by_time
from .._track_values._value_runs import find_runs

Ints = npt.NDArray[np.int64]
NO_TIME = np.iinfo(np.int64).min
#: Columns that every table of broadcasts begins with: where it is, when and from whom it came.
_BROADCAST_COLUMNS = {
    "offset": "int64", "length": "int64", "time": "int64", "transmitter": "object",
    "aircraft": "object",
}  # fmt: skip
#: Columns of a Location, and of what other broadcasts state instead; NaN, ``None``: not stated.
LOCATION_COLUMNS: Mapping[str, str] = MappingProxyType(
    _BROADCAST_COLUMNS
    | {
        "transport": "object", "signal_dbm": "float64",
        "latitude_deg": "float64", "longitude_deg": "float64", "pressure_altitude_m": "float64",
        "geodetic_altitude_m": "float64", "altitude_amsl_m": "float64", "height_m": "float64",
        "height_reference": "object", "ground_speed_mps": "float64",
        "vertical_speed_mps": "float64", "course_deg": "float64", "horizontal_error_m": "float64",
        "vertical_error_m": "float64", "seconds_in_hour": "float64", "status": "object",
        "refused": "object",
    }
)  # fmt: skip
#: Columns of the position of an operator.
OPERATOR_COLUMNS: Mapping[str, str] = MappingProxyType(
    _BROADCAST_COLUMNS
    | {
        "latitude_deg": "float64", "longitude_deg": "float64",
        "geodetic_altitude_m": "float64", "location_type": "object", "category": "object",
        "aircraft_class": "float64", "area_count": "float64", "area_radius_m": "float64",
        "area_ceiling_m": "float64", "area_floor_m": "float64", "system_time": "int64",
        "refused": "object",
    }
)  # fmt: skip
#: Columns of a text: an identity, the operator's, a description, an authentication.
TEXT_COLUMNS: Mapping[str, str] = MappingProxyType(
    _BROADCAST_COLUMNS | {"type": "object", "text": "object", "refused": "object"}
)
#: Tables of what was received -> their columns.
TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Location": LOCATION_COLUMNS, "System": OPERATOR_COLUMNS, "Basic ID": TEXT_COLUMNS,
        "Operator ID": TEXT_COLUMNS, "Self ID": TEXT_COLUMNS, "Authentication": TEXT_COLUMNS,
    }
)  # fmt: skip
#: Why a line of a table is none of its rows.
NO_ROW = "not a row of the table"
#: Aircraft of one file, identities of one transmitter, and transmitters of one identity that are
#: told apart: who floods a receiver with made-up aircraft invents thousands.
_MOST_AIRCRAFT, _MOST_OTHERS, _MOST_TRANSMITTERS = 200, 9, 16
#: Positions of an operator that are listed one by one.
_MOST_POSITIONS = 50_000
#: Two transmitters with one identity are two aircraft where, heard within so many seconds of one
#: another, most of their positions lie farther apart than this and than an aircraft flies.
_SAME_TIME_NS, _APART_M, _FASTEST_MPS, _LEAST_COMPARED = 2 * 10**9, 200.0, 100.0, 3
_METRES_PER_DEG = 111_195.0
_HOUR_S = 3600.0
#: Steps between times that an aircraft states, from which its rhythm shows, and the part of them
#: that is not made longer by messages that were not received.
_LEAST_RENEWALS, _FAST_SHARE = 10, 0.25
#: Seconds by which the time that an aircraft states may run unevenly; and steps that are listed.
_OWN_TIME_STEP_S, _MOST_STEPS = 5.0, 20
#: First characters of a serial number by ANSI/CTA-2063-A -> who makes the aircraft.
_MAKERS = MappingProxyType({"1581": "DJI", "1588": "Parrot", "1748": "Autel"})
_SERIAL = "serial number"
_NAMED_AFTER_SERIAL = re.compile(r"anafi.{0,24}?(\d{6})", re.IGNORECASE)
#: Which identity names an aircraft, the surest first.
_ID_ORDER = (_SERIAL, "registration", "UTM identity", "session identity")


@dataclass(frozen=True, slots=True, eq=False)
class ReceivedRemoteId:
    """All that a receiver recorded, of every aircraft, in the order of the file."""

    #: One frame of the columns of each of ``TABLES``.
    tables: Mapping[str, pd.DataFrame]
    #: From when until when it recorded, nanoseconds since 1970; empty: it does not show.
    watched_ns: Sequence[tuple[int, int]] = ()
    #: Byte at which that is stated.
    watch_offset: int = 0
    #: Transmitter -> name of the network that it announces.
    network_names: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=lambda: Clock("clock of the receiver"))
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class _RecordsOfOneTypeOfOneAircraft:
    """Records of one name of one aircraft."""

    rows: pd.DataFrame

    def __len__(self) -> int:
        return len(self.rows)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each record, in file order."""
        times = pd.DatetimeIndex(self.rows["time"].to_numpy(np.int64).view("datetime64[ns]"))
        frame = self.rows.assign(time=times.tz_localize("UTC"))
        if "system_time" in frame:
            system = frame["system_time"].to_numpy(np.int64).view("datetime64[ns]")
            frame["system_time"] = pd.DatetimeIndex(system).tz_localize("UTC")
        return frame.drop(columns="aircraft").reset_index(drop=True)


def fill_table_with_missing_columns(
    name: str, columns: Mapping[str, Any], count: int
) -> pd.DataFrame:
    """Return a table of ``TABLES`` from some of its columns; the others hold nothing."""
    filled: dict[str, Any] = {}
    for column, dtype in TABLES[name].items():
        value = columns.get(column)
        if value is None:
            empty = {"float64": np.nan, "object": None, "int64": NO_TIME}[dtype]
            filled[column] = np.full(count, empty, dtype)
        else:
            filled[column] = np.asarray(value, dtype)
    return pd.DataFrame(filled)


def aircraft_logs(
    content: Content, format_name: str, received: ReceivedRemoteId, coverage: Sequence[CoverageSpan]
) -> list[Log]:
    """Return a log for each aircraft, the one heard most often first; without one there is none.

    Args:
        content: The file, or the stream of it.
        format_name: Name of its format.
        received: What was read of it.
        coverage: What its bytes are.
    """
    groups = sorted(
        _group_by_aircraft(_tables_with_aircraft_filled_in(received.tables)),
        key=lambda group: (-sum(map(len, group.values())), _aircraft_name(group)),
    )
    groups, rest = groups[:_MOST_AIRCRAFT], groups[_MOST_AIRCRAFT:]
    extra = tuple(_too_many_identities_issues(rest)) if rest else ()
    received = replace(received, issues=(*received.issues, *extra))
    streams = Counter(_aircraft_name(group) for group in groups)
    sent: dict[str, dict[str, int]] = {}
    for group in groups:
        for transmitter in _transmitters_most_frequent_first(group):
            of_transmitter = sent.setdefault(transmitter, {})
            if len(of_transmitter) < _MOST_OTHERS:
                of_transmitter.setdefault(_aircraft_name(group), _file_offset_of_identity(group))
    gaps = {span.offset for span in coverage if span.kind == "gap"}
    of_gaps = tuple(
        issue for issue in received.issues if issue.size and _is_about_unread_bytes(issue, gaps)
    )
    logs = []
    for number, group in enumerate(groups):
        name, main = _aircraft_name(group), _transmitters_most_frequent_first(group)[0]
        stream = name if streams[name] == 1 else f"{name} from {main}"
        others = {each: at for each, at in sent[main].items() if each != name}
        # The first says what concerns the file as a whole, each which bytes were not read.
        told = received if number == 0 else replace(received, issues=of_gaps)
        log = _aircraft_log(told, group, others)
        source = Source.from_content(content, format_name, stream=stream)
        logs.append(replace(log, source=source, coverage=coverage))
    return logs


def _is_about_unread_bytes(issue: Issue, gaps: Collection[int]) -> bool:
    """Return whether an issue is about bytes that were not read: lines of a gap have one each."""
    return issue.offset in gaps or "cut short" in issue.reason or NO_ROW in issue.reason


def _too_many_identities_issues(groups: "Sequence[_Group]") -> Iterator[Issue]:
    """Yield that more identities were received than are told apart."""
    count = sum(sum(map(len, group.values())) for group in groups)
    offset = min(int(rows["offset"].min()) for group in groups for rows in group.values())
    yield Issue(
        offset,
        0,
        f"{len(groups):,} more identities were received than the {_MOST_AIRCRAFT} that were heard "
        f"most often; their {count:,} messages are not shown",
    )


_Group = Mapping[str, pd.DataFrame]


def _aircraft_name(group: _Group) -> str:
    return next(str(rows["aircraft"].iloc[0]) for rows in group.values() if len(rows))


def _file_offset_of_identity(group: _Group) -> int:
    """Return the first byte that states the identity of an aircraft, or anything of it."""
    rows = group.get("Basic ID")
    if rows is not None and len(rows):
        return int(rows["offset"].iloc[0])
    return min(int(rows["offset"].iloc[0]) for rows in group.values() if len(rows))


def _transmitters_most_frequent_first(group: _Group) -> list[str]:
    """Return the transmitters of an aircraft, the one heard most often first."""
    counts = Counter(each for rows in group.values() for each in rows["transmitter"] if each)
    return [each for each, _ in counts.most_common()]


def _tables_with_aircraft_filled_in(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables whose rows all name an aircraft: by its identity, else by its transmitter.

    A transmitter that sends single messages names the aircraft in some of them only: the others
    belong to the identity that it sent last, or first.
    """
    ids = tables["Basic ID"]
    ids = ids[ids["text"].notna() & ids["refused"].isna()]
    marks: dict[str, tuple[Ints, list[str]]] = {}
    for transmitter, sent in ids.groupby("transmitter", sort=False):
        kinds = set(sent["type"])
        best = next((kind for kind in _ID_ORDER if kind in kinds), None)
        chosen = sent if best is None else sent[sent["type"] == best]
        offsets = chosen["offset"].to_numpy(np.int64)
        order = np.argsort(offsets, kind="stable")
        texts = chosen["text"].tolist()
        marks[str(transmitter)] = offsets[order], [texts[row] for row in order.tolist()]
    named = {}
    for name, rows in tables.items():
        aircraft = rows["aircraft"].to_numpy(object).copy()
        for key, indexes in rows.groupby("transmitter", sort=False).indices.items():
            unnamed = indexes[pd.isna(aircraft[indexes])]
            if str(key) not in marks:
                aircraft[unnamed] = str(key)
                continue
            offsets, texts = marks[str(key)]
            at = np.searchsorted(offsets, rows["offset"].to_numpy(np.int64)[unnamed], "right") - 1
            aircraft[unnamed] = np.array(texts, object)[np.maximum(at, 0)]
        named[name] = rows.assign(aircraft=aircraft)
    return named


def _group_by_aircraft(tables: Mapping[str, pd.DataFrame]) -> Iterator[_Group]:
    """Yield what was received of each aircraft.

    Transmitters with one identity are one aircraft, unless they were heard at one time from
    places that no one aircraft can be at.
    """
    by_name: dict[str, dict[str, pd.DataFrame]] = {}
    for name, rows in tables.items():
        for aircraft, part in rows.groupby("aircraft", sort=False):
            by_name.setdefault(str(aircraft), {})[name] = part
    for group in by_name.values():
        for transmitters in _group_transmitters_by_place(group):
            yield {
                name: rows[rows["transmitter"].isin(transmitters)] for name, rows in group.items()
            }


def _group_transmitters_by_place(group: _Group) -> list[list[str]]:
    """Return the transmitters of one identity, those at one place together."""
    sets: list[list[str]] = []
    locations = group.get("Location")
    for number, transmitter in enumerate(_transmitters_most_frequent_first(group)):
        home = next(iter(sets), None)
        if locations is not None and number < _MOST_TRANSMITTERS:
            near = (
                each
                for each in sets
                if not _transmitters_were_apart_at_one_time(locations, each[0], transmitter)
            )
            home = next(near, None)
        if home is None:
            sets.append([transmitter])
        else:
            home.append(transmitter)
    return sets


def _transmitters_were_apart_at_one_time(locations: pd.DataFrame, one: str, other: str) -> bool:
    """Return whether two transmitters were at two places at one time."""
    known = locations[
        locations["latitude_deg"].notna()
        & locations["refused"].isna()
        & (locations["time"] != NO_TIME)
    ].sort_values("time", kind="stable")
    first, second = (known[known["transmitter"] == each] for each in (one, other))
    if not len(first) or len(second) < _LEAST_COMPARED:
        return False
    times, others = first["time"].to_numpy(np.int64), second["time"].to_numpy(np.int64)
    after = np.clip(np.searchsorted(times, others), 1, max(1, len(times) - 1))
    after = np.minimum(after, len(times) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(
        np.abs(times[before] - others) <= np.abs(times[after] - others), before, after
    )
    gap = np.abs(times[nearest] - others)
    latitude, longitude = (second[name].to_numpy() for name in ("latitude_deg", "longitude_deg"))
    north = latitude - first["latitude_deg"].to_numpy()[nearest]
    east = longitude - first["longitude_deg"].to_numpy()[nearest]
    east = (east + 180.0) % 360.0 - 180.0
    distance_m = _METRES_PER_DEG * np.hypot(north, east * np.cos(np.radians(latitude)))
    compared = gap <= _SAME_TIME_NS
    apart = compared & (distance_m > _APART_M + _FASTEST_MPS * gap / 1e9)
    count = int(np.count_nonzero(compared))
    return count >= _LEAST_COMPARED and 2 * int(np.count_nonzero(apart)) > count


def _aircraft_log(received: ReceivedRemoteId, group: _Group, others: Mapping[str, int]) -> Log:
    """Return the log of one aircraft; the first says what concerns the file as a whole."""
    transmitters = _transmitters_most_frequent_first(group)
    rows = [*_identity_events(group, received), *_reception_summary_events(group, transmitters)]
    rows += [
        *_flying_and_emergency_state_events(group),
        *_receiver_recording_events(received),
        *_shared_transmitter_events(group, others),
    ]
    rows += [*_position_rate_and_time_step_events(group), *_second_transmitter_events(group)]
    rows += _network_named_after_other_serial_events(group, received.network_names)
    positions, too_many = _operator_positions_and_issues(group)
    issues = [*received.issues, *_refused_value_issues(group), *too_many]
    return Log(
        Source("", 0, "", ""),
        aircraft=_build_aircraft(group, transmitters, received.network_names),
        clock=received.clock,
        track=_build_track(group),
        events=event_table_from_rows(rows),
        named_positions=positions,
        issues=tuple(sorted(issues, key=lambda issue: issue.offset)),
        unrecorded_tables=("captures", "contacts"),
        track_record="Location",
        _records={
            name: _RecordsOfOneTypeOfOneAircraft(part.sort_values("offset", kind="stable"))
            for name, part in group.items()
            if len(part)
        },
    )


def _build_aircraft(
    group: _Group, transmitters: Sequence[str], network_names: Mapping[str, str]
) -> Aircraft:
    ids = group.get("Basic ID")
    serial = None
    if ids is not None:
        stated = ids[(ids["type"] == _SERIAL) & ids["text"].notna() & ids["refused"].isna()]
        serial = next(iter(stated["text"]), None)
    name = next((network_names[each] for each in transmitters if each in network_names), None)
    return Aircraft(maker=_MAKERS.get((serial or "")[:4]), name=name, serial=serial)


def _build_track(group: _Group) -> pd.DataFrame:
    locations = group.get("Location")
    if locations is None:
        return build_table(TRACK, {}, 0)
    rows = locations[locations["latitude_deg"].notna() & locations["refused"].isna()]
    offsets, times = rows["offset"].to_numpy(np.int64), rows["time"].to_numpy(np.int64)
    order = row_order_by_time(times, offsets)
    if order is not None:
        rows = rows.iloc[order]
    height = rows["height_m"].to_numpy(np.float64)
    reference = rows["height_reference"].to_numpy(object)
    columns = {
        name: rows[name].to_numpy()
        for name in (
            "time", "latitude_deg", "longitude_deg", "altitude_amsl_m", "course_deg",
            "ground_speed_mps", "vertical_speed_mps", "horizontal_error_m", "vertical_error_m",
        )
    }  # fmt: skip
    columns |= {
        "height_ato_m": np.where(reference == "take-off", height, np.nan),
        "height_agl_m": np.where(reference == "ground", height, np.nan),
        "flight_mode": rows["status"].to_numpy(object),
        "source_offset": rows["offset"].to_numpy(np.int64),
    }
    for name in ("ground_speed_mps", "vertical_speed_mps", "course_deg"):
        columns[name] = columns[name].astype(np.float64).copy()
    return build_table(TRACK, columns, len(rows))


def _operator_positions_and_issues(group: _Group) -> tuple[tuple[NamedPosition, ...], list[Issue]]:
    """Return every position of the operator that was received, and a remark if there are many."""
    system = group.get("System")
    if system is None:
        return (), []
    rows = system[system["latitude_deg"].notna() & system["refused"].isna()]
    kept = rows.head(_MOST_POSITIONS)
    positions = tuple(
        NamedPosition(
            "start" if kind == "take-off" else "pilot",
            None if time == NO_TIME else pd.Timestamp(time, unit="ns", tz="UTC"),
            latitude,
            longitude,
            None,
            "System",
            offset,
        )
        for kind, time, latitude, longitude, offset in zip(
            kept["location_type"], kept["time"].tolist(), kept["latitude_deg"].tolist(),
            kept["longitude_deg"].tolist(), kept["offset"].tolist(), strict=True,
        )
    )  # fmt: skip
    if len(kept) == len(rows):
        return positions, []
    what = f"{len(rows) - len(kept):,} later positions of the operator stand in the records only"
    return positions, [Issue(int(rows["offset"].iloc[len(kept)]), 0, what)]


def _refused_value_issues(group: _Group) -> Iterator[Issue]:
    """Yield each value that was refused, with its bytes."""
    for rows in group.values():
        refused = rows[rows["refused"].notna()]
        if "text" in rows:
            # A damaged frame that says what intact ones say is nothing that was lost.
            refused = refused[~refused["text"].isin(rows["text"][rows["refused"].isna()])]
        for offset, length, reason in zip(
            refused["offset"], refused["length"], refused["refused"], strict=True
        ):
            yield Issue(int(offset), int(length), str(reason))


def _event_row(
    kind: str, text: str, record: str, offset: int, time: int = NO_TIME, **more: Any
) -> dict[str, Any]:
    row = {"time": time, "end": NO_TIME, "kind": kind, "severity": "info", "grade": "reported"}
    return {**row, "text": text, "record": record, "source_offset": int(offset), **more}


#: Table of texts -> the words before one; the type of a Basic ID stands there itself.
_WORDS = {"Operator ID": "operator id", "Self ID": "description"}


def _identity_events(group: _Group, received: ReceivedRemoteId) -> Iterator[dict[str, Any]]:
    """Yield each different text once, with the time over which it was received."""
    for name in ("Basic ID", "Operator ID", "Self ID", "Authentication"):
        rows = group.get(name)
        if rows is None:
            continue
        rows = rows[rows["refused"].isna() & rows["text"].notna()]
        for (kind, text), same in rows.groupby(["type", "text"], sort=False, dropna=False):
            words = _WORDS.get(name, "identity without a type" if kind == "none" else str(kind))
            told = f"{words}: {text}"
            if name == "Authentication":
                told = f"authentication: {text}; not verified, for its key is not known here"
            yield _event_row(
                "remote_id", told, name, same["offset"].iloc[0], int(same["time"].iloc[0]),
                end=int(same["time"].iloc[-1]), value=float(len(same)),
            )  # fmt: skip


def _reception_summary_events(
    group: _Group, transmitters: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield how often, how strong and by which way each transmitter was received."""
    locations = group.get("Location")
    if locations is None:
        return
    by_transmitter = dict(iter(locations.groupby("transmitter", sort=False)))
    for transmitter in transmitters[:_MOST_TRANSMITTERS]:
        rows = by_transmitter.get(transmitter)
        if rows is None:
            continue
        ways = " and ".join(dict.fromkeys(str(way) for way in rows["transport"].dropna()))
        signal = rows["signal_dbm"].dropna()
        strength = f"; signal {signal.median():.0f} dBm" if len(signal) else ""
        known = rows["time"][rows["time"] != NO_TIME]
        text = f"Remote ID position: {len(rows):,} messages from {transmitter}"
        yield _event_row(
            "remote_id", f"{text}{f' by {ways}' if ways else ''}{strength}", "Location",
            rows["offset"].iloc[0], int(known.min()) if len(known) else NO_TIME,
            end=int(known.max()) if len(known) else NO_TIME, value=float(len(rows)),
        )  # fmt: skip


def _flying_and_emergency_state_events(group: _Group) -> Iterator[dict[str, Any]]:
    """Yield the aircraft's own reports that it flies, or is in an emergency, as they change."""
    locations = group.get("Location")
    if locations is None:
        return
    rows = locations[locations["status"].notna() & locations["refused"].isna()]
    states = rows["status"].to_numpy(object)
    codes, words = pd.factorize(states)
    for run in find_runs(codes):
        word, first = str(words[codes[run.first]]), rows.iloc[run.first]
        end = int(rows["time"].iloc[run.last])
        if word in ("ground", "airborne"):
            yield _event_row(
                "airborne.report", f"broadcasts that it is {'on the ' * (word == 'ground')}{word}",
                "Location.status", first["offset"], int(first["time"]),
                value=float(word == "airborne"),
            )  # fmt: skip
        elif word in ("emergency", "Remote ID failure"):
            severity = "serious" if word == "emergency" else "warning"
            yield _event_row(
                "fault", f"broadcasts: {word}", "Location.status", first["offset"],
                int(first["time"]), severity=severity, end=end,
            )  # fmt: skip


def _position_rate_and_time_step_events(group: _Group) -> Iterator[dict[str, Any]]:
    """Yield how often the aircraft renews its position, and where its own time steps.

    Both by the seconds in the hour that its messages state.  A step against the clock of the
    receiver is that of a recording that is sent again, or of a second transmitter.
    """
    locations = group.get("Location")
    if locations is None:
        return
    known = locations[
        locations["seconds_in_hour"].notna()
        & (locations["time"] != NO_TIME)
        & locations["refused"].isna()
    ]
    for transmitter, rows in known.groupby("transmitter", sort=False):
        own = rows["seconds_in_hour"].to_numpy(np.float64)
        received_s = rows["time"].to_numpy(np.int64) / 1e9
        renewed = _wrap_differences_to_half_period(np.diff(own), _HOUR_S)
        intervals = renewed[renewed > 0.05]
        if len(intervals) < _LEAST_RENEWALS:  # its own time stands, or is not kept
            continue
        step_s = float(np.quantile(intervals, _FAST_SHARE))
        text = f"{transmitter} renews its position every {step_s:.1f} s where it is heard best"
        yield _event_row(
            "remote_id", text, "Location.renewal", rows["offset"].iloc[0],
            int(rows["time"].iloc[0]), value=step_s,
        )  # fmt: skip
        steps = _wrap_differences_to_half_period(renewed - np.diff(received_s), _HOUR_S)
        for row in np.flatnonzero(np.abs(steps) > _OWN_TIME_STEP_S)[:_MOST_STEPS].tolist():
            at = row + 1
            text = (
                f"the time that {transmitter} states steps by {steps[row]:+.1f} s against the "
                f"clock of the receiver: from {own[row]:.1f} s to {own[at]:.1f} s of the hour in "
                f"{received_s[at] - received_s[row]:.1f} s"
            )
            yield _event_row(
                "remote_id", text, "Location.time", rows["offset"].iloc[at],
                int(rows["time"].iloc[at]), value=float(steps[row]), severity="warning",
            )  # fmt: skip


def _wrap_differences_to_half_period(
    values: npt.NDArray[np.float64], period: float
) -> npt.NDArray[np.float64]:
    """Return differences of a value that begins anew after a period, as the nearest ones."""
    return np.asarray((values + period / 2) % period - period / 2, np.float64)


def _second_transmitter_events(group: _Group) -> Iterator[dict[str, Any]]:
    """Yield that a second transmitter sent the same identity in the same way at the same time."""
    locations = group.get("Location")
    if locations is None or locations["transmitter"].nunique() < 2:
        return
    timed = locations[(locations["time"] != NO_TIME) & locations["refused"].isna()]
    for transport, rows in timed.groupby("transport", sort=False):
        spans = rows.groupby("transmitter", sort=False).agg(
            start=("time", "min"), end=("time", "max"), count=("time", "size"),
            offset=("offset", "min"),
        )  # fmt: skip
        spans = spans[spans["count"] >= _LEAST_COMPARED].sort_values("start", kind="stable")
        for number in range(1, min(len(spans), _MOST_TRANSMITTERS)):
            first, second = spans.iloc[number - 1], spans.iloc[number]
            if second["start"] > first["end"]:
                continue
            text = (
                f"two transmitters sent this identity by {transport} at the same time: "
                f"{spans.index[number - 1]} and {spans.index[number]}"
            )
            yield _event_row(
                "remote_id", text, "second transmitter", second["offset"], int(second["start"]),
                severity="warning", value=float(second["count"]),
            )  # fmt: skip


def _receiver_recording_events(received: ReceivedRemoteId) -> Iterator[dict[str, Any]]:
    """Yield from when until when the receiver recorded anything at all."""
    for start, end in received.watched_ns:
        yield _event_row(
            "remote_id", "the receiver was recording", "receiver", received.watch_offset, start,
            end=end,
        )  # fmt: skip


def _shared_transmitter_events(
    group: _Group, others: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    """Yield each other identity that the same transmitter sent, at the bytes of that one."""
    main = _transmitters_most_frequent_first(group)[0]
    for other, offset in others.items():
        text = f"the same transmitter, {main}, also sent the identity {other}"
        yield _event_row("remote_id", text, "other identity", offset, severity="warning")


def _network_named_after_other_serial_events(
    group: _Group, network_names: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield that the network of an aircraft is named after another serial number.

    Parrot names the network of an Anafi after the last six digits of its serial number.
    """
    ids = group.get("Basic ID")
    name = next(
        (
            network_names[each]
            for each in _transmitters_most_frequent_first(group)
            if each in network_names
        ),
        "",
    )
    match = _NAMED_AFTER_SERIAL.fullmatch(name)
    if ids is None or match is None:
        return
    serials = ids[(ids["type"] == _SERIAL) & ids["refused"].isna() & ids["text"].notna()]
    for serial, same in serials.groupby("text", sort=False):
        if match[1] not in str(serial):
            text = (
                f"the transmitter's network is named {name}, after the serial number that ends in "
                f"{match[1]}, and the identity is {serial}"
            )
            yield _event_row(
                "remote_id", text, "network name", same["offset"].iloc[0],
                int(same["time"].iloc[0]), severity="warning",
            )  # fmt: skip
