"""``dji-audit map``: pages of flights without the report, and when a place was in view."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import parsers
from dji_audit import mapper
from dji_audit.cli._logs import NOTHING_AUDITABLE, ingest_settings, read_all_logs
from dji_audit.cli._options import MapOptions
from dji_audit.cli._terminal import (
    checked_timezone_name,
    exit_with_error,
    paths_including_stdin,
    time_of_run,
)
from dji_audit.cli.map._times_in_view import parse_position, print_times_in_view
from dji_audit.cli.map._write_pages import AuditSetup, write_pages
from dji_audit.compliance.audit import check_policy
from dji_audit.compliance.camera_view import cameras_declared_for
from dji_audit.compliance.context import load_audit_context
from dji_audit.compliance.policy import PolicyError, load_policy
from dji_audit.flights import assemble_flights, logs_of_unjoined_media, times_in_view_of_flights
from dji_audit.supplied_tables import SuppliedFileError

PARTLY_READ = 4


def map_command(paths: Sequence[Path], options: MapOptions) -> int:
    """Write the page of a flight or the index of several, print when a place was in view.

    Returns:
        The exit code.
    """
    if options.out is None and options.place is None:
        raise exit_with_error("name the HTML file to write with --out, or a place with --place")
    target = None if options.place is None else parse_position(options.place)
    try:
        policy = load_policy(options.policy)
        check_policy(policy)
        settings = ingest_settings(options)
        given = paths_including_stdin(paths)
        generated = time_of_run(options.now)
        context = load_audit_context(
            options.context_files(), generated.date() if generated else None
        )
        logs, unread = read_all_logs(given, settings)
    except (PolicyError, SuppliedFileError, parsers.InvalidKeysError) as error:
        raise exit_with_error(str(error)) from error
    camera_timezone = options.camera_timezone and checked_timezone_name(options.camera_timezone)
    flights = assemble_flights(*logs, timezone=camera_timezone)
    context = replace(context, network=tuple(log for log in logs if log.capture_window is not None))
    unjoined = logs_of_unjoined_media(logs, flights)
    if not flights and (options.out is not None or not unjoined):
        raise exit_with_error("no flight was found", NOTHING_AUDITABLE)
    if options.out is not None:
        page_options = mapper.PageOptions(
            generated=generated,
            timezone=checked_timezone_name(options.timezone) if options.timezone else None,
            target=target,
            case=options.case_details(),
            plots=tuple(options.plot or ()),
        )
        setup = AuditSetup(policy, context, page_options)
        write_pages(flights, setup, options.out, given, unread)
    if target is not None:
        sightings = times_in_view_of_flights(
            flights,
            *target,
            context.elevation,
            recordings=unjoined,
            declared_cameras=lambda source: cameras_declared_for(source, context),
        )
        print_times_in_view(list(sightings), options.format)
    return PARTLY_READ if unread else 0
