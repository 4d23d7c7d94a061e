"""Hosts and URLs that stand as text in the records, known hosts or not."""

from collections.abc import Iterator

import numpy as np

from ..._hosts import find_hosts
from ..._model import Mention
from ._record_file import RecordFile, name_of
from ._records import LAYOUTS

#: Records that are numbers only: all that have a layout, but for the serial in Home.
_NUMBERS = frozenset(LAYOUTS)
#: A log names few hosts; more than this is damage or an attack on the reader's patience.
_MOST = 1000


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
        for group in file.bodies.groups(kind, rows):
            if group.bodies.shape[1] < 4 or not (group.bodies == ord(".")).any():
                continue
            for place, body in zip(group.rows.tolist(), group.bodies, strict=True):
                for _, host, text in find_hosts(body.tobytes()):
                    offset = int(file.index.payloads[rows[place]]) - header
                    yield Mention(host, text, name_of(kind), offset)
