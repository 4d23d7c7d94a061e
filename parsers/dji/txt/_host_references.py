"""Hosts and URLs that stand as text in the records, known hosts or not."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..._hosts import find_hosts
from ..._layout import Bytes
from ..._model import Mention
from ._record_file import RecordFile, name_of
from ._records import LAYOUTS

#: Records that are numbers only: all that have a layout, but for the serial in Home.
_NUMBERS = frozenset(LAYOUTS)
#: A log names few hosts; more than this is damage or an attack on the reader's patience.
_MOST = 1000
#: Which bytes are letters or digits.
_IN_NAMES = np.array([chr(byte).isascii() and chr(byte).isalnum() for byte in range(256)])


def mentions(file: RecordFile) -> tuple[Mention, ...]:
    """Return each host or URL once for each record type, at its first place."""
    found: dict[tuple[str, str], Mention] = {}
    for mention in _all(file):
        found.setdefault((mention.record, mention.text), mention)
        if len(found) >= _MOST:
            break
    return tuple(sorted(found.values(), key=lambda mention: mention.source_offset))


def _all(file: RecordFile) -> Iterator[Mention]:
    at = file.anatomy.details_at
    for _, host, text in find_hosts(file.anatomy.details):
        yield Mention(host, text, "Details", at)
    header = file.index.header
    for kind in np.unique(file.index.kinds).tolist():
        if kind in _NUMBERS:
            continue
        rows = file.clear(kind)
        for group in file.groups(kind):
            for row in np.flatnonzero(_may_name_a_host(group.bodies)).tolist():
                for _, host, text in find_hosts(group.bodies[row].tobytes()):
                    offset = int(file.index.payloads[rows[group.rows[row]]]) - header
                    yield Mention(host, text, name_of(kind), offset)


def _may_name_a_host(bodies: Bytes) -> npt.NDArray[np.bool_]:
    """Return which bodies hold ``://``, or a dot between a letter or digit and another."""
    found = np.zeros(len(bodies), bool)
    if bodies.shape[1] < 3:
        return found
    here = bodies[:, 1:-1]
    # Few bytes are a dot or a stroke: only around those is more looked at.
    rows, at = np.nonzero(here == ord("."))
    found[rows[_IN_NAMES[bodies[rows, at]] & _IN_NAMES[bodies[rows, at + 2]]]] = True
    rows, at = np.nonzero(here == ord("/"))
    found[rows[(bodies[rows, at] == ord(":")) & (bodies[rows, at + 2] == ord("/"))]] = True
    return found
