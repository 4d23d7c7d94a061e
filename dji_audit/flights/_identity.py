"""Which aircraft and which parts: what the logs of a flight say of them, and where they differ."""

import re
from collections.abc import Iterator, Sequence

import parsers
from dji_audit.flights._model import Disagreement, Said
from dji_audit.flights._pieces import Piece

#: Field of ``Aircraft`` -> what it is called.
_SERIALS = {
    "camera_serial": "camera's serial number",
    "controller_serial": "controller's serial number",
    "battery_serial": "battery's serial number",
}
#: Words that one maker of logs writes and another leaves out.
_LEFT_OUT = re.compile(r"\bdji\b|[^a-z0-9]")
#: What a log of an autopilot calls its vehicle is a kind of airframe and no model.
_KIND = re.compile(r"rotor|copter|coaxial|wing|rover|submarine|airship|vtol", re.IGNORECASE)
_SHORT = ((re.compile(r"^p(?=\d)"), "phantom"), (re.compile(r"adv$"), "advanced"))


def contradictions(found: Sequence[Piece]) -> Iterator[Disagreement]:
    """Yield what the logs of a flight say differently of the aircraft and its parts.

    Each value that differs from the first log's is told once, by the first log that says it.
    """
    logs = [(place, piece.log) for place, piece in enumerate(found) if not piece.copy]
    yield from _differing(
        "aircraft's serial number",
        [(place, log, _aircraft_serials(log)) for place, log in logs],
    )
    for name, words in _SERIALS.items():
        told = [(place, log, getattr(log.aircraft, name)) for place, log in logs]
        yield from _differing(
            words,
            [(place, log, frozenset({_plain(one)} if one else ())) for place, log, one in told],
        )
    named = [
        (place, log, log.aircraft.model)
        for place, log in logs
        if log.aircraft.model and not _KIND.search(log.aircraft.model)
    ]
    for place, log, model in named[1:]:
        earlier = [one for one in named if one[0] < place]
        if any(same_model(str(model), str(one[2])) for one in earlier):
            continue
        first, other, known = earlier[0]
        yield _contradiction("aircraft's model", first, other, str(known), place, log, str(model))


Named = tuple[int, parsers.Log, frozenset[str]]


def _differing(words: str, told: Sequence[Named]) -> Iterator[Disagreement]:
    known = [one for one in told if one[2]]
    for number, (place, log, values) in enumerate(known[1:], 1):
        if any(values & earlier for _, _, earlier in known[:number]):
            continue
        first, other, said = known[0]
        yield _contradiction(words, first, other, min(said), place, log, min(values))


def same_model(one: str, other: str) -> bool:
    """Return whether two names are of one model: apart from the maker's name and short forms."""
    a, b = _model(one), _model(other)
    return a.startswith(b) or b.startswith(a)


def _model(name: str) -> str:
    plain = _LEFT_OUT.sub("", name.lower())
    for pattern, long in _SHORT:
        plain = pattern.sub(long, plain)
    return plain


def _aircraft_serials(log: parsers.Log) -> frozenset[str]:
    """Return the serial numbers of the aircraft; that in a video may be its camera's."""
    if log.source.format == "video":
        return frozenset()
    known = (log.aircraft.serial, log.aircraft.flight_controller_serial)
    return frozenset(_plain(serial) for serial in known if serial)


def _plain(serial: str) -> str:
    return serial.strip().upper()


def _contradiction(
    words: str, place: int, log: parsers.Log, says: str, other: int, another: parsers.Log,
    also: str,
) -> Disagreement:  # fmt: skip
    return Disagreement(
        "identity",
        f"{log.source.name} gives the {words} as {says}, {another.source.name} as {also}",
        _said(place, log, words, says),
        _said(other, another, words, also),
    )


def _said(place: int, log: parsers.Log, words: str, value: str) -> Said:
    stated = log.stated
    if stated is not None:
        return Said(place, stated.source_offset, stated.record, words, value)
    return Said(place, None, log.track_record, words, value)
