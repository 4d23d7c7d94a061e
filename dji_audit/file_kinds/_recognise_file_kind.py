"""The kind of a file that no log format claims, by its content."""

import re

import parsers
from dji_audit.common.plain_english import without_article
from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._kind_of_unparsed_file import (
    FileKind,
    FileKindRelevance,
    make_guessed_evidence_file_kind,
    make_harmless_file_kind,
)
from dji_audit.file_kinds._magic_numbers import find_magic_number
from dji_audit.file_kinds._recognise_binary import (
    describe_evidence_in_bytes,
    drone_maker_named_in_bytes,
    recognise_by_records_in_bytes,
)
from dji_audit.file_kinds._recognise_by_puremagic import recognise_by_puremagic
from dji_audit.file_kinds._recognise_json import recognise_json
from dji_audit.file_kinds._recognise_pictures import recognise_picture
from dji_audit.file_kinds._recognise_sqlite import recognise_database
from dji_audit.file_kinds._recognise_tables import numbers_look_like_track, recognise_table
from dji_audit.file_kinds._recognise_text import (
    describe_evidence_in_text,
    guess_kind_of_other_text,
    recognise_rtf,
    recognise_text_by_its_lines,
)
from dji_audit.file_kinds._recognise_xml import recognise_xml

#: Names that only flight logs have: a sign where the content tells nothing.
_LOG_NAMES = re.compile(
    r"\.(?:ulge?|tlog|px4log|mavlink|bbl|bfl|bbr|bb3|pud|fit|igc|gpx|rlog)\Z"
    r"|\A(?:DJIFlightRecord|FlightRecord|FLY\d{3})",
    re.I,
)
#: Names that logs and other files have: a sign only where the content is no text either.
_SHARED_NAMES = re.compile(r"\.(?:dat|bin|log|srt|txt|csv)\Z", re.I)
#: Characters of a text that is as good as empty.
_NEXT_TO_NOTHING = 32
_EMPTY = make_harmless_file_kind("empty file")
_NOT_KNOWN = FileKind(
    "kind not known",
    FileKindRelevance.NOT_KNOWN,
    "nothing in it that was looked at tells what it is",
    "find out what made it",
)
#: Byte that erased memory, or a copy that failed, is filled with -> what such a file is.
_FILLED = {
    byte: FileKind(
        name,
        FileKindRelevance.NOT_KNOWN,
        "what was in it, if anything, is not known",
        "look for another copy of it",
    )
    for byte, name in (
        (0x00, "nothing but zeros"),
        (0xFF, "nothing but FF, as of an erased memory"),
    )
}
_TIMECODED_VIDEO = make_harmless_file_kind("video (MP4, MOV) without telemetry that is known")


def recognise_file_kind(sample: FileSample) -> FileKind:
    """Return the kind of a file that no log format claims.

    What only one program writes comes before what may be anything, and signs within a file come
    before the tables of a library: an alarm that proves empty costs less than a flight unseen.
    """
    if not sample.size:
        return _mark_kind_as_evidence_if_log_file_name(sample, _EMPTY)
    return (
        _recognise_container(sample)
        or _recognise_by_signature(sample)
        or recognise_database(sample)
        or recognise_picture(sample)
        or (_recognise_text(sample) if sample.encoding is not None else None)
        or _recognise_binary(sample)
    )


def kind_of_unclaimed_content(content: parsers.Content) -> FileKind:
    """Return the kind of some bytes that no log format claims."""
    return recognise_file_kind(FileSample(content))


def _recognise_container(sample: FileSample) -> FileKind | None:
    """Return the kind of a container that was not looked into; ``None``: the file is none."""
    found = parsers.identify_container(sample.content)
    if found is None:
        return None
    relevance = FileKindRelevance.LOCKED if found.is_locked else FileKindRelevance.CONTAINER
    name = without_article(found.title)
    advice = found.advice or "unpack it and audit the folder"
    return FileKind(name, relevance, "what it holds is not known", advice)


def _recognise_by_signature(sample: FileSample) -> FileKind | None:
    found = find_magic_number(sample)
    if found is None:
        return None
    if found.kind.name.startswith("WebP"):
        return recognise_picture(sample)
    if found.kind.name == "RTF document":
        return recognise_rtf(sample)
    if found.words_decide and (sign := describe_evidence_in_bytes(sample)):
        return make_guessed_evidence_file_kind(found.kind.name, "the program that made it", sign)
    return found.kind


def _recognise_text(sample: FileSample) -> FileKind | None:
    """Return what a text holds: by its structure, else by its lines."""
    if (
        len(sample.text_of_start_middle_and_end.strip()) < _NEXT_TO_NOTHING
        and sample.size < 4 * _NEXT_TO_NOTHING
    ):
        return _mark_kind_as_evidence_if_log_file_name(
            sample, make_harmless_file_kind("text of next to nothing")
        )
    structured = recognise_json(sample) or recognise_xml(sample)
    if structured is not None:
        if structured.is_guess and structured.relevance is FileKindRelevance.NO_EVIDENCE:
            # Its names tell nothing: its values may.
            return _mark_kind_as_evidence_by_its_text(structured, sample)
        return structured
    return recognise_text_by_its_lines(sample) or _recognise_table_or_text(sample)


def _mark_kind_as_evidence_by_its_text(kind: FileKind, sample: FileSample) -> FileKind:
    """Return a kind as one that may hold evidence if its text shows positions or contacts."""
    sign = describe_evidence_in_text(sample.text_of_start_middle_and_end)
    if not sign and numbers_look_like_track(sample.text_of_start_middle_and_end):
        sign = "its numbers look like the coordinates of a track"
    return make_guessed_evidence_file_kind(kind.name, "a text editor", sign) if sign else kind


def _recognise_table_or_text(sample: FileSample) -> FileKind | None:
    """Return what a table or another text shows, the first that is a sign of evidence."""
    kinds = [kind for kind in (recognise_table(sample), guess_kind_of_other_text(sample)) if kind]
    signs = [kind for kind in kinds if kind.relevance is FileKindRelevance.MAY_HOLD_EVIDENCE]
    found = next(iter((*signs, *kinds)), None)
    is_log_by_name = found is not None and _LOG_NAMES.search(sample.name)
    return (
        _mark_kind_as_evidence_if_log_file_name(sample, found)
        if found and is_log_by_name and not signs
        else found
    )


def _recognise_binary(sample: FileSample) -> FileKind:
    for byte, kind in _FILLED.items():
        if all(window.count(byte) == len(window) for window in sample.windows_at_start_middle_end):
            return _mark_kind_as_evidence_if_log_file_name(sample, kind)
    if (records := recognise_by_records_in_bytes(sample)) is not None:
        return records
    if sample.first_4096_bytes[4:8] == b"ftyp":
        return _TIMECODED_VIDEO
    if sign := describe_evidence_in_bytes(sample):
        return make_guessed_evidence_file_kind(
            "bytes of an unknown kind", "the program that made it", sign
        )
    if (known := recognise_by_puremagic(sample)) is not None:
        return known
    if maker := drone_maker_named_in_bytes(sample):
        sign = f"it names {maker}"
        return make_guessed_evidence_file_kind(
            "bytes of an unknown kind", "the program that made it", sign
        )
    return _mark_kind_as_evidence_if_log_file_name(sample, _NOT_KNOWN)


def _mark_kind_as_evidence_if_log_file_name(sample: FileSample, kind: FileKind) -> FileKind:
    """Return a kind that tells nothing, or that of a log that was lost, by the name of the file."""
    if _LOG_NAMES.search(sample.name) or _SHARED_NAMES.search(sample.name):
        sign = "its name is that of a flight log"
        return FileKind(kind.name, FileKindRelevance.MAY_HOLD_EVIDENCE, sign)
    return kind
