"""Contacts by host: what a flight's devices met, and what the strongest of each claims."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.compliance.findings import CLAIMS
from dji_audit.compliance.network._claims import Known
from dji_audit.compliance.network._collect import Observation
from dji_audit.endpoints import normalise

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.datetime64]

_STRENGTH = list(CLAIMS)
#: Rows of a host that are kept as its evidence; the tables hold all.
_SHOWN = 5
_COLUMNS = (
    "time", "device", "app", "host", "address", "port", "protocol", "path", "evidence", "claim",
    "label", "log", "source_offset", "name_log", "name_offset",
)  # fmt: skip
#: Claims of no contact.
_IDLE = ("indicator", "attempted")
#: Blocks that are the same in every network (RFC 1918, 3927, 4193, 4291, 6598).
_LOCAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.168.0.0/16", "255.255.255.255/32", "::1/128", "fc00::/7", "fe80::/10",
        ),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contact:
    """One row of an observation, as evidence."""

    time: pd.Timestamp | None
    #: Host and path as they stand there; else the address or app.
    value: str
    evidence: str
    claim: str
    #: Place of the log in ``Observation.logs``, and the byte in it.
    log: int
    offset: int
    #: Where the host stands, if another row names it; -1: none does.
    name_log: int
    name_offset: int


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """All contacts of a flight with one host, or one address without a name.

    Where a log gives neither, they are those of one app.
    """

    host: str
    #: Whether it is a name.
    named: bool
    #: What the catalogue says, all rows together.
    known: Known
    #: The strongest claim.
    claim: str
    #: Whether it is an address of the local network.
    local: bool
    #: Whether it is a computer outside the local network, by name or address.
    outside: bool
    #: Rows, and how many logs tell them.
    count: int
    logs: int
    #: Rows that are no look-ups: those are talk with the resolver.
    conversations: int
    #: Bytes sent to it and received from it in all; ``None``: not known.  Two logs may tell the
    #: same bytes, so they are those of the log that tells most.
    sent: int | None
    received: int | None
    #: Bytes sent in the conversation that sent most; 0 if not known.
    most_sent: int
    #: First and last instant; ``None``: no row has a time.
    first: pd.Timestamp | None
    last: pd.Timestamp | None
    devices: frozenset[str]
    apps: frozenset[str]
    addresses: frozenset[str]
    protocols: frozenset[str]
    paths: frozenset[str]
    ports: frozenset[int]
    #: The rows that show it best, strongest claim first, then in time order; not all of them.
    shown: tuple[Contact, ...]
    #: Places of all its rows in the observation, in the same order.
    places: Ints
    #: Whether the unit accepts it.
    allowed: bool = False

    @property
    def talked(self) -> bool:
        """Whether it is more than a setting or an attempt."""
        return self.claim not in _IDLE


def hosts_met(seen: Observation, accepted: Sequence[str] = ()) -> tuple[Met, ...]:
    """Return the hosts of an observation in order of their first contact.

    Args:
        seen: What is known of whom the devices talked to.
        accepted: Hosts that the unit accepts, with all below them.
    """
    names = tuple(name for host in accepted if (name := normalise(host)))
    if not names:
        return _all(seen)
    return tuple(
        replace(met, allowed=any(_below(met.host, name) for name in names)) for met in _all(seen)
    )


@lru_cache(maxsize=4)
def _all(seen: Observation) -> tuple[Met, ...]:
    """Return every host: all of it from columns, for a busy network shows thousands."""
    rows = seen.rows
    codes, labels = pd.factorize(rows["label"])
    sums = _sums(rows, _Groups(codes.astype(np.int64), len(labels)))
    strength = np.array([_STRENGTH.index(claim) for claim in rows["claim"]], np.int64)
    # Rows of one host together, its strongest claim first; among equals they stay in time order.
    order = np.lexsort((-strength, codes))
    bounds = np.searchsorted(codes[order], np.arange(len(labels) + 1))
    columns = {name: rows[name].to_numpy(object) for name in _COLUMNS}
    return tuple(
        _met(seen, str(label), order[bounds[number] : bounds[number + 1]], columns, sums, number)
        for number, label in enumerate(labels)
    )


def _met(
    seen: Observation,
    label: str,
    places: Ints,
    columns: Mapping[str, npt.NDArray[np.object_]],
    sums: "_Sums",
    number: int,
) -> Met:
    """Return one host of all: its rows by their places, and its number among the sums."""
    local = is_local(label)
    device, app, address, protocol, path = (
        frozenset(text for text in columns[name][places] if isinstance(text, str))
        for name in ("device", "app", "address", "protocol", "path")
    )
    return Met(
        host=label,
        named=bool(sums.named[number]),
        known=_joined([seen.known[place] for place in places]),
        claim=str(columns["claim"][places[0]]),
        local=local,
        outside=bool(sums.named[number] or sums.placed[number]) and not local,
        count=len(places),
        logs=len(set(columns["log"][places].tolist())),
        conversations=int(sums.conversations[number]),
        sent=_known(sums.sent[number]),
        received=_known(sums.received[number]),
        most_sent=int(sums.most_sent[number]),
        first=instant(sums.first[number]),
        last=instant(sums.last[number]),
        devices=device,
        apps=app,
        addresses=address,
        protocols=protocol,
        paths=path,
        ports=frozenset(int(it) for it in columns["port"][places] if not pd.isna(it)),
        shown=tuple(_contact(columns, place) for place in places[:_SHOWN].tolist()),
        places=places,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """What the rows of each host come to, a column for each field of ``Met``."""

    named: npt.NDArray[np.bool_]
    placed: npt.NDArray[np.bool_]
    conversations: Ints
    sent: Floats
    received: Floats
    most_sent: Floats
    first: Times
    last: Times


def _sums(rows: pd.DataFrame, group: "_Groups") -> _Sums:
    talked = ~rows["claim"].isin(_IDLE).to_numpy(bool)
    lookup = (rows["protocol"] == "dns").to_numpy(bool)
    logs = rows["log"].to_numpy(np.int64)
    sent, received = (
        np.where(lookup, np.nan, rows[name].to_numpy(np.float64, na_value=np.nan))
        for name in ("bytes_up", "bytes_down")
    )
    times = rows["time"].to_numpy("datetime64[ns]")
    ends = np.where(rows["end"].isna(), times, rows["end"].to_numpy("datetime64[ns]"))
    return _Sums(
        named=group.any(rows["host"].notna().to_numpy(bool)),
        placed=group.any(rows["address"].notna().to_numpy(bool)),
        conversations=np.bincount(group.codes[~lookup], minlength=group.count),
        sent=group.told_most(sent, logs),
        received=group.told_most(received, logs),
        most_sent=group.greatest(np.where(talked, np.nan_to_num(sent), 0)),
        first=group.earliest(times),
        last=group.latest(ends),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Which row belongs to which host, and what a column comes to for each."""

    codes: Ints
    count: int

    def any(self, flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        return np.bincount(self.codes[flags], minlength=self.count) > 0

    def greatest(self, values: Floats) -> Floats:
        out = np.zeros(self.count)
        np.maximum.at(out, self.codes, values)
        return out

    def told_most(self, values: Floats, logs: Ints) -> Floats:
        """Return the sum of the log that tells most; NaN where none tells."""
        told = ~np.isnan(values)
        width = int(logs.max()) + 1 if len(logs) else 1
        cells = self.codes[told] * width + logs[told]
        sums = np.bincount(cells, values[told], self.count * width).reshape(self.count, width)
        return np.where(self.any(told), sums.max(axis=1), np.nan)

    def earliest(self, times: Times) -> Times:
        return self._edge(times, np.minimum, np.iinfo(np.int64).max)

    def latest(self, times: Times) -> Times:
        return self._edge(times, np.maximum, np.iinfo(np.int64).min)

    def _edge(self, times: Times, ufunc: np.ufunc, none: int) -> Times:
        known = ~np.isnat(times)
        out = np.full(self.count, none, np.int64)
        ufunc.at(out, self.codes[known], times[known].astype(np.int64))
        out[out == none] = np.iinfo(np.int64).min
        return out.astype("datetime64[ns]")


def _contact(columns: Mapping[str, npt.NDArray[np.object_]], place: int) -> Contact:
    host, address, path, evidence, claim, label = (
        text if isinstance(text := columns[name][place], str) else ""
        for name in ("host", "address", "path", "evidence", "claim", "label")
    )
    log, offset, name_log, name_offset = (
        int(columns[name][place]) for name in ("log", "source_offset", "name_log", "name_offset")
    )
    return Contact(
        instant(columns["time"][place]),
        f"{host or address}{path}" or label,
        evidence or "contact",
        claim,
        log,
        offset,
        name_log,
        name_offset,
    )


def _known(total: float) -> int | None:
    return None if np.isnan(total) else int(total)


def instant(time: Any) -> pd.Timestamp | None:
    """Return an instant in UTC; ``None`` for a missing one."""
    stamp = pd.Timestamp(time)
    if pd.isna(stamp):
        return None
    return stamp if stamp.tzinfo is not None else stamp.tz_localize("UTC")


def is_local(host: str) -> bool:
    """Return whether an address is one of the local network: no computer outside was met."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_multicast or any(
        address in block for block in _LOCAL if block.version == address.version
    )


def _joined(all_known: Sequence[Known]) -> Known:
    """Return what is known of a host when each contact narrows it in its own way."""
    # The reader gives one object for one host and path, so that identity is enough.
    distinct = list({id(known): known for known in all_known}.values())
    if len(distinct) == 1:
        return distinct[0]
    rows = dict.fromkeys(row for known in distinct for row in known.rows)
    return Known(tuple(rows), any(known.takes for known in distinct))


def _below(host: str, name: str) -> bool:
    plain = normalise(host) or host
    return plain == name or plain.endswith(f".{name}")
