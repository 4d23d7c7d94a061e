"""Which platform designations are helicopters, aeroplanes, or drones as large as those.

Facts: designators of ICAO Doc 8643 and the makers' names, as far as police, coastguards and armed
forces fly them with cameras.  A designation that is not here says nothing.
"""

import re
from itertools import pairwise

HELICOPTER, AEROPLANE, LARGE_DRONE = "helicopter", "aeroplane", "large drone"
_TYPES = (
    (
        HELICOPTER,
        r"helicopter|ec[1-7][0-9]{2}|h1[0-9]{2}m?|bk117|bo105|md(500|520|530|600|900|902)n?|"
        r"aw?1(09|19|39|49|69|89)|as3[0-9]{2}|bell(206|212|407|412|429|505)|r(44|66)|[mou]h[0-9]{2}[a-z]?|"
        r"s(61|76|92)|nh90|lynx|wildcat|merlin|puma|seaking|explorer|squirrel|dauphin",
    ),
    (
        AEROPLANE,
        r"aeroplane|airplane|bn2|islander|defender|kingair[0-9]*|b(200|300|350)|pc12|pc6|da(42|62)|"
        r"c(172|182|206|208)|caravan|pa(31|34)|p68|atr(42|72)|dash8|cn235|c295",
    ),
    (
        LARGE_DRONE,
        r"(mq|rq)[0-9]{1,2}[a-z]?|predatorb?|reaper|protector|skyguardian|seaguardian|graye?agle|"
        r"globalhawk|triton|heron(tp|1)?|hermes(450|900)|watchkeeper|firescout|bayraktar.*",
    ),
)


def aircraft_type(designation: str | None) -> str | None:
    """Return what a platform is by its designation; ``None``: it does not say."""
    words = re.split(r"[^a-z0-9]+", (designation or "").lower())
    # "EC 135 T2" and "EC135-T2" are EC135; the maker's name may stand before.
    joined = [*words, *(one + other for one, other in pairwise(words))]
    for kind, pattern in _TYPES:
        if any(re.fullmatch(pattern, word) for word in joined if word):
            return kind
    return None
