"""Contacts of network logs and of a flight's own logs, joined to the flight."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

import parsers
from dji_audit.compliance.context import Case
from dji_audit.compliance.network._claims import Known, Reader, claims
from dji_audit.compliance.network._coverage import Coverage, cover, watching
from dji_audit.compliance.network._devices import told_of
from dji_audit.compliance.network._match_settings import NEVER, Terms, Window, window_of
from dji_audit.compliance.network._names import named, refused
from dji_audit.flights import Flight

#: Format of the marks that a ground station leaves on the disk; they name a log, not a time.
_SIDECARS = "qgc-upload"
#: Format of what the auditor disclosed when asking for keys: contacts of his own.
_DISCLOSURES = "key-disclosure"


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What is known of whom a flight's devices talked to."""

    terms: Terms
    coverage: Coverage
    #: The logs that told a contact: the flight's own first, then those of the network.
    logs: tuple[parsers.Log, ...]
    #: Contacts in time order: the columns of ``parsers.CONTACTS``, times on the flight's clock,
    #: and ``log`` (place in ``logs``), ``claim`` (of ``CLAIMS``), ``label`` (host, else address,
    #: else app), ``name_log`` and ``name_offset`` (where a host stands that another row names;
    #: -1: it stands in the row itself).
    rows: pd.DataFrame
    #: What the catalogue says of each row.
    known: tuple[Known, ...]
    #: The auditor's own contacts for the flight's logs, whenever they were; never a finding.
    auditor: "Observation | None" = None

    @property
    def window(self) -> Window | None:
        """The window of the flight."""
        return self.coverage.window


@lru_cache(maxsize=2)
def observe(flight: Flight, case: Case, terms: Terms) -> Observation:
    """Return the contacts of a flight, what each claims, and how much was watched.

    Settings, and contacts of a network log that have no time, are kept as indicators:
    nothing shows that they happened in the flight's window.  Without a time, a flight
    has only the contacts of its own logs.
    """
    window = window_of(flight, terms)
    seen = [log for log in case.network if log.source.format != _DISCLOSURES]
    logs = (*flight.logs, *seen)
    parts = [flight.contacts.rename(columns={"told_by": "log"}).astype({"log": np.int64})]
    for number, log in enumerate(seen, len(flight.logs)):
        parts += [
            _during(log.contacts, window, terms, case.devices).assign(log=np.int64(number)),
            _timeless(log, flight, case.devices).assign(log=np.int64(number)),
        ]
    rows = named(pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True))
    rows = _in_window(rows, window)
    known = _known(rows, case, terms)
    own = (rows["log"] < len(flight.logs)).to_numpy(bool)
    marks = np.array([log.source.format == _SIDECARS for log in logs], bool)[rows["log"]]
    rows = rows.assign(
        claim=pd.Series(claims(rows, known, own, marks, window or NEVER, terms), dtype="str").mask(
            refused(rows), "attempted"
        ),
        label=_labels(rows),
    )
    watched = tuple(watching(log, window, case.devices, terms) for log in seen)
    coverage = cover(window, watched, case.devices, terms)
    return Observation(terms, coverage, logs, rows, known, _own(flight, case, terms, coverage))


def _own(flight: Flight, case: Case, terms: Terms, coverage: Coverage) -> Observation | None:
    """Return what the auditor disclosed to have the flight's logs decrypted."""
    asked = {log.key_request.sha256 for log in flight.logs if log.key_request is not None}
    logs = tuple(log for log in case.network if log.source.format == _DISCLOSURES)
    parts = []
    for number, log in enumerate(logs):
        about = log.contacts["evidence"].str.rpartition(" ")[2]
        parts.append(log.contacts[about.isin(asked)].assign(log=np.int64(number)))
    if not any(len(part) for part in parts):
        return None
    rows = pd.concat(parts, ignore_index=True)
    tried = rows["grade"] == "attempted"
    rows = rows.assign(
        name_log=np.int64(-1),
        name_offset=np.int64(-1),
        claim=tried.map({True: "attempted", False: "contact"}).astype("str"),
        label=_labels(rows),
    )
    return Observation(terms, coverage, logs, rows, _known(rows, case, terms))


def _known(rows: pd.DataFrame, case: Case, terms: Terms) -> tuple[Known, ...]:
    """Return what the catalogue says of each contact."""
    reader = Reader(case.catalogue, terms.low_confidence)
    pairs = zip(rows["host"].fillna(rows["address"]), rows["path"], strict=True)
    return tuple(reader.read(_text(host), _text(path)) for host, path in pairs)


def _labels(rows: pd.DataFrame) -> "pd.Series[str]":
    """Return what to call the other end of each contact: host, else address, else app."""
    return rows["host"].fillna(rows["address"]).fillna(rows["app"]).fillna("not named")


def _during(
    rows: pd.DataFrame, window: Window | None, terms: Terms, devices: Sequence[str]
) -> pd.DataFrame:
    """Return the contacts of a network log that may be a flight's, times shifted.

    Rows of an hour before the window stay for now: what was looked up then names
    what was talked to later.
    """
    if window is None:
        return rows.iloc[:0]
    offset = pd.Timedelta(seconds=terms.clock_offset_s)
    earliest = window.start - offset - pd.Timedelta(hours=1)
    times = rows["time"].to_numpy("datetime64[ns]")
    # In time order; rows without a time come last.
    count = int(np.count_nonzero(~np.isnat(times)))
    first = np.searchsorted(times[:count], np.datetime64(earliest.value, "ns"))
    last = np.searchsorted(times[:count], np.datetime64((window.end - offset).value, "ns"), "right")
    ends = rows["end"].to_numpy("datetime64[ns]")[:first]
    # What began earlier may have gone on into the window.
    lasting = np.flatnonzero(ends >= np.datetime64(earliest.value, "ns"))
    keep = np.concatenate([lasting, np.arange(first, last)])
    part = _of_devices(rows.iloc[keep], devices)
    return part.assign(time=part["time"] + offset, end=part["end"] + offset)


def _timeless(log: parsers.Log, flight: Flight, devices: Sequence[str]) -> pd.DataFrame:
    """Return the contacts of a network log that have no time and may concern a flight.

    The mark that a ground station leaves beside a log concerns that log's flight alone.
    """
    rows = log.contacts[log.contacts["time"].isna()]
    if log.source.format != _SIDECARS:
        return _of_devices(rows, devices)
    marked = _stem(log.source.name.removesuffix(".uploaded"))
    mine = marked in {_stem(told.source.name) for told in flight.logs}
    return rows if mine else rows[rows["grade"] == "commanded"]


def _of_devices(rows: pd.DataFrame, devices: Sequence[str]) -> pd.DataFrame:
    # Where a log does not say which device spoke, it may have been any.
    return rows[told_of(rows, devices) | rows["device"].isna()] if devices else rows


def _stem(name: str) -> str:
    """Return the name of a log without its folders and its ending."""
    return PurePosixPath(name).name.removesuffix(".ulg")


def _in_window(rows: pd.DataFrame, window: Window | None) -> pd.DataFrame:
    """Return the rows that touch the window, in time order; a row without a time stays."""
    if window is not None:
        last = rows["end"].where(rows["end"].notna(), rows["time"])
        outside = (rows["time"] > window.end) | (last < window.start)
        rows = rows[~outside.fillna(False)]
    return rows.sort_values(["time", "log", "source_offset"], kind="stable").reset_index(drop=True)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
