"""Where the exports of a run go: a file, or a folder with a file for each flight or each format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.os_errors import os_error_reason
from dji_audit.exports._export_format import ExportProvenance
from dji_audit.exports._write_exports import (
    FlightWithStoredExportParts,
    export_document_names_and_bytes,
    export_document_names_and_bytes_by_flight,
    export_format_by_name,
    is_timeline_format,
)

#: Ids that a message names.
_MOST_IDS = 30


class ExportError(Exception):
    """Exports cannot be written; the message says why."""


def refuse_writing_into_evidence(out: Path, evidence: Sequence[Path]) -> None:
    """Refuse to write a file or folder over evidence, or into it.

    Raises:
        ExportError: If it would lie there.
    """
    target = out.resolve()
    for path in evidence:
        if target == path.resolve() and not path.is_dir():
            raise ExportError(f"{out} is the evidence itself; nothing is written over it")
        if path.is_dir() and target.is_relative_to(path.resolve()):
            raise ExportError(f"{out} lies inside {path}: nothing is written into evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTarget:
    """What is exported, and where to."""

    #: Of ``FORMAT_NAMES``.
    formats: tuple[str, ...]
    #: A file for the one document of one format, or a folder.
    path: Path
    is_folder: bool
    #: Whether each flight has a document of its own in the folder; else one holds all flights.
    each_flight: bool = False
    #: The flight to export, by its id or the only one that begins so; ``None``: all.
    flight: str | None = None

    def refuse_unwritable_target(self, evidence: Sequence[Path]) -> None:
        """Refuse what cannot be written, before anything is read.

        Args:
            evidence: What the user named, in which nothing is ever written.

        Raises:
            ExportError: If the target lies in the evidence, or is no folder where one is needed.
            MissingExtraError: If a format needs a package that is not installed.
        """
        for name in self.formats:
            export_format_by_name(name).check_installed()
        refuse_writing_into_evidence(self.path, evidence)
        if self.is_folder and self.path.exists() and not self.path.is_dir():
            raise ExportError(f"{self.path} is a file, not a folder")
        if not self.is_folder and not self.path.parent.is_dir():
            raise ExportError(f"{self.path.parent} is not a folder")

    def may_include_flight(self, flight_id: str) -> bool:
        """Return whether a flight may be the one that is asked for."""
        return self.flight is None or flight_id.startswith(self.flight)

    def write(
        self,
        flights: Sequence[FlightWithStoredExportParts],
        basis: ExportProvenance,
        *beside: FlightWithStoredExportParts,
    ) -> tuple[Path, ...]:
        """Write the documents, and return the files that were written.

        Args:
            flights: All flights of the run, in order; parts are asked for only of those that
                ``may_include_flight`` allows.
            basis: What every document says of how it was made.
            beside: What time lines hold besides the flights.

        Raises:
            ExportError: If there is no such flight, several where one document holds one only, or a
                file cannot be written.
        """
        chosen = self._flights_to_export(flights)
        written = []
        try:
            if self.is_folder:
                self.path.mkdir(parents=True, exist_ok=True)
            for path, pieces in self._documents_with_paths(chosen, basis, beside):
                write_atomically(path, pieces)
                written.append(path)
        except OSError as error:
            raise ExportError(f"{self.path}: cannot write: {os_error_reason(error)}") from error
        return tuple(written)

    def _flights_to_export(
        self, flights: Sequence[FlightWithStoredExportParts]
    ) -> Sequence[FlightWithStoredExportParts]:
        """Return the flights to export.

        Raises:
            ExportError: If there is none of the id, or several.
        """
        if self.flight is None:
            return flights
        matches = [flight for flight in flights if flight.id == self.flight]
        matches = matches or [flight for flight in flights if self.may_include_flight(flight.id)]
        if len(matches) == 1:
            return matches
        named = ", ".join(flight.id for flight in (matches or flights)[:_MOST_IDS]) or "none"
        if matches:
            raise ExportError(f"{self.flight} begins the ids of several flights: {named}")
        raise ExportError(f"no flight {self.flight}; there are {named}")

    def _documents_with_paths(
        self,
        flights: Sequence[FlightWithStoredExportParts],
        basis: ExportProvenance,
        beside: Sequence[FlightWithStoredExportParts],
    ) -> Iterator[tuple[Path, Iterator[bytes]]]:
        for name in self.formats:
            chosen = export_format_by_name(name)
            if not self.is_folder:
                if len(flights) != 1 and not chosen.holds_several_flights:
                    raise ExportError(
                        f"a file of {name} holds one flight, and there are {len(flights)}: name a "
                        "folder to write to, or a flight with --flight"
                    )
                parts = [
                    flight.parts(name)
                    for flight in (*flights, *_host_contacts_if_timeline_format(name, beside))
                ]
                yield self.path, chosen.document(parts, basis)
                continue
            write = (
                export_document_names_and_bytes_by_flight
                if self.each_flight
                else export_document_names_and_bytes
            )
            for file_name, pieces in write(
                (*flights, *_host_contacts_if_timeline_format(name, beside)), name, basis
            ):
                yield self.path / file_name, pieces


def _host_contacts_if_timeline_format(
    name: str, beside: Sequence[FlightWithStoredExportParts]
) -> Sequence[FlightWithStoredExportParts]:
    return beside if is_timeline_format(name) else ()
