"""Android backups (``adb backup``, ``.ab``): four lines of text, then a TAR, mostly compressed.

Layout: ``BackupManagerService`` and ``TarBackupReader`` of AOSP: the words ``ANDROID BACKUP``, the
version, ``1`` if the rest is compressed with zlib, and ``none`` or the encryption.
"""

import re

from ._compressed_streams import unpack_one_stream, zlib_decompressor
from ._container_types import UnpackingError
from ._forward_only_stream import ForwardOnlyStream
from ._unpacking_budget import UnpackingBudget

_HEADER = re.compile(rb"ANDROID BACKUP\n(\d{1,3})\n([01])\n(none|[A-Za-z0-9-]{1,32})\n")
_HEADER_SIZE = 128


def is_android_backup(head: bytes) -> bool:
    """Return whether a file begins with the four lines of a backup."""
    return _HEADER.match(head) is not None


def open_android_backup(backup: ForwardOnlyStream, budget: UnpackingBudget) -> ForwardOnlyStream:
    """Return the TAR in a backup.

    Raises:
        UnpackingError: If it is encrypted, or its header is damaged.
    """
    header = _HEADER.match(backup.peek(_HEADER_SIZE))
    if header is None:
        raise UnpackingError("damaged", "the header of the Android backup is damaged")
    _, compressed, encryption = header.groups()
    if encryption != b"none":
        raise UnpackingError(
            "locked",
            f"the Android backup is encrypted ({encryption.decode()}) and needs its password: "
            "decrypt it with Android Backup Extractor (abe.jar unpack) and name the TAR",
        )
    backup.skip(header.end())
    if compressed == b"0":
        return backup
    return ForwardOnlyStream(
        unpack_one_stream(
            backup, zlib_decompressor(), budget.new_stream_budget().count_bytes_against_limits
        )
    )
