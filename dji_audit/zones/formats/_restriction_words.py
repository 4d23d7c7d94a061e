"""What a zone means for a pilot, from the words of ED-269, ED-318 and map servers."""

from dji_audit.zones._model import Effect

#: Upper case.  Both spellings are in published files of both standards.
_EFFECTS = {
    "P": Effect.PROHIBITED,
    "PROHIBITED": Effect.PROHIBITED,
    "R": Effect.AUTHORISATION,
    "RESTRICTED": Effect.AUTHORISATION,
    "CTR": Effect.AUTHORISATION,
    "REQ_AUTHORISATION": Effect.AUTHORISATION,
    "REQ_AUTHORIZATION": Effect.AUTHORISATION,
    "D": Effect.ADVISORY,
    "Q": Effect.ADVISORY,
    "DANGER": Effect.ADVISORY,
    "CONDITIONAL": Effect.CONDITIONAL,
    "USPACE": Effect.CONDITIONAL,
    "NO_RESTRICTION": Effect.NONE,
}


def effect_of_restriction(words: str) -> Effect:
    """Return the meaning of a restriction or a type of airspace; "not stated": not known."""
    return _EFFECTS.get(words.upper(), Effect.NOT_STATED)


def joined_remarks(*texts: str) -> str:
    """Return the texts that are not empty as sentences of one remark."""
    return ". ".join(text.rstrip(".") for text in texts if text)
