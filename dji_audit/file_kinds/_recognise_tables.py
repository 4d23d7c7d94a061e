"""What a table in text holds (CSV, tabs, semicolons), by its heads and by its numbers."""

import itertools
import re
from collections.abc import Sequence

from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._kind_of_unparsed_file import (
    FileKind,
    make_evidence_file_kind,
    make_guessed_evidence_file_kind,
    make_harmless_file_kind,
    make_zone_file_kind,
)
from dji_audit.file_kinds._recognise_evidence_in_field_names import describe_evidence_in_field_names

#: Lines among which the heads of columns are looked for.
_HEAD_LINES = 40
#: The first of them that are looked at closely; of the others only those with more words.
_LINES_TRIED = 6
#: Lines whose numbers are looked at, and the letters of each that are.
_DATA_LINES, _LINE_LENGTH = 120, 4000
_DELIMITERS = "\t;,|"
#: Columns of a table, at least.
_LEAST_COLUMNS = 2
#: A head; longer cells are sentences.
_HEAD_CELL = re.compile(r"[^\W\d_][^\n]{0,47}\Z")

#: Heads that only one program's tables have, and the kind of such a table.
_KNOWN: tuple[tuple[frozenset[str], FileKind], ...] = tuple(
    (frozenset(heads.split("|")), kind)
    for heads, kind in (
        (
            "fsk_rssi|latitude|longitude",
            make_evidence_file_kind("Yuneec telemetry", "a spreadsheet or Yuneec's program"),
        ),
        (
            "lon|lat|alt|accuracy|speed|angle",
            make_evidence_file_kind("positions of a Yuneec remote controller", "a spreadsheet"),
        ),
        (
            "no.|time|source|destination|protocol",
            make_evidence_file_kind(
                "packets as a table", "Wireshark, and audit the capture itself"
            ),
        ),
        (
            "loopiteration|time (us)",
            make_evidence_file_kind(
                "blackbox log as a table", "Blackbox Explorer or a spreadsheet"
            ),
        ),
        (
            "loopiteration|time",
            make_evidence_file_kind(
                "blackbox log as a table", "Blackbox Explorer or a spreadsheet"
            ),
        ),
        ("sha256|max_height_ato_m|file", make_harmless_file_kind("table of dji-audit")),
        (
            "area_id|lat|lng|radius|level|shape|name",
            make_zone_file_kind("zone file (DJI's table of zones)"),
        ),
        (
            "icao24|callsign",
            make_evidence_file_kind("ADS-B log of OpenSky", "a spreadsheet"),
        ),
        (
            "bssid|ssid",
            make_evidence_file_kind("Wi-Fi networks of Kismet or WiGLE", "a spreadsheet"),
        ),
        ("mac|ssid|authmode", make_evidence_file_kind("Wi-Fi networks of WiGLE", "a spreadsheet")),
    )
)
#: Points of such a list of ArduPilot, at most.
_MOST_FENCE_POINTS = 255
_NUMBER = re.compile(r"[-+]?\d{1,3}\.\d{1,12}")
#: A cell of such a table with a number, a date or a time.
_NUMBER_CELL = re.compile(r"\s{0,20}[-+]?\d")
_PAIR = re.compile(
    r"(?<![\d.])([-+]?\d{1,3}\.\d{4,17})[\"' \t]{0,4}[,;|\t ]"
    r"[\"' \t]{0,4}([-+]?\d{1,3}\.\d{4,17})(?![\d.])"
)
#: Pairs that a track has at least, and degrees between two that follow one another.
_LEAST_PAIRS, _MOST_DEGREES_APART = 3, 0.5
#: Degrees of latitude of places where people fly; numbers about zero are of anything.
_LATITUDES = 10.0, 75.0


def recognise_table(sample: FileSample) -> FileKind | None:
    """Return what a table holds; ``None``: the file is no table."""
    lines = sample.text_of_first_16384_bytes.splitlines()
    heads, number = _find_header_cells_and_line(lines)
    if heads:
        plain = {head.lower() for head in heads}
        for needed, kind in _KNOWN:
            if needed <= plain:
                return kind
        if sign := describe_evidence_in_field_names(heads):
            return make_guessed_evidence_file_kind("table", "a spreadsheet", sign)
    if numbers_look_like_track(sample.text_of_start_middle_and_end):
        if is_fence_list(lines):
            return make_zone_file_kind("zone file (fence of ArduPilot)")
        sign = "its numbers look like the coordinates of a track"
        return make_guessed_evidence_file_kind("table or text with numbers", "a text editor", sign)
    if not heads or not _most_lines_have_header_cell_count(lines[number:], len(heads)):
        return None
    return make_harmless_file_kind(
        "table or text", "no column for a position, a flight or a contact was seen"
    )


def describe_evidence_in_laid_out_table(text: str) -> str:
    """Return in words what a table shows that was laid out for reading; else empty.

    Text in cells may be anything, such as a list of the words of a program: rows of numbers below
    the heads make it a table.

    Args:
        text: A row of the table on each line, with tabs between its cells.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    heads, number = _find_header_cells_and_line(lines)
    sign = describe_evidence_in_field_names(heads)
    rows = [line.split("\t") for line in lines[number + 1 : number + 1 + _HEAD_LINES]]
    rows_of_numbers = sum(
        3 * sum(bool(_NUMBER_CELL.match(cell)) for cell in cells) >= len(cells) > 1
        for cells in rows
    )
    if sign and rows_of_numbers >= _LEAST_PAIRS:
        return sign
    if numbers_look_like_track(text):
        return "its numbers look like the coordinates of a track"
    return ""


def _find_header_cells_and_line(lines: Sequence[str]) -> tuple[list[str], int]:
    """Return the heads of the columns and the index of their line; none: nothing looks like heads.

    A maker may write lines of its own above them.
    """
    best: list[str] = []
    at = tried = 0
    for number, line in enumerate(lines[:_HEAD_LINES]):
        cut = line[:_LINE_LENGTH]
        delimiter = max(_DELIMITERS, key=cut.count)
        cells = [cell.strip().strip("\"'").strip() for cell in cut.split(delimiter)]
        words = [cell for cell in cells if _HEAD_CELL.match(cell)]
        # Commas of a sentence stand before blanks, and its words are many.
        is_sentence = delimiter == "," and cut.count(", ") > cut.count(",") / 2
        is_sentence &= any(cell.count(" ") > 4 for cell in cells)
        if len(words) >= _LEAST_COLUMNS and 2 * len(words) >= len(cells) and not is_sentence:
            # Rows of data have no more words than the heads above them.
            if len(words) > len(best) or tried < _LINES_TRIED:
                tried += 1
                if describe_evidence_in_field_names(words):
                    return words, number
            if len(words) > len(best):
                best, at = words, number
    return best, at


def _most_lines_have_header_cell_count(lines: Sequence[str], columns: int) -> bool:
    """Return whether most lines have about as many cells as the heads."""
    shown = [line for line in lines[:40] if line.strip()]
    counts = [1 + max(map(line.count, _DELIMITERS)) for line in shown]
    return columns > 1 and sum(count >= columns for count in counts) * 2 > len(counts)


def is_fence_list(lines: Sequence[str]) -> bool:
    """Return whether all lines are two numbers, and the last is the second again: a closed area.

    ArduPilot's list of a fence begins with the point to return to.
    """
    shown = [line.split() for line in lines if line.strip()]
    closed = 5 <= len(shown) <= _MOST_FENCE_POINTS and shown[-1] == shown[1]
    return closed and all(len(cells) == 2 and all(map(_NUMBER.fullmatch, cells)) for cells in shown)


def numbers_look_like_track(text: str) -> bool:
    """Return whether pairs of numbers follow one another as the positions of a track do."""
    pairs = []
    lines = text.splitlines()[:_DATA_LINES]
    # A track has a line for each position; what has few lines may have many positions in one.
    most = 1 if len(lines) >= _LEAST_PAIRS else _DATA_LINES
    for line in lines:
        for match in itertools.islice(_PAIR.finditer(line[:_LINE_LENGTH]), most):
            pairs.append((float(match[1]), float(match[2])))
    close = 0
    for (a, b), (c, d) in itertools.pairwise(pairs):
        near = abs(a - c) <= _MOST_DEGREES_APART and abs(b - d) <= _MOST_DEGREES_APART
        low, high = _LATITUDES
        latitude = any(low <= abs(x) <= high and abs(y) <= 180 for x, y in ((a, b), (b, a)))
        close += near and latitude
    return close + 1 >= _LEAST_PAIRS
