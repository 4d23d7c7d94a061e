"""Flight records of a version that is not known yet: read only as far as they prove themselves.

A later version may keep the parts of the last one that is known.  Its auxiliary blocks are tried as
those of version 14: they hold if the first unscrambles to Details with their marker in its place,
and if frames with valid trailers fill most of what follows.  Encrypted bodies prove themselves by
their padding, as those of known versions do.
"""

from ..._errors import UnsupportedVersionError
from ..._file_content import Content
from ..._model import Issue
from ._file_layout import (
    DETAILS_OLD,
    MARKER,
    MARKER_OFFSET,
    VERSIONS,
    FileLayout,
    layout_with_auxiliary_blocks,
    read_file_layout,
    stated_version,
)
from ._start_of_headerless_log import LEAST_SHARE, NEWEST_FRAMES, share_of_framed_bytes

#: Where in the prefix the version stands.
_VERSION_OFFSET = 10
#: Bytes of records over which frames are counted.
_MEASURED = 1 << 18


def read_layout_of_any_version(content: Content) -> FileLayout:
    """Find the parts of a file, also of a version that is not known yet.

    Raises:
        CorruptLogError: If not even the prefix is whole.
        UnsupportedVersionError: If the version is not known, and the file is not written as the
            last known one is.
    """
    version = stated_version(content)
    if version in VERSIONS:
        return read_file_layout(content)
    layout = layout_with_auxiliary_blocks(content)
    records = content.data[layout.records_begin : layout.records_begin + _MEASURED]
    if (
        not _layout_has_valid_details(layout)
        or share_of_framed_bytes(records, NEWEST_FRAMES) < LEAST_SHARE
    ):
        raise UnsupportedVersionError(
            f"a DJI flight record of version {version}, which is not known yet; known are 1 to "
            f"{VERSIONS[-1]}"
        )
    reason = (
        f"a DJI flight record of version {version}, which is not known yet: its blocks and records "
        f"prove to be written as those of version {VERSIONS[-1]}, and are read so"
    )
    # Of such a file not all is read, whatever is: its version says what nobody knows.
    return layout.with_gap_in_prefix_for_issue(Issue(_VERSION_OFFSET, 1, reason))


def _layout_has_valid_details(layout: FileLayout) -> bool:
    marker = layout.details[MARKER_OFFSET : MARKER_OFFSET + len(MARKER)]
    return len(layout.details) >= DETAILS_OLD and marker == MARKER and not layout.issues
