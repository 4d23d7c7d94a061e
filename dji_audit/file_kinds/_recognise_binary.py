"""Signs of a flight, a position or a contact in bytes whose kind is not known otherwise.

Facts: MISB ST 0601 (universal key of the UAS Datalink local set); ULog's sync message;
ArduPilot's DataFlash (A3 95 begins each record); u-blox's UBX; RTCM 10403 (D3 begins each frame);
the header of DJI flight records as ``parsers.dji.txt`` describes it.
"""

import itertools
import re
import struct

from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._kind_of_unparsed_file import (
    FileKind,
    FileKindRelevance,
    make_evidence_file_kind,
    make_harmless_file_kind,
)
from dji_audit.file_kinds._recognise_evidence_in_field_names import describe_evidence_in_field_names

_KLV_KEY = bytes.fromhex("060E2B34020B01010E01030101000000")
_ULOG_SYNC = bytes.fromhex("2F731320250CBB12")
_ULOG_FORMAT = re.compile(rb"[a-z][a-z0-9_]{2,40}:uint64_t timestamp;")
_DATAFLASH_RECORD = b"\xa3\x95"
_NMEA = re.compile(rb"\$[A-Z]{2}(?:GGA|RMC|GLL|GNS),\d")
_UBX_POSITION = b"\xb5\x62\x01\x07"
_MAKERS = re.compile(
    rb"(?<![A-Za-z])(Autel|Parrot|Skydio|Yuneec|senseFly|ArduPilot|ArduCopter|Betaflight"
    rb"|DroneDeploy|QGroundControl|MAVLink)(?![a-z])"
)
#: Shorter names count in a text of some length only: alone they are met by chance.
_SHORT_NAMES = re.compile(rb"(?<![A-Za-z])(DJI|PX4|INAV)(?![a-z])")
_TEXT_IN_BYTES = re.compile(rb"[ -~]{8,200}")
_TS_PACKET, _TS_PACKET_WITH_TIME = 188, 192
#: Records of a kind that follow one another by chance less often than files are looked at.
_LEAST_RECORDS = 12
#: Newest version of DJI's flight records that is read.
_NEWEST_DJI_VERSION, _MOST_DJI_VERSION = 14, 60
#: Shorter names are met by chance in bytes of any kind.
_NAME_IN_BYTES = re.compile(rb"[A-Za-z][A-Za-z0-9_ ]{4,40}")
#: Names in bytes that are looked at.
_MOST_NAMES = 4000

_VIDEO_WITH_KLV = make_evidence_file_kind(
    "video with positions by MISB ST 0601",
    "a program for STANAG 4609",
    "it holds keys of MISB ST 0601",
)


def recognise_by_records_in_bytes(sample: FileSample) -> FileKind | None:
    """Return the kind of bytes that records within them tell; ``None``: nothing does."""
    video = _recognise_transport_stream(sample)
    if video is not None:
        return video
    if any(_KLV_KEY in window for window in sample.windows_at_start_middle_end):
        return make_evidence_file_kind(
            "video metadata by MISB ST 0601",
            "a program for STANAG 4609",
            "it holds keys of MISB ST 0601",
        )
    return (
        _recognise_unsupported_dji_version(sample)
        or _recognise_headerless_log(sample)
        or _recognise_gnss_receiver_stream(sample)
    )


def _recognise_transport_stream(sample: FileSample) -> FileKind | None:
    """Return the kind of a video in MPEG-TS; ``None``: the file is none."""
    head = sample.first_4096_bytes
    for size, first in ((_TS_PACKET, 0), (_TS_PACKET_WITH_TIME, 4)):
        places = range(first, min(len(head), 8 * size), size)
        if len(places) >= 4 and all(head[place] == 0x47 for place in places):
            # The key may lie over the border of two packets: the name of the stream does not.
            if any(
                b"KLVA" in window or _KLV_KEY[:12] in window
                for window in sample.windows_at_start_middle_end
            ):
                return _VIDEO_WITH_KLV
            return make_harmless_file_kind(
                "video (MPEG-TS)", "no metadata of MISB ST 0601 was seen"
            )
    return None


def _recognise_unsupported_dji_version(sample: FileSample) -> FileKind | None:
    """Return the kind of a DJI flight record of a version that is not read; ``None``: none."""
    head = sample.first_4096_bytes
    if len(head) < 100:
        return None
    records_end, detail_size, version = struct.unpack_from("<QHB", head)
    # The end of the records may not be stated before the app closes the file.
    sane = 100 <= records_end <= sample.size or not records_end
    newer = _NEWEST_DJI_VERSION < version <= _MOST_DJI_VERSION
    if sane and newer and 0 < detail_size < 4096 and not any(head[12:100]):
        name = f"DJI flight record of version {version}, which is not known yet"
        return make_evidence_file_kind(name, "DJI's app, and ask for a newer dji-audit")
    return None


def _recognise_headerless_log(sample: FileSample) -> FileKind | None:
    """Return the kind of a flight log without its beginning or definitions; ``None``: none."""
    windows = sample.windows_at_start_middle_end
    if any(_ULOG_SYNC in window for window in windows) or any(
        len(_ULOG_FORMAT.findall(window)) >= 3 for window in windows
    ):
        return FileKind(
            "PX4 ULog without its beginning",
            FileKindRelevance.MAY_HOLD_EVIDENCE,
            "it has records of a ULog, and nothing says what they hold",
            "look for another copy of it",
        )
    if _count_regular_dataflash_records(sample.first_16384_bytes) >= _LEAST_RECORDS:
        return FileKind(
            "ArduPilot DataFlash log without its definitions",
            FileKindRelevance.MAY_HOLD_EVIDENCE,
            "its records have the marks of DataFlash, and nothing says what they hold",
            "look for another log of the same aircraft",
        )
    return None


def _count_regular_dataflash_records(data: bytes) -> int:
    """Return the records that begin with the two bytes of DataFlash, if they recur as records do.

    Records of one kind are equally long: what follows the same kind is found at the same distance.
    """
    places = [match.start() for match in re.finditer(re.escape(_DATAFLASH_RECORD), data)]
    sizes: dict[int, dict[int, int]] = {}
    for place, following in itertools.pairwise(places):
        if place + 2 < len(data) and following - place < 256:
            by_size = sizes.setdefault(data[place + 2], {})
            by_size[following - place] = by_size.get(following - place, 0) + 1
    regular = sum(max(by_size.values()) for by_size in sizes.values())
    return regular if 2 * regular >= len(places) else 0


def _recognise_gnss_receiver_stream(sample: FileSample) -> FileKind | None:
    """Return the kind of a receiver's stream; ``None``: it is none."""
    windows = sample.windows_at_start_middle_end
    if sum(len(_NMEA.findall(window)) for window in windows) >= 2:
        return make_evidence_file_kind(
            "NMEA positions of a receiver", "gpsbabel", "it holds sentences of NMEA"
        )
    if sum(window.count(_UBX_POSITION) for window in windows) >= 3:
        return make_evidence_file_kind("UBX stream of a receiver", "u-center or RTKLIB")
    if _count_rtcm_frames(sample.first_16384_bytes) >= _LEAST_RECORDS:
        return make_evidence_file_kind("RTCM stream of a receiver", "RTKLIB")
    return None


def _count_rtcm_frames(data: bytes) -> int:
    """Return how many frames of RTCM follow one another at the beginning."""
    at = count = 0
    while at + 6 <= len(data) and data[at] == 0xD3 and not data[at + 1] & 0xFC:
        at += 6 + ((data[at + 1] & 3) << 8) + data[at + 2]
        count += 1
    return count


def describe_evidence_in_bytes(sample: FileSample) -> str:
    """Return in words what names in bytes show: positions or a flight; empty: nothing."""
    names: dict[str, None] = {}
    for window in sample.windows_at_start_middle_end:
        # Names of Office documents and of Windows are in UTF-16.
        for data in (window, window[::2] if window.count(0) * 3 > len(window) else b""):
            for match in _NAME_IN_BYTES.finditer(data):
                names[match[0].decode()] = None
                if len(names) >= _MOST_NAMES:
                    break
    return describe_evidence_in_field_names(names, with_contacts=False)


def drone_maker_named_in_bytes(sample: FileSample) -> str:
    """Return the maker of drones or their software that some bytes name; empty: none."""
    for window in sample.windows_at_start_middle_end:
        if match := _MAKERS.search(window):
            return match[1].decode()
        if not _SHORT_NAMES.search(window):
            continue
        for text in _TEXT_IN_BYTES.finditer(window):
            if match := _SHORT_NAMES.search(text[0]):
                return match[1].decode()
    return ""
