"""Secrets that logs hold by mistake: removed from every text before it is shown or stored."""

import re
from collections.abc import Mapping
from typing import Any

REDACTED = "(redacted)"

#: The user and password of a URL; a password, PIN or key that a text names.
_PATTERNS = (
    (re.compile(r"(?<=://)(?!\(redacted\)@)[^/\s@]+(?=@)"), REDACTED),
    (
        re.compile(
            r"(\b(?:pass(?:word|wd|phrase)?|pwd|psk|pin|puk|secret"
            r"|(?:signing|secret|api|wpa)[ _-]?key|token)\b\s*(?:[:=]|is\b)\s*)(?!\()\S+",
            re.IGNORECASE,
        ),
        rf"\g<1>{REDACTED}",
    ),
)
_NAMED = r"token|secret|passw|pwd|passphrase|credential|cookie|authori[sz]ation|session|jwt|e-?mail"
#: Parameters of a URL whose value gives access, or names a person.
_SECRET_PARAMETER = re.compile(
    _NAMED + r"|signature|(?:api|access|app|private|signing|security)[_-]?key"
    r"|(?:^|[_.-])(?:auth|sig|sign|key|otp|pin|sid|user|username|login)$|^code$",
    re.IGNORECASE,
)
#: The same of the fields of a record, among which a ``status_code`` and the like are none.
_SECRET_FIELD = re.compile(_NAMED + r"|username|(?:^|_)user$|^login$", re.IGNORECASE)
#: A parameter of a path ends at the query, one of the query at the next.
_PARAMETER = re.compile(r"(?:(?<=;)()|([?&#]))([^=&;?#/\s]{1,128})=((?(2)[^&;#\s]+|[^&;#?\s]+))")
#: A value as long and mixed as no word or number is.
_TOKEN = re.compile(r"(?=[^/]*[A-Za-z])(?=[^/]*\d)[\w~.+/%=-]{24,}\Z")
#: A JSON web token, wherever it stands.
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def redact_and_count(text: str) -> tuple[str, int]:
    """Return a text without its secrets, and how many there were."""
    count = 0
    for pattern, instead in _PATTERNS:
        text, times = pattern.subn(instead, text)
        count += times
    return text, count


def redact_path_and_count(text: str) -> tuple[str, int]:
    """Return a path with its query without secrets, and how many there were.

    Names of parameters stay, for they describe the request; so do values that neither
    have the name of a secret nor look like one.
    """
    count = 0

    def redacted_match(match: re.Match[str]) -> str:
        nonlocal count
        name, value = match[3], match[4]
        if value == REDACTED or not (_SECRET_PARAMETER.search(name) or _TOKEN.match(value)):
            return match[0]
        count += 1
        return f"{match[2] or ''}{name}={REDACTED}"

    text = _PARAMETER.sub(redacted_match, text)
    text, webs = _JWT.subn(REDACTED, text)
    text, rest = redact_and_count(text)
    return text, count + webs + rest


def redact_email_and_count(text: str) -> tuple[str, int]:
    """Return a text without the e-mail addresses in it, and how many there were."""
    return _EMAIL.subn(REDACTED, text)


def redact_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields with every text in them free of secrets; a field named as one is masked."""
    return {name: _redact_value(name, value) for name, value in fields.items()}


def is_secret_name(name: str) -> bool:
    """Return whether a field of this name holds a secret or names a person."""
    return _SECRET_FIELD.search(name) is not None


def _redact_value(name: str, value: Any) -> Any:
    if isinstance(value, str):
        if value and is_secret_name(name.rpartition(".")[2]):
            return REDACTED
        return redact_path_and_count(value)[0]
    if isinstance(value, list):
        return [_redact_value(name, item) for item in value]
    if isinstance(value, dict):
        return redact_fields(value)
    return value
