"""Read a log that a test made, as if it were a file."""

from collections.abc import Sequence

import parsers
from parsers import Content, Keychains, Log


def read_as_file(data: bytes | str, name: str, keys: Sequence[Keychains] = ()) -> Log:
    """Read bytes, or text as UTF-8, under a name, by the one format that claims them."""
    content = Content(name, data.encode() if isinstance(data, str) else data)
    return parsers.identify(content).read(content, keys)
