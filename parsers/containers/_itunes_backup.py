"""Backups of iTunes, Finder and tools like them: files under hashed names, listed in a database.

Layout: Apple's own ``Manifest.plist`` (``IsEncrypted``) and ``Manifest.db``, table ``Files`` with
``fileID``, ``domain``, ``relativePath`` and ``flags`` (1 a file, 2 a folder, 4 a link), as public
tools document it (libimobiledevice's ``idevicebackup2``, "iOS backup" of The Apple Wiki).  A file
lies under its hash in a folder of the hash's first two digits.
"""

import plistlib
import re
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

from .._errors import LogError
from .._file_content import Content
from .._model import Issue
from .._shared._sqlite_database import MAGIC, SqliteDatabase
from ._member_names import UniqueMemberNames

MANIFEST_DATABASE, MANIFEST_PLIST, OLD_MANIFEST = "Manifest.db", "Manifest.plist", "Manifest.mbdb"
_HASH = re.compile(r"[0-9a-f]{40}\Z")
_FILE = 1
_MAX_PLIST_SIZE = 1 << 24
_DECRYPT = (
    "decrypt it with its password in the tool that made it, or with a forensic tool, and name the "
    "decrypted folder"
)
_OLD = (
    "its list of names is that of iOS 9 or earlier, which is not read: its files have hashes as "
    "names"
)


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup says of itself."""

    #: Hash under which a file lies -> its domain and path on the phone.
    names: dict[str, str]
    issues: tuple[Issue, ...] = ()
    #: One of ``LEFT_KINDS`` if its files, or their names, cannot be read, and why.
    left_kind: str | None = None
    left_reason: str = ""


def read_backup_manifest(
    database: Content | None, plist: Content | None, old: Content | None
) -> BackupManifest | None:
    """Return the real names of a backup's files; ``None``: it is no backup.

    Args:
        database: ``Manifest.db``; ``None``: there is none.
        plist: ``Manifest.plist``.
        old: ``Manifest.mbdb``, of earlier systems.
    """
    if _is_backup_encrypted(plist):
        return BackupManifest({}, (), "locked", f"the backup is encrypted: {_DECRYPT}")
    if database is None:
        if old is None or not old.head.startswith(b"mbdb"):
            return None
        return BackupManifest({}, (), "unsupported", _OLD)
    if not database.head.startswith(MAGIC):
        return None
    try:
        tables = SqliteDatabase.open(database)
    except LogError as error:
        return BackupManifest({}, (), "damaged", f"its list of names is damaged: {error}")
    _, columns, _ = tables.tables.get("FILES", (0, (), None))
    if not {"FILEID", "DOMAIN", "RELATIVEPATH"} <= set(columns):
        return None
    found = UniqueMemberNames()
    names: dict[str, str] = {}
    for row in tables.table_rows_in_rowid_order("Files"):
        file_id, domain, path = (
            row.cells.get(column) for column in ("FILEID", "DOMAIN", "RELATIVEPATH")
        )
        is_file = row.cells.get("FLAGS", _FILE) == _FILE
        if is_file and isinstance(file_id, str) and _HASH.match(file_id) and domain and path:
            names[file_id] = found.unique_path_and_remarks(f"{domain}/{path}")[0]
    return BackupManifest(names, tuple(tables.issues))


def backup_file_hash(name: str) -> str | None:
    """Return the hash under which a backup keeps a file, by its path in it; ``None``: none."""
    folder, _, base = name.rpartition("/")
    return base if _HASH.match(base) and folder in ("", base[:2]) else None


def _is_backup_encrypted(plist: Content | None) -> bool:
    if plist is None or len(plist) > _MAX_PLIST_SIZE:
        return False
    try:
        values = plistlib.loads(bytes(plist.data[:]))
    except (plistlib.InvalidFileException, ExpatError, ValueError, OverflowError, RecursionError):
        return False
    return isinstance(values, dict) and values.get("IsEncrypted") is True
