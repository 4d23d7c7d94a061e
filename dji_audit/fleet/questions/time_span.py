"""A span of time as people write it: a year, a month, a day, or two of them."""

import datetime as dt
import re

from dji_audit.fleet.questions.answer import QuestionError
from dji_audit.fleet.tables.instant_texts import instant_text_of_datetime

_PARTS = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def start_and_end_texts_of_time_span(text: str) -> tuple[str, str]:
    """Return the first instant of a span and the first after it, as the tables hold instants.

    Args:
        text: ``2026``, ``2026-05``, ``2026-05-14``, an instant such as ``2026-05-14T09:00Z``, or
            two of them with ``..`` in between.  Days are those of UTC; the last day, month or year
            is part of the span.

    Raises:
        QuestionError: If it is none.
    """
    first, separator, last = text.partition("..")
    start = _start_of_date_or_time(first.strip(), text)
    end = _end_of_date_or_time((last if separator else first).strip(), text)
    if end <= start:
        raise QuestionError(f"--between {text}: its end is not after its start")
    return instant_text_of_datetime(start), instant_text_of_datetime(end)


def _start_of_date_or_time(part: str, text: str) -> dt.datetime:
    if match := _PARTS.fullmatch(part):
        return _start_of_utc_day(int(match[1]), int(match[2] or 1), int(match[3] or 1), text)
    return _parse_start_or_end_instant(part, text)


def _end_of_date_or_time(part: str, text: str) -> dt.datetime:
    match = _PARTS.fullmatch(part)
    if match is None:
        return _parse_start_or_end_instant(part, text)
    year, month, day = int(match[1]), match[2], match[3]
    if day is not None:
        return _start_of_utc_day(year, int(month), int(day), text) + dt.timedelta(days=1)
    if month is not None:
        return _start_of_utc_day(year + int(month) // 12, int(month) % 12 + 1, 1, text)
    return _start_of_utc_day(year + 1, 1, 1, text)


def _start_of_utc_day(year: int, month: int, day: int, text: str) -> dt.datetime:
    try:
        return dt.datetime(year, month, day, tzinfo=dt.UTC)
    except ValueError as error:
        raise QuestionError(f"--between {text}: no such day") from error


def _parse_start_or_end_instant(part: str, text: str) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(part)
    except ValueError as error:
        raise QuestionError(
            f"--between {text}: write 2026-05, 2026-05-01..2026-05-14, or "
            "2026-05-14T09:00Z..2026-05-14T11:30Z"
        ) from error
    if instant.tzinfo is None:
        raise QuestionError(f"--between {text}: {part} has no UTC offset; add Z or +01:00")
    return instant.astimezone(dt.UTC)
