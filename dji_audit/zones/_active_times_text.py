"""When a zone is active, in words."""

from dji_audit.zones._model import ActivePeriod, DailyHours, SunEvent, Zone

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def active_times_text(zone: Zone) -> str:
    """Return when a zone is active, in words."""
    if not zone.schedule:
        return "always active" if zone.schedule_stated else "times not stated: treated as always"
    if any(period.ends_before_start for period in zone.schedule):
        return "stated times end before they begin: treated as always"
    words = "active " + " or ".join(_period_words(period) for period in zone.schedule[:4])
    return f"{words}; {zone.schedule_doubt}" if zone.schedule_doubt else words


def _period_words(period: ActivePeriod) -> str:
    parts = []
    if period.start is not None:
        parts.append(f"from {period.start:%Y-%m-%d %H:%M} UTC")
    if period.end is not None:
        parts.append(f"until {period.end:%Y-%m-%d %H:%M} UTC")
    parts += [_daily_hours_words(hours) for hours in period.hours[:4]]
    return " ".join(parts) or "always"


def _daily_hours_words(hours: DailyHours) -> str:
    days = ", ".join(_DAYS[day - 1] for day in sorted(hours.days)) or "daily"
    edges = [
        "" if edge is None else edge.value if isinstance(edge, SunEvent) else f"{edge:%H:%M} UTC"
        for edge in (hours.start, hours.end)
    ]
    return f"{days} {edges[0] or '00:00 UTC'} to {edges[1] or '24:00 UTC'}"
