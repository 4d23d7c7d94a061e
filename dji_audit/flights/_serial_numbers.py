"""Serial numbers as logs give them: padded, in either case, or cut short by a field."""

#: Characters from which a serial number that another one begins with is that one, cut short by a
#: field of fixed length.  No maker's serial numbers of one kind differ in length.
_MIN_PREFIX = 10
#: Characters for the length of a serial number by ANSI/CTA-2063-A, from 1 on.
_LENGTHS = "123456789ABCDEF"


def normalised_serial(serial: str) -> str:
    """Return a serial number without the filling of its field: blanks, NUL and what follows it."""
    return serial.strip("\0 \t\r\n").split("\0")[0].strip().upper()


def serial_number_variants(serial: str) -> tuple[str, ...]:
    """Return a normalised serial number, and the maker's own in one by ANSI/CTA-2063-A.

    That has four characters for the maker, one for the length of the rest (1 to 9, A to F), and
    the rest, which is what older logs of the same aircraft state.
    """
    length = _LENGTHS.find(serial[4:5]) + 1 if len(serial) > 5 else 0
    return (serial, serial[5:]) if length and len(serial) == 5 + length else (serial,)


def is_same_serial_number(one: str, other: str) -> bool:
    """Return whether two normalised serial numbers are the same, or one is the other cut short."""
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(shorter) >= _MIN_PREFIX and longer.startswith(shorter))


def serial_prefix_key(serial: str) -> str:
    """Return what a normalised serial number shares with itself cut short."""
    return serial[:_MIN_PREFIX]
