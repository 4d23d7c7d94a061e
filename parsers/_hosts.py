"""Names of hosts and URLs in bytes, known or not.

A URL is one whatever its host.  A name without a scheme counts only if its last
label is a domain that exists and is not also an everyday word or file ending,
because a message such as ``Fly with caution.Land`` holds a dot too.
"""

import re
from collections.abc import Iterator

_LABEL = rb"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_TOP = (
    rb"com|net|org|cn|io|uk|us|eu|de|fr|jp|kr|hk|sg|ru|in|info|biz|me|tv|cc|co|app|dev|cloud|"
    rb"online|site|top|xyz|aero|ai|gov|mil|edu|int|no|nl|ch|au|ca|se|fi|dk|es|it|pl|ie|tw"
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
    rb"(?<![A-Za-z0-9._/@-])(?P<host>(?:" + _LABEL + rb"\.){1,8}(?:" + _TOP + rb"))(?![A-Za-z0-9-])"
    rb"(?!\.[A-Za-z0-9])",
)


def find_hosts(data: bytes) -> Iterator[tuple[int, str, str]]:
    """Yield place, host and text of each URL and host name in some bytes.

    User and password of a URL are left out of the text: a reader has no need
    of them, and a report is no place for them.
    """
    taken: list[tuple[int, int]] = []
    for found in _URL.finditer(data):
        taken.append(found.span())
        host = found["host"].decode("ascii").strip(".").lower()
        scheme = found["scheme"].decode("ascii").lower()
        if host:
            yield found.start(), host, f"{scheme}://{host}{found['rest'].decode('ascii')}"
    for found in _NAME.finditer(data):
        if not any(begin <= found.start() < end for begin, end in taken):
            host = found["host"].decode("ascii").lower()
            yield found.start(), host, host
