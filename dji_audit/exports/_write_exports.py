"""Write exports: the documents of some flights, or the parts of one until all are there."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from dji_audit.common.atomic_files import write_atomically
from dji_audit.exports import airdata_csv, geojson, geoparquet, gpx, kml, timeline
from dji_audit.exports._export_format import ExportFormat, ExportProvenance, FlightParts
from dji_audit.exports._exported_flight import ExportedFlight, ExportedHostContact

#: Formats of ``dji-audit export``, by their name.
EXPORT_FORMATS: Mapping[str, ExportFormat] = MappingProxyType(
    {
        each.name: each
        for each in (
            geojson.FORMAT,
            kml.KML,
            kml.KMZ,
            gpx.FORMAT,
            airdata_csv.FORMAT,
            geoparquet.FORMAT,
        )
    }
)
#: Formats of ``dji-audit timeline``, by their name.
TIMELINE_FORMATS: Mapping[str, ExportFormat] = MappingProxyType(
    {each.name: each for each in (timeline.JSONL, timeline.CSV)}
)
#: Name of a document without its suffix, of all flights together.
ALL_FLIGHTS, TIMELINE = "flights", "timeline"


def export_format_by_name(name: str) -> ExportFormat:
    """Return a format by its name; those of time lines are ``timeline-jsonl``, ``timeline-csv``.

    Raises:
        KeyError: If there is none of that name.
    """
    if is_timeline_format(name):
        return TIMELINE_FORMATS[name.removeprefix(f"{TIMELINE}-")]
    return EXPORT_FORMATS[name]


def is_timeline_format(name: str) -> bool:
    """Return whether a format is one of time lines."""
    return name.startswith(f"{TIMELINE}-")


#: Every name that ``export_format_by_name`` knows.
FORMAT_NAMES = (*EXPORT_FORMATS, *(f"{TIMELINE}-{name}" for name in TIMELINE_FORMATS))


@dataclass(frozen=True, slots=True)
class FlightWithStoredExportParts:
    """A flight whose parts are stored: its id, the stem of its own file, a reader of its parts."""

    id: str
    file_stem: str
    #: Gives the parts of a format by its name.
    parts: Callable[[str], FlightParts]


def save_document_parts_of_flight(
    folder: Path, key: str, flight: ExportedFlight, formats: Sequence[str]
) -> None:
    """Save the parts of a flight, for `stored_document_parts_of_flight`.

    Args:
        folder: Where they wait; it exists.
        key: What tells the flight from others, fit for the name of a file.
        flight: The flight.
        formats: Names of formats.

    Raises:
        OSError: If they cannot be written.
    """
    for name in formats:
        _save_document_parts(folder, key, name, export_format_by_name(name).flight_parts(flight))


def save_host_contacts_as_timeline_export_parts(
    folder: Path, key: str, contacts: Iterable[ExportedHostContact], formats: Sequence[str]
) -> None:
    """Save contacts that belong to no flight as the parts of a time line.

    Args:
        folder: As for `save_document_parts_of_flight`.
        key: As there.
        contacts: The contacts.
        formats: Names of formats; those that are no time line are passed over.

    Raises:
        OSError: If they cannot be written.
    """
    for name in formats:
        if is_timeline_format(name):
            form = name.removeprefix(f"{TIMELINE}-")
            _save_document_parts(
                folder,
                key,
                name,
                timeline.timeline_parts_of_contacts_without_flight(contacts, form),
            )


def _save_document_parts(folder: Path, key: str, name: str, parts: Iterable[bytes]) -> None:
    for number, part in enumerate(parts):
        _stored_part_path(folder, key, name, number).write_bytes(part)


def stored_document_parts_of_flight(folder: Path, key: str, name: str) -> FlightParts:
    """Return the parts of a flight in a format, as `save_document_parts_of_flight` saved them."""
    return lambda number: _stored_part_path(folder, key, name, number).read_bytes()


def _stored_part_path(folder: Path, key: str, name: str, number: int) -> Path:
    return folder / f"export-{key}-{name}-{number}"


def write_exports(
    flights: Iterable[ExportedFlight],
    folder: Path,
    formats: Sequence[str],
    basis: ExportProvenance,
) -> tuple[Path, ...]:
    """Write flights in some formats, and return the files that were written.

    Args:
        flights: The flights; each is looked at once.
        folder: Where the files go; it exists. Files of these names are replaced.
        formats: Of ``FORMAT_NAMES``.
        basis: What every document says of how it was made.

    Raises:
        MissingExtraError: If a format needs a package that is not installed.
        OSError: If a file cannot be written.
    """
    for name in formats:
        export_format_by_name(name).check_installed()
    stored = [
        FlightWithStoredExportParts(
            flight.id,
            flight.file_stem,
            {
                name: export_format_by_name(name).flight_parts(flight).__getitem__
                for name in formats
            }.__getitem__,
        )
        for flight in flights
    ]
    return write_export_documents(stored, folder, formats, basis)


def write_export_documents(
    flights: Sequence[FlightWithStoredExportParts],
    folder: Path,
    formats: Sequence[str],
    basis: ExportProvenance,
) -> tuple[Path, ...]:
    """Write the documents of some formats, and return the files that were written.

    Raises:
        OSError: If a file cannot be written.
    """
    written = []
    for name in formats:
        for file_name, pieces in export_document_names_and_bytes(flights, name, basis):
            write_atomically(folder / file_name, pieces)
            written.append(folder / file_name)
    return tuple(written)


def export_document_names_and_bytes(
    flights: Sequence[FlightWithStoredExportParts], name: str, basis: ExportProvenance
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the name and the bytes of each document of a format: of all flights, or of each."""
    chosen = export_format_by_name(name)
    if chosen.holds_several_flights:
        stem = TIMELINE if is_timeline_format(name) else ALL_FLIGHTS
        parts = [flight.parts(name) for flight in flights]
        yield f"{stem}{chosen.suffix}", chosen.document(parts, basis)
    else:
        yield from export_document_names_and_bytes_by_flight(flights, name, basis)


def export_document_names_and_bytes_by_flight(
    flights: Sequence[FlightWithStoredExportParts], name: str, basis: ExportProvenance
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the name and the bytes of a document for each flight by itself."""
    chosen = export_format_by_name(name)
    for flight in flights:
        yield f"{flight.file_stem}{chosen.suffix}", chosen.document([flight.parts(name)], basis)
