"""What the aircraft wrote down in words, sorted by what it speaks of.

The full set of messages is not public, so a line is sorted by families of
words and always told as it stands.  Lines of no family are counted here and
stay in ``records("fly_log")`` and its like.
"""

import re
from collections.abc import Iterator

from . import _words as words
from ._dat_file import DatFile
from ._event_rows import Row, instant

_I = re.IGNORECASE
#: Family -> its words, and the kind, severity and grade of its events; the first that fits.
FAMILIES = (
    ("unlock", re.compile(r"\b(license|\w*unlimit|unlock\w*|white ?list)\b|wl_get_license", _I),
     "geofence.config", "notice"),
    ("geofence", re.compile(
        r"\b(fly.?limit|airport|nfz|no.?fly|wl_\w+|limit (area|data|db)|in_limit|warn.?zone)"
        r"|fl_limit|fly_limit|\bwl req", _I),
     "geofence.warning", "notice"),
    ("height limit", re.compile(r"\b(height|vert)[_ ]?limit|near vert limit", _I),
     "limit.height", "notice"),
    ("distance limit", re.compile(r"\b(radius|distance|horiz)[_ ]?limit|near horiz limit", _I),
     "limit.distance", "notice"),
    ("limit", re.compile(r"out of limit", _I), "geofence.breach", "warning"),
    ("firmware", re.compile(r"\b(upgrade|firmware|ota)\b", _I), "firmware", "notice"),
    ("sync", re.compile(r"\b(db sync|sync|upload|download)\b", _I), "sync", "notice"),
    ("motor start", re.compile(r"\bM(otor)?\.? ?Start|\[L-FMU/MOTOR\] ?Start", _I), "arm", "info"),
    ("motor stop", re.compile(r"\bM(otor)?\.? ?Stop|\[L-FMU/MOTOR\] ?Stop", _I), "disarm", "info"),
    ("motor", re.compile(r"\[L-FMU/MOTOR\]", _I), "tip", "info"),
)  # fmt: skip
#: Types whose lines are messages; the others hold definitions and settings.
_MESSAGES = (0x8000, 0xFF00)
_BY_OSD = frozenset({"arm", "disarm"})


def family_of(text: str) -> tuple[str, str, str] | None:
    """Return family, kind of event and severity of a line; ``None``: it is of no family."""
    for name, pattern, kind, severity in FAMILIES:
        if pattern.search(text):
            return name, kind, severity
    return None


def text_events(file: DatFile) -> Iterator[Row]:
    """Yield the lines that belong to a family, and how many do not."""
    other: list[int] = []
    aside = _BY_OSD if len(file.of("OSD")) else frozenset()
    for row, kind, line in file.texts():
        if kind not in _MESSAGES:
            continue
        family = family_of(line)
        if family is None:
            other.append(row)
            continue
        name, event_kind, severity = family
        # The OSD's own bit says when motors run; its words beside it would count them twice.
        told = "tip" if event_kind in aside else event_kind
        yield _line(file, row, told, severity, line, f"{words.TEXTS[kind]} ({name})")
    if other:
        text = f"{len(other)} lines of the aircraft's log are of no family that is looked for"
        yield _line(file, other[0], "tip", "info", text, "fly_log") | {"value": float(len(other))}


def _line(file: DatFile, row: int, kind: str, severity: str, text: str, record: str) -> Row:
    return {
        "time": instant(int(file.times.ns[row])),
        "kind": kind,
        "severity": severity,
        "grade": "inferred" if kind == "sync" else "reported",
        "text": text,
        "record": record,
        "source_offset": int(file.offsets[row]),
    }
