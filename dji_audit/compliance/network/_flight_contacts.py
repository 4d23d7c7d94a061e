"""Collect the contacts of a flight, from network logs and from the logs of the flight."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

import parsers
from dji_audit.common.table_values import text_of_table_cell_or_none
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.network._classify_uploads import (
    CatalogueMatch,
    CatalogueMatcher,
    upload_class_of_each_contact,
)
from dji_audit.compliance.network._contact_attribution import (
    OTHER_AIRCRAFT,
    AircraftMakerClues,
    ContactAttribution,
    maker_clues_of_flight,
    makers_shown_by_contacts,
    other_aircraft_mask,
)
from dji_audit.compliance.network._flight_time_window import (
    NEVER,
    ContactMatchSettings,
    ContactTimeWindow,
    time_window_for_contacts,
)
from dji_audit.compliance.network._host_names_from_dns import (
    fill_host_names,
    refused_dns_lookup_mask,
)
from dji_audit.compliance.network._network_coverage import (
    NetworkCoverage,
    contacts_from_devices_mask,
    coverage_of_window_by_one_network_log,
    network_coverage,
    shows_no_record_within_window,
)
from dji_audit.compliance.network._successive_captures import (
    bytes_up_of_whole_conversations,
    first_capture_of_each_run,
)
from dji_audit.flights import Flight

#: Format of the marks that a ground station leaves on the disk; they name a log and no time.
_SIDECARS = "qgc-upload"
#: Format of key disclosures: contacts that the auditor made when asking for keys.
_DISCLOSURES = "key-disclosure"


def is_log_of_auditors_key_requests(log: parsers.Log) -> bool:
    """Return whether a network log holds the auditor's own requests for keys and no devices'."""
    return log.source.format == _DISCLOSURES


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FlightContacts:
    """The contacts of the devices of a flight, and how much of its window was recorded."""

    settings: ContactMatchSettings
    coverage: NetworkCoverage
    #: The logs that hold contacts: those of the flight first, then network logs.
    logs: tuple[parsers.Log, ...]
    #: Contacts in time order: the columns of ``parsers.CONTACTS``, times on the flight's clock,
    #: and ``log`` (index into ``logs``), ``claim`` (of ``CLAIMS``), ``label`` (host, else address,
    #: else app), ``name_log`` and ``name_offset`` (position of a host name that another row
    #: gives; -1: the row itself gives it), ``is_in_own_log`` (whether a log of the flight holds
    #: it, or it is the mark of an upload of such a log).
    rows: pd.DataFrame
    #: Catalogue match of each row.
    catalogue_matches: tuple[CatalogueMatch, ...]
    #: The makers of drones that app, host or device of each row show.
    makers: tuple[frozenset[str], ...]
    #: What links them to the aircraft of the flight; ``None``: they are of no flight, or the
    #: auditor's.
    attribution: ContactAttribution | None = None
    #: Contacts of the auditor for the logs of the flight, at any time; never a finding.
    auditor: "FlightContacts | None" = None

    @property
    def contact_time_window(self) -> ContactTimeWindow | None:
        """Time window of the flight."""
        return self.coverage.window


@lru_cache(maxsize=2)
def collect_contacts(
    flight: Flight, context: AuditContext, settings: ContactMatchSettings
) -> FlightContacts:
    """Return the contacts of a flight, the claim of each, and the network coverage.

    Settings, and contacts of a network log that have no time, become indicators: nothing
    shows that they happened in the window of the flight.  A flight without a time has only
    the contacts of its own logs; so has an aircraft that was only heard, which may be anybody's:
    the devices of the unit are not its devices.
    """
    window = time_window_for_contacts(flight, settings)
    network_logs = [
        log
        for log in context.network
        if not is_log_of_auditors_key_requests(log) and not flight.is_known_only_from_receivers
    ]
    logs = (*flight.logs, *network_logs)
    parts = []
    if len(flight.contacts):
        parts.append(
            flight.contacts.rename(columns={"source_index": "log"}).astype({"log": np.int64})
        )
    for number, log in enumerate(network_logs, len(flight.logs)):
        timed = _shifted_contacts_in_and_before_window(
            log.contacts, window, settings, context.devices
        )
        if window is not None and shows_no_record_within_window(log, window, settings):
            # Two packets years apart, and none between them, are no contact of the time between.
            timed = timed[~((timed["time"] < window.start) & (timed["end"] > window.end))]
        parts += [
            timed.assign(log=np.int64(number)),
            _contacts_without_time(log, flight, context.devices).assign(log=np.int64(number)),
        ]
    matches: tuple[CatalogueMatch, ...] = ()
    makers: list[frozenset[str]] = []
    aircraft = maker_clues_of_flight(flight, context)
    if any(len(part) for part in parts):
        rows = fill_host_names(pd.concat([part for part in parts if len(part)], ignore_index=True))
        rows = _contact_rows_in_window(rows, window)
        matches = _catalogue_match_of_each_contact(rows, context, settings)
        from_flight_log = (rows["log"] < len(flight.logs)).to_numpy(bool)
        is_mark = np.array([log.source.format == _SIDECARS for log in logs], bool)[rows["log"]]
        makers = makers_shown_by_contacts(rows, matches)
        sent = bytes_up_of_whole_conversations(rows, first_capture_of_each_run(logs, rows))
        claims = upload_class_of_each_contact(
            rows.assign(bytes_up=sent),
            matches=matches,
            from_flight_log=from_flight_log,
            is_mark=is_mark,
            window=window or NEVER,
            settings=settings,
        )
        is_of_other = (
            other_aircraft_mask(makers, aircraft)
            & ~(from_flight_log | is_mark)
            & (np.array(claims, object) != "indicator")
        )
        rows = rows.assign(
            claim=pd.Series(claims, dtype="str")
            .mask(refused_dns_lookup_mask(rows), "attempted")
            .mask(is_of_other, OTHER_AIRCRAFT),
            label=_other_end_label_of_each_contact(rows),
            is_in_own_log=from_flight_log | is_mark,
        )
    else:
        table = flight.contacts
        rows = _empty_contact_rows(tuple(zip(table.columns, table.dtypes, strict=True)))
    log_coverages = tuple(
        coverage_of_window_by_one_network_log(log, window, context.devices, settings)
        for log in network_logs
    )
    coverage = _coverage_of_devices_of_the_aircraft(
        network_coverage(window, log_coverages, context.devices, settings), rows, makers, aircraft
    )
    return FlightContacts(
        settings=settings,
        coverage=coverage,
        logs=logs,
        rows=rows,
        catalogue_matches=matches,
        makers=tuple(makers),
        attribution=ContactAttribution(
            aircraft=aircraft,
            flights_near_in_time=flight.flights_near_in_time,
            settings=settings,
        ),
        auditor=_contacts_of_own_key_requests_for_flight(flight, context, settings, coverage),
    )


def _coverage_of_devices_of_the_aircraft(
    coverage: NetworkCoverage,
    rows: pd.DataFrame,
    makers: Sequence[frozenset[str]],
    aircraft: AircraftMakerClues,
) -> NetworkCoverage:
    """Return a coverage that shows nothing where only devices of another aircraft were recorded."""
    claims = rows["claim"].to_numpy(object)
    is_other = claims == OTHER_AIRCRAFT
    # A setting shows of no device that it was recorded.
    is_of_device = (rows["device"].notna() & ~rows["is_in_own_log"]).to_numpy(bool) & (
        claims != "indicator"
    )
    if coverage.insufficient_reason or not is_of_device.any() or not is_other[is_of_device].all():
        return coverage
    of_others = [each for each, is_one in zip(makers, is_other, strict=True) if is_one]
    names = " and ".join(sorted(frozenset().union(*of_others)))
    reason = (
        "The absence of a contact proves nothing: the devices that were recorded point to "
        f"{names}, and the aircraft of this flight is {aircraft.description}."
    )
    return replace(coverage, insufficient_reason=reason)


# Most flights have no contact, for which the way of all columns would take longest of all rules.
@lru_cache(maxsize=4)
def _empty_contact_rows(columns: tuple[tuple[Hashable, Any], ...]) -> pd.DataFrame:
    """Return ``FlightContacts.rows`` without a row.

    Args:
        columns: Name and type of each column of ``Flight.contacts``.
    """
    rows = pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns})
    rows = fill_host_names(rows.rename(columns={"source_index": "log"}).astype({"log": np.int64}))
    return rows.assign(
        claim=pd.Series(dtype="str"),
        label=_other_end_label_of_each_contact(rows),
        is_in_own_log=pd.Series(dtype=bool),
    )


def collect_contacts_without_flight(
    context: AuditContext, settings: ContactMatchSettings
) -> FlightContacts:
    """Return every contact of the devices in network logs that record no time of a flight.

    Without a landing nothing is an upload after it: only a path that takes uploads shows one.

    Args:
        context: With the network logs, at least one of them of devices.
        settings: Settings of the policy.
    """
    logs = tuple(log for log in context.network if not is_log_of_auditors_key_requests(log))
    parts = [
        _contacts_of_declared_devices(log.contacts, context.devices).assign(log=np.int64(number))
        for number, log in enumerate(logs)
    ]
    rows = fill_host_names(
        pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    )
    rows = _contact_rows_in_window(rows, None)
    matches = _catalogue_match_of_each_contact(rows, context, settings)
    none = np.zeros(len(rows), bool)
    sent = bytes_up_of_whole_conversations(rows, first_capture_of_each_run(logs, rows))
    claims = upload_class_of_each_contact(
        rows.assign(bytes_up=sent),
        matches=matches,
        from_flight_log=none,
        is_mark=none,
        window=NEVER,
        settings=settings,
    )
    rows = rows.assign(
        claim=pd.Series(claims, dtype="str").mask(refused_dns_lookup_mask(rows), "attempted"),
        label=_other_end_label_of_each_contact(rows),
        is_in_own_log=False,
    )
    coverages = tuple(
        coverage_of_window_by_one_network_log(log, None, context.devices, settings) for log in logs
    )
    coverage = network_coverage(None, coverages, context.devices, settings)
    return FlightContacts(
        settings=settings,
        coverage=coverage,
        logs=logs,
        rows=rows,
        catalogue_matches=matches,
        makers=tuple(makers_shown_by_contacts(rows, matches)),
    )


def _contacts_of_own_key_requests_for_flight(
    flight: Flight, context: AuditContext, settings: ContactMatchSettings, coverage: NetworkCoverage
) -> FlightContacts | None:
    """Return the contacts that the auditor made to have the logs of the flight decrypted."""
    request_hashes = {log.key_request.sha256 for log in flight.logs if log.key_request is not None}
    logs = tuple(log for log in context.network if is_log_of_auditors_key_requests(log))
    parts = []
    for number, log in enumerate(logs):
        named_hash = log.contacts["evidence"].str.rpartition(" ")[2]
        parts.append(log.contacts[named_hash.isin(request_hashes)].assign(log=np.int64(number)))
    if not any(len(part) for part in parts):
        return None
    rows = pd.concat(parts, ignore_index=True)
    is_attempt = rows["grade"] == "attempted"
    rows = rows.assign(
        name_log=np.int64(-1),
        name_offset=np.int64(-1),
        claim=is_attempt.map({True: "attempted", False: "contact"}).astype("str"),
        label=_other_end_label_of_each_contact(rows),
        is_in_own_log=False,
    )
    matches = _catalogue_match_of_each_contact(rows, context, settings)
    return FlightContacts(
        settings=settings,
        coverage=coverage,
        logs=logs,
        rows=rows,
        catalogue_matches=matches,
        makers=tuple(makers_shown_by_contacts(rows, matches)),
    )


def _catalogue_match_of_each_contact(
    rows: pd.DataFrame, context: AuditContext, settings: ContactMatchSettings
) -> tuple[CatalogueMatch, ...]:
    """Return the catalogue match of each contact."""
    matcher = CatalogueMatcher(context.catalogue, settings.low_confidence)
    pairs = zip(rows["host"].fillna(rows["address"]), rows["path"], strict=True)
    return tuple(
        matcher.match(text_of_table_cell_or_none(host), text_of_table_cell_or_none(path))
        for host, path in pairs
    )


def _other_end_label_of_each_contact(rows: pd.DataFrame) -> "pd.Series[str]":
    """Return the label of the other end of each contact: host, else address, else app."""
    return rows["host"].fillna(rows["address"]).fillna(rows["app"]).fillna("not named")


def _shifted_contacts_in_and_before_window(
    rows: pd.DataFrame,
    window: ContactTimeWindow | None,
    settings: ContactMatchSettings,
    devices: Sequence[str],
) -> pd.DataFrame:
    """Return the contacts of a network log in the window of a flight, with times shifted.

    Rows of the hour before the window stay for now: a look-up in that hour names later
    conversations.
    """
    if window is None:
        return rows.iloc[:0]
    offset = pd.Timedelta(seconds=settings.clock_offset_s)
    earliest = window.start - offset - pd.Timedelta(hours=1)
    times = rows["time"].to_numpy("datetime64[ns]")
    # In time order; rows without a time come last.
    count = int(np.count_nonzero(~np.isnat(times)))
    first = np.searchsorted(times[:count], np.datetime64(earliest.value, "ns"))
    last = np.searchsorted(times[:count], np.datetime64((window.end - offset).value, "ns"), "right")
    ends = rows["end"].to_numpy("datetime64[ns]")[:first]
    # A conversation that began earlier may reach into the window.
    ongoing = np.flatnonzero(ends >= np.datetime64(earliest.value, "ns"))
    indices = np.concatenate([ongoing, np.arange(first, last)])
    part = _contacts_of_declared_devices(rows.iloc[indices], devices)
    return part.assign(time=part["time"] + offset, end=part["end"] + offset)


def _contacts_without_time(
    log: parsers.Log, flight: Flight, devices: Sequence[str]
) -> pd.DataFrame:
    """Return the contacts of a network log that have no time and may concern a flight.

    The mark that a ground station leaves beside a log concerns only the flight of that log.
    """
    rows = log.contacts[log.contacts["time"].isna()]
    if log.source.format != _SIDECARS:
        return _contacts_of_declared_devices(rows, devices)
    marked_log = _log_name_without_suffix(log.source.name.removesuffix(".uploaded"))
    is_own = marked_log in {_log_name_without_suffix(log.source.name) for log in flight.logs}
    return rows if is_own else rows[rows["grade"] == "commanded"]


def _contacts_of_declared_devices(rows: pd.DataFrame, devices: Sequence[str]) -> pd.DataFrame:
    # Where a log does not name the device, it may have been any.
    return (
        rows[contacts_from_devices_mask(rows, devices) | rows["device"].isna()] if devices else rows
    )


def _log_name_without_suffix(name: str) -> str:
    """Return the name of a log without folders and suffix."""
    return PurePosixPath(name).name.removesuffix(".ulg")


def _contact_rows_in_window(rows: pd.DataFrame, window: ContactTimeWindow | None) -> pd.DataFrame:
    """Return the rows that overlap the window, in time order; a row without a time stays."""
    if window is not None:
        last = rows["end"].where(rows["end"].notna(), rows["time"])
        outside = (rows["time"] > window.end) | (last < window.start)
        rows = rows[~outside.fillna(False)]
    return rows.sort_values(["time", "log", "source_offset"], kind="stable").reset_index(drop=True)
