"""Kinds of file that begin with bytes of their own: logs of other makers, containers, pictures.

Facts: the formats' own specifications as far as they are public; ``70 00 80 00 01 04`` by logs
of a Matrice 4 that DJI Assistant 2 saved.
"""

from dataclasses import dataclass

from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._model import (
    UNPACK,
    FileKind,
    Relevance,
    evidence_kind,
    harmless_kind,
)

_OPEN_IT = "open it with its password, and audit the folder"
_MOUNT = "mount it, or export its files with a forensic tool, and audit the folder"


@dataclass(frozen=True, slots=True)
class BinarySignature:
    """Bytes at a place, and the kind of file that has them there."""

    magic: bytes
    kind: FileKind
    offset: int = 0
    #: Whether such a file may hold fields of any sort, so that words within it decide.
    words_decide: bool = False


def _container(name: str, advice: str = UNPACK) -> FileKind:
    return FileKind(name, Relevance.CONTAINER, "what it holds is not known", advice)


def _locked(name: str) -> FileKind:
    return FileKind(name, Relevance.LOCKED, "it opens with a password", _OPEN_IT)


_ASSISTANT = "DJI Assistant 2"
_CAPTURE = "the program that made it, and save it as pcapng"
_ROBOT = "a program for ROS, and export its positions as a table"

_EVIDENCE = (
    (
        b"\x70\x00\x80\x00\x01\x04",
        evidence_kind("log of DJI Assistant 2 of a Matrice 4 or Dock", _ASSISTANT),
    ),
    (
        b"H Product:Blackbox",
        evidence_kind("blackbox log of Betaflight or iNav", "Blackbox Explorer"),
    ),
    (b"#ROSBAG V", evidence_kind("recording of ROS", _ROBOT)),
    (b"\x89MCAP0\r\n", evidence_kind("recording of ROS 2", _ROBOT)),
    (
        b"btsnoop\x00",
        evidence_kind("Bluetooth capture", "Wireshark, and save it as pcapng"),
    ),
    (
        b"snoop\x00\x00\x00",
        evidence_kind("network capture of snoop", "Wireshark, and save it as pcapng"),
    ),
    (
        b"GMBU",
        evidence_kind("network capture of Network Monitor", "Wireshark, and save it as pcapng"),
    ),
    (
        b"RTSS",
        evidence_kind("network capture of Network Monitor", "Wireshark, and save it as pcapng"),
    ),
    (
        b"TRSNIFF data ",
        evidence_kind("network capture of Sniffer", "Wireshark, and save it as pcapng"),
    ),
    (b"XCP\x00", evidence_kind("network capture of NetXray", "Wireshark, and save it as pcapng")),
    (b"\x7fver\x01", evidence_kind("network capture of AiroPeek", _CAPTURE)),
    (
        b"\xa5\x0c\x01\x00",
        evidence_kind("network flows of nfdump", "nfdump, and export them as CSV"),
    ),
    (
        b"\xa5\x0c\x02\x00",
        evidence_kind("network flows of nfdump", "nfdump, and export them as CSV"),
    ),
    (b"LPKSHHRH", evidence_kind("journal of systemd", "journalctl, and export it as JSON")),
    (b"ElfFile\x00", evidence_kind("event log of Windows", "the event viewer of Windows")),
    (
        b"ULogEnc\x01",
        FileKind(
            "ULog that is encrypted",
            Relevance.LOCKED,
            "it opens with the vehicle's private key",
            "decrypt it with the private key of the vehicle's owner (PX4 decrypt_ulog.py)",
        ),
    ),
)
_CONTAINERS = (
    (b"PK\x03\x04", _container("ZIP archive")),
    (b"PK\x05\x06", _container("ZIP archive without files")),
    (b"PK\x07\x08", _container("ZIP archive in several parts")),
    (b"\x1f\x8b\x08", _container("gzip file")),
    (b"BZh", _container("bzip2 file")),
    (b"\xfd7zXZ\x00", _container("xz file")),
    (b"\x28\xb5\x2f\xfd", _container("Zstandard file")),
    (b"\x04\x22\x4d\x18", _container("LZ4 file")),
    (b"7z\xbc\xaf\x27\x1c", _container("7-Zip archive")),
    (b"Rar!\x1a\x07", _container("RAR archive")),
    (b"MSCF\x00\x00\x00\x00", _container("cabinet (CAB)")),
    (b"xar!", _container("XAR archive")),
    (b"EVF\x09\x0d\x0a\xff\x00", _container("forensic image (EnCase E01)", _MOUNT)),
    (b"EVF2\x0d\x0a\x81\x00", _container("forensic image (EnCase Ex01)", _MOUNT)),
    (b"LVF\x09\x0d\x0a\xff\x00", _container("forensic image (EnCase L01)", _MOUNT)),
    (b"AFF10\r\n\x00", _container("forensic image (AFF)", _MOUNT)),
    (b"ADSEGMENTEDFILE\x00", _container("forensic image (FTK AD1)", _MOUNT)),
    (b"conectix", _container("disk image (VHD)", _MOUNT)),
    (b"vhdxfile", _container("disk image (VHDX)", _MOUNT)),
    (b"KDMV", _container("disk image (VMDK)", _MOUNT)),
    (b"# Disk DescriptorFile", _container("disk image (VMDK)", _MOUNT)),
    (b"QFI\xfb", _container("disk image (QCOW)", _MOUNT)),
    (b"hsqs", _container("disk image (SquashFS)", _MOUNT)),
    (b"\xebX\x90MSDOS5.0", _container("disk image (FAT)", _MOUNT)),
    (b"\xeb\x52\x90NTFS    ", _container("disk image (NTFS)", _MOUNT)),
    (b"\xeb\x76\x90EXFAT   ", _container("disk image (exFAT)", _MOUNT)),
    (b"ANDROID BACKUP\n", _container("Android backup (.ab)")),
    (b"!<arch>\n", _container("archive (ar)")),
    (b"070701", _container("archive (cpio)")),
    (b"070707", _container("archive (cpio)")),
    (b"\x1f\x9d", _container("compress file (.Z)")),
    (b"\x1f\xa0", _container("compress file (.z)")),
    (b"LZIP\x01", _container("lzip file")),
    (b"MSWIM\x00\x00\x00", _container("disk image (WIM)", _MOUNT)),
)
_LOCKED = (
    (b"LUKS\xba\xbe", _locked("encrypted volume (LUKS)")),
    (b"\xeb\x58\x90-FVE-FS-", _locked("encrypted volume (BitLocker)")),
    (b"encrcdsa", _locked("encrypted disk image (DMG)")),
    (b"cdsaencr", _locked("encrypted disk image (DMG)")),
    (b"-----BEGIN PGP MESSAGE", _locked("encrypted message (PGP)")),
    (b"age-encryption.org/v1\n", _locked("encrypted file (age)")),
    (b"Salted__", _locked("encrypted file (OpenSSL)")),
)
_HARMLESS = (
    (b"%PDF", harmless_kind("PDF document")),
    (b"%!PS", harmless_kind("PostScript document")),
    (b"{\\rtf", harmless_kind("RTF document")),
    (b"GIF87a", harmless_kind("GIF picture")),
    (b"GIF89a", harmless_kind("GIF picture")),
    (b"8BPS", harmless_kind("Photoshop picture")),
    (b"\x00\x00\x01\x00", harmless_kind("Windows icon")),
    (b"ID3", harmless_kind("sound (MP3)")),
    (b"OggS", harmless_kind("sound or video (Ogg)")),
    (b"fLaC", harmless_kind("sound (FLAC)")),
    (b"\x1aE\xdf\xa3", harmless_kind("video (Matroska, WebM)")),
    (b"FLV\x01", harmless_kind("video (Flash)")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", harmless_kind("video or sound (Windows Media)")),
    (b"\x00\x00\x01\xba", harmless_kind("video (MPEG)")),
    (b"\x00\x00\x01\xb3", harmless_kind("video (MPEG)")),
    (b"\x00\x00\x00\x01\x67", harmless_kind("video stream (H.264) without its file")),
    (b"\x00\x00\x00\x01\x40\x01", harmless_kind("video stream (H.265) without its file")),
    (b"\x7fELF", harmless_kind("program (ELF)")),
    (b"MZ", harmless_kind("program for Windows")),
    (b"\xfe\xed\xfa\xce", harmless_kind("program for macOS")),
    (b"\xfe\xed\xfa\xcf", harmless_kind("program for macOS")),
    (b"\xcf\xfa\xed\xfe", harmless_kind("program for macOS")),
    (b"\xca\xfe\xba\xbe", harmless_kind("program (Java, macOS)")),
    (b"dex\n", harmless_kind("program for Android")),
    (b"IM*H", harmless_kind("firmware of DJI")),
    (b"wOFF", harmless_kind("font")),
    (b"wOF2", harmless_kind("font")),
    (b"OTTO", harmless_kind("font")),
    (b"\x00\x01\x00\x00\x00", harmless_kind("font or old database")),
    (b"\x00\x00\x00\x01Bud1", harmless_kind("system file of macOS (.DS_Store)")),
    (b"\x00\x05\x16\x07", harmless_kind("system file of macOS (AppleDouble)")),
    (b"L\x00\x00\x00\x01\x14\x02\x00", harmless_kind("shortcut of Windows")),
    (b"CMMM", harmless_kind("thumbnails of Windows (thumbcache)")),
    (b"regf", harmless_kind("registry of Windows")),
    (b"LASF", harmless_kind("point cloud (LAS)")),
    (b"-----BEGIN CERTIFICATE", harmless_kind("certificate")),
    (b"-----BEGIN PUBLIC KEY", harmless_kind("public key")),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", harmless_kind("video (MXF)")),
)
#: Their fields may be anything: words within them decide.
_FIELDS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", harmless_kind("Office document (before 2007)")),
    (b"bplist00", harmless_kind("settings of macOS or iOS (property list)")),
    (b"PAR1", harmless_kind("table (Parquet)")),
    (b"ARROW1", harmless_kind("table (Arrow)")),
    (b"\x89HDF\r\n\x1a\n", harmless_kind("data of a program (HDF5)")),
    (b"CDF\x01", harmless_kind("data of a program (netCDF)")),
    (b"MATLAB 5.0 MAT-file", harmless_kind("data of MATLAB")),
    (b"\x93NUMPY", harmless_kind("numbers of a program (NumPy)")),
)

_SIGNATURES = (
    *(BinarySignature(magic, kind) for magic, kind in (*_EVIDENCE, *_CONTAINERS, *_LOCKED)),
    BinarySignature(
        b".FIT",
        evidence_kind(
            "FIT activity of a watch or receiver", "Garmin's or another program for FIT files"
        ),
        8,
    ),
    BinarySignature(b"ustar", _container("TAR archive"), 257),
    BinarySignature(b"CD001", _container("disk image (ISO 9660)", _MOUNT), 32769),
    BinarySignature(b"RIFF", harmless_kind("video or sound (RIFF)")),
    *(BinarySignature(magic, kind) for magic, kind in _HARMLESS),
    *(BinarySignature(magic, kind, words_decide=True) for magic, kind in _FIELDS),
)
_FURTHER_IN = tuple(signature for signature in _SIGNATURES if signature.offset)
_BY_FIRST_BYTE: dict[bytes, tuple[BinarySignature, ...]] = {
    first: tuple(each for each in _SIGNATURES if not each.offset and each.magic[:1] == first)
    for first in {signature.magic[:1] for signature in _SIGNATURES}
}
_RIFF_FORMS = {
    b"AVI ": harmless_kind("video (AVI)"),
    b"WAVE": harmless_kind("sound (WAV)"),
    b"WEBP": harmless_kind("WebP picture"),
}
#: Two bytes at the end of the first sector of a disk or volume.
_BOOT_SIGNATURE = b"\x55\xaa"
#: Names of file systems in the first sector, by their offset.
_FILE_SYSTEM_NAMES = ((3, b"NTFS    "), (3, b"EXFAT   "), (54, b"FAT"), (82, b"FAT32   "))
_EXT_MAGIC, _EXT_MAGIC_OFFSET = b"\x53\xef", 0x438
_DMG_TRAILER, _DMG_TRAILER_SIZE = b"koly", 512
#: Partition entries of a master boot record: where they begin, and their size.
_PARTITIONS, _PARTITION_SIZE = 446, 16


def find_signature(sample: FileSample) -> BinarySignature | None:
    """Return the signature that a file has; ``None``: none that is known."""
    head = sample.head
    for signature in (*_BY_FIRST_BYTE.get(head[:1], ()), *_FURTHER_IN):
        at, magic = signature.offset, signature.magic
        if head.startswith(magic, at) or (
            len(head) <= at < sample.size and sample.bytes_at(at, len(magic)) == magic
        ):
            if signature.magic == b"RIFF":
                form = _RIFF_FORMS.get(head[8:12])
                return BinarySignature(b"RIFF", form) if form else signature
            if signature.magic == b"MZ" and len(head) < 64:
                continue
            return signature
    disk = _disk_image(sample)
    return BinarySignature(b"", disk) if disk else None


def _disk_image(sample: FileSample) -> FileKind | None:
    """Return the kind of a copy of a disk, a card or a volume; ``None``: it is none."""
    head = sample.head
    if head[510:512] == _BOOT_SIGNATURE and sample.size >= 1 << 16:
        for at, name in _FILE_SYSTEM_NAMES:
            if head.startswith(name, at):
                return _container(f"disk image ({name.decode().strip()})", _MOUNT)
        entries = [
            head[at : at + _PARTITION_SIZE] for at in range(_PARTITIONS, 510, _PARTITION_SIZE)
        ]
        if all(entry[0] in (0, 0x80) for entry in entries) and any(entry[4] for entry in entries):
            return _container("disk image (with partitions)", _MOUNT)
    if head.startswith(_EXT_MAGIC, _EXT_MAGIC_OFFSET) and sample.size >= 1 << 16:
        return _container("disk image (ext2, ext3, ext4)", _MOUNT)
    if sample.windows[-1][-_DMG_TRAILER_SIZE:].startswith(_DMG_TRAILER):
        return _container("disk image (DMG)", _MOUNT)
    return None
