"""Check a dossier: archive, manifest, sums, record, signature, time stamp, and the audit itself.

Whatever differs is named.  What could not be checked is said as well, and is never a pass.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dji_audit.common.plain_english import pluralised_count
from dji_audit.dossier.action_record import (
    ActionRecordError,
    check_action_record,
    iterate_lines_cut_to_bounded_length,
)
from dji_audit.dossier.check_zip_archive_bytes import (
    ArchiveFault,
    ArchiveMember,
    check_archive,
    iterate_member_chunks,
)
from dji_audit.dossier.manifest_model_and_reader import (
    MANIFEST_FILE,
    MAX_MANIFEST_BYTES,
    SIGNATURE_FILE,
    SUMS_FILE,
    TIMESTAMP_FILE,
    Manifest,
    ManifestError,
    duplicate_names,
    parse_sha256sums,
    read_manifest,
)
from dji_audit.dossier.redaction_manifest_and_checks import moved_tracks_of_wrong_shape_and_reasons
from dji_audit.dossier.repeat_audit import (
    RepeatAuditSettingsNotInDossier,
    RepeatedAudit,
    repeat_audit,
)
from dji_audit.dossier.rfc3161_request_and_response_files import (
    MAX_RESPONSE_BYTES,
    CheckedTimestamp,
    TimestampError,
    check_timestamp,
)
from dji_audit.dossier.signature import is_valid_signature

_SIGNATURE_BYTES = 64
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifySettings:
    """What a dossier is compared with, besides itself."""

    #: SHA-256 of the manifest as somebody wrote it down; ``None``: nobody did.
    manifest_sha256: str | None = None
    #: Public key that must have signed it, 64 hexadecimal digits; ``None``: any.
    public_key: str | None = None
    #: PEM file of the root certificates that a time stamp must rest on; ``None``: none is trusted.
    timestamp_roots: Path | None = None
    #: How the audit is repeated where the evidence is inside; ``None``: it is not.
    repeat: RepeatAuditSettingsNotInDossier | None = None


@dataclass(frozen=True, slots=True)
class DossierCheckResult:
    """What came of checking a dossier."""

    #: What differs, each named; empty: nothing does.
    faults: tuple[ArchiveFault, ...]
    #: What could not be checked, and what the result rests on; a sentence each.
    remarks: tuple[str, ...]
    #: ``None``: it cannot be read.
    manifest: Manifest | None
    #: SHA-256 of the manifest as it is; ``None``: there is none.
    manifest_sha256: str | None
    #: ``None``: there is none, or it does not hold.
    timestamp: CheckedTimestamp | None = None
    #: ``None``: the audit was not repeated.
    repeated: RepeatedAudit | None = None


def verify_dossier(
    path: Path,
    settings: VerifySettings | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> DossierCheckResult:
    """Check everything in a dossier, and repeat the audit where the evidence is inside.

    The audit is repeated only if nothing in the archive differs: what was changed is no evidence.

    Args:
        path: The archive.
        settings: What it is compared with.
        progress: As for `audit_paths`.

    Raises:
        OSError: If the archive, or a file that it is compared with, cannot be read.
    """
    settings = settings or VerifySettings()
    with path.open("rb") as stream:
        archive = check_archive(stream, path.stat().st_size)
        members = {member.name: member for member in archive.members}
        check = _DossierChecker(stream, members, settings)
        check.faults += archive.faults
        manifest = check.read_manifest()
        if manifest is None:
            check.compare_members_with_sha256sums_only()
            return check.result(None)
        check.compare_members([member.name for member in archive.members], manifest)
        check.check_sha256sums_against_manifest(manifest)
        check.check_action_record_chain(manifest)
        check.compare_tracks_moved_by_redaction(manifest)
        check.check_signature(manifest)
        check.check_timestamp_file()
        repeated = check.repeat_audit(manifest, progress)
        return check.result(manifest, repeated)


class _DossierChecker:
    """The faults and remarks of one dossier as they are found."""

    def __init__(
        self,
        stream: BinaryIO,
        members: Mapping[str, ArchiveMember],
        settings: VerifySettings,
    ) -> None:
        self.faults: list[ArchiveFault] = []
        self._stream = stream
        self._members = members
        self._settings = settings
        self._remarks: list[str] = []
        self._timestamp: CheckedTimestamp | None = None
        self._manifest_bytes = b""

    def result(
        self, manifest: Manifest | None, repeated: RepeatedAudit | None = None
    ) -> DossierCheckResult:
        member = self._members.get(MANIFEST_FILE)
        return DossierCheckResult(
            tuple(dict.fromkeys(self.faults)),
            tuple(self._remarks),
            manifest,
            member.sha256 if member is not None else None,
            self._timestamp,
            repeated,
        )

    def _add_fault(self, name: str, reason: str) -> None:
        self.faults.append(ArchiveFault(name, reason))

    def _read_bounded_member(self, name: str, most: int) -> bytes | None:
        """Return the content of a member; ``None``: it is missing, or larger than it may be."""
        member = self._members.get(name)
        if member is None:
            self._add_fault(name, "it is missing")
            return None
        if member.size > most:
            self._add_fault(name, f"it has {member.size:,} bytes; at most {most:,} are read")
            return None
        return b"".join(iterate_member_chunks(self._stream, member))

    def read_manifest(self) -> Manifest | None:
        """Return the manifest if it is one, and compare it with a hash that was written down."""
        data = self._read_bounded_member(MANIFEST_FILE, MAX_MANIFEST_BYTES)
        if data is None:
            return None
        self._manifest_bytes = data
        written = self._settings.manifest_sha256
        if written is not None and written != hashlib.sha256(data).hexdigest():
            self._add_fault(MANIFEST_FILE, "its SHA-256 is not the one that was written down")
        try:
            return read_manifest(data)
        except ManifestError as error:
            self._add_fault(MANIFEST_FILE, f"it cannot be used: {error}")
            return None

    def compare_members_with_sha256sums_only(self) -> None:
        """Where the manifest cannot be used, the sums still name the other files that differ."""
        self._remarks.append(
            "The manifest cannot be used, so signature, record and audit were not checked."
        )
        data = self._read_bounded_member(SUMS_FILE, MAX_MANIFEST_BYTES)
        if data is None:
            return
        for name, sha256 in parse_sha256sums(data.decode("utf-8", "replace")).items():
            member = self._members.get(name)
            if member is None:
                self._add_fault(name, "it is missing")
            elif member.sha256 != sha256 and name != MANIFEST_FILE:
                self._add_fault(name, f"its SHA-256 is not the one in {SUMS_FILE}")

    def compare_members(self, names: Sequence[str], manifest: Manifest) -> None:
        """Compare the members with the files that the manifest lists, and their order."""
        for name in duplicate_names(names):
            self._add_fault(name, "the archive holds it more than once")
        expected = list(manifest.member_names(has_timestamp=TIMESTAMP_FILE in self._members))
        for name in duplicate_names(expected):
            self._add_fault(MANIFEST_FILE, f"it lists {name} more than once")
        listed = set(expected)
        for name in expected:
            if name not in self._members:
                self._add_fault(name, "it is missing")
        for name in names:
            if name not in listed:
                self._add_fault(name, "the manifest does not list it")
        if sorted(names) == sorted(expected):
            for name, other in zip(names, expected, strict=True):
                if name != other:
                    self._add_fault(name, "the members are not in the order of the manifest")
                    break
        for entry in manifest.files:
            member = self._members.get(entry.name)
            if member is not None and (member.sha256, member.size) != (entry.sha256, entry.size):
                self._add_fault(entry.name, "its SHA-256 is not the one in the manifest")

    def check_sha256sums_against_manifest(self, manifest: Manifest) -> None:
        """Compare the sums with those that follow from the manifest, line by line."""
        data = self._read_bounded_member(SUMS_FILE, MAX_MANIFEST_BYTES)
        if data is None:
            return
        manifest_sha256 = hashlib.sha256(self._manifest_bytes).hexdigest()
        expected = manifest.sha256sums_text(manifest_sha256)
        if data == expected.encode():
            return
        found = parse_sha256sums(data.decode("utf-8", "replace"))
        apart = [name for name, it in parse_sha256sums(expected).items() if found.get(name) != it]
        reason = "it does not follow from the manifest"
        if apart:
            reason += f": {', '.join(apart[:5])}" + (", and more" if len(apart) > 5 else "")
        self._add_fault(SUMS_FILE, reason)
        if apart == [MANIFEST_FILE] and _SHA256.fullmatch(found.get(MANIFEST_FILE, "")):
            self._add_fault(MANIFEST_FILE, f"its SHA-256 is not the one in {SUMS_FILE}")

    def check_action_record_chain(self, manifest: Manifest) -> None:
        """Follow the chain of the record, and compare its end with the manifest."""
        record = manifest.record
        if record is None:
            self._remarks.append("The dossier holds no record of what was done.")
            return
        member = self._members.get(record.name)
        if member is None:
            self._add_fault(record.name, "it is missing")
            return
        try:
            checked = check_action_record(
                iterate_lines_cut_to_bounded_length(iterate_member_chunks(self._stream, member))
            )
        except ActionRecordError as error:
            self._add_fault(record.name, str(error))
            return
        if (checked.step_count, checked.last_sha256) != (record.steps, record.last_sha256):
            self._add_fault(record.name, "its last line is not the one in the manifest")

    def compare_tracks_moved_by_redaction(self, manifest: Manifest) -> None:
        """Compare the shapes of moved flights with those of the evidence."""
        redaction = manifest.redaction
        if redaction is None:
            return
        sizes = {name: member.size for name, member in self._members.items()}

        def content(name: str) -> bytes:
            return b"".join(iterate_member_chunks(self._stream, self._members[name]))

        for name, reason in moved_tracks_of_wrong_shape_and_reasons(redaction, sizes, content):
            self._add_fault(name, reason)
        count = pluralised_count(len(redaction.flights), "flight")
        checked = f"Shape and times of {count} are those of the evidence, by their digests."
        self._remarks.append(f"The dossier is redacted. {redaction.changed}")
        if redaction.flights and not self.faults:
            self._remarks.append(checked)

    def check_signature(self, manifest: Manifest) -> None:
        """Check who signed the manifest, or say what it means that nobody did."""
        wanted, signature = self._settings.public_key, manifest.signature
        if signature is None:
            if wanted is not None:
                self._add_fault(SIGNATURE_FILE, "the dossier is not signed")
            return
        data = self._read_bounded_member(SIGNATURE_FILE, _SIGNATURE_BYTES)
        if data is None:
            return
        if not is_valid_signature(signature.public_key, data, self._manifest_bytes):
            self._add_fault(SIGNATURE_FILE, "it is not a signature of this manifest by its key")
        if wanted is not None and wanted != signature.public_key:
            self._add_fault(SIGNATURE_FILE, "another key signed it than the one given")

    def check_timestamp_file(self) -> None:
        """Check what a time stamp says, where there is one."""
        if TIMESTAMP_FILE not in self._members:
            if self._settings.timestamp_roots is not None:
                self._add_fault(TIMESTAMP_FILE, "the dossier has no time stamp")
            return
        data = self._read_bounded_member(TIMESTAMP_FILE, MAX_RESPONSE_BYTES)
        if data is None:
            return
        try:
            self._timestamp = check_timestamp(
                data, self._manifest_bytes, self._settings.timestamp_roots
            )
        except TimestampError as error:
            self._add_fault(TIMESTAMP_FILE, str(error))

    def repeat_audit(
        self, manifest: Manifest, progress: Callable[[int, int, str], None] | None
    ) -> RepeatedAudit | None:
        """Audit the evidence inside again, and compare every result."""
        if not manifest.has_originals:
            self._remarks.append(
                "The evidence is not inside, so the audit was not repeated; the manifest names "
                "each file of it with its SHA-256."
            )
            return None
        if self._settings.repeat is None:
            self._remarks.append("The audit was not repeated, as asked.")
            return None
        if self.faults:
            self._remarks.append("The audit was not repeated, because something above differs.")
            return None
        repeated = repeat_audit(
            self._stream, self._members, manifest, self._settings.repeat, progress
        )
        self.faults += (ArchiveFault(name, reason) for name, reason in repeated.differences)
        self._remarks += repeated.remarks
        return repeated
