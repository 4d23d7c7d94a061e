"""Serial numbers as logs give them: padded, in either case, or cut short by a field."""

#: Characters from which a serial number that another one begins with is that one, cut short by a
#: field of fixed length.  No maker's serial numbers of one kind differ in length.
_MIN_PREFIX = 10


def normalised_serial(serial: str) -> str:
    """Return a serial number without the filling of its field: blanks, NUL and what follows it."""
    return serial.strip("\0 \t\r\n").split("\0")[0].strip().upper()


def is_same_serial_number(one: str, other: str) -> bool:
    """Return whether two normalised serial numbers are the same, or one is the other cut short."""
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(shorter) >= _MIN_PREFIX and longer.startswith(shorter))


def serial_prefix_key(serial: str) -> str:
    """Return what a normalised serial number shares with itself cut short."""
    return serial[:_MIN_PREFIX]
