"""Kinds of file that begin with bytes of their own: logs of other makers, containers, pictures.

Facts: the formats' own specifications as far as they are public; ``70 00 80 00 01 04`` by logs
of a Matrice 4 that DJI Assistant 2 saved.
"""

from dataclasses import dataclass

from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._kind_of_unparsed_file import (
    UNPACK,
    FileKind,
    FileKindRelevance,
    make_evidence_file_kind,
    make_harmless_file_kind,
)

_OPEN_IT = "unlock it with its password or key, and audit what it holds"
_MOUNT = "mount it, or export its files with a forensic tool, and audit the folder"


@dataclass(frozen=True, slots=True)
class MagicNumber:
    """Bytes at a place, and the kind of file that has them there."""

    magic: bytes
    kind: FileKind
    offset: int = 0
    #: Whether such a file may hold fields of any sort, so that words within it decide.
    words_decide: bool = False


def _make_container_file_kind(name: str, advice: str = UNPACK) -> FileKind:
    return FileKind(name, FileKindRelevance.CONTAINER, "what it holds is not known", advice)


def _make_encrypted_file_kind(name: str) -> FileKind:
    return FileKind(name, FileKindRelevance.LOCKED, "it opens with a password", _OPEN_IT)


_ASSISTANT = "DJI Assistant 2"
_CAPTURE = "the program that made it, and save it as pcapng"
_ROBOT = "a program for ROS, and export its positions as a table"

_EVIDENCE = (
    (
        b"\x70\x00\x80\x00\x01\x04",
        make_evidence_file_kind("log of DJI Assistant 2 of a Matrice 4 or Dock", _ASSISTANT),
    ),
    (
        b"H Product:Blackbox",
        make_evidence_file_kind("blackbox log of Betaflight or iNav", "Blackbox Explorer"),
    ),
    (b"#ROSBAG V", make_evidence_file_kind("recording of ROS", _ROBOT)),
    (b"\x89MCAP0\r\n", make_evidence_file_kind("recording of ROS 2", _ROBOT)),
    (
        b"btsnoop\x00",
        make_evidence_file_kind("Bluetooth capture", "Wireshark, and save it as pcapng"),
    ),
    (
        b"snoop\x00\x00\x00",
        make_evidence_file_kind("network capture of snoop", "Wireshark, and save it as pcapng"),
    ),
    (
        b"GMBU",
        make_evidence_file_kind(
            "network capture of Network Monitor", "Wireshark, and save it as pcapng"
        ),
    ),
    (
        b"RTSS",
        make_evidence_file_kind(
            "network capture of Network Monitor", "Wireshark, and save it as pcapng"
        ),
    ),
    (
        b"TRSNIFF data ",
        make_evidence_file_kind("network capture of Sniffer", "Wireshark, and save it as pcapng"),
    ),
    (
        b"XCP\x00",
        make_evidence_file_kind("network capture of NetXray", "Wireshark, and save it as pcapng"),
    ),
    (b"\x7fver\x01", make_evidence_file_kind("network capture of AiroPeek", _CAPTURE)),
    (
        b"\xa5\x0c\x01\x00",
        make_evidence_file_kind("network flows of nfdump", "nfdump, and export them as CSV"),
    ),
    (
        b"\xa5\x0c\x02\x00",
        make_evidence_file_kind("network flows of nfdump", "nfdump, and export them as CSV"),
    ),
    (
        b"LPKSHHRH",
        make_evidence_file_kind("journal of systemd", "journalctl, and export it as JSON"),
    ),
    (
        b"ElfFile\x00",
        make_evidence_file_kind("event log of Windows", "the event viewer of Windows"),
    ),
    (
        b"ULogEnc\x01",
        FileKind(
            "ULog that is encrypted",
            FileKindRelevance.LOCKED,
            "it opens with the vehicle's private key",
            "decrypt it with the private key of the vehicle's owner (PX4 decrypt_ulog.py)",
        ),
    ),
)
_ATTACHMENTS = "save the attachments of its messages and audit them"
_DAMAGED = "copy it again: it is damaged or cut off, and what it holds is not known"
#: Containers are told before, by their structure: these are those that ``parsers`` does not name,
#: and what is left of damaged ones.
_CONTAINERS = (
    (b"PK\x03\x04", _make_container_file_kind("damaged ZIP archive", _DAMAGED)),
    (b"\x1f\x8b", _make_container_file_kind("damaged gzip file", _DAMAGED)),
    (b"BZh", _make_container_file_kind("damaged bzip2 file", _DAMAGED)),
    (b"\xfd7zXZ", _make_container_file_kind("damaged xz file", _DAMAGED)),
    (b"\x28\xb5\x2f\xfd", _make_container_file_kind("damaged Zstandard file", _DAMAGED)),
    (b"7z\xbc\xaf", _make_container_file_kind("damaged 7-Zip archive", _DAMAGED)),
    (b"Rar!", _make_container_file_kind("damaged RAR archive", _DAMAGED)),
    (b"ANDROID BACKUP", _make_container_file_kind("damaged Android backup", _DAMAGED)),
    (b"PK\x05\x06", _make_container_file_kind("ZIP archive without files")),
    (b"PK\x07\x08", _make_container_file_kind("ZIP archive in several parts")),
    (b"AFF10\r\n\x00", _make_container_file_kind("forensic image (AFF)", _MOUNT)),
    (b"# Disk DescriptorFile", _make_container_file_kind("disk image (VMDK)", _MOUNT)),
    (b"!BDN", _make_container_file_kind("mailbox of Outlook", _ATTACHMENTS)),
    (b"<<< Oracle VM VirtualBox", _make_container_file_kind("disk image (VDI)", _MOUNT)),
    (b"hsqs", _make_container_file_kind("disk image (SquashFS)", _MOUNT)),
    (b"\x1f\xa0", _make_container_file_kind("compress file (.z)")),
    (b"MSWIM\x00\x00\x00", _make_container_file_kind("disk image (WIM)", _MOUNT)),
)
_LOCKED = (
    (b"-----BEGIN PGP MESSAGE", _make_encrypted_file_kind("message encrypted with PGP")),
    (b"age-encryption.org/v1\n", _make_encrypted_file_kind("file encrypted with age")),
    (b"Salted__", _make_encrypted_file_kind("file encrypted with OpenSSL")),
)
_HARMLESS = (
    (b"%PDF", make_harmless_file_kind("PDF document")),
    (b"%!PS", make_harmless_file_kind("PostScript document")),
    (b"{\\rtf", make_harmless_file_kind("RTF document")),
    (b"GIF87a", make_harmless_file_kind("GIF picture")),
    (b"GIF89a", make_harmless_file_kind("GIF picture")),
    (b"8BPS", make_harmless_file_kind("Photoshop picture")),
    (b"\x00\x00\x01\x00", make_harmless_file_kind("Windows icon")),
    (b"ID3", make_harmless_file_kind("sound (MP3)")),
    (b"OggS", make_harmless_file_kind("sound or video (Ogg)")),
    (b"fLaC", make_harmless_file_kind("sound (FLAC)")),
    (b"\x1aE\xdf\xa3", make_harmless_file_kind("video (Matroska, WebM)")),
    (b"FLV\x01", make_harmless_file_kind("video (Flash)")),
    (
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
        make_harmless_file_kind("video or sound (Windows Media)"),
    ),
    (b"\x00\x00\x01\xba", make_harmless_file_kind("video (MPEG)")),
    (b"\x00\x00\x01\xb3", make_harmless_file_kind("video (MPEG)")),
    (b"\x00\x00\x00\x01\x67", make_harmless_file_kind("video stream (H.264) without its file")),
    (b"\x00\x00\x00\x01\x40\x01", make_harmless_file_kind("video stream (H.265) without its file")),
    (b"\x7fELF", make_harmless_file_kind("program (ELF)")),
    (b"MZ", make_harmless_file_kind("program for Windows")),
    (b"\xfe\xed\xfa\xce", make_harmless_file_kind("program for macOS")),
    (b"\xfe\xed\xfa\xcf", make_harmless_file_kind("program for macOS")),
    (b"\xcf\xfa\xed\xfe", make_harmless_file_kind("program for macOS")),
    (b"\xca\xfe\xba\xbe", make_harmless_file_kind("program (Java, macOS)")),
    (b"dex\n", make_harmless_file_kind("program for Android")),
    (b"IM*H", make_harmless_file_kind("firmware of DJI")),
    (b"wOFF", make_harmless_file_kind("font")),
    (b"wOF2", make_harmless_file_kind("font")),
    (b"OTTO", make_harmless_file_kind("font")),
    (b"\x00\x01\x00\x00\x00", make_harmless_file_kind("font or old database")),
    (b"\x00\x00\x00\x01Bud1", make_harmless_file_kind("system file of macOS (.DS_Store)")),
    (b"\x00\x05\x16\x07", make_harmless_file_kind("system file of macOS (AppleDouble)")),
    (b"L\x00\x00\x00\x01\x14\x02\x00", make_harmless_file_kind("shortcut of Windows")),
    (b"CMMM", make_harmless_file_kind("thumbnails of Windows (thumbcache)")),
    (b"regf", make_harmless_file_kind("registry of Windows")),
    (b"TZif", make_harmless_file_kind("time zone of a system")),
    (b"\xde\x12\x04\x95", make_harmless_file_kind("translations of a program (gettext)")),
    (b"\x95\x04\x12\xde", make_harmless_file_kind("translations of a program (gettext)")),
    (b"LASF", make_harmless_file_kind("point cloud (LAS)")),
    (b"-----BEGIN CERTIFICATE", make_harmless_file_kind("certificate")),
    (b"-----BEGIN PUBLIC KEY", make_harmless_file_kind("public key")),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", make_harmless_file_kind("video (MXF)")),
)
#: Their fields may be anything: words within them decide.
_FIELDS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", make_harmless_file_kind("Office document (before 2007)")),
    (b"bplist00", make_harmless_file_kind("settings of macOS or iOS (property list)")),
    (b"PAR1", make_harmless_file_kind("table (Parquet)")),
    (b"ARROW1", make_harmless_file_kind("table (Arrow)")),
    (b"\x89HDF\r\n\x1a\n", make_harmless_file_kind("data of a program (HDF5)")),
    (b"CDF\x01", make_harmless_file_kind("data of a program (netCDF)")),
    (b"MATLAB 5.0 MAT-file", make_harmless_file_kind("data of MATLAB")),
    (b"\x93NUMPY", make_harmless_file_kind("numbers of a program (NumPy)")),
)

_SIGNATURES = (
    *(MagicNumber(magic, kind) for magic, kind in (*_EVIDENCE, *_CONTAINERS, *_LOCKED)),
    MagicNumber(
        b".FIT",
        make_evidence_file_kind(
            "FIT activity of a watch or receiver", "Garmin's or another program for FIT files"
        ),
        8,
    ),
    MagicNumber(b"ustar", _make_container_file_kind("damaged TAR archive", _DAMAGED), 257),
    # The version of the interpreter stands before it, and flags that are zero behind it.
    MagicNumber(b"\r\n\x00\x00\x00\x00", make_harmless_file_kind("program (Python bytecode)"), 2),
    MagicNumber(b"RIFF", make_harmless_file_kind("video or sound (RIFF)")),
    *(MagicNumber(magic, kind) for magic, kind in _HARMLESS),
    *(MagicNumber(magic, kind, words_decide=True) for magic, kind in _FIELDS),
)
_FURTHER_IN = tuple(signature for signature in _SIGNATURES if signature.offset)
_BY_FIRST_BYTE: dict[bytes, tuple[MagicNumber, ...]] = {
    first: tuple(each for each in _SIGNATURES if not each.offset and each.magic[:1] == first)
    for first in {signature.magic[:1] for signature in _SIGNATURES}
}
_RIFF_FORMS = {
    b"AVI ": make_harmless_file_kind("video (AVI)"),
    b"WAVE": make_harmless_file_kind("sound (WAV)"),
    b"WEBP": make_harmless_file_kind("WebP picture"),
}


def find_magic_number(sample: FileSample) -> MagicNumber | None:
    """Return the signature that a file has; ``None``: none that is known."""
    head = sample.first_4096_bytes
    for signature in (*_BY_FIRST_BYTE.get(head[:1], ()), *_FURTHER_IN):
        if head.startswith(signature.magic, signature.offset):
            if signature.magic == b"RIFF":
                form = _RIFF_FORMS.get(head[8:12])
                return MagicNumber(b"RIFF", form) if form else signature
            if signature.magic == b"MZ" and len(head) < 64:
                continue
            return signature
    return None
