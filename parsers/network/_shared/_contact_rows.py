"""Rows of the table of contacts, gathered in columns, and their capture window."""

import ipaddress
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import NetworkCaptureWindow, NetworkRecordingTimes
from ..._tables import CONTACTS, build_table, sort_by_time
from .._protocols._encrypted_dns_and_tunnels import encrypted_dns_or_tunnel_kind
from .._text._parse_timestamps import NO_TIME
from ._times_log_was_recording import (
    RecordTimeBursts,
    one_burst_for_each_record,
    recording_times_by_device,
    recording_times_from_record_bursts,
)

Ints = npt.NDArray[np.int64]

_TIMES = ("time", "end")
_TEXTS = ("device", "app", "host", "address", "protocol", "path", "evidence", "grade")
_NUMBERS = ("port", "bytes_up", "bytes_down")
#: More rows than these are not held, so that what unpacks to very many costs no more than a long
#: log does: 500 MB of memory.
MAX_ROWS = 1_000_000
#: Characters of all texts together that are held; some 128 MB.
_MAX_TEXT_SIZE = 1 << 27
#: Batches, and rows, that are joined to one block.
_MAX_SMALL_BATCHES, _BLOCK_ROWS = 512, 1 << 14
#: Stands for a number that is missing, and is the code of no text.
_MISSING = -1
_MAX_BYTES = 1 << 62
#: Longest host name (RFC 1035); characters of a path that are stored.
_LONGEST_NAME, _LONGEST_PATH = 255, 2048


@dataclass(eq=False)
class ContactRows:
    """Contacts, a column at a time, in some 80 bytes a row: texts are held once."""

    rows: int = 0
    #: Name of a column -> its blocks: times, numbers, or codes of texts.
    _columns: dict[str, list[npt.NDArray[Any]]] = field(default_factory=dict)
    #: The same of batches that are too small to be blocks, and how many batches and rows they are.
    _small: dict[str, list[npt.NDArray[Any]]] = field(default_factory=dict)
    _small_batches: int = 0
    _small_rows: int = 0
    #: Text -> its code; characters of all texts.
    _codes: dict[str, int] = field(default_factory=dict)
    _text_size: int = 0

    def add_rows(self, offsets: Ints, **columns: Any) -> None:
        """Add rows, one for each offset.

        Args:
            offsets: Where each lies in the file.
            columns: Name of a column to its values, or to one value for all rows.  Times are
                nanoseconds since 1970; a long path is cut; a port or a number of bytes out of
                range is missing.
        """
        count = len(offsets)
        if not count:
            return
        batch: dict[str, npt.NDArray[Any]] = {"source_offset": np.asarray(offsets, np.int64)}
        for name in _TIMES:
            times = columns.pop(name, None)
            times = np.full(count, NO_TIME) if times is None else np.asarray(times, np.int64)
            batch[name] = times
        for name in (*_TEXTS, *_NUMBERS):
            values = columns.pop(name, None)
            several = isinstance(values, (list, tuple))
            column = self._encode_column(name, values if several else [values])
            batch[name] = column if several else np.repeat(column, count)
        if columns:
            raise ValueError(f"no such column: {', '.join(sorted(columns))}")
        for name, column in batch.items():
            self._small.setdefault(name, []).append(column)
        self.rows += count
        self._small_batches, self._small_rows = self._small_batches + 1, self._small_rows + count
        if self._small_batches >= _MAX_SMALL_BATCHES or self._small_rows >= _BLOCK_ROWS:
            self._join_small_batches()

    def _join_small_batches(self) -> None:
        """Make one block of the batches that came last: an array of one row is large."""
        for name, parts in self._small.items():
            self._columns.setdefault(name, []).append(np.concatenate(parts))
        self._small, self._small_batches, self._small_rows = {}, 0, 0

    @property
    def is_full(self) -> bool:
        """Whether no more rows are held: they are very many, or their texts are."""
        return self.rows >= MAX_ROWS or self._text_size >= _MAX_TEXT_SIZE

    def _encode_column(self, name: str, values: Sequence[Any]) -> npt.NDArray[Any]:
        """Return the codes of texts, or numbers; what is missing is ``_MISSING``."""
        if name in _TEXTS:
            codes, known = self._codes, len(self._codes)
            longest = _LONGEST_PATH if name == "path" else None
            coded = (
                codes.setdefault(value[:longest], len(codes)) if value else _MISSING
                for value in values
            )
            column = np.fromiter(coded, np.int32, len(values))
            self._text_size += sum(map(len, islice(reversed(codes), len(codes) - known)))
            return column
        largest = 0xFFFF if name == "port" else _MAX_BYTES
        smallest = 1 if name == "port" else 0
        numbers = (
            value if value is not None and smallest <= value <= largest else _MISSING
            for value in values
        )
        return np.fromiter(numbers, np.int64, len(values))

    def table(self) -> pd.DataFrame:
        """Return the table, in time order."""
        if not self.rows:
            return build_table(CONTACTS, {}, 0)
        if self._small_batches:
            self._join_small_batches()
        columns: dict[str, Any] = {}
        for name, blocks in self._columns.items():
            # The blocks of a column are given up for the whole before the next is made.
            columns[name] = np.concatenate(blocks)
            blocks[:] = [columns[name]]
        begin, end = columns["time"], columns["end"]
        # A flow of damaged length ends before it began; then its end is not known.
        columns["end"] = np.where(end < begin, NO_TIME, end)
        # The last text is that of no code.
        texts = np.array([*self._codes, None], object)
        for name in _TEXTS:
            columns[name] = texts[columns[name]]
        for name in _NUMBERS:
            numbers = columns[name]
            columns[name] = pd.arrays.IntegerArray(numbers, numbers == _MISSING)
        return sort_by_time(build_table(CONTACTS, columns, self.rows), "time")


@dataclass(eq=False)
class ContactRowsAndFlowCounts:
    """Contacts, and what is counted while they are gathered."""

    contacts: ContactRows
    #: Cause of hidden host names -> how often it was seen.
    blind_spots: Counter[str]
    #: Conversations, and those of them without a host name.
    flows: int = 0
    unnamed: int = 0


def contacts_capture_window(
    contacts: pd.DataFrame,
    flows: int | None = None,
    unnamed: int | None = None,
    blind_spots: Mapping[str, int] | None = None,
    excluded_traffic: str = "",
) -> NetworkCaptureWindow:
    """Return the capture window of a log: from the first to the last instant of its contacts."""
    times = contacts["time"].dropna()
    start = times.iloc[0] if len(times) else None
    ends = [times.max(), contacts["end"].max()] if len(times) else []
    known = [instant for instant in ends if not pd.isna(instant)]
    spots = {name: count for name, count in sorted((blind_spots or {}).items()) if count}
    tunnelled = _tunnel_endpoint_contact_mask(contacts)
    unread = int(np.count_nonzero(tunnelled))
    return NetworkCaptureWindow(
        start, max(known) if known else None, None, flows, unnamed, spots, excluded_traffic,
        recorded=_recording_times_shown_by_contacts(contacts, tunnelled),
        by_device=_recorded_times_by_device(contacts, tunnelled),
        unread={"conversations inside a tunnel": unread} if unread else {},
    )  # fmt: skip


#: Protocols that carry other conversations inside, as logs write them.
_TUNNEL_PROTOCOLS = (
    "ah", "ayiya", "esp", "gre", "gtpv1", "ip-4", "ip-41", "ipip", "ipsec", "ipv6", "openvpn",
    "socks", "teredo", "tor", "vxlan", "wireguard",
)  # fmt: skip


def _tunnel_endpoint_contact_mask(contacts: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which contacts are with the far end of a tunnel, by protocol or port."""
    protocol = contacts["protocol"]
    # A column may lend its own memory, which is not to be written.
    tunnelled = protocol.isin(_TUNNEL_PROTOCOLS).to_numpy(bool, copy=True)
    for port in contacts["port"].dropna().unique().tolist():
        for transport in ("tcp", "udp"):
            if encrypted_dns_or_tunnel_kind(None, port, transport) == "vpn":
                tunnelled |= ((contacts["port"] == port) & (protocol == transport)).to_numpy(
                    bool, na_value=False
                )
    return tunnelled


def _each_timed_contact_as_burst(contacts: pd.DataFrame) -> RecordTimeBursts:
    """Return the contacts that have a time, each as a burst."""
    starts, ends = (
        contacts[name].to_numpy("datetime64[ns]").view(np.int64) for name in ("time", "end")
    )
    return one_burst_for_each_record(starts, ends)


def _recording_times_shown_by_contacts(
    contacts: pd.DataFrame, tunnelled: npt.NDArray[np.bool_]
) -> NetworkRecordingTimes | None:
    """Return when contacts show that their log was recording; ``None``: they have no time."""
    timed = contacts["time"].notna().to_numpy()
    if not timed.any():
        return None
    return recording_times_from_record_bursts(
        _each_timed_contact_as_burst(contacts[~tunnelled]),
        _each_timed_contact_as_burst(contacts[tunnelled]),
        int(np.count_nonzero(~timed & ~tunnelled)),
        int(np.count_nonzero(~timed & tunnelled)),
    )


def _recorded_times_by_device(
    contacts: pd.DataFrame, tunnelled: npt.NDArray[np.bool_]
) -> dict[str, NetworkRecordingTimes]:
    """Return the same of each device that the contacts name."""
    chosen = (contacts["time"].notna() & contacts["device"].notna()).to_numpy()
    codes, names = pd.factorize(contacts["device"][chosen])
    bursts = _each_timed_contact_as_burst(contacts[chosen])
    return recording_times_by_device(
        names.tolist(), codes.astype(np.int64), bursts, ~tunnelled[chosen]
    )


@lru_cache(maxsize=1 << 16)
def parse_host_or_else_ip(text: str | None) -> tuple[str | None, str | None]:
    """Return a name in lower case without its last dot, or else an IP address as it is written.

    Of a URL, or of a host with a path, which some programs write where a name belongs, only the
    host is taken.
    """
    if not text:
        return None, None
    plain = _host_part_of_url(text.strip()).strip("[]").rstrip(".").lower()
    if not plain or len(plain) > _LONGEST_NAME:
        return None, None
    address = normalised_ip_or_none(plain)
    return (None, address) if address else (plain, None)


def _host_part_of_url(text: str) -> str:
    """Return the host of ``scheme://host:port/path`` or ``host:port/path``, or else the text."""
    if "://" in text:
        try:
            return urlsplit(text).hostname or text
        except ValueError:
            return text
    host, mark, _ = text.partition("/")
    # Names in the DNS may hold a slash in their first label (RFC 2317).
    return split_host_port(host)[0] or text if mark and "." in host else text


def are_all_answers_sinkhole_addresses(answers: Sequence[str]) -> bool:
    """Return whether a resolver blocked a name: every answer is the address of no computer."""
    return bool(answers) and all(answer in ("0.0.0.0", "::") for answer in answers)  # noqa: S104


@lru_cache(maxsize=1 << 16)
def normalised_ip_or_none(text: str | None) -> str | None:
    """Return an IP address in its usual form; ``None``: the text is none, or means no computer."""
    if not text or text[0] not in "0123456789abcdefABCDEF:":
        return None
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return None if address.is_unspecified else str(address)


@lru_cache(maxsize=1 << 16)
def split_host_port(text: str | None) -> tuple[str | None, int | None]:
    """Return the host of ``host:port`` as it stands there, and the port if there is one."""
    if not text:
        return None, None
    host, mark, port = text.rpartition(":")
    # Without brackets, a second colon makes it an address of IPv6.
    single = ":" not in host or host.startswith("[")
    if mark and single and port.isascii() and port.isdigit() and len(port) <= 5:
        return host, int(port)
    return text, None
