"""The text of a cue as keys and values: a tokenizer, and templates learned from what it finds.

The tokenizer knows every way in which DJI writes a value.  The cues of one file are nearly all of
one shape, so one of them is tokenized and made into a regular expression that reads the others
whole, many times faster; what fits no template is tokenized by itself.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from ._find_cues import Buffer
from ._vectorised_parsing import CLOCK

_END = rb"(?=[\s,\[\]<]|\Z)"
_NUMBER = rb"[-+]?\d+(?:\.\d+)?"
_WORD = rb"[^\x00-\x20,:\[\]()<>\x7f]+"
_NO_GROUPS = CLOCK.replace(b"(?:", b"(").replace(b"(", b"(?:")
_TOKEN = re.compile(
    # A tag of HTML or WebVTT, one of SubStation Alpha, and what HTML writes for a space.
    rb"(?P<tag></?[A-Za-z0-9][^<>\x00-\x1f]{0,200}>|\{\\[^{}\x00-\x1f]{0,60}\}|&nbsp;)"
    rb"|(?P<clock>(?<!\d)" + _NO_GROUPS + rb")" + _END + rb"|"
    rb"\b(?P<tuple>GPS|RTK|HOME|BAROMETER|F\.PRY|G\.PRY)[ ]?"
    rb"\((?P<parts>[^()\[\]<>\x00-\x1f]{0,100})\)"
    rb"|\b(?P<list>[a-z][a-z_]{0,30})\[(?P<items>[-+\d., ]{0,120})\]"
    rb"|\bF/(?P<stop>[\d.]{1,8})" + _END + rb"|"
    rb"\b(?P<key>[A-Za-z_]\w{0,40}(?:[ ][A-Za-z_]\w{0,20})?)[ ]?:[ ]{0,8}"
    rb"(?:(?P<numbers>" + _NUMBER + rb"(?:,[ ]?" + _NUMBER + rb"){1,15})" + _END + rb"|"
    rb"(?P<value>" + _WORD + rb")" + _END + rb"(?![ ]?:))?"
    rb"|\b(?P<short>H\.S|V\.S|SS|ISO|EV|DZOOM|D|H)[ ](?P<measure>" + _WORD + rb")" + _END + rb"|"
    rb"(?<![^\n])0(?=[ \t]{0,4}\r?\n)"
)
#: What may stand between keyed values.
_SEPARATORS = re.compile(rb"[\s,\[\]]*")
_SEPARATOR_BYTES = b" \t\r\n\f\v,[]"
_PART = re.compile(rb"(?:\A|,)[ \t]*([^\s,]*)")
_SPACE = re.compile(rb"\s+")

_VALUE = rb"([^\x00-\x20,:\[\]()<>\x7f]*)"
_VALUES = rb"([-+\d., ]{0,120})"


class KeyedValueSpan(NamedTuple):
    """A value: its key, and where it stands."""

    key: str
    begin: int
    end: int
    #: ``value``, ``values`` (a list), or ``clock``.
    kind: str = "value"


@dataclass(frozen=True, slots=True)
class TokenizedCueText:
    """The values of one text, and the parts that are not understood."""

    keyed_values: tuple[KeyedValueSpan, ...]
    unexplained: tuple[tuple[int, int], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys in order of the text; each is unique."""
        return tuple(value.key for value in self.keyed_values)


def tokenize_cue_text(data: Buffer, begin: int, end: int) -> TokenizedCueText:
    """Return the values that stand in ``data[begin:end]``."""
    text = bytes(data[begin:end])
    values: list[KeyedValueSpan] = []
    unexplained: list[tuple[int, int]] = []
    at, prefix, opened = 0, "", False
    for match in _TOKEN.finditer(text):
        gap = text[at : match.start()]
        if not _SEPARATORS.fullmatch(gap):
            unexplained.append(_bounds_without_separators(gap, begin + at))
        if b"[" in gap or b"]" in gap:
            opened, prefix = gap.rfind(b"[") > gap.rfind(b"]"), ""
        values += _keyed_value_spans_of_match(match, begin, prefix)
        bare = match["key"] and match["value"] is None and match["numbers"] is None
        if bare and opened:
            # "[Drone: Yaw:17.9, Pitch:-1.4]" names what its values are of.
            prefix = f"{_normalise_key(match['key'])}_"
            values.pop()
        at = match.end()
    if not _SEPARATORS.fullmatch(text[at:]):
        unexplained.append(_bounds_without_separators(text[at:], begin + at))
    return TokenizedCueText(_number_duplicate_keys(values), tuple(unexplained))


def compile_cue_regex(
    data: Buffer, begin: int, end: int, reading: TokenizedCueText
) -> re.Pattern[bytes]:
    """Return the expression that reads texts of the same shape: a group for each value."""
    parts: list[bytes] = []
    at = begin
    for value in reading.keyed_values:
        parts.append(_literal_pattern(bytes(data[at : value.begin])))
        pattern = {"clock": b"(" + _NO_GROUPS + b")", "values": _VALUES}
        parts.append(pattern.get(value.kind, _VALUE))
        at = value.end
    parts.append(_literal_pattern(bytes(data[at:end]).rstrip()))
    return re.compile(b"".join(parts) + rb"\s{0,16}")


def _bounds_without_separators(gap: bytes, begin: int) -> tuple[int, int]:
    """Return where a part that is not understood begins and ends, without filling around it."""
    first = len(gap) - len(gap.lstrip(_SEPARATOR_BYTES))
    return begin + first, begin + len(gap.rstrip(_SEPARATOR_BYTES))


def _keyed_value_spans_of_match(
    match: re.Match[bytes], base: int, prefix: str
) -> list[KeyedValueSpan]:
    """Return the values of one match."""
    if match["clock"]:
        return [_keyed_value_of_group(match, "clock", "clock", base, "clock")]
    if match["tuple"]:
        name, begin = _normalise_key(match["tuple"]), match.start("parts") + base
        if name == "barometer":
            return [_keyed_value_of_group(match, name, "parts", base)]
        return [
            KeyedValueSpan(f"{name}_{number}", begin + part.start(1), begin + part.end(1))
            for number, part in enumerate(_PART.finditer(match["parts"]), 1)
        ]
    if match["list"]:
        return [
            _keyed_value_of_group(match, _normalise_key(match["list"]), "items", base, "values")
        ]
    if match["stop"]:
        return [_keyed_value_of_group(match, "f", "stop", base)]
    if match["short"]:
        return [_keyed_value_of_group(match, _normalise_key(match["short"]), "measure", base)]
    if match["key"] is None:
        return []
    key = prefix + _normalise_key(match["key"])
    if match["numbers"]:
        return [_keyed_value_of_group(match, key, "numbers", base, "values")]
    if match["value"]:
        return [_keyed_value_of_group(match, key, "value", base)]
    return [KeyedValueSpan(key, base + match.end(), base + match.end())]


def _keyed_value_of_group(
    match: re.Match[bytes], key: str, group: str, base: int, kind: str = "value"
) -> KeyedValueSpan:
    return KeyedValueSpan(key, base + match.start(group), base + match.end(group), kind)


def _normalise_key(key: bytes) -> str:
    """Return a key in lower case without dots and spaces, and spelt as it should be."""
    plain = key.decode("ascii", "replace").lower().replace(" ", "_").replace(".", "_")
    return "longitude" if plain == "longtitude" else plain


def _number_duplicate_keys(values: list[KeyedValueSpan]) -> tuple[KeyedValueSpan, ...]:
    seen: dict[str, int] = {}
    out: list[KeyedValueSpan] = []
    for value in values:
        count = seen[value.key] = seen.get(value.key, 0) + 1
        key = value.key if count == 1 else f"{value.key}_again{count}"
        out.append(KeyedValueSpan(key, value.begin, value.end, value.kind))
    return tuple(out)


def _literal_pattern(text: bytes) -> bytes:
    """Return an expression for a literal text whose white space may vary."""
    out: list[bytes] = []
    at = 0
    for space in _SPACE.finditer(text):
        out.append(re.escape(text[at : space.start()]))
        lines = b"\n" in space[0]
        out.append(rb"\s{1,16}" if lines else rb"[ \t]{0,8}")
        at = space.end()
    out.append(re.escape(text[at:]))
    return b"".join(out)
