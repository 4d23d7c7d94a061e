"""Dates with times as people, spreadsheets and web pages write them, as ISO 8601.

Dates with dots are day first wherever these are used (CLDR 44, date formats).  Of two numbers
between slashes or hyphens, one above 12 is the day; where neither is, nothing says which.
"""

import re

#: First three letters of a month, small -> its number.
MONTH_NUMBERS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_WRITTEN = re.compile(
    r"(?P<first>\d{1,2})(?P<between>[-/. ])(?P<second>\d{1,2}|[A-Za-z]{3,9}\.?)(?P=between)"
    r"(?P<year>\d{4}),? {1,3}(?P<hour>\d{1,2})[:.](?P<minute>\d\d)"
    r"(?:[:.](?P<seconds>\d\d)(?P<fraction>[.,]\d{1,9})?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)? ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?"
)


def iso_8601_from_written_time(text: str) -> str:
    """Return a date with a time as ISO 8601, or the text as it is where it is none for sure."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        return text
    first, second = match["first"], match["second"].lower()
    if second[:3] in MONTH_NUMBERS:
        day, month = int(first), MONTH_NUMBERS[second[:3]]
    elif not second.isdigit():
        return text
    elif match["between"] == "." or int(first) > 12:
        day, month = int(first), int(second)
    elif int(second) > 12 or first == second:
        day, month = int(second), int(first)
    else:
        return text
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0)
    fraction = (match["fraction"] or "").replace(",", ".")
    zone = (match["zone"] or "").replace("UTC", "Z").replace("GMT", "Z")
    seconds = match["seconds"] or "00"
    return (
        f"{match['year']}-{month:02d}-{day:02d}T{hour:02d}:{match['minute']}:{seconds}"
        f"{fraction}{zone}"
    )
