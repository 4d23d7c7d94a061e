"""Families of words by which the lines of the aircraft's log are sorted.

The full set of messages is not public: heads of them stand in the symbol maps
of firmware (o-gs/dji-firmware-tools df0b9c5; facts only), some whole in public
logs.  So a line is sorted by its words, and its text is always kept as it stands.
"""

import re

_I = re.IGNORECASE
#: Family -> its words, and the kind, severity and grade of its events; the first that fits.
TEXT_FAMILIES = (
    ("unlock", re.compile(r"\b(license|\w*unlimit|unlock\w*|white ?list)\b|wl_get_license", _I),
     "geofence.config", "notice"),
    ("geofence", re.compile(
        r"\b(fly.?limit|airport|nfz|no.?fly|wl_\w+|limit (area|data|db)|in_limit|warn.?zone)"
        r"|fl_limit|fly_limit|\bwl req", _I),
     "geofence.warning", "notice"),
    ("height limit", re.compile(r"\b(height|vert)[_ ]?limit|near vert limit", _I),
     "limit.height", "notice"),
    ("distance limit", re.compile(r"\b(radius|distance|horiz)[_ ]?limit|near horiz limit", _I),
     "limit.distance", "notice"),
    ("limit", re.compile(r"out of limit", _I), "geofence.breach", "warning"),
    ("firmware", re.compile(r"\b(upgrade|firmware|ota)\b", _I), "firmware", "notice"),
    ("sync", re.compile(r"\b(db sync|sync|upload|download)\b", _I), "sync", "notice"),
    ("motor start", re.compile(r"\bM(otor)?\.? ?Start|\[L-FMU/MOTOR\] ?Start", _I), "arm", "info"),
    ("motor stop", re.compile(r"\bM(otor)?\.? ?Stop|\[L-FMU/MOTOR\] ?Stop", _I), "disarm", "info"),
    ("motor", re.compile(r"\[L-FMU/MOTOR\]", _I), "tip", "info"),
)  # fmt: skip


def family_kind_and_severity_of_line(text: str) -> tuple[str, str, str] | None:
    """Return family, kind of event and severity of a line; ``None``: it is of no family."""
    for name, pattern, kind, severity in TEXT_FAMILIES:
        if pattern.search(text):
            return name, kind, severity
    return None
