"""Telemetry in subtitles, whether these are a file of their own or a track of a video.

``Subtitles`` holds the cues with their values as text, in columns; a column becomes numbers when
asked for.  Which dialect a cue is of follows from the keys in it alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._model import Issue
from ._subtitles_cues import Cues, Floats, Ints
from ._subtitles_digits import Instants, instants_of
from ._subtitles_fields import MEANINGS, number
from ._subtitles_tokens import Reading, template, tokenize

#: A longer text is no cue of DJI's, whose longest are below 1 kB.
MOST_TEXT = 8192
_MOST_TEMPLATES = 8
#: What stands where a value is not known.
_NO_VALUE = (None, b"", b"n/a", b"N/A")

DIALECTS = {
    "home-gps": "HOME(lon,lat) GPS(lon,lat,satellites): Mavic Pro, Phantom 4, Inspire 2",
    "gps-barometer": "GPS(lat,lon,altitude M): Matrice 300 and XT2 with old firmware",
    "compact": "F/ SS ISO GPS (lon, lat, satellites): Phantom 4 Pro and RTK, Mavic Mini, Mini 2",
    "bracket-camera": "bracketed camera settings without a position: Mavic Air",
    "bracket-altitude": "bracketed, one altitude or none: Mavic 2, Air 2, Air 2S, FPV",
    "bracket-rel-abs": "bracketed rel_alt and abs_alt: Mavic 3, Mini 3 and later, Air 3",
    "payload": "bracketed over several lines, drone_ and gb_ angles: Matrice with H20, H30",
    "bracket-gimbal": "bracketed with gb_ angles: M30, Mavic 3 and Matrice 4 Enterprise, Avata 360",
    "goggles": "what FPV goggles show of the link; no position",
}


def dialect(keys: Sequence[str]) -> str | None:
    """Return the dialect of a cue with these keys; ``None``: it is no telemetry."""
    found = set(keys)
    if "uavbat" in found:
        return "goggles"
    if found & {"gps_1", "rtk_1"}:
        if "clock" not in found:
            return "compact" if found & {"f", "ss", "d", "h"} else None
        return "home-gps" if "home_1" in found else "gps-barometer"
    if "latitude" in found or "longitude" in found:
        if "drone_speedx" in found:
            return "payload"
        if found & {"gb_yaw", "gb_pitch"}:
            return "bracket-gimbal"
        return "bracket-rel-abs" if "rel_alt" in found else "bracket-altitude"
    camera = found & {"shutter", "fnum", "color_md", "focal_len"}
    return "bracket-camera" if camera and found & {"framecnt", "srtcnt", "clock"} else None


@dataclass(frozen=True, slots=True)
class _Group:
    """Cues with the same keys: which cues, and a column of texts for each key."""

    keys: tuple[str, ...]
    rows: Ints
    columns: Sequence[Sequence[bytes]]
    dialect: str | None


@dataclass(eq=False)
class Subtitles:
    """Cues, read: values as text in columns, and what could not be read."""

    cues: Cues
    groups: tuple[_Group, ...]
    issues: tuple[Issue, ...]
    _numbers: dict[str, Floats] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, cues: Cues) -> "Subtitles":
        """Read the values of all cues."""
        reader = _Reader(cues)
        groups = reader.groups()
        return cls(cues, groups, tuple(reader.issues))

    def __len__(self) -> int:
        """Return the number of cues."""
        return len(self.cues)

    @cached_property
    def dialects(self) -> tuple[str, ...]:
        """Dialects that cues are of, the most frequent first."""
        counts: dict[str, int] = {}
        for group in self.groups:
            if group.dialect:
                counts[group.dialect] = counts.get(group.dialect, 0) + len(group.rows)
        return tuple(sorted(counts, key=lambda name: (-counts[name], name)))

    @cached_property
    def dialect_rows(self) -> npt.NDArray[np.int64]:
        """The place of each cue's dialect in ``dialects``; -1 for a cue without telemetry."""
        out = np.full(len(self), -1, np.int64)
        for group in self.groups:
            if group.dialect:
                out[group.rows] = self.dialects.index(group.dialect)
        return out

    @cached_property
    def told(self) -> npt.NDArray[np.bool_]:
        """Which cues hold telemetry."""
        return self.dialect_rows >= 0

    @cached_property
    def wall(self) -> Instants:
        """The wall clock of each cue, as it stands and of no known zone; NaT without one."""
        return instants_of(self.texts("clock"))

    def has(self, key: str) -> bool:
        """Return whether any cue holds a key."""
        return any(key in group.keys for group in self.groups)

    def rows_with(self, *keys: str) -> npt.NDArray[np.bool_]:
        """Return which cues hold at least one of some keys."""
        out = np.zeros(len(self), bool)
        for group in self.groups:
            if set(keys) & set(group.keys):
                out[group.rows] = True
        return out

    def texts(self, key: str) -> list[bytes | None]:
        """Return the value of a key in each cue as it stands in the file."""
        out: list[bytes | None] = [None] * len(self)
        for group in self.groups:
            if key in group.keys:
                column = group.columns[group.keys.index(key)]
                if len(group.rows) == len(self):
                    return list(column)
                for row, text in zip(group.rows.tolist(), column, strict=True):
                    out[row] = text
        return out

    def numbers(self, *keys: str) -> Floats:
        """Return a value of each cue in its unit; of several keys the first that a cue holds."""
        out = np.full(len(self), np.nan)
        for key in reversed(keys):
            if key not in self._numbers:
                self._numbers[key] = self._parsed(key)
            values = self._numbers[key]
            out = np.where(np.isnan(values), out, values)
        return out

    def _parsed(self, key: str) -> Floats:
        out = np.full(len(self), np.nan)
        read = MEANINGS[key].read if key in MEANINGS else None
        for group in self.groups:
            if key in group.keys:
                column = group.columns[group.keys.index(key)]
                known = {text: (read or number)(text) for text in set(column)}
                values = map(known.__getitem__, column)
                out[group.rows] = np.fromiter(values, np.float64, len(column))
        return out

    def remarks(self) -> list[Issue]:
        """Return which values are no numbers though they should be."""
        out: list[Issue] = []
        for key in self.keys:
            if key in MEANINGS and MEANINGS[key].read is not None:
                bad = np.isnan(self.numbers(key))
                texts = self.texts(key)
                rows = [row for row in np.flatnonzero(bad).tolist() if texts[row] not in _NO_VALUE]
                if rows:
                    first = int(self.cues.offsets[rows[0]])
                    out.append(Issue(first, 0, f"{len(rows)} values of {key} are no numbers"))
        return out

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of any cue, in the order in which they are met."""
        return tuple(dict.fromkeys(key for group in self.groups for key in group.keys))

    def frame(self) -> pd.DataFrame:
        """Return one row for each cue, with every value in its unit and the text as it stands."""
        cues = self.cues
        names: list[str | None] = [*self.dialects, None]
        columns: dict[str, Any] = {
            "offset": cues.offsets,
            "length": cues.ends - cues.offsets,
            "cue": cues.numbers,
            "start_s": cues.start_s,
            "end_s": cues.end_s,
            "wall_clock": self.wall,
            "dialect": [names[number] for number in self.dialect_rows.tolist()],
        }
        for key in self.keys:
            if key != "clock":
                name = MEANINGS[key].column if key in MEANINGS else key
                columns[name] = self._column(key, columns.get(name))
        columns["text"] = [cues.text(row).decode("utf-8", "replace") for row in range(len(cues))]
        return pd.DataFrame(columns)

    def _column(self, key: str, before: Any) -> Any:
        """Return a column of numbers, or of texts where one is no number."""
        meaning = MEANINGS.get(key)
        if meaning is not None and meaning.read is not None:
            values = self.numbers(key)
            return values if before is None else np.where(np.isnan(before), values, before)
        texts = self.texts(key)
        values = self.numbers(key)
        plain = all(text is None or not np.isnan(value) for text, value in zip(texts, values, strict=True))
        if meaning is None and plain:
            return values
        return [None if text is None else text.decode("utf-8", "replace") for text in texts]


class _Reader:
    """Reads the values of cues: by template where one fits, else by the tokenizer."""

    def __init__(self, cues: Cues) -> None:
        self.cues = cues
        self.issues: list[Issue] = []

    def groups(self) -> tuple[_Group, ...]:
        """Return all cues, grouped by their keys."""
        left = self._readable()
        found: list[_Group] = []
        for _ in range(_MOST_TEMPLATES):
            group, left = self._by_template(left)
            if group is not None:
                found.append(group)
            if group is None or len(left) * 20 <= len(self.cues):
                break
        found += self._one_by_one(left)
        return tuple(found)

    def _readable(self) -> list[int]:
        """Return the cues short enough to be one."""
        sizes = self.cues.text_ends - self.cues.bodies
        for row in np.flatnonzero(sizes > MOST_TEXT).tolist():
            begin = int(self.cues.bodies[row])
            self._tell(begin, int(sizes[row]), f"text of {int(sizes[row])} bytes is no cue")
        return np.flatnonzero(sizes <= MOST_TEXT).tolist()

    def _by_template(self, left: list[int]) -> tuple[_Group | None, list[int]]:
        """Read by a template learned from the first of some cues that is understood whole."""
        cues = self.cues
        for row in left[:200]:
            begin, end = int(cues.bodies[row]), int(cues.text_ends[row])
            reading = tokenize(cues.data, begin, end)
            if reading.unexplained or dialect(reading.keys) is None:
                continue
            match = template(cues.data, begin, end, reading).fullmatch
            begins, ends = cues.bodies.tolist(), cues.text_ends.tolist()
            rows: list[int] = []
            values: list[tuple[bytes, ...]] = []
            rest: list[int] = []
            for each in left:
                found = match(cues.data, begins[each], ends[each])
                if found is None:
                    rest.append(each)
                else:
                    rows.append(each)
                    values.append(found.groups())
            columns = list(zip(*values, strict=True))
            if not rows:  # a value that its own template does not read: leave it to the tokenizer
                continue
            known = dialect(reading.keys)
            return _Group(reading.keys, np.array(rows, np.int64), columns, known), rest
        return None, left

    def _one_by_one(self, left: list[int]) -> Iterator[_Group]:
        """Read cues by the tokenizer and tell what it cannot explain."""
        cues = self.cues
        grouped: dict[tuple[str, ...], list[tuple[int, list[bytes]]]] = {}
        for row in left:
            reading = tokenize(cues.data, int(cues.bodies[row]), int(cues.text_ends[row]))
            values = [bytes(cues.data[token.begin : token.end]) for token in reading.tokens]
            grouped.setdefault(reading.keys, []).append((row, values))
            self._explain(row, reading)
        for keys, members in grouped.items():
            rows = np.array([row for row, _ in members], np.int64)
            columns = list(zip(*(values for _, values in members), strict=True))
            yield _Group(keys, rows, columns, dialect(keys))

    def _explain(self, row: int, reading: Reading) -> None:
        cues = self.cues
        if dialect(reading.keys) is None:
            begin, end = int(cues.offsets[row]), int(cues.ends[row])
            self._tell(begin, end - begin, f"cue {int(cues.numbers[row])} holds no telemetry")
            return
        for begin, end in reading.unexplained:
            self._tell(begin, end - begin, f"text in cue {int(cues.numbers[row])} of no known form")

    def _tell(self, offset: int, size: int, reason: str) -> None:
        self.issues.append(Issue(offset, size, reason))
