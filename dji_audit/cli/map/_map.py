"""``dji-audit map``: pages of flights without the report, and when a place was in view."""

from collections.abc import Sequence
from pathlib import Path

from dji_audit import mapper
from dji_audit.cli._options import MapOptions
from dji_audit.cli._terminal import (
    checked_timezone_name,
    exit_with_error,
)
from dji_audit.cli.evidence._read_flights import read_flights_to_show
from dji_audit.cli.evidence._read_logs import NOTHING_AUDITABLE
from dji_audit.cli.map._times_in_view import parse_position, print_times_in_view
from dji_audit.cli.map._write_pages import AuditSetup, write_pages
from dji_audit.compliance.camera_view import cameras_declared_for
from dji_audit.flights import logs_of_unjoined_media, times_in_view_of_flights

PARTLY_READ = 4


def map_command(paths: Sequence[Path], options: MapOptions) -> int:
    """Write the page of a flight or the index of several, print when a place was in view.

    Returns:
        The exit code.
    """
    if options.out is None and options.place is None:
        raise exit_with_error("name the HTML file to write with --out, or a place with --place")
    target = None if options.place is None else parse_position(options.place)
    read = read_flights_to_show(paths, options)
    flights, context = read.flights, read.context
    unjoined = logs_of_unjoined_media(read.logs, flights)
    if not flights and (options.out is not None or not unjoined):
        raise exit_with_error("no flight was found", NOTHING_AUDITABLE)
    if options.out is not None:
        page_options = mapper.PageOptions(
            generated=read.generated,
            timezone=checked_timezone_name(options.timezone) if options.timezone else None,
            target=target,
            case=options.case_details(),
            plots=tuple(options.plot or ()),
        )
        setup = AuditSetup(read.policy, context, page_options)
        write_pages(flights, setup, options.out, read.given, read.unread)
    if target is not None:
        sightings = times_in_view_of_flights(
            flights,
            *target,
            context.elevation,
            recordings=unjoined,
            declared_cameras=lambda source: cameras_declared_for(source, context),
        )
        print_times_in_view(list(sightings), options.format)
    return PARTLY_READ if read.unread else 0
