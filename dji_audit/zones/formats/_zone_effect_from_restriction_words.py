"""What a zone means for a pilot, from the words of ED-269, ED-318 and map servers."""

import re

from dji_audit.zones._model import ZoneEffect

#: Upper case, an underscore between words.  Both spellings are in published files of both
#: standards.
_EFFECTS = {
    "P": ZoneEffect.PROHIBITED,
    "PROHIBITED": ZoneEffect.PROHIBITED,
    "R": ZoneEffect.AUTHORISATION,
    "RESTRICTED": ZoneEffect.AUTHORISATION,
    "CTR": ZoneEffect.AUTHORISATION,
    "REQ_AUTHORISATION": ZoneEffect.AUTHORISATION,
    "REQ_AUTHORIZATION": ZoneEffect.AUTHORISATION,
    "D": ZoneEffect.ADVISORY,
    "Q": ZoneEffect.ADVISORY,
    "DANGER": ZoneEffect.ADVISORY,
    "CONDITIONAL": ZoneEffect.CONDITIONAL,
    "USPACE": ZoneEffect.CONDITIONAL,
    "NO_RESTRICTION": ZoneEffect.NONE,
    "UNRESTRICTED": ZoneEffect.NONE,
}
#: Of a type of airspace D is a danger area; of a class of airspace (ICAO Annex 11, A to G) it is
#: controlled airspace, which says nothing about danger.
_ICAO_CLASSES = frozenset("ABCDEFG")


def effect_of_restriction(words: str) -> ZoneEffect:
    """Return the meaning of a restriction or a type of airspace; "not stated": not known."""
    plain = re.sub(r"[ _-]+", "_", words.strip().upper())
    return _EFFECTS.get(plain, ZoneEffect.NOT_STATED)


def effect_of_airspace_class(words: str) -> ZoneEffect:
    """Return the meaning of a class of airspace; "not stated": one of ICAO, or not known."""
    is_icao_class = words.strip().upper() in _ICAO_CLASSES
    return ZoneEffect.NOT_STATED if is_icao_class else effect_of_restriction(words)


def join_zone_remarks(*texts: str) -> str:
    """Return the texts that are not empty as sentences of one remark."""
    return ". ".join(text.rstrip(".") for text in texts if text)
