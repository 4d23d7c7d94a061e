"""The verify box of the index: the files of the run by hash, to compare any file with."""

from collections.abc import Sequence
from itertools import islice

from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.mapper.html._escape import escape_html, json_text_for_script_element
from dji_audit.mapper.html._times import unix_ms
from dji_audit.mapper.index_page._rule_and_file_sections import STATUS_WORDS
from dji_audit.report.rows import FileRow, FlightRow

#: Files that the page lists for the comparison: about 0.13 kB each.
MAX_COMPARED_FILES = 5000
#: Recordings that the page lists to find the flight of a video: about 0.05 kB each.
_MAX_RECORDINGS = 5000


def file_hash_check_box_html(files: Sequence[FileRow], flights: Sequence[str]) -> str:
    """Return the box and its list as HTML; empty if no file has a hash.

    Args:
        files: The files of the run.
        flights: The ids of the flights, in the order of the table.
    """
    numbers = {flight: number for number, flight in enumerate(flights)}
    hashed = (file for file in files if file.sha256 is not None)
    listed = list(islice(hashed, MAX_COMPARED_FILES))
    if not listed:
        return ""
    count = f"{len(listed):,} files" if len(listed) != 1 else "one file"
    # Of the others none is in memory.
    rest = sum(1 for _ in hashed)
    more = f" {rest:,} more files of the run are in report.json only." if rest else ""
    note = (
        f"Each is hashed on this computer, and compared with the {count} of this run that have a "
        f"hash. Nothing is sent.{more}"
    )
    rows = [
        [
            truncated_visible_text(file.name),
            file.size,
            file.sha256,
            STATUS_WORDS.get(file.status, ""),
            [numbers[flight] for flight in file.flights if flight in numbers],
        ]
        for file in listed
    ]
    return (
        '<section id="verify" class="live" aria-labelledby="verify_title">'
        '<h2 id="verify_title">Verify a file</h2>'
        '<p><label class="file_field">Choose files <input type="file" id="verify_files" multiple '
        'aria-describedby="verify_note"></label></p>'
        f'<p class="note" id="verify_note">Or drop them on the page. {escape_html(note)}</p>'
        '<p id="verify_status" class="hidden" role="status" aria-live="polite"></p>'
        '<ul id="verify_list"></ul>'
        '<script type="application/json" id="inputs">'
        f"{json_text_for_script_element(rows)}</script></section>"
    )


class RecordedVideosOfFlights:
    """The videos of the flights, by which the page says of which flight a video is."""

    def __init__(self) -> None:
        """Begin without flights."""
        #: Each is the number of its flight, the name that the logs give the file, its start in
        #: milliseconds since 1970 and its length in milliseconds; ``None``: not stated.
        self.listed: list[list[object]] = []
        self._left = _MAX_RECORDINGS

    def add_flight(self, number: int, flight: FlightRow) -> None:
        """Add the videos of a flight by its number from 0, if there is room for them."""
        rows = flight.captures.rows if flight.captures else ()
        for row in islice((it for it in rows if it.kind == "video"), self._left):
            self._left -= 1
            start, end = unix_ms(row.start), unix_ms(row.end)
            lasted = None if start is None or end is None else end - start
            for name in (row.media_file or "").split("; "):
                text = truncated_visible_text(name) if name else None
                self.listed.append([number, text, start, lasted])
