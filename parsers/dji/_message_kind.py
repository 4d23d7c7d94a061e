"""What kind of event a message of the app is, by its words."""

import re
from collections.abc import Iterable

#: A text that speaks of a zone or a boundary.  ``GEO:`` opens DJI's own messages.
ZONE_WORDS = re.compile(
    r"\bGEO\b|no.?fly|restricted|authori[sz]ation zone|warning zone|altitude zone|geo.?fence"
    r"|\bNFZ\b|flight zone|airport|custom unlock",
    re.IGNORECASE,
)
#: A text that says that somebody set a limit.
LIMIT_SET_WORDS = re.compile(r"\bset\b.*\b(altitude|height|distance|radius)\b", re.IGNORECASE)


def event_kind_of_message(text: str, kinds: Iterable[tuple[str, re.Pattern[str]]], otherwise: str) -> str:
    """Return the first kind of event of which the words stand in a message."""
    return next((kind for kind, words in kinds if words.search(text)), otherwise)
