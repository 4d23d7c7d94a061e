"""How the values of cues are read, and which dialect a cue is of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .._model import Issue
from ._subtitles_cues import Cues, Ints
from ._subtitles_tokens import Reading, template, tokenize

#: A longer text is no cue of DJI's, whose longest are below 1 kB.
MOST_TEXT = 8192
_MOST_TEMPLATES = 8

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
class Group:
    """Cues with the same keys: which cues, and a column of texts for each key."""

    keys: tuple[str, ...]
    rows: Ints
    columns: Sequence[Sequence[bytes]]
    dialect: str | None

    def column(self, key: str) -> Sequence[bytes]:
        """Return the text of a key in each of the cues."""
        return self.columns[self.keys.index(key)]


class Reader:
    """Reads the values of cues: by template where one fits, else by the tokenizer."""

    def __init__(self, cues: Cues) -> None:
        self.cues = cues
        self.issues: list[Issue] = []

    def groups(self) -> tuple[Group, ...]:
        """Return all cues, grouped by their keys."""
        left = self._readable()
        found: list[Group] = []
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

    def _by_template(self, left: list[int]) -> tuple[Group | None, list[int]]:
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
            return Group(reading.keys, np.array(rows, np.int64), columns, known), rest
        return None, left

    def _one_by_one(self, left: list[int]) -> Iterator[Group]:
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
            yield Group(keys, rows, columns, dialect(keys))

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
