"""What a zone means for a pilot, from the words of ED-269, ED-318 and map servers."""

from dji_audit.zones._model import ZoneEffect

#: Upper case.  Both spellings are in published files of both standards.
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
}


def effect_of_restriction(words: str) -> ZoneEffect:
    """Return the meaning of a restriction or a type of airspace; "not stated": not known."""
    return _EFFECTS.get(words.upper(), ZoneEffect.NOT_STATED)


def join_zone_remarks(*texts: str) -> str:
    """Return the texts that are not empty as sentences of one remark."""
    return ". ".join(text.rstrip(".") for text in texts if text)
