"""Which aircraft and which parts: what the logs of a flight say of them, and where they differ."""

import re
from collections.abc import Callable, Iterator, Sequence

import parsers
from dji_audit.flights._model import Disagreement, Said
from dji_audit.flights.merge._conflict_groups import listed
from dji_audit.flights.merge._segments import Piece

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

    Each thing that they differ on is told once, with every log that says anything of it.
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
        (place, log, frozenset({str(log.aircraft.model)}))
        for place, log in logs
        if log.aircraft.model and not _KIND.search(log.aircraft.model)
    ]
    yield from _differing("aircraft's model", named, _share_a_model)


Named = tuple[int, parsers.Log, frozenset[str]]
Alike = Callable[[frozenset[str], frozenset[str]], bool]


def _share_a_model(one: frozenset[str], other: frozenset[str]) -> bool:
    return any(same_model(a, b) for a in one for b in other)


def _share(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one & other)


def _differing(words: str, told: Sequence[Named], alike: Alike = _share) -> Iterator[Disagreement]:
    """Yield what the logs differ on, if they do: logs that name it alike are one side."""
    sides: list[list[Named]] = []
    for one in told:
        if not one[2]:
            continue
        side = next((it for it in sides if any(alike(one[2], known[2]) for known in it)), None)
        if side is None:
            sides.append([one])
        else:
            side.append(one)
    if len(sides) < 2:
        return
    said = [
        f"{min(side[0][2])} by {listed([log.source.name for _, log, _ in side])}" for side in sides
    ]
    yield Disagreement(
        "identity",
        f"the {words} is given as {', as '.join(said)}",
        tuple(
            _said(place, log, words, min(values)) for side in sides for place, log, values in side
        ),
    )


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


def _said(place: int, log: parsers.Log, words: str, value: str) -> Said:
    stated = log.stated
    if stated is not None:
        return Said(place, stated.source_offset, stated.record, words, value)
    return Said(place, None, log.track_record, words, value)
