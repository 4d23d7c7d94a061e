"""Units and instances of DataFlash messages: what FMTU, UNIT and MULT say of their fields.

The factor of a MULT message belongs to the number on the wire.  A format
character that implies hundredths (or 1e-7 degrees) says the same once more, so
that only one of the two is applied: values are divided as the character says,
and for other characters the factor becomes a prefix of the unit (``TimeUS`` is
in "µs").
"""

from collections.abc import Mapping

from ._messages import DIVISOR, Definition, Messages

#: Factor of a MULT message -> prefix of the unit, for a field given as it is on the wire.
PREFIX: Mapping[float, str] = {
    1.0: "",
    1e-1: "d",
    1e-2: "c",
    1e-3: "m",
    1e-6: "µ",
    1e-9: "n",
}

#: The unit that marks the field which numbers the sensor.
INSTANCE = "#"


def with_units(messages: Mapping[str, Messages]) -> Mapping[str, Messages]:
    """Return the messages with the units and the instance field that the log states."""
    stated = _stated(messages)
    if not stated:
        return messages
    units = _names(messages.get("UNIT"), "Label")
    factors = _factors(messages.get("MULT"))
    out = {}
    for name, found in messages.items():
        made = found.parts[-1].definition
        ids, mults = stated.get(made.type, ("", ""))
        at = ids.find(INSTANCE)
        out[name] = Messages(
            name,
            found.parts,
            _units(made, ids, mults, units, factors),
            made.labels[at] if 0 <= at < len(made.labels) else None,
        )
    return out


def _stated(messages: Mapping[str, Messages]) -> Mapping[int, tuple[str, str]]:
    found = messages.get("FMTU")
    if found is None:
        return {}
    kinds = found.numbers("FmtType").tolist()
    pairs = zip(found.texts("UnitIds"), found.texts("MultIds"), strict=True)
    return {int(kind): pair for kind, pair in zip(kinds, pairs, strict=True) if kind == kind}


def _names(found: Messages | None, label: str) -> Mapping[str, str]:
    if found is None:
        return {}
    ids = found.numbers("Id").tolist()
    return {
        chr(int(one)): text
        for one, text in zip(ids, found.texts(label), strict=True)
        if 0 <= one < 128
    }


def _factors(found: Messages | None) -> Mapping[str, float]:
    if found is None:
        return {}
    ids, factors = found.numbers("Id").tolist(), found.numbers("Mult").tolist()
    return {
        # Written as double, made from single precision: seven digits are meant.
        chr(int(one)): float(f"{factor:.7g}")
        for one, factor in zip(ids, factors, strict=True)
        if 0 <= one < 128
    }


def _units(
    made: Definition,
    ids: str,
    mults: str,
    units: Mapping[str, str],
    factors: Mapping[str, float],
) -> Mapping[str, str]:
    out = {}
    for place, (label, char) in enumerate(zip(made.labels, made.chars, strict=False)):
        unit = units.get(ids[place], "") if place < len(ids) else ""
        if not unit or ids[place] == INSTANCE:
            continue
        factor = factors.get(mults[place], 1.0) if place < len(mults) else 1.0
        if char not in DIVISOR and factor:
            unit = PREFIX[factor] + unit if factor in PREFIX else f"{factor:.4g} {unit}"
        out[label] = unit
    return out
