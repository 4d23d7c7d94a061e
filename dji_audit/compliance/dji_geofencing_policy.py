"""Where and since when DJI's apps warn of zones instead of refusing to fly there.

DJI replaced its forced zones by warnings region by region: from then on, that no refusal was
reported proves nothing.  The regions are simple boxes, which hold parts of their neighbours, so a
statement says "in or near".  Where no change is known, that is said as well.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from dji_audit.common.shipped_tables import shipped_table_rows
from dji_audit.zones import LatLonBox


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalGeofencingChange:
    """One region in which forced zones became warnings."""

    region: str
    #: A simple box around it.
    bounds: LatLonBox
    #: First day on which it may have been in force.
    since: dt.date
    #: How well the day is known.
    certainty: str
    #: Names of the apps that it is stated for; empty: it is stated for none by name.
    apps: tuple[str, ...]
    #: Addresses of the pages that state it.
    sources: tuple[str, ...]
    #: Day on which the pages were read.
    retrieved: dt.date

    def contains_position(self, latitude_deg: float, longitude_deg: float) -> bool:
        """Return whether a position lies in the box; none of them crosses the antimeridian."""
        box = self.bounds
        return (
            box.south_deg <= latitude_deg <= box.north_deg
            and box.west_deg <= longitude_deg <= box.east_deg
        )


@cache
def known_geofencing_changes() -> tuple[RegionalGeofencingChange, ...]:
    """Return every change that is known, in the order of the table that ships with dji-audit."""
    return tuple(_parse_change_rows(shipped_table_rows("geofencing_changes.csv")))


def what_absent_geofence_refusal_proves_text(
    position: tuple[float, float] | None, day: dt.date | None, app: str
) -> str:
    """Return what the absence of a refusal proves for a flight with a DJI app, in a sentence.

    Args:
        position: Latitude and longitude of the flight; ``None``: not known.
        day: Its date; ``None``: not known.
        app: The app as the log names it; empty: it does not.

    Returns:
        Empty where DJI's apps are known to have refused flights: before the first change anywhere.
    """
    changes = known_geofencing_changes()
    if day is None or position is None:
        what = "day" if day is None else "place"
        return f"The {what} of the flight is not known, so neither is whether the app refused any."
    if day < min(change.since for change in changes):
        return ""
    here = [change for change in changes if change.contains_position(*position)]
    if not here:
        return (
            "Whether DJI's apps still refused flights at this place on that day is not known; in "
            "other regions they only warn since 2024 or 2025."
        )
    change = min(here, key=lambda each: each.since)
    if day < change.since:
        return ""
    since = f"{change.since.day} {change.since:%B %Y} ({change.certainty})"
    apps = _affected_apps_text(change.apps, app)
    return (
        f"In or near {change.region} DJI's apps{apps} warn instead of "
        f"refusing since {since}, so that no refusal was reported proves nothing."
    )


def _affected_apps_text(apps: Sequence[str], app: str) -> str:
    if not apps:
        return ""
    named = f" ({', '.join(apps)})"
    is_other = app.startswith("DJI") and not any(app.startswith(each) for each in apps)
    return f"{named}, and perhaps {app}," if is_other else named


def _parse_change_rows(rows: Iterable[dict[str, str]]) -> Iterator[RegionalGeofencingChange]:
    for row in rows:
        yield RegionalGeofencingChange(
            region=row["region"],
            bounds=LatLonBox(*(float(row[side]) for side in ("south", "west", "north", "east"))),
            since=dt.date.fromisoformat(row["since"]),
            certainty=row["certainty"],
            apps=tuple(name for name in row["apps"].split(";") if name),
            sources=tuple(row["source"].split()),
            retrieved=dt.date.fromisoformat(row["retrieved"]),
        )
