"""How the values of cues are read, and which dialect a cue is of."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..._model import Issue
from ._find_cues import SubtitleCues
from ._tokenize_cue_text import TokenizedCueText, compile_cue_regex, tokenize_cue_text
from ._vectorised_parsing import (
    Bytes,
    Ints,
    byte_matrix_of_texts_at_offsets,
    group_rows_by_text_shape,
)

#: Where values begin and end in a text.
ValueSpans = list[tuple[int, int]]
#: A longer text is not one of DJI's cues, which stay below 1 kB.
MOST_TEXT = 8192
_MOST_TEMPLATES = 8
#: Texts of one size that are looked at together.
_BLOCK = 1 << 10

DIALECTS = {
    "home-gps": "HOME(lon,lat) GPS(lon,lat,satellites): Mavic Pro, Phantom 4, Inspire 2, Avata 2",
    "gps-barometer": "GPS(lat,lon,altitude M): Matrice 300 and XT2 with old firmware",
    "compact": "F/ SS ISO GPS (lon, lat, satellites): Phantom 4 Pro and RTK, Mavic Mini, Mini 2",
    "bracket-camera": "bracketed camera settings without a position: Mavic Air",
    "bracket-altitude": "bracketed, one altitude or no altitude: Mavic 2, Air 2, Air 2S, FPV",
    "bracket-rel-abs": "bracketed rel_alt and abs_alt: Mavic 3, Mini 3 and later, Air 3",
    "payload": "bracketed over several lines, drone_ and gb_ angles: Matrice with H20, H30",
    "bracket-gimbal": "bracketed with gb_ angles: M30, Mavic 3 and Matrice 4 Enterprise, Avata 360",
    "goggles": "what FPV goggles show of the link; no position",
}


def subtitle_dialect_of_keys(keys: Sequence[str]) -> str | None:
    """Return the dialect of a cue with these keys; ``None``: it is not telemetry."""
    key_set = set(keys)
    if "uavbat" in key_set:
        return "goggles"
    if key_set & {"gps_1", "rtk_1"}:
        if "clock" not in key_set and key_set & {"f", "ss", "d", "h"}:
            return "compact"
        return "home-gps" if "home_1" in key_set else "gps-barometer"
    if "latitude" in key_set or "longitude" in key_set:
        if "drone_speedx" in key_set:
            return "payload"
        if key_set & {"gb_yaw", "gb_pitch"}:
            return "bracket-gimbal"
        return "bracket-rel-abs" if "rel_alt" in key_set else "bracket-altitude"
    camera = key_set & {"shutter", "fnum", "color_md", "focal_len"}
    return "bracket-camera" if camera and key_set & {"framecnt", "srtcnt", "clock"} else None


@dataclass(frozen=True, slots=True)
class CuesDifferingInDigitsOnly:
    """Cues whose texts differ in digits only: which cues, and the columns where they differ."""

    rows: Ints
    varying_columns: Ints

    def split_into_single_cues(self) -> "Iterator[CuesDifferingInDigitsOnly]":
        """Yield a shape for each of the cues."""
        for row in self.rows[:, None]:
            yield CuesDifferingInDigitsOnly(row, self.varying_columns[:0])


@dataclass(frozen=True, slots=True)
class CuesWithSameKeys:
    """Cues with the same keys: which cues, and where the value of each key stands in them."""

    keys: tuple[str, ...]
    rows: Ints
    dialect: str | None
    cues: SubtitleCues
    #: Where values begin and end in a text, shape ``(forms, keys, 2)``, and the form of each cue.
    spans: Ints
    forms: Ints

    @classmethod
    def from_cues_and_value_spans(
        cls, keys: tuple[str, ...], cues: SubtitleCues, members: Sequence[tuple[Ints, ValueSpans]]
    ) -> "CuesWithSameKeys":
        """Return a group of cues and the spans that the values of some of them have in common."""
        rows = np.concatenate([rows for rows, _ in members])
        forms = np.repeat(np.arange(len(members)), [len(rows) for rows, _ in members])
        spans = np.array([spans for _, spans in members], np.int64).reshape(
            len(members), len(keys), 2
        )
        order = np.argsort(rows)
        return cls(keys, rows[order], subtitle_dialect_of_keys(keys), cues, spans, forms[order])

    def value_matrix_and_sizes(self, key: str) -> tuple[Bytes, Ints]:
        """Return the text of a key in each of the cues as a matrix, and the sizes."""
        begins, ends = self.spans[:, self.keys.index(key)].T
        at = self.cues.text_begins[self.rows] + begins[self.forms]
        sizes = (ends - begins)[self.forms]
        return byte_matrix_of_texts_at_offsets(self.cues.file_bytes, at, sizes), sizes

    def value_texts(self, key: str) -> list[bytes]:
        """Return the text of a key in each of the cues; no text holds a zero byte."""
        matrix, _ = self.value_matrix_and_sizes(key)
        return list(matrix.view(f"S{matrix.shape[1]}")[:, 0].tolist())


class CueValueReader:
    """Reads the values of cues: by template where one fits, else by the tokenizer."""

    def __init__(self, cues: SubtitleCues) -> None:
        self.cues = cues
        self.issues: list[Issue] = []

    def cues_grouped_by_keys(self) -> tuple[CuesWithSameKeys, ...]:
        """Return all cues, grouped by their keys."""
        remaining = self._cues_by_text_shape()
        groups: list[CuesWithSameKeys] = []
        for _ in range(_MOST_TEMPLATES):
            group, remaining = self._first_template_cue_group_and_rest(remaining)
            if group is not None:
                groups.append(group)
            if group is None or sum(len(shape.rows) for shape in remaining) * 20 <= len(self.cues):
                break
        groups += self._tokenize_cues_one_by_one(remaining)
        return tuple(groups)

    def _cues_by_text_shape(self) -> list[CuesDifferingInDigitsOnly]:
        """Return the cues short enough to be one, by shape, in order of the first of each."""
        cues = self.cues
        sizes = cues.text_ends - cues.text_begins
        for row in np.flatnonzero(sizes > MOST_TEXT).tolist():
            begin, size = int(cues.text_begins[row]), int(sizes[row])
            self._add_cue_issue(begin, size, f"text of {size} bytes is too long for a cue")
        out: list[CuesDifferingInDigitsOnly] = []
        order = np.argsort(sizes, kind="stable")
        order = order[sizes[order] <= MOST_TEXT]
        for same in np.split(order, 1 + np.flatnonzero(np.diff(sizes[order]))):
            for begin in range(0, len(same), _BLOCK):
                block = same[begin : begin + _BLOCK]
                matrix = byte_matrix_of_texts_at_offsets(
                    cues.file_bytes, cues.text_begins[block], sizes[block]
                )
                for rows in group_rows_by_text_shape(matrix, sizes[block]):
                    varying = (matrix[rows] != matrix[rows[0]]).any(axis=0)
                    out.append(CuesDifferingInDigitsOnly(block[rows], np.flatnonzero(varying)))
        return sorted(out, key=lambda shape: int(shape.rows[0]))

    def _first_template_cue_group_and_rest(
        self, shapes: list[CuesDifferingInDigitsOnly]
    ) -> tuple[CuesWithSameKeys | None, list[CuesDifferingInDigitsOnly]]:
        """Read by a template learned from the first of some cues that is understood completely."""
        cues = self.cues
        for shape in shapes[:200]:
            begin, end = self._text_bounds_of_first_cue(shape)
            reading = tokenize_cue_text(cues.data, begin, end)
            if reading.unexplained or subtitle_dialect_of_keys(reading.keys) is None:
                continue
            pattern = compile_cue_regex(cues.data, begin, end, reading)
            members: list[tuple[Ints, ValueSpans]] = []
            rest: list[CuesDifferingInDigitsOnly] = []
            for shape_part in self._split_shapes_varying_outside_values(pattern, shapes):
                spans = self._value_spans_by_template(pattern, shape_part)
                if spans is None:
                    rest.append(shape_part)
                else:
                    members.append((shape_part.rows, spans))
            if members:  # else a value that its own template does not read
                rest.sort(key=lambda shape_part: int(shape_part.rows[0]))
                return CuesWithSameKeys.from_cues_and_value_spans(reading.keys, cues, members), rest
        return None, shapes

    def _split_shapes_varying_outside_values(
        self, pattern: re.Pattern[bytes], shapes: list[CuesDifferingInDigitsOnly]
    ) -> Iterator[CuesDifferingInDigitsOnly]:
        """Yield shapes that a template reads whole or not at all: they vary in values only."""
        for shape in shapes:
            spans = self._value_spans_by_template(pattern, shape) or ()
            known = np.zeros(len(shape.varying_columns), bool)
            for begin, end in spans:
                known |= (shape.varying_columns >= begin) & (shape.varying_columns < end)
            yield from [shape] if known.all() else shape.split_into_single_cues()

    def _value_spans_by_template(
        self, pattern: re.Pattern[bytes], shape: CuesDifferingInDigitsOnly
    ) -> ValueSpans | None:
        """Return where the values of a template stand in the first cue of a shape."""
        begin, end = self._text_bounds_of_first_cue(shape)
        match = pattern.fullmatch(self.cues.data, begin, end)
        if match is None:
            return None
        spans = map(match.span, range(1, pattern.groups + 1))
        return [(first - begin, last - begin) for first, last in spans]

    def _text_bounds_of_first_cue(self, shape: CuesDifferingInDigitsOnly) -> tuple[int, int]:
        row = shape.rows[0]
        return int(self.cues.text_begins[row]), int(self.cues.text_ends[row])

    def _tokenize_cues_one_by_one(
        self, shapes: Iterable[CuesDifferingInDigitsOnly]
    ) -> Iterator[CuesWithSameKeys]:
        """Read cues with the tokenizer and report what it cannot explain."""
        cues = self.cues
        grouped: dict[tuple[str, ...], list[tuple[Ints, ValueSpans]]] = {}
        singles = (single for shape in shapes for single in shape.split_into_single_cues())
        for shape in sorted(singles, key=lambda single: int(single.rows[0])):
            begin, end = self._text_bounds_of_first_cue(shape)
            reading = tokenize_cue_text(cues.data, begin, end)
            spans = [(value.begin - begin, value.end - begin) for value in reading.keyed_values]
            grouped.setdefault(reading.keys, []).append((shape.rows, spans))
            self._report_unexplained_text(int(shape.rows[0]), reading)
        for keys, members in grouped.items():
            yield CuesWithSameKeys.from_cues_and_value_spans(keys, cues, members)

    def _report_unexplained_text(self, row: int, reading: TokenizedCueText) -> None:
        cues = self.cues
        if subtitle_dialect_of_keys(reading.keys) is None:
            begin, end = int(cues.offsets[row]), int(cues.ends[row])
            self._add_cue_issue(
                begin, end - begin, f"cue {int(cues.numbers[row])} holds no telemetry"
            )
            return
        for begin, end in reading.unexplained:
            self._add_cue_issue(
                begin, end - begin, f"text of unknown form in cue {int(cues.numbers[row])}"
            )

    def _add_cue_issue(self, offset: int, size: int, reason: str) -> None:
        self.issues.append(Issue(offset, size, reason))
