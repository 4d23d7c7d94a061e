"""The manifest of a dossier: what went in, what came out, and by what it was made."""

import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

MANIFEST_FILE, SUMS_FILE = "manifest.json", "SHA256SUMS"
SIGNATURE_FILE, TIMESTAMP_FILE = "manifest.json.sig", "manifest.json.tsr"
SCHEMA: Final = "dji-audit/manifest/0.1"
#: Bytes.  A million files have no larger manifest, and no larger one is read.
MAX_MANIFEST_BYTES = 512 << 20

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[int, Field(ge=0)]


class ManifestError(Exception):
    """A manifest cannot be read; the message says why."""


class StrictManifestModel(BaseModel):
    """Part of a manifest: nothing but its fields, of exactly their types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class CaseEntry(StrictManifestModel):
    """What a person states of the case; ``None``: not stated."""

    reference: str | None
    exhibit: str | None
    made_by: str | None


class PythonDependencyEntry(StrictManifestModel):
    """A package that the tool used."""

    name: str
    version: str


class ToolDataFileEntry(StrictManifestModel):
    """A file of data that is part of the tool: a pack, the catalogue, the base map."""

    name: str
    sha256: Sha256


class ToolEntry(StrictManifestModel):
    """What made the dossier."""

    name: Literal["dji-audit"]
    version: str
    python: str
    dependencies: tuple[PythonDependencyEntry, ...]
    data: tuple[ToolDataFileEntry, ...]


class TimeOfRunEntry(StrictManifestModel):
    """The time of the run, and which input states it; ``None``: none does."""

    time: str | None
    stated_by: str | None


class RunSettingsEntry(StrictManifestModel):
    """What was asked for.  The name of the dossier itself is left out: it may be renamed."""

    command: str
    paths: tuple[str, ...]
    #: Options that were given, by name.
    options: dict[str, JsonValue]
    #: What an audit needs to be repeated, besides files.
    settings: dict[str, JsonValue]
    clock: TimeOfRunEntry


class InputFileEntry(StrictManifestModel):
    """One file of the evidence, or a member of a container; ``None``: not known, or none."""

    name: str
    #: The file on the disk, of a member, and its path in it.
    container: str | None
    member: str | None
    #: Class of the file, as in ``report.json``.
    status: str
    format: str | None
    size: Size | None
    sha256: Sha256 | None
    container_sha256: Sha256 | None
    #: Member of this archive that holds it, or its container.
    kept_as: str | None


class SuppliedFileEntry(StrictManifestModel):
    """A file that the unit supplied besides the evidence, and was used."""

    kind: str
    name: str
    size: Size
    sha256: Sha256
    kept_as: str | None


class UsedKeychainEntry(StrictManifestModel):
    """Keys that opened logs, by the hash of their file; they are never in a manifest."""

    sha256: Sha256
    logs: tuple[str, ...]


class ArchiveMemberEntry(StrictManifestModel):
    """A member of the archive."""

    name: str
    size: Size
    sha256: Sha256
    #: What it is, such as ``page`` or ``original``.
    kind: str


class ManifestActionRecord(StrictManifestModel):
    """The record of what was done: its steps, and the hash of its last line."""

    name: str
    steps: Size
    last_sha256: Sha256


class MovedTrackCheckEntry(StrictManifestModel):
    """By what the shape and the times of a moved flight are checked."""

    flight: str
    fixes: Size
    #: SHA-256 over times and shape, of the evidence and of the moved fixes alike.
    shape_sha256: Sha256
    #: Member of the archive with the moved fixes.
    fixes_file: str


class RedactionEntry(StrictManifestModel):
    """What was left out or changed before disclosure."""

    method: str
    #: What became of positions, sentences.
    changed: str
    left_out: tuple[str, ...]
    flights: tuple[MovedTrackCheckEntry, ...]


class ManifestSigningKey(StrictManifestModel):
    """Who signed the manifest: the raw public key, in hexadecimal digits."""

    algorithm: Literal["Ed25519"]
    public_key: Sha256


class Manifest(StrictManifestModel):
    """The manifest of a dossier; files stand in the order in which the archive holds them."""

    schema_: Annotated[Literal["dji-audit/manifest/0.1"], Field(alias="schema")] = SCHEMA
    case: CaseEntry | None
    tool: ToolEntry
    run: RunSettingsEntry
    #: Versions and hashes of policy, catalogue and lists, as in ``report.json``.
    basis: dict[str, JsonValue]
    inputs: tuple[InputFileEntry, ...]
    supplied: tuple[SuppliedFileEntry, ...]
    keys: tuple[UsedKeychainEntry, ...]
    #: Every member, but for the manifest, the sums, the signature and the time stamp.
    files: tuple[ArchiveMemberEntry, ...]
    #: Whether the evidence is inside, so that the audit can be repeated.
    has_originals: bool
    #: What was left out or changed before disclosure; ``None``: nothing.
    redaction: RedactionEntry | None
    #: What could not be made, a sentence each, such as PDF where typst is not installed.
    remarks: tuple[str, ...]
    record: ManifestActionRecord | None
    signature: ManifestSigningKey | None

    def to_bytes(self) -> bytes:
        """Return the manifest as JSON: the same manifest gives the same bytes."""
        content = self.model_dump(mode="json", by_alias=True)
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False)
        return f"{text}\n".encode()

    def sha256sums_text(self, manifest_sha256: str) -> str:
        """Return the sums of the manifest and of every file that it lists, for ``sha256sum -c``."""
        pairs = [(manifest_sha256, MANIFEST_FILE), *((it.sha256, it.name) for it in self.files)]
        return "".join(f"{sha256}  {name}\n" for sha256, name in pairs)

    def member_names(self, *, has_timestamp: bool) -> Iterator[str]:
        """Yield the name of every member that the archive must hold, in its order."""
        yield MANIFEST_FILE
        yield SUMS_FILE
        if self.signature is not None:
            yield SIGNATURE_FILE
        if has_timestamp:
            yield TIMESTAMP_FILE
        yield from (it.name for it in self.files)


def read_manifest(data: bytes) -> Manifest:
    """Return a manifest; only the bytes that dji-audit writes are one.

    Raises:
        ManifestError: If it is damaged, or written in another way.
    """
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ManifestError(f"{place or 'the document'}: {first['msg']}") from error
    # Neither a blank nor the order of two keys is free.
    if manifest.to_bytes() != data:
        raise ManifestError("it is not written as dji-audit writes it")
    return manifest


def parse_sha256sums(text: str) -> dict[str, str]:
    """Return the names in a file of sums, each with its hash; other lines are left out."""
    sums = {}
    for line in text.splitlines():
        sha256, blanks, name = line[:64], line[64:66], line[66:]
        if blanks == "  " and name:
            sums[name] = sha256
    return sums


def duplicate_names(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once, also where only their case differs."""
    seen, twice = set[str](), []
    for name in names:
        if name.casefold() in seen:
            twice.append(name)
        seen.add(name.casefold())
    return twice
