"""Names of hosts and URLs in bytes, known or not.

A URL is one whatever its host.  A name without a scheme counts only if its last
label is a domain that exists and is not also an everyday word or file ending,
because a message such as ``Fly with caution.Land`` holds a dot too.
"""

import re
from bisect import bisect
from collections.abc import Iterator

from .._secrets._redact_secrets import text_without_secrets

_HOST_LABEL = rb"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_TOP_LEVEL_DOMAIN = (
    rb"com|net|org|cn|io|uk|us|eu|de|fr|jp|kr|hk|sg|ru|in|info|biz|me|tv|cc|co|app|dev|cloud|"
    rb"online|site|top|xyz|aero|ai|gov|mil|edu|int|no|nl|ch|au|ca|se|fi|dk|es|it|pl|ie|tw|asia|ink"
)
_URL = re.compile(
    rb"(?<![A-Za-z0-9+.-])(?P<scheme>https?|wss?|rtsps?|rtmps?|rtp|udp|tcp|mqtts?|ftps?|ntrip)://"
    # User and password end at the last "@" before a path, a query or a fragment.
    rb"(?:[^\s/?#\"'<>\x00-\x20\x7f-\xff]{0,512}@)?"
    rb"(?P<host>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])"
    rb"(?P<rest>(?::\d{1,5})?(?:[/?#][^\s\"'<>\x00-\x20\x7f-\xff]{0,512})?)",
    re.IGNORECASE,
)
_NAME = re.compile(
    rb"(?<![A-Za-z0-9._/@-])(?P<host>(?:"
    + _HOST_LABEL
    + rb"\.){1,8}(?:"
    + _TOP_LEVEL_DOMAIN
    + rb"))(?![A-Za-z0-9-])"
    rb"(?!\.[A-Za-z0-9])",
)


#: What every name and every URL holds: quick to search for, for both begin with plain bytes.
_NAME_HINT = re.compile(rb"\.(?:" + _TOP_LEVEL_DOMAIN + rb")(?![A-Za-z0-9-])", re.IGNORECASE)
_URL_HINT = re.compile(rb"://")
#: How far a name, and what is before and after the hint of a URL, may reach.
_LONGEST_NAME = 8 * 64
_BEFORE, _AFTER = 8, 2048


def find_hosts(data: bytes) -> Iterator[tuple[int, str, str]]:
    """Yield place, host and text of each URL in some bytes, then of each other host name.

    User and password of a URL are left out of the text, and other secrets are redacted.
    """
    begins, ends = list[int](), list[int]()
    for match in _iterate_matches_near_hints(_URL, data, _URL_HINT, _BEFORE, _AFTER):
        begins.append(match.start())
        ends.append(match.end())
        host = match["host"].decode("ascii").strip(".").lower()
        scheme = match["scheme"].decode("ascii").lower()
        if host:
            text = f"{scheme}://{host}{match['rest'].decode('ascii')}"
            yield match.start(), host, text_without_secrets(text)
    for match in _iterate_matches_near_hints(_NAME, data, _NAME_HINT, _LONGEST_NAME, 2):
        before = bisect(begins, match.start()) - 1
        if before < 0 or ends[before] <= match.start():
            host = match["host"].decode("ascii").lower()
            yield match.start(), host, host


def _iterate_matches_near_hints(
    pattern: re.Pattern[bytes], data: bytes, hint: re.Pattern[bytes], before: int, after: int
) -> Iterator[re.Match[bytes]]:
    """Yield the matches of a slow pattern, tried only near where a quick one matches."""
    begin = end = 0
    for near in hint.finditer(data):
        if near.start() - before > end:
            yield from pattern.finditer(data, begin, end)
            begin = near.start() - before
        end = near.end() + after
    yield from pattern.finditer(data, begin, end)
