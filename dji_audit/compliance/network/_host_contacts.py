"""Contacts of a flight by host, with the strongest claim of each host."""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.compliance.network._classify_uploads import CatalogueMatch
from dji_audit.compliance.network._contact_attribution import OTHER_AIRCRAFT
from dji_audit.compliance.network._flight_contacts import FlightContacts
from dji_audit.compliance.network._successive_captures import (
    bytes_up_of_whole_conversations,
    first_capture_of_each_run,
)
from dji_audit.endpoints import (
    CLAIMS,
    HostingRangePublisher,
    hosting_range_of_ip_address,
    is_ip_address,
    is_public_host_name,
    normalise_host,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.datetime64]

_STRENGTH = list(CLAIMS)
#: Number of rows of a host that serve as its evidence; the tables hold all rows.
_MAX_EVIDENCE = 5
_COLUMNS = (
    "time", "device", "app", "host", "address", "port", "protocol", "path", "evidence", "claim",
    "label", "log", "source_offset", "name_log", "name_offset", "is_in_own_log",
)  # fmt: skip
#: Claims weaker than a contact.
_NO_CONTACT = ("indicator", OTHER_AIRCRAFT, "attempted")
#: Claims whose rows are told apart from those of the contacts of the aircraft.
_BY_THEMSELVES = ("indicator", OTHER_AIRCRAFT)
#: Blocks that are the same in every network (RFC 1918, 3927, 4193, 4291).  Those that carriers and
#: overlay networks share (100.64.0.0/10, RFC 6598) lie beyond the network of the unit.
_LOCAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
            "255.255.255.255/32", "::1/128", "fc00::/7", "fe80::/10",
        ),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAsEvidence:
    """One contact as evidence."""

    time: pd.Timestamp | None
    #: Host and path as the log gives them; else the address or app.
    value: str
    evidence: str
    claim: str
    #: Index of the log in ``FlightContacts.logs``, and the byte in it.
    log: int
    offset: int
    #: Position of the host name, if another row gives it; -1: no other row does.
    name_log: int
    name_offset: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HostContacts:
    """All contacts of a flight with one host, or with one address without a name.

    Those that are not shown to be of the aircraft of the flight are by themselves.
    Where a log gives neither, they are the contacts of one app.
    """

    host: str
    #: Whether the host is a name of the public DNS.
    has_name: bool
    #: Catalogue match of all rows together.
    catalogue_match: CatalogueMatch
    #: The strongest claim.
    claim: str
    #: Whether it lies in the local network: by its address, or, without a public name, by all of
    #: its addresses.
    is_local: bool
    #: Whether it is a computer outside the local network, by name or address.
    is_external: bool
    #: Number of rows, and of the logs that hold them.
    row_count: int
    log_count: int
    #: Number of rows that are not look-ups, which are conversations with the resolver.
    conversation_count: int
    #: Bytes sent and received in all; ``None``: not known.  Two logs may hold the same bytes,
    #: so these are the sums of the log with the largest sum, or of captures that follow one
    #: another.
    bytes_up: int | None
    bytes_down: int | None
    #: Bytes sent in the conversation that sent most; 0: not known.
    max_bytes_up: int
    #: First and last instant; ``None``: no row has a time.
    first: pd.Timestamp | None
    last: pd.Timestamp | None
    devices: frozenset[str]
    apps: frozenset[str]
    addresses: frozenset[str]
    protocols: frozenset[str]
    paths: frozenset[str]
    ports: frozenset[int]
    #: The best rows as evidence, strongest claim first, then in time order; not all rows.
    best_evidence: tuple[ContactAsEvidence, ...]
    #: Indices of all its rows in ``FlightContacts.rows``, in the same order.
    row_indices: Ints
    #: What links them to the aircraft of the flight, in words; empty: its own log holds them, or
    #: the claim says it.
    aircraft_link: str
    #: Whether the unit accepts it.
    is_allowed: bool = False
    #: Rows, beside those that are counted, that show no contact in the time of the flight: without
    #: a time, or settings; and the logs that hold them.
    indicator_row_count: int = 0
    indicator_log_count: int = 0

    @property
    def is_contacted(self) -> bool:
        """Whether there was a contact of this aircraft: more than a setting or an attempt."""
        return self.claim not in _NO_CONTACT

    @property
    def is_only_looked_up(self) -> bool:
        """Whether its name was looked up, and no connection to it is shown."""
        return self.has_name and self.claim == "contact" and not self.conversation_count

    @property
    def hosting_range_publisher(self) -> HostingRangePublisher | None:
        """The hosting company that publishes the address, where nothing names the computer.

        ``None``: it has a name, the catalogue knows it, it is local, or no list holds it.
        """
        if self.has_name or self.is_local or self.catalogue_match.rows:
            return None
        return hosting_range_of_ip_address(normalise_host(self.host) or self.host)

    @property
    def unnamed_host_text(self) -> str:
        """What is known of a computer that nothing names, in words; empty: something does."""
        if self.has_name or self.is_local or self.catalogue_match.rows:
            return ""
        if not self.is_external:
            return "an app whose log names no computer, so that only app and bytes are known"
        if not is_ip_address(self.host):
            return "a name of no public domain, so that its operator is not known"
        found = self.hosting_range_publisher
        if found is None:
            return "an address without a name, in no range that a hosting company publishes"
        return f"an address without a name {found.company_region_and_list_date_clause}"


def contacts_by_host(
    contacts: FlightContacts, allowed_hosts: Sequence[str] = ()
) -> tuple[HostContacts, ...]:
    """Return the contacts by host, in order of the first contact.

    Args:
        contacts: What is known of whom the devices contacted.
        allowed_hosts: Hosts that the unit accepts, with all their subdomains.
    """
    names = tuple(name for host in allowed_hosts if (name := normalise_host(host)))
    if not names:
        return _summarise_contacts_per_host(contacts)
    return tuple(
        replace(
            host_contacts,
            is_allowed=any(_is_same_or_subdomain(host_contacts.host, name) for name in names),
        )
        for host_contacts in _summarise_contacts_per_host(contacts)
    )


def clear_host_cache() -> None:
    """Forget the hosts of earlier flights."""
    _summarise_contacts_per_host.cache_clear()


@lru_cache(maxsize=4)
def _summarise_contacts_per_host(contacts: FlightContacts) -> tuple[HostContacts, ...]:
    """Return every host, computed in columns: a busy network has thousands of contacts."""
    rows = contacts.rows
    if not len(rows):
        return ()
    # What another aircraft sent to a host is no number of this one, and neither are settings and
    # records without a time.
    kind = rows["claim"].where(rows["claim"].isin(_BY_THEMSELVES), "")
    codes, groups = pd.factorize(pd.MultiIndex.from_arrays([rows["label"], kind]))
    labels = [label for label, _ in groups]
    totals = _contact_totals_by_host(
        rows,
        _ContactRowsByHost(codes.astype(np.int64), len(labels)),
        first_capture_of_each_run(contacts.logs, rows),
    )
    strength = np.array([_STRENGTH.index(claim) for claim in rows["claim"]], np.int64)
    # Rows of one host together, its strongest claim first; equal claims stay in time order.
    order = np.lexsort((-strength, codes))
    bounds = np.searchsorted(codes[order], np.arange(len(labels) + 1))
    columns = {name: rows[name].to_numpy(object) for name in _COLUMNS}
    return _join_indicators_to_contacts_of_their_host(
        _summarise_contacts_of_host(
            contacts,
            label=str(label),
            indices=order[bounds[number] : bounds[number + 1]],
            columns=columns,
            totals=totals,
            number=number,
        )
        for number, label in enumerate(labels)
    )


def _join_indicators_to_contacts_of_their_host(
    found: Iterable[HostContacts],
) -> tuple[HostContacts, ...]:
    """Return the hosts; the indicators of one that has contacts are only counted with these."""
    hosts = list(found)
    indicators = {host.host: host for host in hosts if host.claim == "indicator"}
    with_contacts = {host.host for host in hosts if host.claim not in _BY_THEMSELVES}
    return tuple(
        host
        if (weaker := indicators.get(host.host)) is None or host.claim in _BY_THEMSELVES
        else replace(
            host,
            indicator_row_count=weaker.row_count,
            indicator_log_count=weaker.log_count,
        )
        for host in hosts
        if host.claim != "indicator" or host.host not in with_contacts
    )


def _summarise_contacts_of_host(
    contacts: FlightContacts,
    *,
    label: str,
    indices: Ints,
    columns: Mapping[str, npt.NDArray[np.object_]],
    totals: "_ContactTotalColumnsByHost",
    number: int,
) -> HostContacts:
    """Return the contacts of one host: its rows by index, and its number in the totals."""
    device, app, address, protocol, path = (
        frozenset(text for text in columns[name][indices] if isinstance(text, str))
        for name in ("device", "app", "address", "protocol", "path")
    )
    claim = str(columns["claim"][indices[0]])
    first, last = utc_or_none(totals.first[number]), utc_or_none(totals.last[number])
    has_name = bool(totals.has_name[number])
    local = is_local_address(label) or (
        not has_name and bool(address) and all(map(is_local_address, address))
    )
    return HostContacts(
        host=label,
        has_name=has_name,
        catalogue_match=_merge_catalogue_matches_of_contacts(
            [contacts.catalogue_matches[index] for index in indices]
        ),
        claim=claim,
        is_local=local,
        is_external=bool(totals.has_host_or_address[number]) and not local,
        row_count=len(indices),
        log_count=len(set(columns["log"][indices].tolist())),
        conversation_count=int(totals.conversations[number]),
        bytes_up=_int_or_none(totals.sent[number]),
        bytes_down=_int_or_none(totals.received[number]),
        max_bytes_up=int(totals.max_bytes_up[number]),
        first=first,
        last=last,
        devices=device,
        apps=app,
        addresses=address,
        protocols=protocol,
        paths=path,
        ports=frozenset(int(it) for it in columns["port"][indices] if not pd.isna(it)),
        best_evidence=tuple(
            _contact_as_evidence(columns, index) for index in indices[:_MAX_EVIDENCE].tolist()
        ),
        row_indices=indices,
        aircraft_link=""
        if contacts.attribution is None
        else contacts.attribution.sentence_part(
            claim=claim,
            is_in_own_log=any(columns["is_in_own_log"][indices]),
            makers=frozenset().union(*(contacts.makers[index] for index in indices)),
            first=first,
            last=last,
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _ContactTotalColumnsByHost:
    """Totals of each host, one column for each field of ``HostContacts``."""

    has_name: npt.NDArray[np.bool_]
    has_host_or_address: npt.NDArray[np.bool_]
    conversations: Ints
    sent: Floats
    received: Floats
    max_bytes_up: Floats
    first: Times
    last: Times


def _contact_totals_by_host(
    rows: pd.DataFrame, group: "_ContactRowsByHost", first_of_run: Ints
) -> _ContactTotalColumnsByHost:
    """Return the totals of each host, computed in columns.

    Args:
        rows: As of ``FlightContacts.rows``.
        group: The host of each.
        first_of_run: Of each log, from ``first_capture_of_each_run``.
    """
    is_contact = ~rows["claim"].isin(_NO_CONTACT).to_numpy(bool)
    is_lookup = (rows["protocol"] == "dns").to_numpy(bool)
    runs = first_of_run[rows["log"].to_numpy(np.int64)]
    sent, received = (
        np.where(is_lookup, np.nan, rows[name].to_numpy(np.float64, na_value=np.nan))
        for name in ("bytes_up", "bytes_down")
    )
    whole = np.where(is_lookup, np.nan, bytes_up_of_whole_conversations(rows, first_of_run))
    times = rows["time"].to_numpy("datetime64[ns]")
    ends = np.where(rows["end"].isna(), times, rows["end"].to_numpy("datetime64[ns]"))
    public_names = [host for host in rows["host"].dropna().unique() if is_public_host_name(host)]
    is_some_computer = rows["host"].notna() | rows["address"].notna()
    return _ContactTotalColumnsByHost(
        has_name=group.hosts_with_flagged_row_mask(rows["host"].isin(public_names).to_numpy(bool)),
        has_host_or_address=group.hosts_with_flagged_row_mask(is_some_computer.to_numpy(bool)),
        conversations=np.bincount(group.codes[~is_lookup], minlength=group.count),
        sent=group.max_sum_of_one_run_per_host(sent, runs),
        received=group.max_sum_of_one_run_per_host(received, runs),
        max_bytes_up=group.max_per_host(np.where(is_contact, np.nan_to_num(whole), 0)),
        first=group.earliest_time_per_host(times),
        last=group.latest_time_per_host(ends),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _ContactRowsByHost:
    """The host of each row, and sums over the rows of each host."""

    codes: Ints
    count: int

    def hosts_with_flagged_row_mask(self, flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        return np.bincount(self.codes[flags], minlength=self.count) > 0

    def max_per_host(self, values: Floats) -> Floats:
        out = np.zeros(self.count)
        np.maximum.at(out, self.codes, values)
        return out

    def max_sum_of_one_run_per_host(self, values: Floats, runs: Ints) -> Floats:
        """Return the largest sum of one run of captures, or log; NaN where none has a value."""
        is_known = ~np.isnan(values)
        width = int(runs.max()) + 1 if len(runs) else 1
        # Only the pairs that occur: many logs and many hosts would make a table of gigabytes.
        pairs, numbers = np.unique(
            self.codes[is_known] * width + runs[is_known], return_inverse=True
        )
        sums = np.bincount(numbers, values[is_known], len(pairs))
        out = np.full(self.count, -np.inf)
        np.maximum.at(out, pairs // width, sums)
        return np.where(np.isneginf(out), np.nan, out)

    def earliest_time_per_host(self, times: Times) -> Times:
        return self._extreme_time_per_host(times, np.minimum, np.iinfo(np.int64).max)

    def latest_time_per_host(self, times: Times) -> Times:
        return self._extreme_time_per_host(times, np.maximum, np.iinfo(np.int64).min)

    def _extreme_time_per_host(self, times: Times, ufunc: np.ufunc, none: int) -> Times:
        known = ~np.isnat(times)
        out = np.full(self.count, none, np.int64)
        ufunc.at(out, self.codes[known], times[known].astype(np.int64))
        out[out == none] = np.iinfo(np.int64).min
        return out.astype("datetime64[ns]")


def _contact_as_evidence(
    columns: Mapping[str, npt.NDArray[np.object_]], index: int
) -> ContactAsEvidence:
    host, address, path, evidence, claim, label = (
        text if isinstance(text := columns[name][index], str) else ""
        for name in ("host", "address", "path", "evidence", "claim", "label")
    )
    log, offset, name_log, name_offset = (
        int(columns[name][index]) for name in ("log", "source_offset", "name_log", "name_offset")
    )
    return ContactAsEvidence(
        time=utc_or_none(columns["time"][index]),
        value=f"{host or address}{path}" or label,
        evidence=evidence or "contact",
        claim=claim,
        log=log,
        offset=offset,
        name_log=name_log,
        name_offset=name_offset,
    )


def _int_or_none(total: float) -> int | None:
    return None if np.isnan(total) else int(total)


def utc_or_none(time: Any) -> pd.Timestamp | None:
    """Return a time in UTC; ``None`` for a missing one."""
    stamp = pd.Timestamp(time)
    if pd.isna(stamp):
        return None
    return stamp if stamp.tzinfo is not None else stamp.tz_localize("UTC")


def is_local_address(host: str) -> bool:
    """Return whether an address belongs to the local network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_multicast or any(
        address in block for block in _LOCAL if block.version == address.version
    )


def _merge_catalogue_matches_of_contacts(matches: Sequence[CatalogueMatch]) -> CatalogueMatch:
    """Return the catalogue match of a host from the matches of its contacts."""
    # The matcher gives one object for one host and path, so identity is enough.
    distinct = list({id(match): match for match in matches}.values())
    if len(distinct) == 1:
        return distinct[0]
    rows = dict.fromkeys(row for match in distinct for row in match.rows)
    return CatalogueMatch(tuple(rows), any(match.is_upload_path for match in distinct))


def _is_same_or_subdomain(host: str, name: str) -> bool:
    """Return whether a host is a name or lies below it."""
    plain = normalise_host(host) or host
    return plain == name or plain.endswith(f".{name}")
