"""Secrets that logs hold by mistake: taken out of every text before it goes anywhere."""

import re

REDACTED = "(redacted)"

#: The user and password of a URL; a password, PIN or key that a text names.
_PATTERNS = (
    (re.compile(r"(?<=://)[^/\s@]+(?=@)"), REDACTED),
    (
        re.compile(
            r"(\b(?:pass(?:word|wd|phrase)?|psk|pin|puk|secret|(?:signing|secret|api|wpa)[ _-]?key"
            r"|token)\b\s*(?:[:=]|is)\s*)(?!\()\S+",
            re.IGNORECASE,
        ),
        rf"\g<1>{REDACTED}",
    ),
)


def redact(text: str) -> tuple[str, int]:
    """Return a text without its secrets, and how many there were."""
    found = 0
    for pattern, instead in _PATTERNS:
        text, times = pattern.subn(instead, text)
        found += times
    return text, found
