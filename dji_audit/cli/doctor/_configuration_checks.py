"""Checks of what a configuration names: is it there, can it be read, is it still valid?"""

import datetime as dt
import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import parsers
from dji_audit.cli._options import AuditOptions
from dji_audit.cli._user_data import NO_STORE, find_endpoint_list_path, user_data_subfolder
from dji_audit.cli.doctor._doctor_finding import DoctorFinding
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.authorisations_of_findings import load_authorisations
from dji_audit.compliance.context import ContextFiles, load_audit_context
from dji_audit.compliance.declared_clocks import declared_clocks_from_options_and_table
from dji_audit.compliance.declared_tracks import (
    declared_track_provenance,
    load_declared_tracks,
    parse_track_path_and_owner,
)
from dji_audit.compliance.inventory import InventoryAircraft, load_inventory
from dji_audit.compliance.policy import PolicyError, load_policy
from dji_audit.endpoints import CatalogueError, load_catalogue, shipped_catalogue
from dji_audit.ingest import PasswordFileError, keychain_files_named_by_user, load_passwords
from dji_audit.ingest.input_files import LeaveOutPatternError, LeaveOutPatterns
from dji_audit.keys.keychain_store import FOLDER_NAME
from dji_audit.zones import ZoneError, ZoneFile, load_zones

#: Days after which the catalogue of hosts, and a policy pack, are to be looked up again.
MAX_CATALOGUE_AGE_DAYS, MAX_PACK_AGE_DAYS = 183, 366
#: Days before its end from which it is said that something will end.
_SOON_DAYS = 30
_FAULTS = (
    SuppliedFileError,
    PolicyError,
    CatalogueError,
    ZoneError,
    LeaveOutPatternError,
    PasswordFileError,
    parsers.InvalidKeysError,
)

Check = Callable[[], Iterator[DoctorFinding]]


@dataclass(frozen=True, slots=True)
class ConfigurationChecker:
    """The checks of the options that a configuration gives, on a day."""

    options: AuditOptions
    day: dt.date

    def run_all_checks(self) -> Iterator[DoctorFinding]:
        """Yield what each check finds; one that cannot be made says why."""
        options = self.options
        checks: tuple[tuple[str, object, Check], ...] = (
            ("policy", True, self._check_policy),
            ("catalogue", True, self._check_catalogue),
            ("zone_store", True, self._check_zone_store),
            ("zones", options.zones, lambda: self._check_zone_paths("zones", options.zones)),
            (
                "operating_areas",
                options.operating_areas,
                lambda: self._check_zone_paths("operating_areas", options.operating_areas),
            ),
            ("inventory", options.inventory, self._check_inventory),
            ("authorisations", options.authorisations, self._check_authorisations),
            *(
                (name, getattr(options, name), self._make_file_load_check(name))
                for name in ("operations", "acknowledged", "elevation", "basemap")
            ),
            ("camera", options.camera, self._check_cameras),
            ("track", options.track, self._check_declared_tracks),
            ("clock", options.clock or options.clocks, self._check_declared_clocks),
            ("keys", options.keys, self._check_keychain_files),
            ("key_store", True, self._check_key_store),
            ("password_file", options.password_file, self._check_password_file),
            ("leave_out", options.leave_out, self._check_leave_out_patterns),
        )
        for subject, is_given, check in checks:
            if is_given:
                yield from _findings_or_load_problem(subject, check)

    def _check_policy(self) -> Iterator[DoctorFinding]:
        policy = load_policy(self.options.policy)
        for pack in policy.chain or ():
            name = f"pack {pack.name} {pack.version}"
            yield self._age_finding(
                "policy", name, _date_at_start_of_text(pack.version), MAX_PACK_AGE_DAYS
            ) or DoctorFinding("ok", "policy", name)

    def _check_catalogue(self) -> Iterator[DoctorFinding]:
        found = []
        for name in self.options.endpoints or ():
            path = find_endpoint_list_path(name)
            if path is None:
                text = f"{name}: no such file, and no stored list of that name"
                yield DoctorFinding("problem", "endpoints", text)
            else:
                found.append(path)
        catalogue = load_catalogue(found)
        edition = shipped_catalogue().edition
        name = f"catalogue of hosts, edition {edition}"
        yield self._age_finding(
            "catalogue", name, _date_at_start_of_text(edition), MAX_CATALOGUE_AGE_DAYS
        ) or DoctorFinding("ok", "catalogue", name)
        for overlay in catalogue.overlays:
            rows = pluralised_count(len(overlay.rows), "host")
            yield DoctorFinding("ok", "endpoints", f"{overlay.name}: {rows}")
            for fault in overlay.left_out:
                yield DoctorFinding("problem", "endpoints", f"{overlay.name}: left out: {fault}")

    def _age_finding(
        self, subject: str, name: str, begun: dt.date | None, max_days: int
    ) -> DoctorFinding | None:
        """Return that something is too old, or newer than the day; ``None``: it is neither."""
        if begun is None:
            return DoctorFinding("note", subject, f"{name} states no day: its age is not known")
        days = (self.day - begun).days
        if days < 0:
            text = f"{name} is newer than {self.day}: is the clock of this computer right?"
            return DoctorFinding("problem", subject, text)
        if days > max_days:
            text = f"{name} is {days:,} days old: look for a newer one"
            return DoctorFinding("problem", subject, text)
        return None

    def _check_zone_store(self) -> Iterator[DoctorFinding]:
        folder = _existing_store_folder(self.options.zone_store, "zones")
        if folder is None:
            yield DoctorFinding("note", "zone_store", "no zone store is used")
            return
        files = [it for it in sorted(folder.iterdir()) if it.is_file() and it.name[0] != "."]
        if not files:
            yield DoctorFinding("note", "zone_store", f"{folder} holds no zone file")
        yield from self._check_zone_paths("zone_store", files)

    def _check_zone_paths(self, subject: str, paths: list[Path] | None) -> Iterator[DoctorFinding]:
        for path in paths or ():
            yield from _findings_or_load_problem(
                subject, partial(self._check_zone_files, subject, path)
            )

    def _check_zone_files(self, subject: str, path: Path) -> Iterator[DoctorFinding]:
        for file in load_zones([path]).files:
            yield self._zone_file_finding(subject, file)

    def _zone_file_finding(self, subject: str, file: ZoneFile) -> DoctorFinding:
        source = file.source
        zones = pluralised_count(len(file.zones), "zone")
        begin, end = source.effective_from, source.effective_to
        if end is not None and end.date() < self.day:
            return DoctorFinding("problem", subject, f"{source.name}: ended on {end.date()}")
        if begin is not None and begin.date() > self.day:
            return DoctorFinding("problem", subject, f"{source.name}: valid from {begin.date()} on")
        if file.skipped_items_that_may_be_zones:
            left = pluralised_count(len(file.skipped_items_that_may_be_zones), "area")
            text = f"{source.name}: {zones}; {left} could not be read: dji-audit zones lint"
            return DoctorFinding("problem", subject, text)
        if end is not None and (end.date() - self.day).days < _SOON_DAYS:
            text = f"{source.name}: {zones}, valid until {end.date()}: get the next edition"
            return DoctorFinding("note", subject, text)
        if begin is None and source.issued is None:
            text = f"{source.name}: {zones}; it states no date, so that its age is not known"
            return DoctorFinding("note", subject, text)
        until = f", valid until {end.date()}" if end is not None else ""
        return DoctorFinding("ok", subject, f"{source.name}: {zones}{until}")

    def _check_inventory(self) -> Iterator[DoctorFinding]:
        rows = load_inventory(_path_or_raise_if_option_not_given(self.options.inventory)).table.rows
        yield DoctorFinding("ok", "inventory", f"{len(rows):,} aircraft")
        for row in rows:
            yield from self._check_operator_id_validity(row.record)

    def _check_operator_id_validity(self, row: InventoryAircraft) -> Iterator[DoctorFinding]:
        until = row.operator_id_until
        if until is None:
            return
        name = f"operator ID {row.operator_id or ''} of {row.serial}".replace("  ", " ")
        if until < self.day:
            yield DoctorFinding("problem", "inventory", f"{name} ended on {until}")
        elif (until - self.day).days < _SOON_DAYS:
            yield DoctorFinding("note", "inventory", f"{name} ends on {until}")

    def _check_authorisations(self) -> Iterator[DoctorFinding]:
        rows = load_authorisations(
            _path_or_raise_if_option_not_given(self.options.authorisations)
        ).table.rows
        ended = [row for row in rows if row.record.end.date() < self.day]
        text = pluralised_count(len(rows), "authorisation")
        if rows and len(ended) == len(rows):
            yield DoctorFinding("note", "authorisations", f"{text}, all of which have ended")
        else:
            text += f", {len(ended):,} of which have ended"
            yield DoctorFinding("ok", "authorisations", text)

    def _make_file_load_check(self, name: str) -> Check:
        """Return the check that a file can be used."""

        def check() -> Iterator[DoctorFinding]:
            path = getattr(self.options, name)
            context = load_audit_context(ContextFiles(**{name: path}))
            count = sum(file.count for file in context.supplied_files)
            what = "file" if name in ("elevation", "basemap") else "row"
            yield DoctorFinding("ok", name, f"{path}: {pluralised_count(count, what)}")

        return check

    def _check_cameras(self) -> Iterator[DoctorFinding]:
        cameras = load_audit_context(ContextFiles(cameras=tuple(self.options.camera or ()))).cameras
        yield DoctorFinding("ok", "camera", f"{pluralised_count(len(cameras), 'camera')} declared")

    def _check_declared_tracks(self) -> Iterator[DoctorFinding]:
        clocks = declared_clocks_from_options_and_table(
            self.options.clock or (), self.options.clocks
        )
        for text in self.options.track or ():
            yield from _findings_or_load_problem(
                "track", partial(self._check_declared_track, text, clocks)
            )

    def _check_declared_track(
        self, text: str, clocks: tuple[parsers.DeclaredClock, ...]
    ) -> Iterator[DoctorFinding]:
        path, owner = parse_track_path_and_owner(text)
        for track in load_declared_tracks([path], [owner], clocks):
            note = f"{path}: {declared_track_provenance(track).note}"
            yield DoctorFinding("problem" if track.unusable_because else "ok", "track", note)

    def _check_declared_clocks(self) -> Iterator[DoctorFinding]:
        clocks = declared_clocks_from_options_and_table(
            self.options.clock or (), self.options.clocks
        )
        yield DoctorFinding("ok", "clock", f"{pluralised_count(len(clocks), 'clock')} declared")

    def _check_keychain_files(self) -> Iterator[DoctorFinding]:
        files = keychain_files_named_by_user(self.options.keys or ())
        text = pluralised_count(len(files), "keychains file")
        yield DoctorFinding("ok" if files else "problem", "keys", text)

    def _check_key_store(self) -> Iterator[DoctorFinding]:
        folder = _existing_store_folder(self.options.key_store, FOLDER_NAME)
        if folder is None:
            yield DoctorFinding("note", "key_store", "no key store is used")
        else:
            yield DoctorFinding("ok", "key_store", str(folder))

    def _check_password_file(self) -> Iterator[DoctorFinding]:
        path = _path_or_raise_if_option_not_given(self.options.password_file)
        count = pluralised_count(len(load_passwords(path)), "password")
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield DoctorFinding("problem", "password_file", f"{path}: others than you may read it")
        else:
            yield DoctorFinding("ok", "password_file", f"{path}: {count}")

    def _check_leave_out_patterns(self) -> Iterator[DoctorFinding]:
        patterns = self.options.leave_out or []
        LeaveOutPatterns(patterns)
        yield DoctorFinding("ok", "leave_out", pluralised_count(len(patterns), "pattern"))


def _existing_store_folder(name: str | None, kind: str) -> Path | None:
    """Return the folder of a store; ``None``: none is used.

    Raises:
        NotADirectoryError: If one is named and is no folder.
    """
    if name == NO_STORE:
        return None
    folder = Path(name) if name else user_data_subfolder(kind)
    if folder.is_dir():
        return folder
    if name:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
    return None


def _findings_or_load_problem(subject: str, check: Check) -> Iterator[DoctorFinding]:
    try:
        yield from check()
    except _FAULTS as error:
        yield DoctorFinding("problem", subject, str(error))
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        yield DoctorFinding("problem", subject, f"{name}{os_error_reason(error)}")


def _path_or_raise_if_option_not_given(path: Path | None) -> Path:
    """Return a path that is given where its check is made."""
    if path is None:
        raise ValueError("a check was made of an option that is not given")
    return path


def _date_at_start_of_text(text: str) -> dt.date | None:
    """Return the date that a version or an edition begins with; ``None``: with none."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
