"""Record bodies by type and length: unscrambled, and decrypted where there are keys.

From version 13 on a body is AES-256-CBC, PKCS7, under the key of the record
type's "feature point".  The IV of a record is the last ciphertext block of the
record before it with the same feature point, in file order: so the ciphertexts
of one feature point, joined, are one CBC stream, decrypted in one call.  Where
a record is lost the first block of the next one cannot be recovered, and that record is left out:
behind a gap always, else where its first block reads as noise (``_cipher_chain_breaks``).

The request for the keys needs no key: KeyStorage records hold the RSA ciphertext
of each feature point's key, and a record of type 50 starts the next group.  Both
are scrambled and never encrypted.

Facts: dji-sdk/FlightRecordParsingLib dc4bb0df ``Parser/decryption/version13``;
lvauvillier/dji-log-parser 88fcfc96 ``keychain/feature_point.rs``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ..._dji_keychains import FeaturePointKey, Keychains, KeyRequest, Keyring
from ..._record_layout import ByteArray, EqualLengthRecords
from ._cipher_chain_breaks import BLOCK_SIZE as _BLOCK
from ._cipher_chain_breaks import blocks_with_valid_padding_mask, cipher_chain_break_mask
from ._file_layout import FileLayout
from ._text_and_list_records import VISION_GROUP, vision_group_has_whole_sub_blocks
from ._unscramble_bodies import rows_of_bytes, unscramble_payloads, unscrambled_bodies_at
from ._walk_record_frames import Ints, RecordFrameIndex

RECOVER, KEY_STORAGE = 50, 56
#: DJI Fly: requested where the file names no known department.
_DJI_FLY = 3
_DEPARTMENTS = range(1, 9)


PLAINTEXT = 8
#: Of the records of one feature point, the share whose padding must be valid
#: for a keychain to be the right one; a wrong key leaves one in 256.
_VALID_PADDING_SHARE = 0.9


def _key_feature_point_by_record_type(rows: Mapping[int, Sequence[int]]) -> Mapping[int, int]:
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
FEATURE_POINTS_13 = _key_feature_point_by_record_type(
    {
        **_COMMON, 1: (*_BASE, 3, 4, 7, 8, 11, 25, 29, 33),
        6: (*_AFTER_SALES, 22, 28, 51, 52, 53, 55), 7: _FLY_CUSTOM,
    }
)  # fmt: skip
FEATURE_POINTS_14 = _key_feature_point_by_record_type(
    {
        **_COMMON, 1: _BASE, 6: _AFTER_SALES, 7: _FLY_CUSTOM, 9: (53,), 10: (3,),
        11: (4, 11, 29, 33, 62), 12: (25,), 13: (7, 8, 22), 14: (28, 51, 52), 15: (55,),
    }
)  # fmt: skip


#: Why a record is not read after others that are missing without a gap.
BROKEN_CHAIN = (
    "does not follow the one before it: the chain of the cipher is broken, one or more records are "
    "missing"
)


class FramesWithUnreadableBody(NamedTuple):
    """Frames with an unreadable body: which, and why."""

    rows: Ints
    reason: str


@dataclass(eq=False)
class DecryptedRecordBodies:
    """Groups of bodies for each record type; ``rows`` number the frames of the file."""

    index: RecordFrameIndex
    array: ByteArray
    is_scrambled: bool
    #: Frames whose bodies remain ciphertext.
    is_encrypted: npt.NDArray[np.bool_] | None = None
    unreadable: list[FramesWithUnreadableBody] = field(default_factory=list)
    #: Decrypted bodies, one after another, and where that of each frame begins; -1 if none.
    plaintext: ByteArray | None = None
    plaintext_offsets: Ints | None = None
    plaintext_sizes: Ints | None = None
    #: The request for the keys of the file, and the keychains that decrypted it.
    key_request: KeyRequest | None = None
    keychains: Keychains | None = None

    @cached_property
    def _frames_by_type(self) -> Mapping[int, Ints]:
        """The numbers of the frames of each type that there is, sorted out once."""
        order = np.argsort(self.index.record_types, kind="stable")
        counts = np.bincount(self.index.record_types)
        ends = np.cumsum(counts).tolist()
        kinds = np.flatnonzero(counts).tolist()
        return {kind: order[ends[kind] - int(counts[kind]) : ends[kind]] for kind in kinds}

    @property
    def present_record_types(self) -> Sequence[int]:
        """The types that there are, ascending."""
        return tuple(self._frames_by_type)

    def numbers_of_frames_with_readable_body(self, kind: int) -> Ints:
        """Return the numbers of the frames of a type whose bodies can be read."""
        rows = self._frames_by_type.get(kind, np.empty(0, np.intp))
        dropped = [unread.rows for unread in self.unreadable]
        return np.setdiff1d(rows, np.concatenate(dropped)) if dropped else rows

    def bodies_by_length(self, kind: int, rows: Ints) -> Iterator[EqualLengthRecords]:
        """Yield the bodies of some frames of one type, grouped by length."""
        if (
            self.plaintext is not None
            and self.plaintext_offsets is not None
            and self.plaintext_sizes is not None
        ):
            decrypted = self.plaintext_offsets[rows] >= 0
            starts, sizes = self.plaintext_offsets[rows], self.plaintext_sizes[rows]
            for size, positions in _positions_by_size(decrypted, sizes):
                bodies = _plain_bodies_at(self.plaintext, starts[positions], size)
                yield EqualLengthRecords(positions, bodies)
        else:
            decrypted = np.zeros(len(rows), bool)
        starts, sizes = self.index.payload_offsets[rows], self.index.payload_sizes[rows]
        for size, positions in _positions_by_size(~decrypted, sizes):
            bodies = (
                unscrambled_bodies_at(self.array, starts[positions], size, kind)
                if self.is_scrambled
                else _plain_bodies_at(self.array, starts[positions], size)
            )
            yield EqualLengthRecords(positions, bodies)


def _positions_by_size(which: npt.NDArray[np.bool_], sizes: Ints) -> Iterator[tuple[int, Ints]]:
    """Yield each size that some of the chosen have, and the positions of those, ascending."""
    chosen = np.flatnonzero(which)
    counts = np.bincount(sizes[chosen])
    if counts.max(initial=0) < len(chosen):
        chosen = chosen[sizes[chosen].argsort(kind="stable")]
    end = 0
    for size in np.flatnonzero(counts).tolist():
        begin, end = end, end + int(counts[size])
        yield size, chosen[begin:end]


def _plain_bodies_at(data: ByteArray, starts: Ints, size: int) -> ByteArray:
    return rows_of_bytes(data, starts, size) if size else np.zeros((len(starts), 0), np.uint8)


def read_and_decrypt_bodies(
    array: ByteArray, index: RecordFrameIndex, anatomy: FileLayout, keys: Sequence[Keychains]
) -> DecryptedRecordBodies:
    """Return the bodies of a file, decrypted with whichever keychains fit.

    Args:
        array: The bytes of the file.
        index: Its frames.
        anatomy: Its parts.
        keys: Keychains that may be this file's; those of others are harmless.
    """
    bodies = DecryptedRecordBodies(index, array, anatomy.is_scrambled)
    if not anatomy.has_wide_lengths:
        return bodies
    is_14 = anatomy.key_version == 4 or (anatomy.key_version is None and anatomy.version == 14)
    mapped = np.zeros(256, np.int64)
    for kind, point in (FEATURE_POINTS_14 if is_14 else FEATURE_POINTS_13).items():
        mapped[kind] = point
    points = mapped[index.record_types]
    bodies.is_encrypted = points != PLAINTEXT
    # Types that no map names may be plain: only bodies of whole blocks can be ciphertext.
    bodies.is_encrypted &= (points != 0) | ((index.payload_sizes - 2) % _BLOCK == 0)
    bodies.key_request = build_key_request(array, index, anatomy)
    for chains in _candidate_keychains(keys, bodies.key_request):
        if _decrypt_and_return_whether_keychains_fit(bodies, points, chains):
            bodies.keychains = chains
            break
    return bodies


def _candidate_keychains(
    keys: Sequence[Keychains], request: KeyRequest | None
) -> Iterator[Keychains]:
    """Yield the keychains given, then the answer to the file's own request."""
    yield from keys
    if isinstance(keys, Keyring) and keys.find is not None and request is not None:
        answer = keys.find(request.sha256)
        if answer is not None:
            yield answer


def _decrypt_and_return_whether_keychains_fit(
    bodies: DecryptedRecordBodies, points: Ints, chains: Keychains
) -> bool:
    """Decrypt everything that a keychain opens; return whether it was the right one."""
    index = bodies.index
    group_of = np.cumsum(index.record_types == RECOVER)
    size = int((index.payload_sizes[points != PLAINTEXT]).sum())
    plain = np.zeros(size, np.uint8)
    plain_at = np.full(len(points), -1, np.int64)
    plain_sizes = np.zeros(len(points), np.int64)
    unread: list[FramesWithUnreadableBody] = []
    fill = 0
    opened = False
    for number, chain in enumerate(chains):
        for point, key in sorted(chain.items()):
            rows = np.flatnonzero((points == point) & (group_of == number))
            if not len(rows) or point == PLAINTEXT:
                continue
            stream = _plain_bodies_starts_lengths_and_unreadable(bodies, rows, key)
            if stream is None:
                continue
            opened = True
            text, starts, sizes, lost = stream
            plain[fill : fill + len(text)] = text
            plain_at[rows] = np.where(sizes >= 0, starts + fill, -1)
            plain_sizes[rows] = sizes
            unread += lost
            fill += len(text)
    if opened and bodies.is_encrypted is not None:
        bodies.plaintext, bodies.plaintext_offsets, bodies.plaintext_sizes = (
            plain,
            plain_at,
            plain_sizes,
        )
        bodies.unreadable = unread
        bodies.is_encrypted &= plain_at < 0
        for lost_rows in unread:
            bodies.is_encrypted[lost_rows.rows] = False
    return opened


def _plain_bodies_starts_lengths_and_unreadable(
    bodies: DecryptedRecordBodies, rows: Ints, key: FeaturePointKey
) -> tuple[ByteArray, Ints, Ints, list[FramesWithUnreadableBody]] | None:
    """Decrypt the frames of one feature point; ``None`` if the key is not theirs.

    Returns:
        The joined plaintext; for each frame where its plaintext begins and how
        long it is without padding (-1: unreadable); the frames that are not.
    """
    index = bodies.index
    sizes = index.payload_sizes[rows] - 2
    has_whole_blocks = (sizes > 0) & (sizes % _BLOCK == 0)
    starts = np.cumsum(np.where(has_whole_blocks, sizes, 0)) - np.where(has_whole_blocks, sizes, 0)
    cipher_text = np.zeros(int(sizes[has_whole_blocks].sum()), np.uint8)
    for kind in np.unique(index.record_types[rows]):
        of_kind = np.flatnonzero((index.record_types[rows] == kind) & has_whole_blocks)
        for group in bodies.bodies_by_length(int(kind), rows[of_kind]):
            at = starts[of_kind[group.rows]][:, None] + np.arange(group.bodies.shape[1])
            cipher_text[at] = group.bodies
    decryptor = Cipher(algorithms.AES(key.key), modes.CBC(key.iv)).decryptor()
    text = np.frombuffer(decryptor.update(cipher_text.tobytes()) + decryptor.finalize(), np.uint8)
    padding = np.zeros(len(rows), np.int64)
    padded = np.zeros(len(rows), bool)
    whole = np.flatnonzero(has_whole_blocks)
    if not len(whole):
        return None
    last_blocks = text[(starts + sizes - _BLOCK)[whole, None] + np.arange(_BLOCK)]
    padding[whole] = last_blocks[:, -1]
    padded[whole] = blocks_with_valid_padding_mask(last_blocks)
    if padded.sum() < _VALID_PADDING_SHARE * len(whole):
        return None
    broken = ~padded & has_whole_blocks & (sizes == _BLOCK)
    judged = np.flatnonzero(padded)
    broken[judged] = cipher_chain_break_mask(
        index.record_types[rows[judged]],
        sizes[judged],
        text[starts[judged, None] + np.arange(_BLOCK)],
        np.array(
            [
                index.record_types[rows[row]] == VISION_GROUP
                and not vision_group_has_whole_sub_blocks(
                    text[starts[row] : starts[row] + sizes[row] - padding[row]].tobytes()
                )
                for row in judged.tolist()
            ],
            bool,
        ),
    )
    # A gap before a frame takes the ciphertext block that its first block needs.
    severed = (np.diff(index.gaps_before[rows], prepend=0) > 0) & (padded | broken)
    broken &= ~severed
    lost = [
        FramesWithUnreadableBody(
            rows[severed], "follows a gap, so its first block cannot be decrypted"
        ),
        FramesWithUnreadableBody(rows[broken], BROKEN_CHAIN),
        FramesWithUnreadableBody(
            rows[~padded & ~severed & ~broken], "does not decrypt with the key of its kind"
        ),
    ]
    readable = padded & ~severed & ~broken
    return text, starts, np.where(readable, sizes - padding, -1), [u for u in lost if len(u.rows)]


def build_key_request(
    array: ByteArray, index: RecordFrameIndex, anatomy: FileLayout
) -> KeyRequest | None:
    """Return the request for the keys of a file; ``None`` if it holds no ciphertext of one."""
    if not anatomy.has_wide_lengths:
        return None
    groups: list[list[tuple[int, bytes]]] = [[]]
    for row in np.flatnonzero(np.isin(index.record_types, (RECOVER, KEY_STORAGE))).tolist():
        if index.record_types[row] == RECOVER:
            groups.append([])
            continue
        start, size = int(index.payload_offsets[row]), int(index.payload_sizes[row])
        body = unscramble_payloads(array[None, start : start + size], KEY_STORAGE).tobytes()
        length = int.from_bytes(body[2:4], "little")
        if 0 < length <= len(body) - 4:
            groups[-1].append((int.from_bytes(body[:2], "little"), body[4 : 4 + length]))
    if not any(groups):
        return None
    known = anatomy.department in _DEPARTMENTS
    return KeyRequest(
        anatomy.key_version or 0,
        anatomy.department if known and anatomy.department is not None else _DJI_FLY,
        tuple(tuple(group) for group in groups),
    )
