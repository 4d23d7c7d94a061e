"""What the index page filters flights by: the words of each filter, and which flights have them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from dji_audit.basemap import nearest_place
from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.compliance.outcomes import Outcome
from dji_audit.mapper.flight_page._static_html import OUTCOME_WORDS
from dji_audit.mapper.html._times import time_zone_offsets_between, unix_ms, utc_datetime_from_ms
from dji_audit.mapper.index_page._flight_table import VERDICT_WORDS, is_partly_read
from dji_audit.report.rows import FlightRow, FlightRuleOutcomes, PolicyRuleRow

#: Outcome of a rule -> the letter that stands for it in the data of the page.
OUTCOME_LETTERS = {
    Outcome.FAIL: "f",
    Outcome.FAIL_ACKNOWLEDGED: "k",
    Outcome.FAIL_AUTHORISED: "u",
    Outcome.NOT_ASSESSABLE: "n",
    Outcome.PASS: "p",
    Outcome.NOT_APPLICABLE: "x",
}
#: The letter of a rule that was not applied to a flight.
_NOT_APPLIED = "-"
_SENSOR_WORDS = {
    "visible": "visible light",
    "thermal": "thermal",
    "multispectral": "multispectral",
}
_DAY_MS = 86_400_000
#: Latitude and longitude, WGS 84 degrees.
LatLon = tuple[float, float]
#: The word of flights of which something was not read.
READ_IN_PART = "read in part"
_NOTHING, _NOT_KNOWN, _NOT_STATED = "nothing shown", "not known", "not stated"
_NOT_NAMED, _SENSOR_NOT_STATED = "not named", "sensor not stated"
#: What can be asked for although no flight shows it: that none does is an answer.
_ALWAYS_ASKED = ("photo", "thermal", "video", "visible light")

#: Flights that began within this distance of a place are near it, besides those named by it.
NEAR_KM = 5


class FlightFilter(NamedTuple):
    """One filter of the index: its name in an address, and in words."""

    name: str
    label: str
    #: What stands for no choice.
    any_words: str


#: The filters that are lists of words, in the order of the page.
FILTERS = (
    FlightFilter("verdict", "Flights", "all"),
    FlightFilter("aircraft", "Aircraft", "any"),
    FlightFilter("recorded", "Recorded", "anything"),
    FlightFilter("place", f"Within {NEAR_KM} km of", "anywhere"),
    FlightFilter("severity", "Worst finding", "any"),
    FlightFilter("maker", "Maker", "any"),
    FlightFilter("firmware", "Firmware", "any"),
    FlightFilter("logs", "Logs", "any"),
)


class FilterWordsOfFlights:
    """The words of each filter that each flight has, in the order of the flights."""

    def __init__(self, flights: Iterable[FlightRow] = ()) -> None:
        """Begin with some flights."""
        self.by_filter: dict[str, list[tuple[str, ...]]] = {item.name: [] for item in FILTERS}
        # Most flights have the words of others: they are in memory once.
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}
        for flight in flights:
            self.add_flight(flight)

    def add_flight(self, flight: FlightRow) -> None:
        """Add the words of the next flight."""
        for name, words in _filter_values_of_flight(flight).items():
            own = tuple(words)
            self.by_filter[name].append(self._known.setdefault(own, own))


class RuleOutcomesAcrossFlights:
    """What came of each rule of a run, found in one pass over its flights."""

    def __init__(
        self, rules: Iterable[PolicyRuleRow], flights: Iterable[FlightRuleOutcomes]
    ) -> None:
        """Go through the flights, in the order of the table."""
        #: The rules that were applied, by name.
        self.rules = {rule.rule: rule for rule in rules}
        #: How many flights each rule had which outcome on, and why it was not assessable.
        self.counts: dict[str, Counter[Outcome]] = {rule: Counter() for rule in self.rules}
        self.not_assessable_reasons: dict[str, Counter[str]] = defaultdict(Counter)
        self._letters = {rule: bytearray() for rule in self.rules}
        for flight in flights:
            letters = dict.fromkeys(self.rules, _NOT_APPLIED)
            for outcome, names in flight.rules_by_outcome.items():
                for rule in names:
                    self.counts[rule][outcome] += 1
                    letters[rule] = OUTCOME_LETTERS[outcome]
            for rule, letter in letters.items():
                self._letters[rule].append(ord(letter))
            for rule, reason in flight.not_assessable_reasons.items():
                self.not_assessable_reasons[rule][reason] += 1

    def letters_per_rule(self) -> list[str]:
        """Return for each rule a letter for each flight."""
        return [letters.decode() for letters in self._letters.values()]


def flight_filters_as_json_data(
    flights: Sequence[FlightRow],
    words_of_flights: Mapping[str, Sequence[tuple[str, ...]]],
    outcomes: "RuleOutcomesAcrossFlights",
    starts: Sequence[LatLon | None],
) -> dict[str, object]:
    """Return what the script of the index filters by; every text of it made visible.

    Args:
        flights: The flights, in the order of the table.
        words_of_flights: The words of each filter that each of them has.
        outcomes: What came of the rules that were applied to them.
        starts: Where each flight began; ``None``: not known.
    """
    filters = {
        name: _filter_values_and_indices_per_flight(name, words)
        for name, words in words_of_flights.items()
    }
    return {
        "filters": filters,
        "points": _lat_lon_by_place_name([words[0] for words in words_of_flights["place"]], starts),
        "near_km": NEAR_KM,
        "unsure": _filter_words_where_logs_do_not_answer(filters["recorded"]["words"]),
        "outcome_words": [[OUTCOME_LETTERS[it], words] for it, words in OUTCOME_WORDS.items()],
        "rules": [[it.rule, truncated_visible_text(it.title)] for it in outcomes.rules.values()],
        "outcomes": outcomes.letters_per_rule(),
        "days": [_utc_and_local_start_day(flight) for flight in flights],
        "zones": _flight_time_zones_as_json_data(flights),
    }


def _filter_words_where_logs_do_not_answer(
    recorded: Sequence[object],
) -> dict[str, list[list[object]]]:
    """Return by which words a flight may fit a choice that its logs do not answer.

    For each filter: a filter, its word that says so, and the words that may be asked for; ``None``
    for all but that word itself.
    """
    sensors = [*_SENSOR_WORDS.values()]
    # What the logs do not show is an answer; what was recorded is asked for by the other words.
    asked = [it for it in recorded if it not in (_NOTHING, _NOT_KNOWN, _SENSOR_NOT_STATED)]
    return {
        "aircraft": [["aircraft", _NOT_NAMED, None]],
        "recorded": [
            ["recorded", _NOT_KNOWN, asked],
            ["recorded", _SENSOR_NOT_STATED, sensors],
            ["logs", READ_IN_PART, asked],
        ],
        "place": [["place", _NOT_KNOWN, None]],
        "maker": [["maker", _NOT_STATED, None]],
        "firmware": [["firmware", _NOT_STATED, None]],
    }


def _filter_values_of_flight(flight: FlightRow) -> dict[str, list[str]]:
    """Return the words of a flight for each filter."""
    return {
        "verdict": [VERDICT_WORDS[flight.verdict]],
        "aircraft": [aircraft_label(flight)],
        "recorded": list(recording_filter_values(flight)),
        "place": [place_name_from_text(flight.place)],
        "severity": [str(flight.worst) if flight.worst else "none"],
        "maker": [flight.maker or _NOT_STATED],
        "firmware": [f"{part} {version}" for part, version in flight.firmware.items()]
        or [_NOT_STATED],
        "logs": list(_log_state_filter_values(flight)),
    }


def place_name_from_text(place_text: str | None) -> str:
    """Return the place of a text such as ``2.1 km NE of Sheerness, Kent``."""
    if place_text is None:
        return _NOT_KNOWN
    if place_text.startswith("at "):
        return place_text.removeprefix("at ")
    return place_text.partition(" of ")[2] or place_text


def _lat_lon_by_place_name(
    names: Sequence[str], starts: Sequence[LatLon | None]
) -> dict[str, LatLon]:
    """Return the point that stands for each place, from a flight that it is the nearest to."""
    points: dict[str, LatLon] = {}
    first_starts = {name: start for name, start in reversed(list(zip(names, starts, strict=True)))}
    for name, start in first_starts.items():
        near = nearest_place(*start) if start is not None and name != _NOT_KNOWN else None
        if near is not None and place_name_from_text(near.distance_direction_and_name) == name:
            place = near.place
            points[name] = round(place.latitude_deg, 5), round(place.longitude_deg, 5)
    return points


def _flight_time_zones_as_json_data(flights: Sequence[FlightRow]) -> dict[str, object]:
    """Return the offsets of each time zone of the flights while they flew."""
    starts = [ms for flight in flights if (ms := _flight_start_ms(flight)) is not None]
    first, last = min(starts, default=0), max(starts, default=0) + _DAY_MS
    names = sorted({flight.timezone for flight in flights})
    return {
        "offsets": [list(time_zone_offsets_between(name, first, last).offsets) for name in names],
        "of": [names.index(flight.timezone) for flight in flights],
    }


def _flight_start_ms(flight: FlightRow) -> int | None:
    return unix_ms(flight.takeoff if flight.takeoff is not None else flight.start)


def aircraft_label(flight: FlightRow) -> str:
    """Return what tells an aircraft from others: model, name and serial number."""
    names = ", ".join(filter(None, [flight.aircraft, flight.aircraft_name, flight.serial]))
    return names or _NOT_NAMED


def recording_filter_values(flight: FlightRow) -> Iterator[str]:
    """Yield what a flight recorded, as words to filter by: kinds, and sensors."""
    rows = flight.captures.rows if flight.captures else ()
    kinds = {row.kind for row in rows if row.kind}
    kinds |= {"video"} if flight.videos else set()
    kinds |= {"photo"} if flight.photos else set()
    if not kinds:
        is_unknown = is_partly_read(flight) or flight.photos is None
        yield _NOT_KNOWN if is_unknown else _NOTHING
        return
    yield from sorted(kinds)
    sensors = {row.sensor or "unknown" for row in rows if row.kind in ("video", "photo")}
    sensors |= {"thermal"} if flight.thermal == "yes" else set()
    yield from sorted(_SENSOR_WORDS.get(sensor, _SENSOR_NOT_STATED) for sensor in sensors)


def _log_state_filter_values(flight: FlightRow) -> Iterator[str]:
    yield READ_IN_PART if is_partly_read(flight) else "read whole"
    if flight.disagreements:
        yield "sources disagree"
    if flight.files > 1:
        yield "several sources"


def _filter_values_and_indices_per_flight(
    name: str, of_flights: Sequence[Sequence[str]]
) -> dict[str, list[object]]:
    """Return the words that occur, in their order, and their numbers for each flight."""
    found = {word for words in of_flights for word in words}
    if name == "recorded" and of_flights:
        found |= {*_ALWAYS_ASKED}
    fixed = {
        "verdict": list(VERDICT_WORDS.values()),
        "severity": ["high", "medium", "low", "none"],
    }
    order = [word for word in fixed.get(name, sorted(found)) if word in found]
    numbers = {word: number for number, word in enumerate(order)}
    known = {words: [numbers[word] for word in words] for words in {tuple(it) for it in of_flights}}
    return {
        "words": [truncated_visible_text(word) for word in order],
        "of": [known[tuple(words)] for words in of_flights],
    }


def _utc_and_local_start_day(flight: FlightRow) -> list[int]:
    """Return the days on which a flight began, such as 20250614: UTC, and local; empty: unknown."""
    start = _flight_start_ms(flight)
    if start is not None:
        local = time_zone_offsets_between(flight.timezone, start, start)
        days = (utc_datetime_from_ms(start), utc_datetime_from_ms(local.local_clock_ms(start)))
        return list(dict.fromkeys(int(f"{day:%Y%m%d}") for day in days))
    own = flight.local_takeoff or flight.local_start
    return [int(own[:10].replace("-", ""))] if own else []
