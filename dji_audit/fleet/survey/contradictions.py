"""Where a return states one thing and the logs show another: one finder for each answer.

A contradiction is for a person to settle: either may be wrong.  Logs that show nothing contradict
nothing, and a log that is missing proves nothing.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.makers_of_concern import normalised_maker_name
from dji_audit.fleet.survey.declared_names import (
    DeclaredGroundStations,
    KnownSerials,
    NamesAsWordSequences,
)
from dji_audit.fleet.survey.declared_return import DeclaredAircraftOfOneModel, DeclaredReturn
from dji_audit.fleet.survey.observed_fleet import (
    FlightCountsByWhetherRecorded,
    ObservedAircraft,
    ObservedFirmware,
    ObservedFleet,
    usual_maker_name,
)
from dji_audit.flights import normalised_serial

#: Serials, hosts and names that a sentence lists.
_MOST_NAMES = 10
#: Letters of a name in a log that are compared.
_MOST_LETTERS = 200
#: Grades that show a contact; an attempt that was blocked shows that it was prevented.
_CONTACT_GRADES = frozenset({"contact", "probable_upload", "confirmed_upload"})
_UPLOAD_GRADES = frozenset({"probable_upload", "confirmed_upload"})
#: First words of parts that are moved from aircraft to aircraft: another version is no update.
_CHANGED_PARTS = frozenset({"battery", "camera", "controller", "gimbal", "lens", "payload", "rc"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """One answer that logs contradict."""

    #: The answer, as table and key of ``survey.toml``.
    field: str
    declared: str
    observed: str

    @property
    def text(self) -> str:
        """Both in a sentence."""
        return f"declared {self.declared}; observed {self.observed}"


def find_contradictions(
    declared: DeclaredReturn, observed: ObservedFleet
) -> tuple[Contradiction, ...]:
    """Return every answer that logs contradict, in the order of the questions."""
    return tuple(found for find in _FINDERS for found in find(declared, observed))


def day_text(day: dt.date | None) -> str:
    """Return a day as people write it, such as ``12 November 2026``."""
    return "on a day not known" if day is None else f"{day.day} {day:%B %Y}"


def first_few_names_text(names: Iterable[str]) -> str:
    """Return the first few names in order, and how many more there are."""
    ordered = sorted(set(names))
    more = len(ordered) - _MOST_NAMES
    return ", ".join(ordered[:_MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def _contradictions_on_drone_operation(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    drones = declared.drones
    if drones.operated is not False or not observed.flights:
        return
    last = observed.last_flown
    if drones.withdrawn_on is not None and last is not None and last <= drones.withdrawn_on:
        return
    yield Contradiction(
        field="drones.operated",
        declared="that no drones with cameras are operated",
        observed=f"{pluralised_count(observed.flights, 'flight')} of "
        f"{pluralised_count(len(observed.aircraft), 'serial')}, last flown {day_text(last)}",
    )


def _contradictions_on_makers(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    if not declared.aircraft:
        return
    by_maker: dict[str, list[DeclaredAircraftOfOneModel]] = defaultdict(list)
    for entry in declared.aircraft:
        by_maker[usual_maker_name(entry.maker) if entry.maker else ""].append(entry)
    if by_maker.get(""):
        # An entry without a maker may be of any.
        return
    for maker, own in observed.aircraft_by_maker().items():
        expected = _declared_count_of_aircraft_in_use_on_day(
            by_maker.get(maker, []), _last_day_any_aircraft_flew(own)
        )
        if not maker or expected is None or len(own) <= expected:
            continue
        yield Contradiction(
            field="aircraft.makers",
            declared=f"{expected} {maker}",
            observed=f"{pluralised_count(len(own), 'serial')}, last flown "
            f"{day_text(_last_day_any_aircraft_flew(own))}: "
            f"{first_few_names_text(it.serial for it in own)}",
        )
    for maker, flights in observed.makers_without_serial.items():
        if (
            _declared_count_of_aircraft_in_use_on_day(by_maker.get(maker, []), observed.last_flown)
            == 0
        ):
            yield Contradiction(
                field="aircraft.makers",
                declared=f"0 {maker}",
                observed=f"{pluralised_count(flights, 'flight')} of {maker} aircraft whose logs "
                "state no serial number",
            )


def _declared_count_of_aircraft_in_use_on_day(
    entries: Sequence[DeclaredAircraftOfOneModel], last_flown: dt.date | None
) -> int | None:
    """Return how many aircraft some entries hold that could fly on a day; ``None``: not stated."""
    total = 0
    for entry in entries:
        if not entry.is_in_use_on(last_flown) and last_flown is not None:
            continue
        if entry.count is None and entry.serials is None:
            return None
        total += entry.count if entry.count is not None else len(entry.serials or ())
    return total


def _last_day_any_aircraft_flew(aircraft: Sequence[ObservedAircraft]) -> dt.date | None:
    days = [it.last_flown for it in aircraft if it.last_flown is not None]
    return max(days, default=None)


def _contradictions_on_aircraft_count(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    count = declared.drones.aircraft_count
    if count is None:
        return
    # Those of partners, and those withdrawn since, may have flown too.
    day = declared.about.answered_on
    others = [it for it in declared.aircraft if it.partner or not it.is_in_use_on(day)]
    possible = count + sum(max(it.count or 0, len(it.serials or ())) for it in others)
    if any(it.count is None and it.serials is None for it in others):
        return
    if len(observed.aircraft) > possible:
        yield Contradiction(
            field="drones.aircraft_count",
            declared=f"{count} aircraft" + (f" and {possible - count} others" if others else ""),
            observed=f"{pluralised_count(len(observed.aircraft), 'serial')}: "
            f"{first_few_names_text(it.serial for it in observed.aircraft)}",
        )


def _contradictions_on_models(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    listed = [it for it in declared.aircraft if it.count != 0 and it.maker]
    # Where a model is not stated it may be any; a maker that is not declared is another matter.
    complete = {usual_maker_name(it.maker or "") for it in listed} - {
        usual_maker_name(it.maker or "") for it in listed if it.model is None
    }
    known = NamesAsWordSequences(
        _model_words_without_maker(it.model, it.maker) for it in listed if it.model is not None
    )
    # Where no log names the maker, the model is a kind of airframe, such as quadrotor.
    unknown = [
        it
        for it in observed.aircraft
        if it.maker in complete
        and it.model
        and not known.is_prefix_of_or_prefixed_by_any(
            _model_words_without_maker(it.model, it.maker)
        )
    ]
    if unknown:
        yield Contradiction(
            field="aircraft.models",
            declared=first_few_names_text(it.model or "" for it in listed if it.model),
            observed=f"{first_few_names_text(it.model or '' for it in unknown)}, last flown "
            f"{day_text(_last_day_any_aircraft_flew(unknown))}",
        )


def _model_words_without_maker(model: str, maker: str | None) -> list[str]:
    words = normalised_maker_name(model).split()
    for name in {maker or "", usual_maker_name(maker or "")}:
        own = normalised_maker_name(name).split()
        if own and words[: len(own)] == own and len(words) > len(own):
            return words[len(own) :]
    return words


def _contradictions_on_serials(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    listed = [it for it in declared.aircraft if it.count != 0]
    complete = {
        usual_maker_name(it.maker)
        for it in listed
        if it.maker
        and all(
            other.serials is not None and (other.count is None or other.count <= len(other.serials))
            for other in listed
            if other.maker is None or usual_maker_name(other.maker) == usual_maker_name(it.maker)
        )
    }
    known = KnownSerials(serial for it in listed for serial in it.serials or ())
    unknown = [
        it for it in observed.aircraft if it.maker in complete and known.find(it.serial) is None
    ]
    if unknown:
        yield Contradiction(
            field="aircraft.serials",
            declared=pluralised_count(len(known.serials), "serial"),
            observed=f"{pluralised_count(len(unknown), 'serial')} not among them, last flown "
            f"{day_text(_last_day_any_aircraft_flew(unknown))}: "
            f"{first_few_names_text(it.serial for it in unknown)}",
        )


def _contradictions_on_introduction_date(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    first, introduced = observed.ever_first_flown, declared.drones.introduced_on
    if first is not None and introduced is not None and first < introduced:
        yield Contradiction(
            field="drones.introduced_on",
            declared=f"that the first was used on {day_text(introduced)}",
            observed=f"a flight on {day_text(first)}",
        )
    for entry, own in _declared_entries_with_flown_aircraft(declared, observed):
        days = [it.first_flown for it in own if it.first_flown is not None]
        first, introduced = min(days, default=None), entry.introduced_on
        if first is not None and introduced is not None and first < introduced:
            yield Contradiction(
                field="aircraft.introduced_on",
                declared=f"{entry.model or entry.maker or 'aircraft'} from {day_text(introduced)}",
                observed=f"one of them in the air on {day_text(first)}",
            )


def _contradictions_on_aircraft_withdrawal(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    last, withdrawn = observed.ever_last_flown, declared.drones.withdrawn_on
    if last is not None and withdrawn is not None and last > withdrawn:
        yield Contradiction(
            field="drones.withdrawn_on",
            declared=f"that the last was withdrawn on {day_text(withdrawn)}",
            observed=f"a flight on {day_text(last)}",
        )
    for entry, own in _declared_entries_with_flown_aircraft(declared, observed):
        last, withdrawn = _last_day_any_aircraft_flew(own), entry.withdrawn_on
        if last is not None and withdrawn is not None and last > withdrawn:
            yield Contradiction(
                field="aircraft.withdrawn_on",
                declared=f"{entry.model or entry.maker or 'aircraft'} withdrawn on "
                f"{day_text(withdrawn)}",
                observed=f"one of them in the air on {day_text(last)}",
            )


def _declared_entries_with_flown_aircraft(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[tuple[DeclaredAircraftOfOneModel, list[ObservedAircraft]]]:
    """Yield each entry that lists serials, with those of them that flew."""
    entry_of_serial = {
        normalised_serial(serial): number
        for number, entry in enumerate(declared.aircraft)
        for serial in entry.serials or ()
    }
    known = KnownSerials(entry_of_serial)
    flown: dict[int, list[ObservedAircraft]] = defaultdict(list)
    for aircraft in observed.aircraft:
        serial = known.find(aircraft.serial)
        if serial is not None:
            flown[entry_of_serial[serial]].append(aircraft)
    for number, own in sorted(flown.items()):
        yield declared.aircraft[number], own


def _contradictions_on_flight_count(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    count = declared.drones.flights
    known = observed.flights + observed.flights_entered_by_hand
    if count is not None and known > count:
        yield Contradiction(
            field="drones.flights",
            declared=pluralised_count(count, "flight"),
            observed=f"{pluralised_count(observed.flights, 'flight')} in logs"
            + f" and {observed.flights_entered_by_hand} entered by hand"
            * bool(observed.flights_entered_by_hand),
        )


def _contradictions_on_ground_stations(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    names = declared.drones.ground_stations
    if names is None:
        return
    known = DeclaredGroundStations(names)
    unknown = [
        name
        for name in observed.ground_stations
        if not known.may_be_named_by_log(name[:_MOST_LETTERS])
    ]
    if unknown:
        yield Contradiction(
            field="drones.ground_stations",
            declared=first_few_names_text(names) or "none",
            observed=f"{first_few_names_text(unknown)}, in "
            f"{sum(observed.ground_stations[name] for name in unknown):,} flights",
        )


def _contradictions_on_firmware(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    versions = declared.drones.firmware
    if versions is None:
        return
    by_part: dict[str, set[str]] = defaultdict(set)
    bare = set()
    for text in versions:
        part, separator, version = text.partition("=")
        if separator:
            by_part[part.strip().casefold()].add(version.strip())
        else:
            bare.add(text.strip())
    unknown = [
        row
        for row in _latest_firmware_of_each_part(observed.firmware)
        if (row.part.casefold() in by_part or not by_part)
        and not _is_declared_version(row.version, by_part.get(row.part.casefold(), set()) | bare)
    ]
    if unknown:
        yield Contradiction(
            field="drones.firmware",
            declared=first_few_names_text(versions) or "no version",
            observed=first_few_names_text(
                f"{row.part} {row.version} on {row.serial or row.model or 'an aircraft'} "
                f"({day_text(row.last_flown)})"
                for row in unknown
            ),
        )


def _is_declared_version(version: str, declared: set[str]) -> bool:
    words = version[:_MOST_LETTERS].split()
    return version in declared or any(
        " ".join(words[first:end]) in declared
        for first in range(len(words))
        for end in range(first + 1, len(words) + 1)
    )


def _latest_firmware_of_each_part(rows: Sequence[ObservedFirmware]) -> list[ObservedFirmware]:
    """Return of each part of each aircraft the version that flew last."""
    latest: dict[tuple[str, str], ObservedFirmware] = {}
    for row in rows:
        key = (row.serial or f"model {row.model}", row.part)
        before = latest.get(key)
        if before is None or (row.last_flown or dt.date.min) > (before.last_flown or dt.date.min):
            latest[key] = row
    return list(latest.values())


def _contradictions_on_days_to_update_firmware(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    """Yield versions that flew longer beside the one that replaced them than is declared.

    That a version replaces another is known where one aircraft flew first the one and later the
    other, and none went back.
    """
    allowed = declared.drones.update_days
    if allowed is None:
        return
    by_aircraft: dict[tuple[str, str, str], list[ObservedFirmware]] = defaultdict(list)
    for row in observed.firmware:
        is_fixed = row.part.partition(" ")[0].casefold() not in _CHANGED_PARTS
        if is_fixed and row.serial and row.model and row.first_flown and row.last_flown:
            by_aircraft[row.model, row.part, row.serial].append(row)
    replaced: dict[tuple[str, str, str], tuple[dt.date, str]] = {}
    after: set[tuple[str, str, str, str]] = set()
    for (model, part, _serial), own in by_aircraft.items():
        own.sort(key=lambda row: (row.first_flown, row.last_flown))
        for old, new in pairwise(own):
            if old.last_flown > new.first_flown:  # type: ignore[operator]  # both are known
                continue
            after.add((model, part, old.version, new.version))
            day: dt.date = new.first_flown  # type: ignore[assignment]  # it is known
            known = replaced.get((model, part, old.version))
            if known is None or day < known[0]:
                replaced[model, part, old.version] = (day, new.version)
    late = []
    for (model, part, serial), own in by_aircraft.items():
        for row in own:
            known = replaced.get((model, part, row.version))
            if known is None or (model, part, known[1], row.version) in after:
                continue
            days = (row.last_flown - known[0]).days  # type: ignore[operator]  # it is known
            if days > allowed:
                late.append(
                    f"{serial} with {part} {row.version} on {day_text(row.last_flown)}, {days} "
                    f"days after {known[1]} first flew"
                )
    if late:
        yield Contradiction(
            field="drones.update_days",
            declared=f"that an update reaches every aircraft within {allowed} days",
            observed=first_few_names_text(late),
        )


def _recording_contradiction_finder(
    key: str, what: str, recording: Callable[[ObservedFleet], FlightCountsByWhetherRecorded]
) -> Callable[[DeclaredReturn, ObservedFleet], Iterator[Contradiction]]:
    """Return a finder of something recorded of which the return says that it is not."""

    def find(declared: DeclaredReturn, observed: ObservedFleet) -> Iterator[Contradiction]:
        flights = recording(observed).yes
        if getattr(declared.drones, key) is False and flights:
            yield Contradiction(
                field=f"drones.{key}",
                declared=f"that no {what} recorded",
                observed=f"{what.rpartition(' ')[0]} in {pluralised_count(flights, 'flight')}",
            )

    return find


def _contact_contradiction_finder(
    key: str, declared_text: str, grades: frozenset[str]
) -> Callable[[DeclaredReturn, ObservedFleet], Iterator[Contradiction]]:
    """Return a finder of contacts of some grades of which the return says that there are none."""

    def find(declared: DeclaredReturn, observed: ObservedFleet) -> Iterator[Contradiction]:
        found = [it for it in observed.contacts if it.claim in grades]
        if getattr(declared.drones, key) is False and found:
            yield Contradiction(
                field=f"drones.{key}",
                declared=declared_text,
                observed="; ".join(
                    f"{it.claim.replace('_', ' ')}: {first_few_names_text(it.hosts)}, last "
                    f"{day_text(it.last)}"
                    for it in found
                ),
            )

    return find


def _contradictions_on_share_of_flights_checked(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    percent = declared.drones.flights_checked_percent
    flights = max(observed.flights + observed.flights_entered_by_hand, declared.drones.flights or 0)
    if percent is None or not observed.flights:
        return
    checked = 100 * observed.flights_checked / flights
    # Percentages are stated as whole numbers.
    if percent - checked >= 1:
        yield Contradiction(
            field="drones.flights_checked_percent",
            declared=f"that {percent:g} % of the flights were checked",
            observed=f"{checked:.1f} %: {observed.flights_checked:,} of {flights:,}",
        )


def _contradictions_on_review_of_findings(
    declared: DeclaredReturn, observed: ObservedFleet
) -> Iterator[Contradiction]:
    if declared.drones.findings_reviewed and observed.open_findings:
        yield Contradiction(
            field="drones.findings_reviewed",
            declared="that somebody has looked at every finding",
            observed=f"{pluralised_count(observed.open_findings, 'finding')} that nobody settled",
        )


_FINDERS: tuple[Callable[[DeclaredReturn, ObservedFleet], Iterator[Contradiction]], ...] = (
    _contradictions_on_drone_operation,
    _contradictions_on_aircraft_count,
    _contradictions_on_makers,
    _contradictions_on_models,
    _contradictions_on_serials,
    _contradictions_on_introduction_date,
    _contradictions_on_aircraft_withdrawal,
    _contradictions_on_flight_count,
    _contradictions_on_ground_stations,
    _contradictions_on_firmware,
    _contradictions_on_days_to_update_firmware,
    _recording_contradiction_finder("takes_photos", "photos are", lambda fleet: fleet.photos),
    _recording_contradiction_finder("records_video", "video is", lambda fleet: fleet.video),
    _recording_contradiction_finder(
        "records_thermal", "thermal pictures are", lambda fleet: fleet.thermal
    ),
    _recording_contradiction_finder("records_audio", "sound is", lambda fleet: fleet.audio),
    _contact_contradiction_finder(
        "contacts_servers", "that no server is contacted", _CONTACT_GRADES
    ),
    _contact_contradiction_finder(
        "uploads_data", "that nothing is sent to servers", _UPLOAD_GRADES
    ),
    _contradictions_on_share_of_flights_checked,
    _contradictions_on_review_of_findings,
)
