"""Disagreements of a flight's logs on the identity of the aircraft and its parts."""

import re
from collections.abc import Callable, Iterator, Sequence

import parsers
from dji_audit.flights._model import Disagreement, ValueInLog
from dji_audit.flights._serial_numbers import (
    aircraft_serials_of_log,
    normalised_serial,
    share_serial_number,
)
from dji_audit.flights.merge._aligned_segments import AlignedSegment
from dji_audit.flights.merge._conflict_sentences import join_names

#: Field of ``Aircraft`` -> what it is called.
_SERIALS = {
    "camera_serial": "camera's serial number",
    "controller_serial": "controller's serial number",
    "battery_serial": "battery's serial number",
}
#: Text that some log formats write and others omit.
_IGNORED_TEXT = re.compile(r"\bdji\b|[^a-z0-9]")
#: Logs of autopilots name a kind of airframe, which is no model.
_AIRFRAME_KIND = re.compile(
    r"rotor|copter|coaxial|wing|rover|submarine|airship|vtol", re.IGNORECASE
)
_ABBREVIATIONS = (
    (re.compile(r"^p(?=\d)"), "phantom"),
    (re.compile(r"^m(?=\d{2,3}(?!\d))"), "matrice"),
    (re.compile(r"adv$"), "advanced"),
)


def identity_disagreements(segments: Sequence[AlignedSegment]) -> Iterator[Disagreement]:
    """Yield where the logs of a flight name a different aircraft or part.

    Each stands once, with every log that names it.
    """
    logs = [(index, aligned.log) for index, aligned in enumerate(segments) if not aligned.is_copy]
    yield from _identity_disagreement(
        "aircraft's serial number",
        [(index, log, aircraft_serials_of_log(log)) for index, log in logs],
    )
    for name, words in _SERIALS.items():
        stated = [(index, log, getattr(log.aircraft, name)) for index, log in logs]
        yield from _identity_disagreement(
            words,
            [
                (index, log, frozenset(filter(None, [normalised_serial(serial or "")])))
                for index, log, serial in stated
            ],
        )
    named = [
        (index, log, frozenset({str(log.aircraft.model)}))
        for index, log in logs
        if log.aircraft.model and not _AIRFRAME_KIND.search(log.aircraft.model)
    ]
    yield from _identity_disagreement("aircraft's model", named, _share_a_model)


IdentitySource = tuple[int, parsers.Log, frozenset[str]]
IsSame = Callable[[frozenset[str], frozenset[str]], bool]


def _share_a_model(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether a model in one set is the same as one in the other."""
    return any(is_same_model_name(a, b) for a in one for b in other)


def _identity_disagreement(
    words: str, sources: Sequence[IdentitySource], alike: IsSame = share_serial_number
) -> Iterator[Disagreement]:
    """Yield the disagreement, if there is one: logs that name the same are one side."""
    sides: list[list[IdentitySource]] = []
    for source in sources:
        if not source[2]:
            continue
        side = next((it for it in sides if any(alike(source[2], known[2]) for known in it)), None)
        if side is None:
            sides.append([source])
        else:
            side.append(source)
    if len(sides) < 2:
        return
    said = [
        f"{min(side[0][2])} by {join_names([log.source.name for _, log, _ in side])}"
        for side in sides
    ]
    yield Disagreement(
        "identity",
        f"the {words} is given as {', as '.join(said)}",
        tuple(
            _identity_value_in_log(index, log, words, min(values))
            for side in sides
            for index, log, values in side
        ),
    )


def is_same_model_name(one: str, other: str) -> bool:
    """Return whether two names are of one model, apart from maker's name and short forms."""
    a, b = _comparable_model_name(one), _comparable_model_name(other)
    short, long = sorted((a, b), key=len)
    # "Matrice 30" begins "Matrice 300", which is another model.
    is_cut_in_number = short[-1:].isdigit() and long[len(short) : len(short) + 1].isdigit()
    return long.startswith(short) and not is_cut_in_number


def _comparable_model_name(name: str) -> str:
    plain = _IGNORED_TEXT.sub("", name.lower())
    for pattern, long in _ABBREVIATIONS:
        plain = pattern.sub(long, plain)
    return plain


def _identity_value_in_log(index: int, log: parsers.Log, words: str, value: str) -> ValueInLog:
    """Return a value of a log's identity and where it stands."""
    stated = log.header_summary
    if stated is not None:
        return ValueInLog(index, stated.source_offset, stated.record, words, value)
    return ValueInLog(index, None, log.track_record, words, value)
