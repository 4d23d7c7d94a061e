"""Shutter marks of an RTK camera (``…_Timestamp.MRK``): when and where each photo was taken.

Who writes it: Phantom 4 RTK and Multispectral, and cameras of Matrice 300 and later and of
Mavic 3 Enterprise with RTK; one file a folder of photos, one line a shutter.  The photo's own
file is named by its number only.

Facts: the image log tables in DJI's manuals of Zenmuse P1 (page 24) and Matrice 4 (page 92);
IERS Bulletin C for leap seconds; two real lines.  Fields, by tabs and commas, blanks around:

    1 <tab> 282401.669089 <tab> [2404] <tab> 101,N <tab> 107,E <tab> 129,V <tab>
    22.77995359,Lat <tab> 114.10089118,Lon <tab> 139.231,Ellh <tab>
    0.002967, 0.003104, 0.007622 <tab> 50,Q

number; seconds of the GPS week; the week; what antenna and camera lie apart to north, east
and down, mm, already allowed for in the position; latitude, longitude; height above the
ellipsoid, m; standard deviations to north, east and up, m; quality: 50 fixed, 32 to 49 float,
16 single point, 0 none.  Fields are identified by their letters; older firmware writes fewer.

Time is GPS time less the leap seconds of that date.  A height above the ellipsoid is no
altitude above the sea: it stays in ``records("Mark")``, and the column is missing.

Not decoded: nothing.  The marks do not say which sensor took the photo.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .._byte_coverage import CoverageSpan
from .._dji_keychains import Keychains
from .._errors import CorruptLogError
from .._file_content import Content
from .._formats import Format
from .._model import Clock, Issue, Log, Source
from .._tables import TRACK, build_table, media_capture_table_from_rows, sort_by_time
from .._track_values._mask_false_positions import replace_false_positions_with_nan
from .._which_facts_logs_record import FactDeclaration
from ._records_from_dicts import RecordsFromDicts
from ._shared_fact_declarations import fact_declarations_of_track_columns

#: A line has about 130 bytes; a longer line is not a mark.
_LONGEST_LINE = 512
#: A card does not hold as many photos; more lines are not read.
_MOST_LINES = 1_000_000
_NUMBER = rb"[-+]?\d{1,12}(?:\.\d{1,12})?"
_HEAD = re.compile(
    rb"\s{0,9}(?P<number>\d{1,9})[ \t,]{1,9}(?P<tow_s>\d{1,6}(?:\.\d{1,12})?)[ \t,]{1,9}"
    rb"\[\s{0,9}(?P<week>\d{1,5})\s{0,9}\]"
)
_FIELDS = re.compile(rb"(" + _NUMBER + rb")\s{0,9},\s{0,9}(Lat|Lon|Ellh|N|E|V|Q)\b")
_SIGMAS = re.compile(
    rb"(?<![\d.])(" + _NUMBER + rb")\s{0,9},\s{0,9}(" + _NUMBER + rb")\s{0,9},\s{0,9}("
    + _NUMBER + rb")(?=\s|$)"
)  # fmt: skip
_COLUMNS = {
    b"N": "offset_north_mm", b"E": "offset_east_mm", b"V": "offset_down_mm",
    b"Lat": "latitude_deg", b"Lon": "longitude_deg", b"Ellh": "height_ellipsoid_m",
    b"Q": "quality",
}  # fmt: skip
_SIGMA_COLUMNS = ("sigma_north_m", "sigma_east_m", "sigma_up_m")
_RECORD_COLUMNS = ("offset", "number", "tow_s", "week", *_COLUMNS.values(), *_SIGMA_COLUMNS)

_GPS_EPOCH = np.datetime64("1980-01-06T00:00:00", "ns")
_WEEK_S = 604_800
#: From this instant of GPS time on, GPS is so many seconds ahead of UTC (IERS Bulletin C).
_LEAP_SECONDS = (
    ("2006-01-01", 14), ("2009-01-01", 15), ("2012-07-01", 16), ("2015-07-01", 17),
    ("2017-01-01", 18),
)  # fmt: skip
#: Such cameras came in 2018: an earlier week is damage; so is one after 2100.
_WEEKS = range(1982, 6262)


def claims(content: Content) -> bool:
    """Return whether the first line is a shutter mark."""
    first = content.head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return len(first) <= _LONGEST_LINE and _parse_mark(first, 0) is not None


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read shutter marks; a line that is not a mark is an issue.

    Raises:
        CorruptLogError: If no line is a mark.
    """
    marks, spans, issues = _read_marks_coverage_and_issues(content)
    if not marks:
        raise CorruptLogError(0, "a shutter mark", repr(content.head[:20]))
    times = np.array([_utc_from_gps(mark["week"], mark["tow_s"]) for mark in marks])
    clock = Clock(
        "GPS",
        None,
        None,
        ("GPS time of the shutter, less leap seconds of its date",),
        from_gnss=True,
    )
    return Log(
        Source.from_content(content, FORMAT.name),
        clock=clock,
        track=_track_table(marks, times),
        captures=media_capture_table_from_rows(_capture_rows(marks, times)),
        issues=tuple(issues),
        coverage=tuple(spans),
        _records={"Mark": RecordsFromDicts(tuple(marks), _RECORD_COLUMNS)},
    )


def _read_marks_coverage_and_issues(
    content: Content,
) -> tuple[list[dict[str, Any]], list[CoverageSpan], list[Issue]]:
    """Return the marks, what every byte is, and the lines that are no marks."""
    marks: list[dict[str, Any]] = []
    spans: list[CoverageSpan] = []
    issues: list[Issue] = []
    for begin, end in _line_bounds(content):
        line = content.data[begin : min(end, begin + _LONGEST_LINE)]
        mark = None
        if end - begin <= _LONGEST_LINE:
            mark = _parse_mark(line.removeprefix(b"\xef\xbb\xbf"), begin)
        if mark is not None:
            marks.append(mark)
        elif content.data[begin:end].strip(b"\xef\xbb\xbf \t\r\n\0"):
            issues.append(Issue(begin, end - begin, "line is not a shutter mark"))
        kind = "records" if mark else "gap" if issues and issues[-1].offset == begin else "padding"
        if spans and spans[-1].kind == kind:
            last = spans.pop()
            spans.append(CoverageSpan(last.offset, end - last.offset, kind))
        else:
            spans.append(CoverageSpan(begin, end - begin, kind))
    return marks, spans, issues


def _line_bounds(content: Content) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each line; what lies beyond the most is one line."""
    at, size = 0, len(content)
    for _ in range(_MOST_LINES):
        if at >= size:
            return
        end = content.data.find(b"\n", at) + 1 or size
        yield at, end
        at = end
    if at < size:
        yield at, size


def _parse_mark(line: bytes, offset: int) -> dict[str, Any] | None:
    """Return the fields of a line; ``None``: it is not a mark, or its time is impossible."""
    head = _HEAD.match(line)
    if head is None:
        return None
    week, tow_s = int(head["week"]), float(head["tow_s"])
    if week not in _WEEKS or tow_s >= _WEEK_S:
        return None
    rest = line[head.end() :]
    fields = {_COLUMNS[letter]: float(number) for number, letter in _FIELDS.findall(rest)}
    if not {"latitude_deg", "longitude_deg"} <= set(fields):
        return None
    mark = {"offset": offset, "number": int(head["number"]), "tow_s": tow_s, "week": week, **fields}
    # Position fields end in a letter, so the three numbers between commas are the deviations.
    if (sigmas := _SIGMAS.search(rest)) is not None:
        mark |= dict(zip(_SIGMA_COLUMNS, map(float, sigmas.groups()), strict=True))
    return mark


def _utc_from_gps(week: int, tow_s: float) -> np.datetime64:
    """Return UTC of a GPS week and the seconds in it."""
    gps: np.datetime64 = _GPS_EPOCH + np.timedelta64(week * _WEEK_S, "s")
    gps = gps + np.timedelta64(round(tow_s * 1e6) * 1000, "ns")
    ahead = 0
    for day, seconds in _LEAP_SECONDS:
        if gps >= np.datetime64(day, "ns") + np.timedelta64(seconds, "s"):
            ahead = seconds
    return gps - np.timedelta64(ahead, "s")


def _track_table(marks: Sequence[dict[str, Any]], times: np.ndarray[Any, Any]) -> pd.DataFrame:
    latitude = np.array([mark["latitude_deg"] for mark in marks])
    longitude = np.array([mark["longitude_deg"] for mark in marks])
    fixes = replace_false_positions_with_nan(latitude, longitude)
    columns = {
        "time": times,
        "latitude_deg": fixes.latitude_deg,
        "longitude_deg": fixes.longitude_deg,
        "fix_ok": [None if "quality" not in mark else mark["quality"] > 0 for mark in marks],
        "source_offset": np.array([mark["offset"] for mark in marks], np.int64),
    }
    return sort_by_time(build_table(TRACK, columns, len(marks)), "time")


def _capture_rows(
    marks: Sequence[dict[str, Any]], times: np.ndarray[Any, Any]
) -> Iterator[dict[str, Any]]:
    for mark, time in zip(marks, times, strict=True):
        yield {
            "start": time,
            "end": time,
            "sensor": "unknown",
            "kind": "photo",
            "source": f"shutter mark {mark['number']}",
            "grade": "measured",
            "source_offset": mark["offset"],
        }


#: What the marks carry, at the instant of each.
FACTS = (
    *fact_declarations_of_track_columns("marks", "time", "latitude_deg", "longitude_deg"),
    FactDeclaration("photo", "shutter marks", records=("Mark",)),
)

FORMAT = Format(
    "dji-mrk",
    "DJI RTK shutter marks",
    "DJI Zenmuse P1 and Matrice 4 manuals; IERS Bulletin C; measurement",
    claims,
    read,
    facts=FACTS,
    media=True,
)
