"""Hosts in network logs that record no time of any flight."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from dji_audit.common.os_errors import os_error_reason
from dji_audit.compliance.audit import contact_match_settings_of_policy
from dji_audit.compliance.network import ContactMatchSettings, collect_contacts_without_flight
from dji_audit.exports import exported_host_contacts, save_host_contacts_as_timeline_export_parts
from dji_audit.fleet.audit_flight_in_worker import (
    WorkerSettings,
    load_audit_context_with_network_logs,
)
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.read_file_in_worker import NetworkLogIndexAndSpan
from dji_audit.fleet.stages.audit_flights import FlightsAudited
from dji_audit.fleet.stages.read_files import FilesRead
from dji_audit.report.network_contact_rows import ContactRow, contact_rows_of_logs_without_flight

#: Key of these contacts among the exports.
NO_FLIGHT = "no-flight"


def save_and_return_contact_rows_without_flight(
    read: FilesRead, audited: FlightsAudited, settings: WorkerSettings
) -> tuple[ContactRow, ...]:
    """Return the rows of contacts of no flight, and save them for exports if there are any.

    Raises:
        OutputError: If they cannot be saved.
    """
    match_settings = contact_match_settings_of_policy(settings.policy)
    alone = _network_logs_without_flight(read.network_logs, audited, match_settings)
    if not alone:
        return ()
    network = tuple(read.log_with_result_key(index) for index in alone)
    context = load_audit_context_with_network_logs(replace(settings, network_logs=network))
    collected = collect_contacts_without_flight(context, match_settings)
    if settings.exports is not None:
        contacts, formats = exported_host_contacts(collected), settings.exports.formats
        try:
            save_host_contacts_as_timeline_export_parts(
                settings.spool, NO_FLIGHT, contacts, formats
            )
        except OSError as error:
            why = os_error_reason(error)
            raise OutputError(f"cannot write temporary files: {why}") from error
    return contact_rows_of_logs_without_flight(collected)


def _network_logs_without_flight(
    logs: Sequence[NetworkLogIndexAndSpan],
    audited: FlightsAudited,
    match_settings: ContactMatchSettings,
) -> tuple[int, ...]:
    """Return the network logs whose contacts are those of no flight: they record another time.

    Where there is any flight, contacts without a time are listed with it.

    Args:
        logs: The network logs.
        audited: The flights.
        match_settings: How far clocks may be off.
    """
    logs = [log for log in logs if not log.is_of_auditor]
    if not audited.ids:
        return tuple(log.index for log in logs)
    windows = [
        (it.window_start, it.window_end)
        for it in (audited.shorts if logs else ())
        if it.window_start is not None and it.window_end is not None
    ]
    offset = pd.Timedelta(seconds=match_settings.clock_offset_s)
    return tuple(
        log.index
        for log in logs
        if log.start is not None
        and log.end is not None
        and not any(
            start <= log.end + offset and log.start + offset <= end for start, end in windows
        )
    )
