"""Serial numbers as logs give them: padded, in either case, or cut short by a field."""

import parsers

#: Characters from which a serial number that another one begins with is that one, cut short by a
#: field of fixed length.  No maker's serial numbers of one kind differ in length.
_MIN_PREFIX = 10
#: Characters for the length of a serial number by ANSI/CTA-2063-A, from 1 on.
_LENGTHS = "123456789ABCDEF"


def normalised_serial(serial: str) -> str:
    """Return a serial number in upper case, without spaces, or NUL and what follows it.

    Logs fill their field up, and people part the digits that they type.
    """
    return "".join(serial.strip("\0 \t\r\n").split("\0")[0].split()).upper()


def serial_number_variants(serial: str) -> tuple[str, ...]:
    """Return a normalised serial number, and the maker's own in one by ANSI/CTA-2063-A.

    That has four characters for the maker, one for the length of the rest (1 to 9, A to F), and
    the rest, which is what older logs of the same aircraft state.
    """
    length = _LENGTHS.find(serial[4:5]) + 1 if len(serial) > 5 else 0
    return (serial, serial[5:]) if length and len(serial) == 5 + length else (serial,)


def is_same_serial_number(one: str, other: str, min_prefix: int = _MIN_PREFIX) -> bool:
    """Return whether two normalised serial numbers are the same, or one is the other cut short."""
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(shorter) >= min_prefix and longer.startswith(shorter))


def may_be_serial_of_same_aircraft(one: str, other: str, min_prefix: int = _MIN_PREFIX) -> bool:
    """Return whether two normalised serial numbers may be of one aircraft, in any of their forms.

    Either may be cut short, or be the maker's own within the other.

    Args:
        one: A serial number.
        other: Another.
        min_prefix: Characters from which one that another begins with is that one, cut short.
    """
    return any(
        is_same_serial_number(a, b, min_prefix)
        for a in serial_number_variants(one)
        for b in serial_number_variants(other)
    )


def share_serial_number(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether a serial number in one set may be of the same aircraft as one in the other."""
    return any(may_be_serial_of_same_aircraft(a, b) for a in one for b in other)


def aircraft_serials_of_log(log: parsers.Log) -> frozenset[str]:
    """Return the normalised serial numbers of the aircraft and of its flight controller.

    None of a video, which may state its camera's.
    """
    if log.source.format == "video":
        return frozenset()
    known = (log.aircraft.serial, log.aircraft.flight_controller_serial)
    return frozenset(filter(None, (normalised_serial(serial or "") for serial in known)))


def serial_prefix_key(serial: str) -> str:
    """Return what a normalised serial number shares with itself cut short."""
    return serial[:_MIN_PREFIX]
