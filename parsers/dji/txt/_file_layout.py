"""Where the parts of a record file lie: prefix, records, Details, auxiliary blocks."""

import struct
from dataclasses import dataclass, replace

from ..._byte_coverage import CoverageSpan
from ..._errors import CorruptLogError, UnsupportedVersionError
from ..._file_content import Content
from ..._model import Issue
from .._layout_builders import decode_record
from ._record_layouts import PREFIX as PREFIX_LAYOUT
from ._unscramble_bodies import scramble_key_table

VERSIONS = range(1, 15)
#: Versions that a file may state which are not known yet.
LATER_VERSIONS = range(VERSIONS.stop, 64)
PREFIX_SMALL, PREFIX = 12, 100
DETAILS_OLD, DETAILS_NEW = 400, 436
#: Stands at byte 87 of every Details and before the pictures.
MARKER = struct.pack("<i", 12345)
MARKER_OFFSET = 87


@dataclass(frozen=True, slots=True)
class FileLayout:
    """The parts of a file, bounded to the bytes it holds."""

    version: int
    flag: int
    records_begin: int
    records_end: int
    #: Bytes of Details, unscrambled; empty where the app never wrote them.
    details: bytes
    #: Byte in the file where Details (or what holds them) begin; -1: nowhere.
    details_offset: int
    #: Version of the auxiliary block that chooses the map of feature points.
    key_version: int | None
    department: int | None
    is_signed: bool
    spans: tuple[CoverageSpan, ...]
    issues: tuple[Issue, ...]

    @property
    def has_wide_lengths(self) -> bool:
        """Whether a record's length has two bytes."""
        return self.version >= 13

    @property
    def is_scrambled(self) -> bool:
        """Whether bodies are XOR-scrambled, with a trailer."""
        return self.version >= 7

    def with_gap_in_prefix_for_issue(self, issue: Issue) -> "FileLayout":
        """Return the same parts, the bytes of an issue in the prefix being those not understood."""
        end = issue.offset + issue.size
        spans = (
            CoverageSpan(0, issue.offset, "header"),
            CoverageSpan(issue.offset, issue.size, "gap"),
            CoverageSpan(end, self.spans[0].size - end, "header"),
            *self.spans[1:],
        )
        return replace(self, spans=spans, issues=(issue, *self.issues))


def claims(content: Content) -> bool:
    """Return whether the first bytes are a prefix: length of Details, version, reserve."""
    head = content.head
    if len(head) < PREFIX:
        return False
    prefix = decode_record(PREFIX_LAYOUT, head)
    details_at, details_size, version = (
        prefix[name] for name in ("details_offset", "details_size", "version")
    )
    if version not in (*VERSIONS, *LATER_VERSIONS) or details_at >= 1 << 40:
        return False
    if version < 6:
        return bool(details_size == DETAILS_OLD)
    reserved_is_zero = not any(head[20:PREFIX])
    if version in LATER_VERSIONS:
        return details_size in (DETAILS_OLD, DETAILS_NEW) and reserved_is_zero
    return details_size in (0, DETAILS_OLD, DETAILS_NEW) and reserved_is_zero


def stated_version(content: Content) -> int:
    """Return the version that the prefix states.

    Raises:
        CorruptLogError: If not even the prefix is whole.
    """
    head = content.read_bytes(0, PREFIX_LAYOUT.size, "prefix")
    return int(decode_record(PREFIX_LAYOUT, head)["version"])


def needs_keys(content: Content) -> bool:
    """Return whether the records of a file that is claimed are encrypted: from version 13 on."""
    version = decode_record(PREFIX_LAYOUT, content.head)["version"]
    return bool(version >= 13)


def read_file_layout(content: Content) -> FileLayout:
    """Find the parts of a file.

    Raises:
        CorruptLogError: If not even the prefix is whole.
        UnsupportedVersionError: If the version is not known.
    """
    fields = decode_record(PREFIX_LAYOUT, content.read_bytes(0, PREFIX_LAYOUT.size, "prefix"))
    stated, version, flag = fields["details_offset"], fields["version"], fields["flag"]
    if version not in VERSIONS:
        raise UnsupportedVersionError(f"flight record version {version}; known are 1 to 14")
    prefix = PREFIX_SMALL if version < 6 else PREFIX
    if len(content) < prefix:
        raise CorruptLogError(len(content), f"a prefix of {prefix} bytes", f"{len(content)}")
    if version >= 13:
        return layout_with_auxiliary_blocks(content)
    if version == 12:
        return _layout_with_details_first(content, flag)
    return _layout_with_details_last(content, version, flag, stated, prefix)


def _layout_with_details_last(
    content: Content, version: int, flag: int, stated: int, prefix: int
) -> FileLayout:
    """Versions 1 to 11: records, then Details at the offset that the prefix states."""
    size = len(content)
    issues: list[Issue] = []
    at, end = stated, min(stated, size)
    if not _is_details_block_at(content, stated):
        at = find_details_offset(content, prefix)
        if stated == 0:
            why = "the app never finished this file"
        elif stated + DETAILS_OLD > size:
            why = f"the file ends at byte {size}, before the end of the Details at {stated}"
        else:
            why = f"no Details at {stated}, where the prefix places them"
        # Details close the flight: without them the last records may be missing.
        why = f"{why}; found at {at}" if at >= 0 else f"cut short: {why}"
        issues.append(Issue(0, 0, why))
        end = at if at >= 0 else size
    spans = [CoverageSpan(0, prefix, "header")]
    details = b""
    if at >= 0:
        details = content.read_bytes(at, DETAILS_OLD, "Details")
        spans.append(CoverageSpan(at, DETAILS_OLD, "header"))
    return FileLayout(
        version, flag, prefix, max(prefix, end), details, at, None, None, False,
        tuple(spans), tuple(issues),
    )  # fmt: skip


def _is_details_block_at(content: Content, at: int) -> bool:
    if at < PREFIX_SMALL or at + DETAILS_OLD > len(content):
        return False
    return bool(content.data[at + MARKER_OFFSET : at + MARKER_OFFSET + 4] == MARKER)


def find_details_offset(content: Content, begin: int) -> int:
    """Return where Details lie although the prefix does not say so; -1: nowhere.

    The marker also stands before the pictures, so the coordinates must make
    sense too.  The last candidate wins: Details close the file.
    """
    marker = content.data.rfind(MARKER, begin)
    while marker >= 0:
        at = marker - MARKER_OFFSET
        if _is_details_block_at(content, at):
            longitude, latitude = struct.unpack_from("<dd", content.data, at + 99)
            (start_ms,) = struct.unpack_from("<q", content.data, at + 91)
            if abs(latitude) <= 90 and abs(longitude) <= 180 and 0 <= start_ms < 4_102_444_800_000:
                return at
        marker = content.data.rfind(MARKER, begin, marker)
    return -1


def _layout_with_details_first(content: Content, flag: int) -> FileLayout:
    """Version 12: Details after the prefix, then records to the end of the file."""
    begin = min(PREFIX + DETAILS_NEW, len(content))
    issues: tuple[Issue, ...] = ()
    if begin < PREFIX + DETAILS_NEW:
        issues = (Issue(PREFIX, 0, f"Details cut short: {begin - PREFIX} of {DETAILS_NEW} bytes"),)
    spans = (CoverageSpan(0, PREFIX, "header"), CoverageSpan(PREFIX, begin - PREFIX, "header"))
    details = content.data[PREFIX:begin]
    return FileLayout(
        12, flag, begin, len(content), details, PREFIX, None, None, False, spans, issues
    )


def layout_with_auxiliary_blocks(content: Content) -> FileLayout:
    """Find the parts of versions 13 and 14: blocks hold Details and say how keys are chosen."""
    fields = decode_record(PREFIX_LAYOUT, content.read_bytes(0, PREFIX_LAYOUT.size, "prefix"))
    stated, version, flag = fields["details_offset"], fields["version"], fields["flag"]
    size, at = len(content), PREFIX
    spans, issues = [CoverageSpan(0, PREFIX, "header")], []
    details, details_at, signed = b"", -1, False
    key_version: int | None = None
    department: int | None = None
    for expected in (0, 1):
        if at + 3 > size or content.data[at] != expected:
            issues.append(Issue(at, 0, f"no auxiliary block of type {expected}"))
            break
        length = int.from_bytes(content.data[at + 1 : at + 3], "little")
        if at + 3 + length > size:
            issues.append(Issue(at, 0, f"auxiliary block {expected} cut short by the end"))
            break
        payload = content.data[at + 3 : at + 3 + length]
        if expected == 0:
            details, signed = _unscramble_details_and_signature_flag(payload)
            details_at = at
            if not details:
                issues.append(Issue(at, 0, "auxiliary block 0 holds no Details"))
        elif length >= 3:
            key_version, department = int.from_bytes(payload[:2], "little"), payload[2]
        spans.append(CoverageSpan(at, 3 + length, "header"))
        at += 3 + length
    begin = at
    if len(spans) == 3 and at < stated <= size:
        # The offset stated is past the blocks: what lies between has no known use.
        spans.append(CoverageSpan(at, stated - at, "opaque"))
        begin = stated
    elif stated not in (0, at) and len(spans) == 3:
        issues.append(Issue(0, 0, f"the prefix places the first record at {stated}, not {at}"))
    elif len(spans) < 3 and at < stated <= size:
        issues.append(Issue(at, stated - at, "auxiliary blocks that could not be read"))
        spans.append(CoverageSpan(at, stated - at, "gap"))
        begin = stated
    return FileLayout(
        version, flag, begin, size, details, details_at, key_version, department, signed,
        tuple(spans), tuple(issues),
    )  # fmt: skip


def _unscramble_details_and_signature_flag(payload: bytes) -> tuple[bytes, bool]:
    """Unscramble auxiliary block 0: Details, and whether a signature follows."""
    if len(payload) < 6:
        return b"", False
    key = scramble_key_table()[0, payload[0]].tobytes()
    plain = bytes(byte ^ key[index & 7] for index, byte in enumerate(payload[1:]))
    details_size = int.from_bytes(plain[1:3], "little")
    details = plain[3 : 3 + min(details_size, DETAILS_NEW)]
    rest = plain[3 + details_size :]
    signature_size = int.from_bytes(rest[:2], "little") if len(rest) >= 2 else 0
    return details, signature_size > 0 and any(rest[2 : 2 + signature_size])
