"""What the index page needs of every flight, found in one pass: reading a row takes long."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import TextIO, cast

from dji_audit.mapper.html._csp import page_part_without_csp_violations
from dji_audit.mapper.index_page._file_hash_check_box import RecordedVideosOfFlights
from dji_audit.mapper.index_page._filter_data import FilterWordsOfFlights
from dji_audit.mapper.index_page._flight_table import flight_row_html
from dji_audit.report.rows import FlightRow

#: Characters of the table that are in memory at a time.
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class FlightsOfIndexPage:
    """What is kept of the flights of a run: in memory little of each, its table row on the disk."""

    #: Without what only its row in the table and its filters tell.
    flights: tuple[FlightRow, ...]
    words: FilterWordsOfFlights
    videos: RecordedVideosOfFlights
    _rows: TextIO

    def __del__(self) -> None:
        """Close the temporary file, which is gone with it."""
        self._rows.close()

    def table_rows_html_pieces(self) -> Iterator[str]:
        """Yield the rows of the table of flights as HTML, a piece at a time."""
        self._rows.seek(0)
        while piece := self._rows.read(_PIECE):
            yield piece


def collect_index_page_data_of_flights(rows: Iterable[FlightRow]) -> FlightsOfIndexPage:
    """Return what the index page needs of the flights of a run.

    Raises:
        dji_audit.mapper.html._csp.CspSealError: If a row would load something.
        OSError: If no temporary file can be written.
    """
    flights: list[FlightRow] = []
    words, videos = FilterWordsOfFlights(), RecordedVideosOfFlights()
    # It goes with the last reference to what is returned.
    temporary = TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115 - see __del__
    stream = cast(TextIO, temporary)
    for number, flight in enumerate(rows):
        words.add_flight(flight)
        videos.add_flight(number, flight)
        stream.write(page_part_without_csp_violations(flight_row_html(number + 1, flight)))
        flights.append(
            replace(flight, sources=(), captures=None, view=None, firmware={}, column_sources={})
        )
    return FlightsOfIndexPage(tuple(flights), words, videos, stream)
