"""Read a log that a test made, as if it were a file."""

from collections.abc import Sequence

from parsers import Content, Keychains, Log
from parsers._formats import read_content


def read_as_file(data: bytes | str, name: str, keys: Sequence[Keychains] = ()) -> Log:
    """Read bytes, or text as UTF-8, under a name; of several logs the first."""
    content = Content(name, data.encode() if isinstance(data, str) else data)
    reading = read_content(content, keys)
    if reading.account.error is not None:
        raise reading.account.error
    return reading.logs[0]
