"""When a zone applies, as ED-269 writes it, also in exports as GeoJSON."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from dji_audit.zones._model import ActivePeriod
from dji_audit.zones.formats._daily_periods import DailyPeriodJson, parse_daily_hours
from dji_audit.zones.formats._json_validation import JsonModel, UtcTime, text_of_value


def _is_yes(value: Any) -> bool:
    return value is True or text_of_value(value).upper() in ("YES", "TRUE")


class Ed269ApplicabilityPeriod(JsonModel):
    """One period, permanent or from a start to an end, with hours on some days."""

    permanent: Annotated[bool, BeforeValidator(_is_yes)] = False
    start: UtcTime | None = Field(default=None, alias="startDateTime")
    end: UtcTime | None = Field(default=None, alias="endDateTime")
    schedule: list[DailyPeriodJson] | None = None
    daily: list[DailyPeriodJson] | None = Field(default=None, alias="dailyPeriod")


def schedule_from_ed269(
    applicabilities: Sequence[Ed269ApplicabilityPeriod], path: str
) -> tuple[ActivePeriod, ...]:
    """Return the periods in which a zone applies.

    Raises:
        ZoneError: If a day, time or event is invalid.
    """
    periods = []
    for number, applicability in enumerate(applicabilities):
        daily = [*(applicability.schedule or ()), *(applicability.daily or ())]
        hours = parse_daily_hours(daily, f"{path}[{number}].schedule")
        if applicability.permanent:
            periods.append(ActivePeriod(None, None, hours))
        else:
            periods.append(ActivePeriod(applicability.start, applicability.end, hours))
    return tuple(periods)
