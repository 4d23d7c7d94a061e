"""What logs show of the drones of a body: aircraft, firmware, recordings, contacts, checks."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dji_audit.compliance.camera_system_makers import camera_system_maker_by_name_or_none
from dji_audit.endpoints import CLAIMS
from dji_audit.fleet.survey.surveyed_flights import (
    FlightsAndContactsOfAudits,
    RecordedOrUnknown,
    SurveyedFlight,
)
from dji_audit.flights import normalised_serial


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedAircraft:
    """One aircraft that flew; ``None``: its logs do not state it."""

    serial: str
    maker: str | None
    model: str | None
    flights: int
    first_flown: dt.date | None
    last_flown: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFirmware:
    """One version of the firmware of one part of one aircraft, and when it flew."""

    serial: str | None
    model: str | None
    part: str
    version: str
    flights: int
    first_flown: dt.date | None
    last_flown: dt.date | None

    @property
    def days_from_first_to_last_flight(self) -> int | None:
        """Days from its first flight to its last: it is at least as old; ``None``: not known."""
        if self.first_flown is None or self.last_flown is None:
            return None
        return (self.last_flown - self.first_flown).days


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightCountsByWhetherRecorded:
    """In how many flights something was recorded, was not, and cannot be known."""

    yes: int
    no: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedContactsOfGrade:
    """Contacts of one grade with hosts on the internet."""

    claim: str
    flights: int
    hosts: tuple[str, ...]
    last: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFleet:
    """What logs show; flights of simulators are not part of it."""

    sources: tuple[tuple[str, str], ...]
    period_start: dt.date | None
    period_end: dt.date | None
    #: Flights that logs record in the period.
    flights: int
    #: Flights that a person entered, and no log records.
    flights_entered_by_hand: int
    flights_without_serial: int
    #: Flights without a date: of a period they are not counted.
    flights_without_day: int
    simulated_flights: int
    unread_files: int
    first_flown: dt.date | None
    last_flown: dt.date | None
    #: First and last flight in all that is known, within the period or not.
    ever_first_flown: dt.date | None
    ever_last_flown: dt.date | None
    aircraft: tuple[ObservedAircraft, ...]
    #: Maker -> flights whose logs state no serial number.
    makers_without_serial: Mapping[str, int] = field(default_factory=dict)
    models: tuple[str, ...]
    #: App or controller -> flights.
    ground_stations: Mapping[str, int]
    firmware: tuple[ObservedFirmware, ...]
    photos: FlightCountsByWhetherRecorded
    video: FlightCountsByWhetherRecorded
    thermal: FlightCountsByWhetherRecorded
    audio: FlightCountsByWhetherRecorded
    #: Seconds of video, of the flights where it is known.
    video_s: float
    contacts: tuple[ObservedContactsOfGrade, ...]
    #: Flights of which network logs recorded enough that no contact means none.
    flights_network_recorded: int
    flights_checked: int
    rules: int
    rules_checked: int
    open_findings: int

    def aircraft_by_maker(self) -> dict[str, list[ObservedAircraft]]:
        """Return maker -> its aircraft; those whose maker no log states are under ""."""
        grouped: dict[str, list[ObservedAircraft]] = defaultdict(list)
        for each in self.aircraft:
            grouped[each.maker or ""].append(each)
        return dict(sorted(grouped.items()))


def usual_maker_name(name: str) -> str:
    """Return the one name of a maker that people write in many ways; unknown ones stay."""
    known = camera_system_maker_by_name_or_none(name)
    return name.strip() if known is None else known.maker


def summarise_flights_of_period(
    records: FlightsAndContactsOfAudits, period_start: dt.date | None, period_end: dt.date | None
) -> ObservedFleet:
    """Return what the flights of a period show.

    Args:
        records: The flights, simulated ones left out.
        period_start: First day; ``None``: from the first flight on.
        period_end: Last day; ``None``: to the last flight.
    """
    has_period = period_start is not None or period_end is not None

    def in_period(day: dt.date | None) -> bool:
        if not has_period:
            return True
        return day is not None and (
            (period_start is None or day >= period_start)
            and (period_end is None or day <= period_end)
        )

    entered = [it for it in records.flights if it.is_entered_by_hand and in_period(it.day)]
    logged = [it for it in records.flights if not it.is_entered_by_hand]
    flights = [it for it in logged if in_period(it.day)]
    ids = {it.id for it in flights}
    contacts = [
        it
        for it in records.contacts
        if (it.flight in ids if it.flight is not None else in_period(it.day))
    ]
    first, last = _first_and_last_day(it.day for it in flights)
    ever_first, ever_last = _first_and_last_day(it.day for it in logged)
    return ObservedFleet(
        sources=records.sources,
        period_start=period_start,
        period_end=period_end,
        flights=len(flights),
        flights_entered_by_hand=len(entered),
        flights_without_serial=sum(it.serial is None for it in flights),
        flights_without_day=sum(it.day is None for it in logged),
        simulated_flights=len(records.simulated_flights),
        unread_files=len(records.unread_files),
        first_flown=first,
        last_flown=last,
        ever_first_flown=ever_first,
        ever_last_flown=ever_last,
        aircraft=_observed_aircraft(flights),
        makers_without_serial=dict(
            sorted(
                Counter(
                    usual_maker_name(it.maker) for it in flights if it.maker and not it.serial
                ).items()
            )
        ),
        models=tuple(sorted({it.model for it in flights if it.model})),
        ground_stations=dict(
            sorted(Counter(name for it in flights for name in set(it.ground_stations)).items())
        ),
        firmware=_observed_firmware(flights),
        photos=_count_flights_by_whether_recorded(flights, lambda it: it.photos),
        video=_count_flights_by_whether_recorded(flights, lambda it: it.video),
        thermal=_count_flights_by_whether_recorded(flights, lambda it: it.thermal),
        audio=_count_flights_by_whether_recorded(flights, lambda it: it.audio),
        video_s=round(sum(it.video_s or 0.0 for it in flights), 1),
        contacts=tuple(
            ObservedContactsOfGrade(
                claim=claim,
                flights=len({it.flight for it in own if it.flight is not None}),
                hosts=tuple(sorted({it.host for it in own})),
                last=_first_and_last_day(it.day for it in own)[1],
            )
            for claim in CLAIMS
            if (own := [it for it in contacts if it.claim == claim])
        ),
        flights_network_recorded=len(ids & records.conclusive_flights),
        flights_checked=sum(it.is_checked for it in flights),
        rules=sum(it.rules for it in flights),
        rules_checked=sum(it.rules_checked for it in flights),
        open_findings=sum(it.open_findings for it in flights),
    )


def _first_and_last_day(days: Iterable[dt.date | None]) -> tuple[dt.date | None, dt.date | None]:
    known = [day for day in days if day is not None]
    return (min(known), max(known)) if known else (None, None)


def _observed_aircraft(flights: Sequence[SurveyedFlight]) -> tuple[ObservedAircraft, ...]:
    by_serial: dict[str, list[SurveyedFlight]] = defaultdict(list)
    for flight in flights:
        if flight.serial:
            by_serial[normalised_serial(flight.serial)].append(flight)
    aircraft = []
    for serial, own in sorted(by_serial.items()):
        first, last = _first_and_last_day(it.day for it in own)
        maker = _most_frequent_name(it.maker for it in own)
        aircraft.append(
            ObservedAircraft(
                serial=serial,
                maker=None if maker is None else usual_maker_name(maker),
                model=_most_frequent_name(it.model for it in own),
                flights=len(own),
                first_flown=first,
                last_flown=last,
            )
        )
    return tuple(aircraft)


def _most_frequent_name(names: Iterable[str | None]) -> str | None:
    counts = Counter(name for name in names if name)
    return max(counts, key=lambda name: (counts[name], name)) if counts else None


def _observed_firmware(flights: Sequence[SurveyedFlight]) -> tuple[ObservedFirmware, ...]:
    groups: dict[tuple[str, str, str, str], list[SurveyedFlight]] = defaultdict(list)
    for flight in flights:
        serial = normalised_serial(flight.serial) if flight.serial else ""
        for part, version in flight.firmware.items():
            groups[serial, part, version, "" if serial else flight.model or ""].append(flight)
    rows = []
    for (serial, part, version, _model), own in sorted(groups.items()):
        first, last = _first_and_last_day(it.day for it in own)
        rows.append(
            ObservedFirmware(
                serial=serial or None,
                model=_most_frequent_name(it.model for it in own),
                part=part,
                version=version,
                flights=len(own),
                first_flown=first,
                last_flown=last,
            )
        )
    return tuple(rows)


def _count_flights_by_whether_recorded(
    flights: Sequence[SurveyedFlight], recorded: Callable[[SurveyedFlight], RecordedOrUnknown]
) -> FlightCountsByWhetherRecorded:
    counts = Counter(map(recorded, flights))
    return FlightCountsByWhetherRecorded(
        yes=counts[RecordedOrUnknown.YES],
        no=counts[RecordedOrUnknown.NO],
        unknown=counts[RecordedOrUnknown.UNKNOWN],
    )
