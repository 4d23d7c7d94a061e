"""Whose a contact is: what links a contact in a network log to the aircraft of a flight.

A network log that lies beside flights names devices, apps and computers, and no aircraft: its time
alone joins it to a flight.  All network rules, tables and pages go by what is decided here:

- A log of the flight itself holds the contact, or the mark of an upload names such a log: it is of
  this aircraft.
- The app, or who runs the computer contacted, is a maker of drones; so may be another contact of
  the same device.  Where the aircraft is of that maker, this links the two besides the time.
  Where it is known to be of another, or is a helicopter or another aircraft that no such app
  flies, the contact is not shown to be of this aircraft, and no rule holds it against the flight.
- Otherwise the time alone joins them.  Where further flights lie within that time, it is not
  shown which of the aircraft it is of.

That a device is declared says that it is the unit's, and not with which aircraft it was used.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.compliance.camera_system_makers import CameraSystemKind, shipped_camera_system_makers
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.inventory import aircraft_serials_in_logs_of_flight
from dji_audit.compliance.makers_of_concern import normalised_maker_name
from dji_audit.compliance.network._classify_uploads import CatalogueMatch
from dji_audit.compliance.network._flight_time_window import ContactMatchSettings
from dji_audit.flights import MAX_FLIGHTS_NEAR_IN_TIME, Flight, FlightNearInTime

#: Claim of a contact that is not shown to be of the aircraft of the flight.
OTHER_AIRCRAFT = "other_aircraft"

_NO_MAKERS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftMakerClues:
    """What is known of who made an aircraft."""

    #: The maker, as the list of makers of drones names it; ``None``: not known, or not listed, so
    #: that it may make what another designs.
    maker: str | None = None
    #: What it is, if no app of a maker of small drones flies it: ``helicopter``; empty: it may be
    #: a small drone.
    larger_type: str = ""
    serials: frozenset[str] = frozenset()

    def is_of_none_of(self, makers: frozenset[str]) -> bool:
        """Return whether the aircraft is known to be of none of some makers of drones."""
        if not makers:
            return False
        return bool(self.larger_type) or (self.maker is not None and self.maker not in makers)

    @property
    def description(self) -> str:
        """What tells it from a drone of another maker: "a helicopter", "made by Parrot"."""
        if self.larger_type:
            return f"{'an' if self.larger_type[0] in 'ae' else 'a'} {self.larger_type}"
        return f"made by {self.maker}"


def maker_clues_of_flight(flight: Flight, context: AuditContext) -> AircraftMakerClues:
    """Return what logs and inventory say of who made the aircraft of a flight."""
    inventory = context.inventory
    row = None if inventory is None else inventory.find_aircraft(flight)
    # Photos and videos name the maker of the camera.
    makers = [source.log.aircraft.maker for source in flight.sources if not source.is_media]
    larger_type = flight.aircraft.larger_type or ""
    if row is not None:
        makers.append(row.record.maker)
        if not larger_type and row.record.crewed:
            larger_type = "aircraft with a crew"
    return AircraftMakerClues(
        maker=_aircraft_maker(next((maker for maker in makers if maker), None)),
        larger_type=larger_type,
        serials=aircraft_serials_in_logs_of_flight(flight),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAttribution:
    """What links the contacts of one flight to its aircraft, or to another."""

    aircraft: AircraftMakerClues
    #: Other flights that may lie within the time of a contact.
    flights_near_in_time: tuple[FlightNearInTime, ...]
    settings: ContactMatchSettings

    def sentence_part(
        self,
        *,
        claim: str,
        is_in_own_log: bool,
        makers: frozenset[str],
        first: pd.Timestamp | None,
        last: pd.Timestamp | None,
    ) -> str:
        """Return what joins the contacts with a host to the flight, in words; empty: its log does.

        Args:
            claim: Their strongest claim.
            is_in_own_log: Whether a log of the flight holds one of them.
            makers: The makers of drones that app, host or device show.
            first: The first of them; ``None``: none has a time.
            last: The last of them.
        """
        if claim == OTHER_AIRCRAFT:
            names = " and ".join(sorted(makers))
            return (
                f"its app, host or device points to {names}, and the aircraft of this flight is "
                f"{self.aircraft.description}"
            )
        if is_in_own_log or claim == "indicator" or first is None or last is None:
            return ""
        others = [
            near
            for near in self.flights_near_in_time
            if self._is_within_window(near, first, last)
            and not _maker_clues_of_near_flight(near).is_of_none_of(makers)
        ]
        if others:
            is_of_one_aircraft = all(self.aircraft.serials & {*near.serials} for near in others)
            whose = "flight" if is_of_one_aircraft else "aircraft"
            # So many are listed before a flight, and so many after it.
            at_least = "at least " if len(others) >= MAX_FLIGHTS_NEAR_IN_TIME // 2 else ""
            return (
                f"{at_least}{len(others) + 1} flights lie within this time, and it is not shown "
                f"to which {whose} it belongs"
            )
        if self.aircraft.maker in makers:
            return f"matched to this flight by its time and by the maker {self.aircraft.maker}"
        return "matched to this flight by its time alone"

    def _is_within_window(
        self, near: FlightNearInTime, first: pd.Timestamp, last: pd.Timestamp
    ) -> bool:
        before = pd.Timedelta(seconds=self.settings.before_takeoff_s)
        after = pd.Timedelta(seconds=self.settings.after_landing_s)
        return bool(near.start - before <= last and first <= near.end + after)


def _maker_clues_of_near_flight(near: FlightNearInTime) -> AircraftMakerClues:
    return AircraftMakerClues(maker=_aircraft_maker(near.maker), larger_type=near.larger_type or "")


def makers_shown_by_contacts(
    rows: pd.DataFrame, matches: Sequence[CatalogueMatch]
) -> list[frozenset[str]]:
    """Return of each contact the makers of drones that its app or host shows, else its device.

    Args:
        rows: Contacts.
        matches: Catalogue match of each.
    """
    apps = [app if isinstance(app, str) else "" for app in rows["app"]]
    # The matcher gives one object for one host and path.
    of_match = {id(match): _makers_of_host(match) for match in matches}
    own = [
        drone_makers_named_in(app) | of_match[id(match)]
        for app, match in zip(apps, matches, strict=True)
    ]
    devices = [
        # Where apps are named and no device, the log was kept on one.
        device if isinstance(device, str) else log if app else None
        for device, log, app in zip(rows["device"], rows["log"], apps, strict=True)
    ]
    of_device: dict[str | int | None, frozenset[str]] = defaultdict(frozenset)
    for device, makers in zip(devices, own, strict=True):
        if device is not None:
            of_device[device] |= makers
    return [
        makers or of_device.get(device, _NO_MAKERS)
        for device, makers in zip(devices, own, strict=True)
    ]


def _makers_of_host(match: CatalogueMatch) -> frozenset[str]:
    return _NO_MAKERS.union(
        *(drone_makers_named_in(row.operator) for row in match.rows if row.specificity == "vendor")
    )


def other_aircraft_mask(
    makers: Sequence[frozenset[str]], aircraft: AircraftMakerClues
) -> npt.NDArray[np.bool_]:
    """Return which contacts are shown to be of the maker of another aircraft."""
    return np.array([aircraft.is_of_none_of(each) for each in makers], bool)


@lru_cache(maxsize=4096)
def drone_makers_named_in(text: str) -> frozenset[str]:
    """Return the makers of drones that the name of an app or a company names, as whole words.

    ``dji.go.v4`` and ``Google Firebase (DJI project)`` name DJI.
    """
    words = f" {' '.join(re.findall(r'[a-z0-9]+', text.casefold()))} "
    return frozenset(
        maker
        for name, maker in _drone_maker_names()
        if f" {name} " in words or f" {name.replace(' ', '')} " in words
    )


@cache
def _drone_maker_names() -> tuple[tuple[str, str], ...]:
    """Return each name of each maker of drones, normalised, with the name by which it is listed."""
    return tuple(
        (normalised_maker_name(name), maker.maker)
        for maker in shipped_camera_system_makers()
        if CameraSystemKind.DRONE in maker.systems
        for name in maker.names
    )


def _aircraft_maker(name: str | None) -> str | None:
    """Return the maker that a log or an inventory states, as the list of makers names it."""
    if name is None:
        return None
    return min(drone_makers_named_in(name), default=None)
