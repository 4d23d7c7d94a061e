"""The zones that were given were in force on the day of the flight.

Aeronautical data change every 28 days (the AIRAC cycle).  A file that came into force
after the flight says nothing of it; one that is older than a cycle may lack what came
later.  The date is the file's own: of effect, else of issue.
"""

import datetime as dt

from pydantic import Field

from dji_audit.compliance.findings import Evidence, Finding, Outcome
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    day_of,
    judged,
    unknowable,
)
from dji_audit.compliance.rules._zones import example_zones
from dji_audit.flights import Flight
from dji_audit.zones import ZoneFile


class ZonesStale(Parameters):
    """Parameters of the rule."""

    max_age_days: int = Field(28, ge=1, description="Days for which a file of zones is current.")


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Compare the dates of each file with the day of the flight."""
    if not isinstance(parameters, ZonesStale):
        raise TypeError("zones_stale takes ZonesStale")
    brought = inputs.case.zones
    if brought is None:
        return Verdict(Outcome.NOT_APPLICABLE, "No zones were given.")
    day = day_of(flight)
    if day is None:
        return unknowable("The day of the flight is not known.")
    told = [(file, _fault(file, day, parameters.max_age_days)) for file in brought.files]
    findings = [_finding(file, fault, inputs) for file, fault in told if fault]
    undated = [file for file, _ in told if _date(file) is None]
    if not findings and undated:
        names = ", ".join(file.source.name for file in undated)
        return unknowable(f"No date of effect or issue stands in {names}.")
    also = f" {len(undated)} more state no date." if undated else ""
    return judged(
        findings,
        f"All files of zones ({len(told)}) were current on {day}.",
        f"{len(findings)} of {len(told)} files of zones were not current on {day}.{also}",
    )


def _date(file: ZoneFile) -> dt.date | None:
    stated = file.source.effective_from or file.source.issued
    return None if stated is None else stated.astimezone(dt.UTC).date()


def _fault(file: ZoneFile, day: dt.date, most_days: int) -> str:
    """Return what is wrong with a file's dates for a day; empty: nothing."""
    source, date = file.source, _date(file)
    if date is None:
        return ""
    what = "effective" if source.effective_from else "issued"
    if date > day:
        return f"{what} from {date}, after the flight of {day}"
    if source.effective_to is not None and source.effective_to.astimezone(dt.UTC).date() < day:
        ended = source.effective_to.astimezone(dt.UTC).date()
        return f"effective until {ended}, before the flight of {day}"
    age = (day - date).days
    if age > most_days:
        return f"{what} from {date}, {age} days before the flight of {day}"
    return ""


def _finding(file: ZoneFile, fault: str, inputs: Inputs) -> Finding:
    source = file.source
    edition = f"edition {source.edition}" if source.edition else "no edition"
    shown = Evidence(source.name, source.sha256, 0, source.format, "date", f"{edition}; {fault}")
    count = len(file.zones)
    summary = f"{source.name} ({count} zone{'s' * (count != 1)}): {fault}"
    return Finding(RULE.id, inputs.severity, summary, "reported", (shown,), subject=source.name)


def _on(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, tzinfo=dt.UTC)


RULE = Rule(
    "zones_stale",
    "The zones given were in force on the day of the flight",
    "The dates that the files of zones state, and the day of the flight.",
    "The day of the flight is not known, or a file states no date.",
    ZonesStale,
    check,
    examples=(
        Example(
            Outcome.PASS,
            "zones of the same day",
            hover(0.0),
            case={"zones": example_zones(effective_from=_on(2026, 5, 14))},
        ),
        Example(
            Outcome.FAIL,
            "zones 29 days old",
            hover(0.0),
            case={"zones": example_zones(effective_from=_on(2026, 4, 15))},
        ),
        Example(
            Outcome.FAIL,
            "zones that came into force after the flight",
            hover(0.0),
            case={"zones": example_zones(issued=_on(2026, 5, 15))},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "zones without a date",
            hover(0.0),
            case={"zones": example_zones()},
        ),
        Example(Outcome.NOT_APPLICABLE, "no zones", hover(0.0)),
    ),
)
