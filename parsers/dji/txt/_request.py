"""What DJI's server must be asked for the keys of a record file.

KeyStorage records hold the RSA ciphertext of each feature point's key; a
record of type 50 starts the next group.  Both are scrambled and never
encrypted, so the request is made without any key.
"""

import numpy as np

from ..._keys import KeyRequest
from ..._layout import Bytes
from ._file_layout import Anatomy
from ._index import Index
from ._scramble import unscramble

RECOVER, KEY_STORAGE = 50, 56
#: DJI Fly: what is asked for where the file does not name a department that is known.
_FLY = 3
_DEPARTMENTS = range(1, 9)


def key_request(array: Bytes, index: Index, anatomy: Anatomy) -> KeyRequest | None:
    """Return the request for the keys of a file; ``None`` if it holds no ciphertext of one."""
    if not anatomy.wide:
        return None
    groups: list[list[tuple[int, bytes]]] = [[]]
    for row in np.flatnonzero(np.isin(index.kinds, (RECOVER, KEY_STORAGE))).tolist():
        if index.kinds[row] == RECOVER:
            groups.append([])
            continue
        start, size = int(index.payloads[row]), int(index.sizes[row])
        body = unscramble(array[None, start : start + size], KEY_STORAGE).tobytes()
        length = int.from_bytes(body[2:4], "little")
        if 0 < length <= len(body) - 4:
            groups[-1].append((int.from_bytes(body[:2], "little"), body[4 : 4 + length]))
    if not any(groups):
        return None
    known = anatomy.department in _DEPARTMENTS
    return KeyRequest(
        anatomy.key_version or 0,
        anatomy.department if known and anatomy.department is not None else _FLY,
        tuple(tuple(group) for group in groups),
    )
