"""Zones from features with properties, as map servers export them: by the words they use.

Neither GeoJSON nor ArcGIS defines names for limits and times, so publishers use their own.  The
names below are those of published files; a name is compared without case, blanks, hyphens and
underscores, and the first that holds something usable is taken:

- **openAIP**: ``upperLimit`` as an object of ``value``, ``unit`` (0 m, 1 ft, 6 FL) and
  ``referenceDatum`` (0 GND, 1 MSL, 2 STD); ``type`` as a number; its parser writes
  ``upperCeiling`` with the same in words.
- **Estonia** (EANS): properties of ED-269, with ``restriction`` and limits as text or in
  ``geometry``.
- **FAA UAS facility maps**: ``CEILING`` of a cell is the height up to which the FAA may authorise
  a flight without further analysis.  It is no limit of the airspace: every flight in the cell
  needs an authorisation (14 CFR 107.41), so the zone begins at the surface and has no top, also
  where the ceiling is 0.
- **FAA airspace**: ``UPPER_VAL``, ``UPPER_UOM``, ``UPPER_CODE``; -9998 for none.
- **Germany** (DIPUL): ``upper_limit_altitude``, ``upper_limit_unit``, ``upper_limit_alt_ref``.
- **Switzerland** (FOCA): ``air_vol_upper_limit`` and ``air_vol_upper_vref``, names by language.

A date as an end includes that day.  Times without a time zone may be UTC or local time
(``_stated_times``).  A number is a date in digits, or seconds or milliseconds since 1970.

A zone is left out only if its place or a limit cannot be read.  Times that cannot be read do not
cost a zone: it is treated as always active, and a remark says so.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from dji_audit.zones import _model as model
from dji_audit.zones.formats._ed269_applicability import (
    Ed269ApplicabilityPeriod,
    schedule_from_ed269,
)
from dji_audit.zones.formats._json_validation import (
    authority_names_text,
    limit_from_value_unit_and_datum,
    text_of_value,
    validate_json,
)
from dji_audit.zones.formats._stated_times import (
    ScheduleReadings,
    digits_of_date,
    in_time_zone,
    local_time_zones,
    parse_numeric_time,
    parse_stated_time,
    schedule_readings,
)
from dji_audit.zones.formats._zone_effect_from_restriction_words import (
    effect_of_airspace_class,
    effect_of_restriction,
    join_zone_remarks,
)

#: Types of airspace as openAIP numbers them -> the words of OpenAir; of others the number is shown.
_OPENAIP_TYPES = {1: "RESTRICTED", 2: "DANGER", 3: "PROHIBITED", 4: "CTR"}
_ID_NAMES = (
    "id", "identifier", "zoneid", "globalid", "gfid", "generatedid", "designator", "ident",
    "identtxt", "objectid", "fid",
)  # fmt: skip
_NAME_NAMES = (
    "name", "title", "zonename", "zonenameen", "generatednameen", "nametxt", "nameen", "zonenamede",
    "zonenamefr", "generatednamede", "nameofarea", "localname", "label",
)  # fmt: skip
_KIND_NAMES = (
    "restriction", "zonerestrictionid", "type", "class", "kind", "typecode", "localtype",
    "category", "typeofarea", "zonerestrictionen", "airspaceclass",
)  # fmt: skip
#: Of these: where a letter may be a class of airspace.  openAIP called the class "category".
_CLASS_NAMES = {"class", "category", "airspaceclass"}
_AUTHORITY_NAMES = ("authority", "zoneauthority", "authname", "authnameen", "authnamede")
_REMARK_NAMES = ("description", "message", "remarks", "remarkstxt", "comment")
#: Names of a lower limit with ``{}`` for "lower"; the older words for a side follow.
_VALUE_NAMES = (
    "{}", "{}limit", "{}limitaltitude", "{}ceiling", "{}val", "{}value", "airvol{}limit",
    "distvert{}val", "{}altitude",
)  # fmt: skip
_UNIT_NAMES = (
    "{}unit", "{}limitunit", "{}uom", "{}limituom", "distvert{}uom", "uomdimensions", "uom", "unit",
)  # fmt: skip
_DATUM_NAMES = (
    "{}reference", "{}verticalreference", "{}limitreference", "{}limitaltref", "{}ref", "{}datum",
    "{}code", "airvol{}vref", "distvert{}code",
)  # fmt: skip
_OTHER_VALUE_NAMES = {"lower": ("floor",), "upper": ("ceiling",)}
#: Names whose unit is in the name.
_NAMES_WITH_UNIT = (("{}meters", "m"), ("{}metres", "m"), ("{}feet", "ft"), ("{}ft", "ft"))
_BEGIN_NAMES = (
    "timebegin",
    "validfrom",
    "startdatetime",
    "timestart",
    "effectivefrom",
    "startdate",
)
_END_NAMES = ("timeend", "validto", "validuntil", "enddatetime", "effectiveto", "enddate")
#: Of a time: that there is none.
_NO_TIME = ("", "PERM", "PERMANENT", "NONE", "NULL", "UFN")
_FACILITY_MAP_NAMES = {"apt1icao", "apt1faaid", "apt1name", "apt1laanc", "arptcount", "mapeff"}


@dataclass(slots=True)
class FeatureProperties:
    """What a feature says beside its shape: for each pair of limits one zone."""

    properties: Mapping[str, Any]
    path: str
    #: The id of the feature itself.
    feature_id: str = ""
    remarks: list[model.ReadingRemark] = field(default_factory=list)
    #: Name without case and signs -> value.
    _by_plain_name: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Order the properties by their plain names; of two the first that is not null counts."""
        for name, value in self.properties.items():
            plain = re.sub(r"[^a-z0-9]", "", name[:80].lower())
            if self._by_plain_name.get(plain) is None:
                self._by_plain_name[plain] = value

    @property
    def is_facility_map_cell(self) -> bool:
        """Whether it is a cell of the FAA's UAS facility maps."""
        names = self._by_plain_name.keys()
        return "ceiling" in names and bool(names & _FACILITY_MAP_NAMES)

    @property
    def map_effective_date(self) -> dt.datetime | None:
        """The date from which a cell of a facility map is in force; ``None``: not stated."""
        parts = text_of_value(self._first_property_value("mapeff"))[:10].split("/")
        try:
            month, day, year = map(int, parts)
            return dt.datetime(year, month, day, tzinfo=dt.UTC)
        except ValueError:
            return None

    @property
    def id(self) -> str:
        """Its id; empty: it has none."""
        return (
            self._first_property_text(*_ID_NAMES[:3])
            or self.feature_id
            or self._first_property_text(*_ID_NAMES[3:])
        )

    @property
    def name(self) -> str:
        """Its name; else its id; empty: it has neither."""
        return (
            self._first_property_text(*_NAME_NAMES)
            or self._first_property_text("apt1name")
            or self.id
        )

    def radius_m(self) -> Any:
        """The radius that makes a point a circle, metres, unchecked; ``None``: none is stated."""
        return self._first_property_value("radiusm", "radiusmeters", "radiusmetres")

    def build_zones(
        self, shape: tuple[model.Shape, ...], source: model.ZoneSource
    ) -> Iterator[model.Zone]:
        """Yield a zone for each pair of limits; append remarks.

        Raises:
            ZoneError: If a limit cannot be read.
        """
        times, is_stated = self._schedule_readings_and_whether_stated(shape)
        kind, effect = self._kind_and_effect()
        if self.is_facility_map_cell:
            kind, effect = "UAS facility map", model.ZoneEffect.AUTHORISATION
        for number, (lower, upper) in enumerate(pairs := list(self._lower_and_upper_limit_pairs())):
            part = f".properties.geometry[{number}]" if len(pairs) > 1 else ""
            yield model.Zone(
                id=self.id or self.name or self.path,
                name=self.name or self.path,
                kind=kind,
                effect=effect,
                shape=shape,
                lower=lower,
                upper=upper,
                source=source,
                path=self.path + part,
                authority=authority_names_text(self._first_property_value(*_AUTHORITY_NAMES)),
                schedule=times.schedule,
                schedule_stated=is_stated,
                other_schedules=times.others,
                schedule_doubt=times.doubt,
                remarks=self._remarks_text(),
            )

    def _first_property_value(self, *names: str) -> Any:
        """Return the first value of some names that is not null."""
        for name in names:
            value = self._by_plain_name.get(name)
            if value is not None:
                return value
        return None

    def _first_property_text(self, *names: str) -> str:
        for name in names:
            value = self._by_plain_name.get(name)
            if value is not None and (words := text_of_value(value)):
                return words
        return ""

    def _remarks_text(self) -> str:
        words = [self._first_property_text(*_REMARK_NAMES)]
        if self.is_facility_map_cell:
            ceiling = self._first_property_text("ceiling") or "an unknown"
            unit = self._first_property_text("unit") or "feet"
            words.append(
                f"the FAA may authorise flights up to {ceiling} {unit.lower()} above ground "
                "without further analysis"
            )
        return join_zone_remarks(*words)

    def _kind_and_effect(self) -> tuple[str, model.ZoneEffect]:
        kinds: list[tuple[str, model.ZoneEffect]] = []
        for name in _KIND_NAMES:
            value = self._by_plain_name.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                is_openaip = isinstance(
                    self._first_property_value("lowerlimit", "upperlimit"), Mapping
                )
                words = _OPENAIP_TYPES.get(value, f"{name} {value}") if is_openaip else str(value)
            else:
                words = text_of_value(value)
            is_class = name in _CLASS_NAMES
            effect_of = effect_of_airspace_class if is_class else effect_of_restriction
            if words:
                kinds.append((words, effect_of(words)))
        known = (kind for kind in kinds if kind[1] is not model.ZoneEffect.NOT_STATED)
        return next(known, next(iter(kinds), ("", model.ZoneEffect.NOT_STATED)))

    def _lower_and_upper_limit_pairs(self) -> Iterator[tuple[model.Limit, model.Limit]]:
        if self.is_facility_map_cell:
            yield model.SURFACE, model.UNLIMITED
            return
        lower, upper = self._lower_or_upper_limit("lower"), self._lower_or_upper_limit("upper")
        volumes = self._by_plain_name.get("geometry")
        if lower is None and upper is None and isinstance(volumes, list):
            for number, volume in enumerate(volumes):
                if isinstance(volume, dict):
                    inner = FeatureProperties(volume, f"{self.path}.properties.geometry[{number}]")
                    yield (
                        inner._lower_or_upper_limit("lower") or model.NOT_STATED,
                        inner._lower_or_upper_limit("upper") or model.NOT_STATED,
                    )
            if any(isinstance(volume, dict) for volume in volumes):
                return
        yield lower or model.NOT_STATED, upper or model.NOT_STATED

    def _lower_or_upper_limit(self, side: str) -> model.Limit | None:
        """Return a limit by the first name that holds a usable one; ``None``: none is named.

        Raises:
            ZoneError: If a limit is named and none can be read.
        """
        unit = self._first_property_value(*(name.format(side) for name in _UNIT_NAMES))
        datum = self._first_property_value(*(name.format(side) for name in _DATUM_NAMES))
        named = [(name.format(side), unit) for name in _VALUE_NAMES]
        named += [(name, unit) for name in _OTHER_VALUE_NAMES[side]]
        named += [(name.format(side), own_unit) for name, own_unit in _NAMES_WITH_UNIT]
        fault, found = None, None
        for name, its_unit in named:
            value = self._by_plain_name.get(name)
            if value is None or value == "":
                continue
            try:
                limit = limit_from_value_unit_and_datum(
                    value, its_unit, datum, f"{self.path}: {side} limit"
                )
            except model.ZoneError as error:
                fault = fault or error
                continue
            if limit is not model.NOT_STATED:
                return limit
            shown = text_of_value(value)[:40]
            found = limit
            if shown:
                self.remarks.append(
                    model.ReadingRemark(
                        self.path,
                        f"{side} limit {shown!r}: no height with its unit, so it is not stated",
                        self.id,
                    )
                )
        if fault is not None:
            raise fault
        return found

    def _schedule_readings_and_whether_stated(
        self, shape: tuple[model.Shape, ...]
    ) -> tuple[ScheduleReadings, bool]:
        """Return when the zone is active, and whether the feature states it."""
        applicability = self._by_plain_name.get("applicability")
        if isinstance(applicability, list) and applicability:
            try:
                periods = [
                    validate_json(Ed269ApplicabilityPeriod, entry, f"applicability[{number}]")
                    for number, entry in enumerate(applicability)
                ]
                build = partial(schedule_from_ed269, periods, "applicability")
                return schedule_readings(build, shape), True
            except model.ZoneError as error:
                self._remark_unread_times(str(error))
                return ScheduleReadings(()), False
        stated_end = self._first_property_value(*_END_NAMES)
        try:
            begin = _parse_time_value(self._first_property_value(*_BEGIN_NAMES))
            end = _parse_time_value(stated_end, is_end=True)
        except ValueError as error:
            self._remark_unread_times(f"expected a date and time, found {error}")
            return ScheduleReadings(()), False
        active = self._first_property_text("active", "activity")
        is_always = (
            active.upper() == "H24" or self._first_property_text("timepermanent").upper() == "YES"
        )
        if begin is None and end is None:
            return ScheduleReadings(()), is_always

        def build_period(time_zone: dt.tzinfo) -> tuple[model.ActivePeriod, ...]:
            period = model.ActivePeriod(
                in_time_zone(begin, time_zone), in_time_zone(end, time_zone)
            )
            return (period,)

        readings = schedule_readings(build_period, shape)
        is_instant = isinstance(stated_end, int | float) and end is not None and end.tzinfo
        return (
            _add_reading_with_midnight_end_day(readings, shape) if is_instant else readings
        ), True

    def _remark_unread_times(self, reason: str) -> None:
        text = f"times that cannot be read ({reason}): treated as always active"
        self.remarks.append(model.ReadingRemark(self.path, text, self.id))


def _add_reading_with_midnight_end_day(
    readings: ScheduleReadings, shape: tuple[model.Shape, ...]
) -> ScheduleReadings:
    """Return a schedule of one period with the reading that a midnight as its end means a date.

    Map servers keep a date as the number of its midnight, in UTC or in local time.
    """
    (period,) = readings.schedule
    # Numbers of the last days that a time can hold mean no end, and have no later day.
    if period.end is None or period.end.year >= 9998:
        return readings
    time_zones = [dt.UTC, *local_time_zones(shape)]
    if all(period.end.astimezone(zone).time() != dt.time() for zone in time_zones):
        return readings
    later = replace(period, end=period.end + dt.timedelta(days=1))
    doubt = "; ".join(
        filter(None, (readings.doubt, "the file does not say whether the day of its end counts"))
    )
    return ScheduleReadings(readings.schedule, (*readings.others, (later,)), doubt)


def _parse_time_value(value: Any, *, is_end: bool = False) -> dt.datetime | None:
    """Return a time, with a time zone where the value states one; ``None``: there is no time.

    Raises:
        ValueError: With the value, if it is no time.
    """
    if value is None or (isinstance(value, str) and value.strip().upper() in _NO_TIME):
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            digits = digits_of_date(value)
            return parse_stated_time(digits, is_end=is_end) if digits else parse_numeric_time(value)
        if isinstance(value, str):
            return parse_stated_time(value, is_end=is_end)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(repr(value)[:40]) from error
    raise ValueError(repr(value)[:40])
