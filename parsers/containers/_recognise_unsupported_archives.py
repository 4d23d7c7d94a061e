"""Archives and disk images that are known by their first bytes and not opened.

Sources: 7-Zip's 7zFormat.txt; RARLAB's technote; the Expert Witness format specification of
libewf; the AFF4 standard; Microsoft's MS-CAB and VHD/VHDX specifications; QEMU's qcow2.txt;
VMware's Virtual Disk Format 5.0; ECMA-119; UEFI 2.10 section 5; Apple's ``koly`` trailer as in
libdmg-hfsplus' documentation; file(1)'s magic for the rest.
"""

import re
from collections.abc import Callable

from .._file_content import Content
from ._container_types import ContainerKind

_UNPACK = "unpack it with 7-Zip and name the folder"
_MOUNT = "mount it read-only and name the folder"
_UNLOCK = "unlock it with its password, mount it read-only and name the folder"
_EXPORT = "export its files with the forensic program that made it and name the folder"

#: First bytes -> kind.
_MAGICS: tuple[tuple[bytes, ContainerKind], ...] = (
    (b"7z\xbc\xaf\x27\x1c", ContainerKind("7z", "a 7z archive", _UNPACK)),
    (b"Rar!\x1a\x07\x00", ContainerKind("rar", "a RAR archive", _UNPACK)),
    (b"Rar!\x1a\x07\x01\x00", ContainerKind("rar", "a RAR archive", _UNPACK)),
    (b"EVF\x09\x0d\x0a\xff\x00", ContainerKind("e01", "an EnCase image (E01)", _EXPORT)),
    (b"EVF2\x0d\x0a\x81\x00", ContainerKind("ex01", "an EnCase image (Ex01)", _EXPORT)),
    (b"LVF\x09\x0d\x0a\xff\x00", ContainerKind("l01", "an EnCase logical image (L01)", _EXPORT)),
    (b"LEF2\x0d\x0a\x81\x00", ContainerKind("lx01", "an EnCase logical image (Lx01)", _EXPORT)),
    (b"ADSEGMENTEDFILE\x00", ContainerKind("ad1", "an FTK image (AD1)", _EXPORT)),
    (b"MSCF\x00\x00\x00\x00", ContainerKind("cab", "a cabinet archive (CAB)", _UNPACK)),
    (b"LZIP\x01", ContainerKind("lzip", "an lzip file", _UNPACK)),
    (b"\x04\x22\x4d\x18", ContainerKind("lz4", "an LZ4 file", _UNPACK)),
    (b"\x1f\x9d\x90", ContainerKind("compress", "a file of compress (.Z)", _UNPACK)),
    (b"!<arch>\n", ContainerKind("ar", "an ar archive", _UNPACK)),
    (b"xar!\x00\x1c", ContainerKind("xar", "a xar archive", _UNPACK)),
    (b"vhdxfile", ContainerKind("vhdx", "a virtual disk (VHDX)", _MOUNT)),
    (b"conectix", ContainerKind("vhd", "a virtual disk (VHD)", _MOUNT)),
    (b"KDMV", ContainerKind("vmdk", "a virtual disk (VMDK)", _MOUNT)),
    (b"QFI\xfb", ContainerKind("qcow2", "a virtual disk (QCOW2)", _MOUNT)),
    (b"encrcdsa", ContainerKind("dmg", "an encrypted disk image (DMG)", _UNLOCK, is_locked=True)),
    (b"LUKS\xba\xbe", ContainerKind("luks", "a LUKS volume", _UNLOCK, is_locked=True)),
    (
        b"\xeb\x58\x90-FVE-FS-",
        ContainerKind("bitlocker", "a BitLocker volume", _UNLOCK, is_locked=True),
    ),
    (b"\xeb\x52\x90NTFS    ", ContainerKind("ntfs", "the image of an NTFS volume", _MOUNT)),
    (b"\xeb\x76\x90EXFAT   ", ContainerKind("exfat", "the image of an exFAT volume", _MOUNT)),
)
_CPIO = ContainerKind("cpio", "a cpio archive", _UNPACK)
_CPIO_HEADER = re.compile(rb"07070[12][0-9A-Fa-f]{104}|070707[0-7]{70}")
_ISO = ContainerKind("iso", "the image of a disc (ISO 9660)", _MOUNT)
_DMG = ContainerKind("dmg", "a disk image (DMG)", _MOUNT)
_DISK = ContainerKind("disk", "the image of a whole disk", _MOUNT)
_FAT = ContainerKind("fat", "the image of a FAT volume", _MOUNT)
_EXT = ContainerKind("ext", "the image of an ext volume", _MOUNT)
_SECTOR = 512


def _is_cpio(content: Content) -> bool:
    return _CPIO_HEADER.match(content.head) is not None


def _is_iso_image(content: Content) -> bool:
    return content.data[32769:32774] == b"CD001"


def _is_apple_disk_image(content: Content) -> bool:
    trailer = content.data[-_SECTOR:]
    return len(trailer) == _SECTOR and trailer[:8] == b"koly\x00\x00\x00\x04"


def _is_gpt_disk_image(content: Content) -> bool:
    return content.data[_SECTOR : _SECTOR + 8] == b"EFI PART"


def _is_fat_file_system(content: Content) -> bool:
    head = content.head
    return (
        head[510:512] == b"\x55\xaa"
        and head[:1] in (b"\xeb", b"\xe9")
        and (head[54:59] in (b"FAT12", b"FAT16") or head[82:87] == b"FAT32")
    )


def _is_mbr_partitioned_disk(content: Content) -> bool:
    """Return whether a boot record lists partitions, each of them active or not, one at least."""
    head = content.head
    if head[510:512] != b"\x55\xaa":
        return False
    entries = [head[at : at + 16] for at in range(446, 510, 16)]
    used = [entry for entry in entries if any(entry)]
    return bool(used) and all(
        entry[0] in (0, 0x80) and entry[4] and any(entry[8:12]) and any(entry[12:16])
        for entry in used
    )


def _is_ext_file_system(content: Content) -> bool:
    """Return whether a volume's superblock stands at byte 1,024 with plausible block sizes."""
    block = content.data[1024 : 1024 + 128]
    return (
        not any(content.head[:_SECTOR])
        and block[56:58] == b"\x53\xef"
        and int.from_bytes(block[24:28], "little") <= 6
        and 1 <= int.from_bytes(block[58:60], "little") <= 7
    )


#: Checks by structure elsewhere in the file, in this order.
_STRUCTURES: tuple[tuple[Callable[[Content], bool], ContainerKind], ...] = (
    (_is_cpio, _CPIO),
    (_is_gpt_disk_image, _DISK),
    (_is_fat_file_system, _FAT),
    (_is_mbr_partitioned_disk, _DISK),
    (_is_ext_file_system, _EXT),
    (_is_iso_image, _ISO),
    (_is_apple_disk_image, _DMG),
)


def identify_unsupported_archive(content: Content) -> ContainerKind | None:
    """Return the kind of archive or disk image that a file is and that is not opened."""
    head = content.head
    for magic, kind in _MAGICS:
        if head.startswith(magic):
            return kind
    return next((kind for holds, kind in _STRUCTURES if holds(content)), None)
