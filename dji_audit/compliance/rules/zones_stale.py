"""The supplied zones were in force on the date of the flight.

Aeronautical data change every 28 days (the AIRAC cycle).  A file that came into force after the
flight does not apply to it; a file older than one cycle may lack later changes.  The date is that
of the file itself: the effective date, else the date of issue.  Files for another place do not
matter.
"""

import datetime as dt
from dataclasses import replace

import pandas as pd

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import airborne_span, supplied_input_data_need
from dji_audit.compliance.findings import DATE_NOT_KNOWN, DataNeedObservation, Evidence, Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, positive_parameter_field
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._flight_evidence import utc_date_of_flight
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.compliance.rules._shared._zones._zone_completeness_data_need import (
    airborne_positions,
)
from dji_audit.compliance.rules._shared._zones._zone_crossing_findings import example_supplied_zones
from dji_audit.flights import Flight
from dji_audit.zones import SuppliedZones, ZoneFile, ZoneSource


class ZonesStaleParameters(Parameters):
    """Parameters of the rule."""

    max_age_days: int = positive_parameter_field(28, "Days for which a zone file is current.")


def check(flight: Flight, parameters: ZonesStaleParameters, inputs: RuleInputs) -> CheckResult:
    """Compare the dates of each file with the date of the flight."""
    if inputs.context.zones is None:
        return CheckResult(Outcome.NOT_APPLICABLE, "No zones were supplied.")
    files = _zone_files_for_flight_area(flight, inputs.context.zones)
    if not files:
        return CheckResult(
            Outcome.NOT_APPLICABLE, "No supplied zone file is for the place of the flight."
        )
    day = utc_date_of_flight(flight)
    if day is None:
        return CheckResult.not_assessable_because(DATE_NOT_KNOWN)
    file_faults = [
        (
            file,
            _why_zone_file_is_not_valid(file.source, airborne_span(flight))
            or _zone_file_date_fault(file, day, parameters.max_age_days),
        )
        for file in files
    ]
    findings = [_stale_zones_finding(file, fault, inputs) for file, fault in file_faults if fault]
    undated = [file for file in files if _zone_file_date(file) is None]
    addition = f" {len(undated)} more state no date." if undated else ""
    return CheckResult.from_findings(
        findings,
        f"All zone files ({len(file_faults)}) were current on {day}.",
        f"{len(findings)} of {pluralised_count(len(file_faults), 'zone file')} "
        f"{'was' if len(findings) == 1 else 'were'} not current on {day}.{addition}",
    )


def _zone_files_for_flight_area(flight: Flight, zones: SuppliedZones) -> list[ZoneFile]:
    """Return the files that are for the place of a flight; all, where that is not known."""
    latitude, longitude = airborne_positions(flight)
    if not len(latitude):
        return list(zones.files)
    return [
        file
        for file, extent in zip(zones.files, zones.completeness_areas, strict=True)
        if extent.positions_inside_mask(latitude, longitude).any()
    ]


def _availability_of_zone_file_dates(
    flight: Flight, _parameters: Parameters, context: AuditContext
) -> DataNeedObservation:
    """Return how many of the files for the place of a flight state a date."""
    files = _zone_files_for_flight_area(flight, context.zones) if context.zones is not None else []
    undated = [file.source.name for file in files if _zone_file_date(file) is None]
    return DataNeedObservation(
        subject="dates of the zone files",
        share=(len(files) - len(undated)) / len(files) if files else 0.0,
        sources=tuple(file.source.name for file in files),
        reason=f"There is no effective date or date of issue in {', '.join(undated)}."
        if undated
        else "",
        remedy="supply zone files that state their date" if undated else "",
    )


#: That every file that is for the place of the flight states its date.
_DATES_NEED = replace(
    supplied_input_data_need(
        "zones", "zone file", "--zones FILE", _availability_of_zone_file_dates
    ),
    min_share=1.0,
)


def _zone_file_date(file: ZoneFile) -> dt.date | None:
    stated = file.source.effective_from or file.source.issued
    return None if stated is None else stated.astimezone(dt.UTC).date()


def _why_zone_file_is_not_valid(
    source: ZoneSource, in_air: tuple[pd.Timestamp, pd.Timestamp] | None
) -> str:
    """Return in what a flight lies outside of the validity of a file; empty: nothing is known.

    To the minute: some files are valid for an hour, because they are published anew every hour.
    """
    if in_air is None:
        return ""
    start, end = (instant.to_pydatetime() for instant in in_air)
    begins, ends = source.effective_from, source.effective_to
    if begins is not None and ends is not None and ends <= begins:
        return f"effective until {ends:%Y-%m-%d %H:%M} UTC, before it came into force"
    if ends is not None and _end_of_validity(ends) < end:
        when = "before" if _end_of_validity(ends) < start else "during"
        return f"effective until {ends:%Y-%m-%d %H:%M} UTC, {when} the flight"
    if begins is not None and begins > start and begins.date() == start.date():
        return f"effective from {begins:%Y-%m-%d %H:%M} UTC, after the flight began"
    return ""


def _end_of_validity(stated: dt.datetime) -> dt.datetime:
    """Return the instant at which a validity ends: midnight stands for a date, its whole day."""
    is_date = stated.time() == dt.time(0) and stated.year < dt.MAXYEAR
    return stated + dt.timedelta(days=1) if is_date else stated


def _zone_file_date_fault(file: ZoneFile, day: dt.date, most_days: int) -> str:
    """Return the fault of the dates of a file for a date; empty: none."""
    source, date = file.source, _zone_file_date(file)
    if date is None:
        return ""
    date_kind = "effective" if source.effective_from else "issued"
    if date > day:
        return f"{date_kind} from {date}, after the flight of {day}"
    age = (day - date).days
    if age > most_days:
        return f"{date_kind} from {date}, {age} days before the flight of {day}"
    return ""


def _stale_zones_finding(file: ZoneFile, fault: str, inputs: RuleInputs) -> Finding:
    source = file.source
    edition = f"edition {source.edition}" if source.edition else "no edition"
    shown = Evidence(
        file=source.name,
        sha256=source.sha256,
        offset=0,
        record=source.format,
        field="date",
        value=f"{edition}; {fault}",
    )
    count = len(file.zones)
    summary = f"{source.name} ({pluralised_count(count, 'zone')}): {fault}"
    return inputs.finding(
        summary,
        grade="reported",
        evidence=(shown,),
        subject=source.name,
    )


def _utc_midnight(year: int, month: int, day: int) -> dt.datetime:
    """Return midnight UTC of a date."""
    return dt.datetime(year, month, day, tzinfo=dt.UTC)


_NEEDS = (_DATES_NEED,)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "zones of the same day",
        hover_example_track_at_heights(0.0),
        context={"zones": example_supplied_zones(effective_from=_utc_midnight(2026, 5, 14))},
    ),
    ExampleFlight(
        Outcome.FAIL,
        "zones 29 days old",
        hover_example_track_at_heights(0.0),
        context={"zones": example_supplied_zones(effective_from=_utc_midnight(2026, 4, 15))},
    ),
    ExampleFlight(
        Outcome.FAIL,
        "zones that were valid for one hour of the night before",
        hover_example_track_at_heights(0.0),
        context={
            "zones": example_supplied_zones(
                effective_from=_utc_midnight(2026, 5, 14),
                effective_to=_utc_midnight(2026, 5, 14) + dt.timedelta(hours=1),
            )
        },
    ),
    ExampleFlight(
        Outcome.FAIL,
        "zones that came into force after the flight",
        hover_example_track_at_heights(0.0),
        context={"zones": example_supplied_zones(issued=_utc_midnight(2026, 5, 15))},
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "zones without a date",
        hover_example_track_at_heights(0.0),
        context={"zones": example_supplied_zones()},
    ),
    ExampleFlight(Outcome.NOT_APPLICABLE, "no zones", hover_example_track_at_heights(0.0)),
    ExampleFlight(
        Outcome.NOT_APPLICABLE,
        "old zones of another country",
        hover_example_track_at_heights(0.0),
        context={
            "zones": example_supplied_zones(
                centre=(52.0, 5.0), extent=None, effective_from=_utc_midnight(2020, 1, 1)
            )
        },
    ),
)
RULE = Rule(
    id="zones_stale",
    title="The supplied zones were in force on the date of the flight",
    parameters=ZonesStaleParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="The dates in the zone files, and the date of the flight.",
    not_assessable="The date of the flight is not known, or a file has no date.",
)
