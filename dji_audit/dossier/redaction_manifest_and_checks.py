"""A redacted dossier: what its manifest says of it, and the checks before and after it is made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from pydantic import JsonValue

from dji_audit.dossier.manifest_model_and_reader import (
    MovedTrackCheckEntry,
    RedactionEntry,
    RunSettingsEntry,
    StrictManifestModel,
)
from dji_audit.dossier.write_archive import DossierError, FileForArchive
from dji_audit.fleet.output_folder import REDACTED_FIXES_FOLDER
from dji_audit.redaction import (
    HowRunWasRedacted,
    PositionRedactionMethod,
    SensitiveTexts,
    iterate_phrases_on_leaks_in_text,
    redact_value,
    shape_hash_of_moved_track_csv,
)

Entry = TypeVar("Entry", bound=StrictManifestModel)

#: What is not changed although it may be thought to be.
_KEPT = (
    " Hashes of the evidence stay, as do hosts and addresses that were contacted, and what a "
    "person states of the case."
)
#: What becomes of what, for the reader of a manifest.
_CHANGES = {
    PositionRedactionMethod.OFFSET: "Each flight is moved to the open sea. Shape and times are "
    "unchanged: the digest of each flight is that of the evidence, and follows from its moved "
    "fixes.",
    PositionRedactionMethod.GRID: "Each position is moved to the middle of its square of a "
    "hundredth of a degree. The shape of a flight is lost; times are unchanged.",
}
_LEFT_OUT = (
    "Position of the pilot, the track's height above the sea, directions and field of view of "
    "cameras, footprints, shapes of zones and fences, pictures and records.",
    "Texts of events about accounts, parts, Remote ID, the home point and other aircraft.",
    "Names of people, operations, zones, devices, folders and files, and serial numbers: each is "
    "replaced by a word and eight digits, the same throughout the dossier.",
    "Paths and settings of the command.",
)
#: Suffixes of results that are searched as text; sheets are made from the same rows as pages.
_SEARCHED = (".html", ".json", ".csv", ".txt", ".jsonl")
#: Largest table of moved fixes that is read to check a shape.
_MAX_FIXES_BYTES = 256 << 20


def manifest_entry_of_redaction(redaction: HowRunWasRedacted) -> RedactionEntry:
    """Return what a manifest says of a redaction."""
    return RedactionEntry(
        method=str(redaction.method),
        changed=_CHANGES[redaction.method] + _KEPT,
        left_out=_LEFT_OUT,
        flights=tuple(
            MovedTrackCheckEntry(
                flight=track.flight,
                fixes=track.shape.fixes,
                shape_sha256=track.shape.sha256,
                fixes_file=f"{REDACTED_FIXES_FOLDER}/{track.flight}.csv",
            )
            for track in redaction.tracks
            if track.shape is not None
        ),
    )


def redact_manifest_entry(entry: Entry, texts: SensitiveTexts) -> Entry:
    """Return an entry of a manifest with its texts redacted."""
    return entry.model_copy(update=redact_value(dict(entry), texts))


def redact_run_settings_entry(entry: RunSettingsEntry) -> RunSettingsEntry:
    """Return what was asked for without paths and settings; of texts only that they were given."""
    options: dict[str, JsonValue] = {
        name: value if isinstance(value, bool | int | float) else "given"
        for name, value in entry.options.items()
    }
    return entry.model_copy(update={"paths": (), "options": options, "settings": {}})


def refuse_files_with_sensitive_texts(
    files: Sequence[FileForArchive], redaction: HowRunWasRedacted
) -> None:
    """Refuse to write what holds a true position, a serial number or a name.

    Raises:
        DossierError: If a file does; the message names it and what it holds.
    """
    sensitive = redaction.sensitive_values
    for file in files:
        if not file.name.endswith(_SEARCHED):
            continue
        data = file.source if isinstance(file.source, bytes) else file.source.read_bytes()
        found = list(
            iterate_phrases_on_leaks_in_text(
                f"{file.name}\n{data.decode('utf-8', 'replace')}", sensitive
            )
        )
        if found:
            raise DossierError(
                f"nothing was written: after redaction {file.name} still holds {found[0]}; this "
                "is a fault of dji-audit"
            )


def moved_tracks_of_wrong_shape_and_reasons(
    entry: RedactionEntry,
    sizes: Mapping[str, int],
    read: Callable[[str], bytes],
) -> Iterator[tuple[str, str]]:
    """Yield each table of moved fixes whose shape is not the one in the manifest, and why.

    Args:
        entry: What the manifest says.
        sizes: Bytes of each member of the archive.
        read: Returns the content of a member.
    """
    for flight in entry.flights:
        name = flight.fixes_file
        if sizes.get(name, _MAX_FIXES_BYTES + 1) > _MAX_FIXES_BYTES:
            yield name, "it is missing, or too large to check the shape"
            continue
        try:
            shape = shape_hash_of_moved_track_csv(read(name).decode("utf-8"))
        except (ValueError, IndexError, OverflowError):
            yield name, "it holds no moved fixes"
            continue
        if shape is None or (shape.fixes, shape.sha256) != (flight.fixes, flight.shape_sha256):
            yield name, "its shape or its times are not those of the evidence"
