"""When a zone applies, as ED-269 writes it, also in exports as GeoJSON."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from dji_audit.zones._model import ActivePeriod
from dji_audit.zones.formats._daily_periods import DailyPeriodJson, parse_daily_hours
from dji_audit.zones.formats._json_validation import (
    JsonModel,
    StatedEndTime,
    StatedTime,
    text_of_value,
)
from dji_audit.zones.formats._stated_times import in_time_zone


def _is_yes(value: Any) -> bool:
    return value is True or text_of_value(value).upper() in ("YES", "TRUE")


class Ed269ApplicabilityPeriod(JsonModel):
    """One period, permanent or from a start to an end, with hours on some days."""

    permanent: Annotated[bool, BeforeValidator(_is_yes)] = False
    start: StatedTime | None = Field(default=None, alias="startDateTime")
    end: StatedEndTime | None = Field(default=None, alias="endDateTime")
    schedule: list[DailyPeriodJson] | None = None
    daily: list[DailyPeriodJson] | None = Field(default=None, alias="dailyPeriod")


def schedule_from_ed269(
    applicabilities: Sequence[Ed269ApplicabilityPeriod], path: str, time_zone: dt.tzinfo = dt.UTC
) -> tuple[ActivePeriod, ...]:
    """Return the periods in which a zone applies.

    Args:
        applicabilities: The periods as the file states them.
        path: Their position in the file.
        time_zone: That of times which state none; by ED-269, UTC.

    Raises:
        ZoneError: If a day, time or event is invalid.
    """
    periods = []
    for number, applicability in enumerate(applicabilities):
        daily = [*(applicability.schedule or ()), *(applicability.daily or ())]
        hours = parse_daily_hours(daily, f"{path}[{number}].schedule", time_zone)
        if applicability.permanent:
            periods.append(ActivePeriod(None, None, hours))
        else:
            start = in_time_zone(applicability.start, time_zone)
            periods.append(ActivePeriod(start, in_time_zone(applicability.end, time_zone), hours))
    return tuple(periods)
