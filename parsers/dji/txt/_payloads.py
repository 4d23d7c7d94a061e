"""Record bodies by type and length: unscrambled, and decrypted where there are keys.

From version 13 on a body is AES-256-CBC, PKCS7, under the key of the record
type's "feature point".  The IV of a record is the last ciphertext block of the
record before it with the same feature point, in file order: so the ciphertexts
of one feature point, joined, are one CBC stream, decrypted in one call.  Where
a record is lost the first block of the next one cannot be recovered.

Facts: dji-sdk/FlightRecordParsingLib dc4bb0df ``Parser/decryption/version13``;
lvauvillier/dji-log-parser 88fcfc96 ``keychain/feature_point.rs``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ..._keys import FeatureKey, Keychains, KeyRequest, Keyring
from ..._layout import Bytes, Group
from ._file_layout import Anatomy
from ._index import Index, Ints
from ._request import KEY_STORAGE, RECOVER, key_request
from ._scramble import unscramble

PLAINTEXT = 8
_BLOCK = 16
#: Of the records of one feature point, the share whose padding must be valid
#: for a keychain to be the right one; a wrong key leaves one in 256.
_ENOUGH = 0.9


def _points(rows: Mapping[int, Sequence[int]]) -> Mapping[int, int]:
    return MappingProxyType({kind: point for point, kinds in rows.items() for kind in kinds})


_COMMON: Mapping[int, Sequence[int]] = {
    2: (17, 18),
    3: (31, 32, 34, 35, 36, 38, 39),
    4: range(41, 49),
    5: (49,),
    PLAINTEXT: (RECOVER, KEY_STORAGE),
}
_BASE = (1, 2, 6, 13, 14, 15, 40, 58, 59, 63)
_AFTER_SALES = (12, 16, 19, 26, 27)
_FLY_CUSTOM = (5, 9, 10, 20, 24, 30, 54)

#: Record type -> feature point, for the two maps that auxiliary block 1 names.
POINTS_13 = _points(
    {
        **_COMMON,
        1: (*_BASE, 3, 4, 7, 8, 11, 25, 29, 33),
        6: (*_AFTER_SALES, 22, 28, 51, 52, 53, 55),
        7: _FLY_CUSTOM,
    }
)
POINTS_14 = _points(
    {
        **_COMMON,
        1: _BASE,
        6: _AFTER_SALES,
        7: _FLY_CUSTOM,
        9: (53,),
        10: (3,),
        11: (4, 11, 29, 33, 62),
        12: (25,),
        13: (7, 8, 22),
        14: (28, 51, 52),
        15: (55,),
    }
)


@dataclass(frozen=True, slots=True)
class Unread:
    """Frames whose body could not be read: which, and why."""

    rows: Ints
    reason: str


@dataclass(eq=False)
class Bodies:
    """Groups of bodies for each record type; ``rows`` number the frames of the file."""

    index: Index
    array: Bytes
    scrambled: bool
    #: Decrypted bodies, one after another, and where each frame's lie; -1: none.
    plain: Bytes | None = None
    plain_at: Ints | None = None
    plain_sizes: Ints | None = None
    #: Frames whose bodies are ciphertext still.
    locked: npt.NDArray[np.bool_] | None = None
    unread: list[Unread] = field(default_factory=list)
    #: What the keys of the file are asked for with, and those that opened it.
    request: KeyRequest | None = None
    keychains: Keychains | None = None

    @cached_property
    def _by_kind(self) -> list[Ints]:
        """The numbers of the frames of each type, sorted out once."""
        order = np.argsort(self.index.kinds, kind="stable")
        edges = np.cumsum(np.bincount(self.index.kinds, minlength=256))
        return np.split(order, edges[:-1])

    def frames(self, kind: int) -> Ints:
        """Return the numbers of the frames of a type whose bodies can be read."""
        rows = self._by_kind[kind]
        dropped = [unread.rows for unread in self.unread]
        return np.setdiff1d(rows, np.concatenate(dropped)) if dropped else rows

    def groups(self, kind: int, rows: Ints) -> Iterator[Group]:
        """Yield the bodies of some frames of one type, grouped by length."""
        if self.plain is not None and self.plain_at is not None and self.plain_sizes is not None:
            decrypted = self.plain_at[rows] >= 0
            starts, sizes = self.plain_at[rows], self.plain_sizes[rows]
            yield from _gather(self.plain, rows, decrypted, starts, sizes)
        else:
            decrypted = np.zeros(len(rows), bool)
        starts, sizes = self.index.payloads[rows], self.index.sizes[rows]
        for group in _gather(self.array, rows, ~decrypted, starts, sizes):
            bodies = unscramble(group.bodies, kind) if self.scrambled else group.bodies
            yield Group(group.rows, bodies)


def _gather(
    source: Bytes, rows: Ints, which: npt.NDArray[np.bool_], starts: Ints, sizes: Ints
) -> Iterator[Group]:
    """Yield matrices of equal-length bodies; ``Group.rows`` are places within ``rows``."""
    for size in np.flatnonzero(np.bincount(sizes[which])):
        places = np.flatnonzero(which & (sizes == size))
        if size:
            # One body at every byte, overlapping: picking from it copies each once.
            whole = np.dtype((np.void, int(size)))
            every = np.ndarray((len(source) - int(size) + 1,), whole, source, strides=(1,))
            bodies = every[starts[places]].view(np.uint8).reshape(-1, int(size))
            yield Group(places, bodies)
        else:
            yield Group(places, np.zeros((len(places), 0), np.uint8))


def read_bodies(array: Bytes, index: Index, anatomy: Anatomy, keys: Sequence[Keychains]) -> Bodies:
    """Return the bodies of a file, decrypted with whichever keychains fit.

    Args:
        array: The bytes of the file.
        index: Its frames.
        anatomy: Its parts.
        keys: Keychains that may be this file's; those of others are harmless.
    """
    bodies = Bodies(index, array, anatomy.scrambled)
    if not anatomy.wide:
        return bodies
    is_14 = anatomy.key_version == 4 or (anatomy.key_version is None and anatomy.version == 14)
    mapped = np.zeros(256, np.int64)
    for kind, point in (POINTS_14 if is_14 else POINTS_13).items():
        mapped[kind] = point
    points = mapped[index.kinds]
    bodies.locked = points != PLAINTEXT
    # Types that no map names may be plain: only bodies of whole blocks can be ciphertext.
    bodies.locked &= (points != 0) | ((index.sizes - 2) % _BLOCK == 0)
    bodies.request = key_request(array, index, anatomy)
    for chains in _candidates(keys, bodies.request):
        if _unlock(bodies, points, chains):
            bodies.keychains = chains
            break
    return bodies


def _candidates(keys: Sequence[Keychains], request: KeyRequest | None) -> Iterator[Keychains]:
    """Yield the keychains given, then the answer to the file's own request."""
    yield from keys
    if isinstance(keys, Keyring) and keys.find is not None and request is not None:
        found = keys.find(request.sha256)
        if found is not None:
            yield found


def _unlock(bodies: Bodies, points: Ints, chains: Keychains) -> bool:
    """Decrypt everything that a keychain opens; return whether it was the right one."""
    index = bodies.index
    group_of = np.cumsum(index.kinds == RECOVER)
    size = int((index.sizes[points != PLAINTEXT]).sum())
    plain = np.zeros(size, np.uint8)
    plain_at = np.full(len(points), -1, np.int64)
    plain_sizes = np.zeros(len(points), np.int64)
    unread: list[Unread] = []
    fill = 0
    opened = False
    for number, chain in enumerate(chains):
        for point, key in sorted(chain.items()):
            rows = np.flatnonzero((points == point) & (group_of == number))
            if not len(rows) or point == PLAINTEXT:
                continue
            stream = _decrypt(bodies, rows, key)
            if stream is None:
                continue
            opened = True
            text, starts, sizes, lost = stream
            plain[fill : fill + len(text)] = text
            plain_at[rows] = np.where(sizes >= 0, starts + fill, -1)
            plain_sizes[rows] = sizes
            unread += lost
            fill += len(text)
    if opened and bodies.locked is not None:
        bodies.plain, bodies.plain_at, bodies.plain_sizes = plain, plain_at, plain_sizes
        bodies.unread = unread
        bodies.locked &= plain_at < 0
        for lost_rows in unread:
            bodies.locked[lost_rows.rows] = False
    return opened


def _decrypt(
    bodies: Bodies, rows: Ints, key: FeatureKey
) -> tuple[Bytes, Ints, Ints, list[Unread]] | None:
    """Decrypt the frames of one feature point; ``None`` if the key is not theirs.

    Returns:
        The joined plaintext; for each frame where its plaintext begins and how
        long it is without padding (-1: unreadable); the frames that are not.
    """
    index = bodies.index
    sizes = index.sizes[rows] - 2
    whole = (sizes > 0) & (sizes % _BLOCK == 0)
    starts = np.cumsum(np.where(whole, sizes, 0)) - np.where(whole, sizes, 0)
    cipher_text = np.zeros(int(sizes[whole].sum()), np.uint8)
    for kind in np.unique(index.kinds[rows]):
        of_kind = np.flatnonzero((index.kinds[rows] == kind) & whole)
        for group in bodies.groups(int(kind), rows[of_kind]):
            at = starts[of_kind[group.rows]][:, None] + np.arange(group.bodies.shape[1])
            cipher_text[at] = group.bodies
    decryptor = Cipher(algorithms.AES(key.key), modes.CBC(key.iv)).decryptor()
    text = np.frombuffer(decryptor.update(cipher_text.tobytes()) + decryptor.finalize(), np.uint8)
    padding = np.zeros(len(rows), np.int64)
    padding[whole] = text[(starts + sizes - 1)[whole]]
    padded = whole & (padding >= 1) & (padding <= _BLOCK)
    if not len(text) or padded.sum() < _ENOUGH * whole.sum():
        return None
    # A gap before a frame takes the ciphertext block that its first block needs.
    severed = np.diff(index.gaps_before[rows], prepend=0) > 0
    lost = [
        Unread(rows[severed & padded], "follows a gap, so its first block cannot be decrypted"),
        Unread(rows[~padded], "does not decrypt with the key of its kind"),
    ]
    readable = padded & ~severed
    return text, starts, np.where(readable, sizes - padding, -1), [u for u in lost if len(u.rows)]
