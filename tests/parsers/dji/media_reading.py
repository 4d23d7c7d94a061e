"""How the tests of photos and videos read a file that they made."""

import parsers
from parsers import Content, Log


def read_media(name: str, data: bytes) -> Log:
    """Return the log of a photo or video, every byte of which is accounted for."""
    content = Content(name, data)
    log = parsers.identify(content).read(content, ())
    assert sum(span.size for span in log.coverage) == len(data)
    return log


def reasons(log: Log) -> str:
    """Return why something of it was not read."""
    return "; ".join(issue.reason for issue in log.issues)
