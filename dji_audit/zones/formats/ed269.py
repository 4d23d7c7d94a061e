"""EUROCAE ED-269 UAS geographical zones (JSON).

Facts: the samples of InterUSS (Apache-2.0) and its model ``uas_standards``; ED-269
itself is not free to read.  Variants in known files: the list under ``UASZoneList`` or under
``features``; limits as numbers or as text; a limit that is null, which means not
stated and never 0; feet and metres; hours under ``schedule`` or ``dailyPeriod``,
with every value null where there are none; circles as ``center`` and ``radius``
(metres).  One zone may have several volumes with limits of their own: each becomes
a zone.  Not used: ``regulationExemption``, ``uSpaceClass``, ``region``.
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from dji_audit.zones import _model as model
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._validated_shapes import valid_circle
from dji_audit.zones._zone_file_content import ZoneFileContent
from dji_audit.zones.formats._daily_periods import DailyPeriod, parse_daily_hours
from dji_audit.zones.formats._json import (
    JsonModel,
    JsonNumber,
    JsonPosition,
    JsonRings,
    UtcTime,
    parse_eurocae_limit,
    parse_position,
    parse_rings,
    validate_json,
)

_EFFECTS = {
    "PROHIBITED": model.Effect.PROHIBITED,
    "REQ_AUTHORISATION": model.Effect.AUTHORISATION,
    "REQ_AUTHORIZATION": model.Effect.AUTHORISATION,
    "CONDITIONAL": model.Effect.CONDITIONAL,
    "NO_RESTRICTION": model.Effect.NONE,
}


class _Ed269Projection(JsonModel):
    type: Literal["Polygon", "Circle"]
    coordinates: JsonRings | None = None
    center: JsonPosition | None = None
    radius: JsonNumber | None = None


class _Ed269Volume(JsonModel):
    unit: Literal["M", "FT"] = Field(alias="uomDimensions")
    lower: JsonNumber | None = Field(default=None, alias="lowerLimit")
    lower_reference: Literal["AGL", "AMSL", "WGS84"] | None = Field(
        default=None, alias="lowerVerticalReference"
    )
    upper: JsonNumber | None = Field(default=None, alias="upperLimit")
    upper_reference: Literal["AGL", "AMSL", "WGS84"] | None = Field(
        default=None, alias="upperVerticalReference"
    )
    projection: _Ed269Projection = Field(alias="horizontalProjection")


class _Ed269Applicability(JsonModel):
    permanent: Literal["YES", "NO"] | None = None
    start: UtcTime | None = Field(default=None, alias="startDateTime")
    end: UtcTime | None = Field(default=None, alias="endDateTime")
    schedule: list[DailyPeriod] | None = None
    daily: list[DailyPeriod] | None = Field(default=None, alias="dailyPeriod")


class _Ed269Authority(JsonModel):
    name: str | None = None


class _Ed269Zone(JsonModel):
    identifier: str
    country: str = ""
    name: str | None = None
    restriction: str
    message: str | None = None
    other_reason: str | None = Field(default=None, alias="otherReasonInfo")
    applicability: list[_Ed269Applicability] = Field(default_factory=list)
    authority: list[_Ed269Authority] = Field(default_factory=list, alias="zoneAuthority")
    geometry: list[_Ed269Volume] = Field(min_length=1)


class _Ed269File(JsonModel):
    version: str = Field(default="", alias="formatVersion")
    created: UtcTime | None = Field(default=None, alias="createdAt")
    title: str = ""


def claims(file: ZoneFileContent) -> bool:
    """Return whether a document has a list of zones under one of the two keys."""
    return _zone_list_key(file.json) is not None


def _zone_list_key(data: Any) -> str | None:
    if not isinstance(data, dict):
        return None
    if isinstance(data.get("UASZoneList"), list):
        return "UASZoneList"
    if isinstance(data.get("features"), list) and data.get("type") != "FeatureCollection":
        return "features"
    return None


def read(file: ZoneFileContent) -> model.ZoneFile:
    """Read every volume of every zone.

    Raises:
        ZoneError: With the path of the error.
    """
    key = _zone_list_key(file.json) or ""
    head = validate_json(_Ed269File, {**file.json, key: None})
    source = file.source(FORMAT.name, edition=head.title or head.version, issued=head.created)
    zones: list[model.Zone] = []
    for number, data in enumerate(file.json[key]):
        path = f"{key}[{number}]"
        zones += _zones_by_volume(validate_json(_Ed269Zone, data, path), path, source)
    return model.ZoneFile(source, tuple(zones))


def _zones_by_volume(zone: _Ed269Zone, path: str, source: model.ZoneSource) -> Iterator[model.Zone]:
    effect = _EFFECTS.get(zone.restriction)
    if effect is None:
        raise model.ZoneError(
            f"{path}.restriction: expected one of {', '.join(_EFFECTS)}, found {zone.restriction!r}"
        )
    schedule = _parse_schedule(zone.applicability, f"{path}.applicability")
    for number, volume in enumerate(zone.geometry):
        where = f"{path}.geometry[{number}]"
        yield model.Zone(
            id=zone.identifier,
            name=zone.name or zone.identifier,
            kind=zone.restriction,
            effect=effect,
            shape=(_parse_shape(volume.projection, f"{where}.horizontalProjection"),),
            lower=parse_eurocae_limit(volume.lower, volume.unit, volume.lower_reference),
            upper=parse_eurocae_limit(volume.upper, volume.unit, volume.upper_reference),
            source=source,
            path=where,
            authority=", ".join(text.name for text in zone.authority if text.name),
            schedule=schedule,
            schedule_stated=bool(zone.applicability),
            remarks=". ".join(text for text in (zone.message, zone.other_reason) if text),
        )


def _parse_shape(projection: _Ed269Projection, path: str) -> model.Circle | model.Polygon:
    if projection.type == "Polygon":
        if projection.coordinates is None:
            raise model.ZoneError(
                f"{path}.coordinates: expected the rings of a polygon, found none"
            )
        return parse_rings(projection.coordinates, f"{path}.coordinates")
    if projection.center is None or projection.radius is None:
        raise model.ZoneError(f"{path}: expected center and radius of a circle")
    return valid_circle(
        parse_position(projection.center, f"{path}.center"), projection.radius, f"{path}.radius"
    )


def _parse_schedule(
    applicabilities: list[_Ed269Applicability], path: str
) -> tuple[model.ActivePeriod, ...]:
    periods = []
    for number, applicability in enumerate(applicabilities):
        daily = [*(applicability.schedule or ()), *(applicability.daily or ())]
        start, end = (
            (None, None)
            if applicability.permanent == "YES"
            else (applicability.start, applicability.end)
        )
        periods.append(
            model.ActivePeriod(start, end, parse_daily_hours(daily, f"{path}[{number}].schedule"))
        )
    return tuple(periods)


FORMAT = ZoneFormat(
    name="ed-269",
    title="EUROCAE ED-269 UAS geographical zones (JSON)",
    reference="samples of InterUSS monitoring and uas_standards (Apache-2.0)",
    claims=claims,
    read=read,
)
