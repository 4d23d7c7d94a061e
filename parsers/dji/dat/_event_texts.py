"""What the aircraft wrote down in words, sorted by what it speaks of.

Lines of no family are counted here and stay in ``records("fly_log")`` and its
like, where every line has its family beside it.
"""

from collections.abc import Iterator

from . import _enums as words
from ._dat_file import DatFile
from ._event_rows import Row, instant
from ._families import family_of

#: Types whose lines are messages; the others hold definitions and settings.
_MESSAGES = (0x8000, 0xFF00)
_BY_OSD = frozenset({"arm", "disarm"})


def text_events(file: DatFile) -> Iterator[Row]:
    """Yield the lines that belong to a family, and how many do not."""
    other: list[int] = []
    aside = _BY_OSD if len(file.of("OSD")) else frozenset()
    for row, kind, line in file.texts:
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
