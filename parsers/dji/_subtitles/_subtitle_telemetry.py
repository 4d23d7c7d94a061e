"""Telemetry in subtitles, whether these are a file of their own or a track of a video.

``SubtitleTelemetry`` holds the cues with their values as text, in columns; a column becomes numbers
when needed.  The dialect of a cue follows from its keys alone.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Issue
from ._cue_field_units import CUE_FIELDS, parse_number_or_nan
from ._find_cues import SubtitleCues
from ._read_cues_by_dialect import CuesWithSameKeys, CueValueReader
from ._vectorised_parsing import Floats, Instants, parse_decimals, parse_wall_clock_matrix

#: Keys that get a column among the records; the text of each cue holds them all.
_MOST_COLUMNS = 512
#: Sets of keys that others are held against.
_MOST_FREQUENT = 8
#: What stands where a value is not known.
_NO_VALUE = {b"", b"n/a", b"N/A"}


@dataclass(eq=False)
class SubtitleTelemetry:
    """SubtitleCues, read: values as text in columns, and what could not be read."""

    cues: SubtitleCues
    groups: tuple[CuesWithSameKeys, ...]
    issues: tuple[Issue, ...]
    _numbers: dict[str, Floats] = field(default_factory=dict, repr=False)
    #: Of several keys: the first number of each cue, and which cues hold one of them.  Each
    #: recording asks for the same, and there may be as many as cues.
    _first_numbers: dict[tuple[str, ...], Floats] = field(default_factory=dict, repr=False)
    _key_masks: dict[tuple[str, ...], npt.NDArray[np.bool_]] = field(
        default_factory=dict, repr=False
    )

    @classmethod
    def read(cls, cues: SubtitleCues) -> "SubtitleTelemetry":
        """Read the values of all cues."""
        reader = CueValueReader(cues)
        groups = reader.cues_grouped_by_keys()
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
    def dialect_index_of_each_cue(self) -> npt.NDArray[np.int64]:
        """Index of each cue's dialect in ``dialects``; -1 for a cue without telemetry."""
        out = np.full(len(self), -1, np.int64)
        for group in self.groups:
            if group.dialect:
                out[group.rows] = self.dialects.index(group.dialect)
        return out

    @cached_property
    def telemetry_mask(self) -> npt.NDArray[np.bool_]:
        """Which cues hold telemetry."""
        return self.dialect_index_of_each_cue >= 0

    @cached_property
    def repeated_cue_mask(self) -> npt.NDArray[np.bool_]:
        """Which cues stood in the file before, with number, time code and text."""
        cues = self.cues
        seen: set[bytes] = set()
        out = np.zeros(len(self), bool)
        if (np.diff(cues.numbers) > 0).all() or len(np.unique(cues.numbers)) == len(self):
            return out
        spans = zip(cues.offsets.tolist(), cues.text_ends.tolist(), strict=True)
        for row, (begin, end) in enumerate(spans):
            text = bytes(cues.data[begin:end]).rstrip()
            out[row] = text in seen
            seen.add(text)
        return out

    @cached_property
    def incomplete_cue_mask(self) -> npt.NDArray[np.bool_]:
        """Which cues lack values that nearly all others of the file have, or hold some twice.

        Such a cue may be the beginning of one and the end of another, and its position neither's.
        """
        out = np.zeros(len(self), bool)
        frequent = sorted(self.groups, key=lambda group: -len(group.rows))[:_MOST_FREQUENT]
        for group in self.groups:
            keys = set(group.keys)
            for other in frequent:
                few = len(group.rows) < max(3, len(other.rows) / 50)
                if few and len(group.rows) <= len(other.rows) and keys < set(other.keys):
                    out[group.rows] = True
            if any("_again" in key for key in keys):
                out[group.rows] = True
        return out & self.telemetry_mask

    @cached_property
    def wall_clock_of_each_cue(self) -> Instants:
        """The wall clock of each cue, as it stands and of no known zone; NaT without one."""
        out = np.full(len(self), np.datetime64("NaT"), "datetime64[us]")
        for group in self.groups:
            if "clock" in group.keys:
                out[group.rows] = parse_wall_clock_matrix(*group.value_matrix_and_sizes("clock"))
        return out

    def has_key(self, key: str) -> bool:
        """Return whether any cue holds a key."""
        return key in self._groups_by_key

    @cached_property
    def _groups_by_key(self) -> dict[str, list[CuesWithSameKeys]]:
        """Key -> the groups of cues that hold it."""
        groups: dict[str, list[CuesWithSameKeys]] = {}
        for group in self.groups:
            for key in group.keys:
                groups.setdefault(key, []).append(group)
        return groups

    def any_key_mask(self, *keys: str) -> npt.NDArray[np.bool_]:
        """Return which cues hold at least one of some keys."""
        if keys not in self._key_masks:
            out = np.zeros(len(self), bool)
            for key in keys:
                for group in self._groups_by_key.get(key, ()):
                    out[group.rows] = True
            self._key_masks[keys] = out
        return self._key_masks[keys]

    def value_texts(self, key: str) -> list[bytes | None]:
        """Return the value of a key in each cue as it stands in the file."""
        out: list[bytes | None] = [None] * len(self)
        for group in self._groups_by_key.get(key, ()):
            column = group.value_texts(key)
            for row, text in zip(group.rows.tolist(), column, strict=True):
                out[row] = text
        return out

    def number_of_first_key_in_each_cue(self, *keys: str) -> Floats:
        """Return a value of each cue in its unit; of several keys the first that a cue holds."""
        if keys in self._first_numbers:
            return self._first_numbers[keys]
        out = np.full(len(self), np.nan)
        for key in filter(self.has_key, reversed(keys)):
            if key not in self._numbers:
                self._numbers[key] = self._parse_number_of_key_in_each_cue(key)
            values = self._numbers[key]
            out = np.where(np.isnan(values), out, values)
        out.flags.writeable = False
        self._first_numbers[keys] = out
        return out

    def _parse_number_of_key_in_each_cue(self, key: str) -> Floats:
        out = np.full(len(self), np.nan)
        read = (CUE_FIELDS[key].parse if key in CUE_FIELDS else None) or parse_number_or_nan
        for group in self._groups_by_key.get(key, ()):
            values = (
                parse_decimals(*group.value_matrix_and_sizes(key))
                if read is parse_number_or_nan
                else None
            )
            if values is None or np.isnan(values).any():
                column = group.value_texts(key)
                known = {text: read(text) for text in set(column)}
                values = np.fromiter(map(known.__getitem__, column), np.float64, len(column))
            out[group.rows] = values
        return out

    def cue_value_issues(self) -> list[Issue]:
        """Return what a reader must know: repeats, and values that are no numbers though used."""
        out: list[Issue] = []
        if self.repeated_cue_mask.any():
            first = int(self.cues.offsets[np.argmax(self.repeated_cue_mask)])
            reason = (
                f"{int(self.repeated_cue_mask.sum())} cues are repeats of earlier cues: no rows"
            )
            out.append(Issue(first, 0, reason))
        if self.incomplete_cue_mask.any():
            first = int(self.cues.offsets[np.argmax(self.incomplete_cue_mask)])
            out.append(
                Issue(
                    first, 0, f"{int(self.incomplete_cue_mask.sum())} cues are incomplete: no rows"
                )
            )
        for key in sorted(self._numbers):
            bad = np.flatnonzero(np.isnan(self._numbers[key]) & self.any_key_mask(key))
            texts = self.value_texts(key) if len(bad) else []
            rows = [row for row in bad.tolist() if texts[row] not in _NO_VALUE]
            if rows:
                first = int(self.cues.offsets[rows[0]])
                out.append(Issue(first, 0, f"{len(rows)} values of {key} are not numbers"))
        return out

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of any cue, in order of first use."""
        return tuple(dict.fromkeys(key for group in self.groups for key in group.keys))

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each cue, with every value in its unit and the text as it stands."""
        cues = self.cues
        names: list[str | None] = [*self.dialects, None]
        columns: dict[str, Any] = {
            "offset": cues.offsets,
            "length": cues.ends - cues.offsets,
            "cue": cues.numbers,
            "start_s": cues.start_s,
            "end_s": cues.end_s,
            "wall_clock": self.wall_clock_of_each_cue,
            "dialect": [names[number] for number in self.dialect_index_of_each_cue.tolist()],
        }
        for key in self.keys[:_MOST_COLUMNS]:
            if key != "clock":
                name = CUE_FIELDS[key].column if key in CUE_FIELDS else key
                columns[name] = self._value_column(key, columns.get(name))
        columns["text"] = [cues.text(row).decode("utf-8", "replace") for row in range(len(cues))]
        return pd.DataFrame(columns)

    def _value_column(self, key: str, before: Any) -> Any:
        """Return a column of numbers, or of texts where one is not a number."""
        meaning = CUE_FIELDS.get(key)
        if meaning is not None and meaning.parse is not None:
            values = self.number_of_first_key_in_each_cue(key)
            return values if before is None else np.where(np.isnan(before), values, before)
        texts = self.value_texts(key)
        values = self.number_of_first_key_in_each_cue(key)
        absent = np.array([text is None for text in texts], bool)
        if meaning is None and bool((absent | ~np.isnan(values)).all()):
            return values
        return [None if text is None else text.decode("utf-8", "replace") for text in texts]
