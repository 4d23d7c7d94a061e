"""What a text holds that is neither a table nor JSON nor XML, by lines of its own.

Facts: the formats' own specifications (IGC of the FAI, NMEA 0183, RINEX, SBS-1 of Kinetic),
pfSense's filter log, logs of DroneDeploy, prints of DJI's Cloud API, tables of Autel's subtitles.
"""

import re

from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._kind_of_unparsed_file import (
    FileKind,
    FileKindRelevance,
    make_evidence_file_kind,
    make_guessed_evidence_file_kind,
    make_harmless_file_kind,
    make_zone_file_kind,
)
from dji_audit.file_kinds._recognise_evidence_in_field_names import (
    field_names_in_one_lower_case_text,
    flight_values_among_names,
)
from dji_audit.file_kinds._recognise_tables import describe_evidence_in_laid_out_table


def _pattern_at_line_starts(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.M)


#: Letters that are looked for first, lines that only one kind of text has, and the kind: the
#: first that fits.
_KNOWN: tuple[tuple[str, re.Pattern[str], FileKind], ...] = (
    (
        "H Product",
        _pattern_at_line_starts(r"^H Product:Blackbox"),
        make_evidence_file_kind("blackbox log of Betaflight or iNav", "Blackbox Explorer"),
    ),
    (
        "#DroneDeploy",
        _pattern_at_line_starts(r"\A#DroneDeploy\b"),
        make_evidence_file_kind("flight recorder log of DroneDeploy", "a spreadsheet"),
    ),
    (
        "': ",
        _pattern_at_line_starts(r"'(?:mode_code|attitude_head|gateway|horizontal_speed)': "),
        make_evidence_file_kind("messages of DJI Cloud API", "a text editor"),
    ),
    (
        "$",
        _pattern_at_line_starts(r"^\$[A-Z]{2}(?:GGA|RMC|GLL|GNS),"),
        make_evidence_file_kind(
            "NMEA positions of a receiver", "a program for NMEA, such as gpsbabel"
        ),
    ),
    (
        "\nB",
        _pattern_at_line_starts(r"\AA[A-Z0-9]{3}[\s\S]{0,4000}?^B\d{6}\d{7}[NS]\d{8}[EW][AV]"),
        make_evidence_file_kind("IGC flight recorder file", "a program for IGC, such as XCSoar"),
    ),
    (
        "RINEX",
        _pattern_at_line_starts(r"\A.{60}RINEX VERSION / TYPE"),
        make_evidence_file_kind("RINEX observations", "RTKLIB"),
    ),
    (
        ",",
        _pattern_at_line_starts(r"^(?:MSG|SEL|ID|AIR|STA|CLK),[1-8]?,\d{0,9},\d{0,9},[0-9A-F]{6},"),
        make_evidence_file_kind("ADS-B log of SBS", "a spreadsheet"),
    ),
    (
        "filterlog",
        _pattern_at_line_starts(r"filterlog(?:\[\d{1,9}\])?[: -]"),
        make_evidence_file_kind("filter log of pfSense or OPNsense", "a text editor"),
    ),
    (
        "WigleWifi",
        _pattern_at_line_starts(r"\AWigleWifi-\d"),
        make_evidence_file_kind("Wi-Fi networks of WiGLE", "a spreadsheet"),
    ),
    (
        "QGC WPL",
        _pattern_at_line_starts(r"^QGC WPL \d{2,3}"),
        make_zone_file_kind("mission of QGroundControl (waypoints)"),
    ),
    (
        "\nD",
        _pattern_at_line_starts(
            r"^(?:AC [A-Z]{1,4}\r?$|AN [^\n]{1,80}\r?$)[\s\S]{0,2000}?^(?:DP|DC|DB|V X) ?"
        ),
        make_zone_file_kind("zone file (OpenAir)"),
    ),
)
#: Lines of source code; three of them are hardly anything else.
_SOURCE_CODE = _pattern_at_line_starts(
    r"^(?:#!/|from [\w.]{1,60} import |import [\w.{]|def \w{1,60}\(|class \w{1,60}[(:{ ]"
    r"|#include [<\"]"
    r"|(?:export |async )?function \w|(?:export )?const \w{1,60} ?[=:]|package [\w.]{1,60};?$"
    r"|using [\w.]{1,60};|public |private |static |#define )"
)
_LEAST_CODE_LINES = 3
#: Tables that the unit supplies by an option, and no log.
_UNIT_TABLE = _pattern_at_line_starts(
    r"^\[\[(?:authorisation|operation|aircraft|acknowledgement|clock|device)s?\]\]|"
    r"^(?=[^\n]{0,200}\breference\b)(?=[^\n]{0,200}\bby\b)(?=[^\n]{0,200}\breason\b)[\w,;]{10,400}\r?$"
)
#: Heads of a message, which may have a log attached to it.
_MESSAGE = (
    _pattern_at_line_starts(r"^MIME-Version: ?1\.\d"),
    _pattern_at_line_starts(r"^(?:From|Subject|Received|Date): ?\S"),
)
_MESSAGE_KIND = FileKind(
    "e-mail",
    FileKindRelevance.CONTAINER,
    "what is attached to it is not known",
    "save its attachments and audit them",
)
#: Bytes in letters: what is in a text of nothing else is known only when it is decoded.
_BASE64 = re.compile(r"[A-Za-z0-9+/_\r\n-]+={0,2}\s{0,4}")
_LEAST_BASE64, _LEAST_BASE64_LINE = 512, 48
_UUENCODED = re.compile(r"begin(?:-base64)? [0-7]{3,4} [^\n]{1,200}\n")
_ENCODED_KIND = FileKind(
    "text that encodes another file (Base64)",
    FileKindRelevance.CONTAINER,
    "what it holds is not known",
    "decode it and audit the result",
)
_RTF_CELL_END = re.compile(r"\\(?:nest)?cell(?![a-z])")
_RTF_LINE_END = re.compile(r"\\(?:(?:nest)?row|par|line)(?![a-z])")
_RTF_CONTROL = re.compile(r"\\'[0-9a-fA-F]{2}|\\[a-zA-Z]{1,32}-?\d{0,10} ?|\\.|[{}]")
#: Letters from the beginning within which such lines stand.
_TOLD_WITHIN = 1 << 14
_SUBTITLES = re.compile(r"\A\s{0,40}\[Script Info\]|\d:\d\d:\d\d[,.]\d{1,4} {0,4}-->", re.I)
_TELEMETRY = re.compile(
    r"GPS ?[(:]|HOME ?\(|BAROMETER|latitude|longt?itude|\bD ?\d+\.\d+ ?m|\bF\.PRY|rel_alt", re.I
)
_FIELD_VALUE = r"[\"']?[^\S\n]{0,4}[:=(][^\S\n]{0,4}[\"']?[-+]?\d{1,3}\.\d{3,14}"
_LATITUDE = re.compile(rf"\blat(?:itude)?{_FIELD_VALUE}")
_LONGITUDE = re.compile(rf"\b(?:lon|lng|long|longt?itude){_FIELD_VALUE}")
_DEGREES = re.compile(
    r"\d{1,2}[°º] ?\d{1,2}(?:\.\d{1,6})?['\u2032][^\n]{0,12}?[NS]\b[^\n]{0,12}?\d{1,3}[°º]"
)
#: Elements of damaged XML that only positions have.
_ELEMENTS = re.compile(r"<(?:coordinates>|trkpt |rtept |gx:coord>)")
_TIME_OF_DAY = re.compile(r"\d\d?:\d\d:\d\d")
_ADDRESS = re.compile(
    r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|\b(?:https?|wss?|rtmps?|rtsp|mqtts?)://[\w.-]{4,80}"
)
#: Lines with a time and an address that make a log of contacts.
_LEAST_LINES = 3
_MOST_LINES, _LINE_LENGTH = 1500, 4000
_WORDS = re.compile(r"[A-Za-z][A-Za-z_]{1,30}")


def recognise_text_by_its_lines(sample: FileSample) -> FileKind | None:
    """Return the kind of a text that lines of its own tell; ``None``: nothing does."""
    text = sample.text_of_first_16384_bytes[:_TOLD_WITHIN]
    if _is_text_in_base64(text) or _UUENCODED.match(text):
        return _ENCODED_KIND
    if all(pattern.search(text) for pattern in _MESSAGE):
        return _MESSAGE_KIND
    if _UNIT_TABLE.search(text[:2000]):
        return make_harmless_file_kind("table that a unit supplies")
    if len(_SOURCE_CODE.findall(text)) >= _LEAST_CODE_LINES:
        return make_harmless_file_kind("source code of a program")
    for letters, pattern, kind in _KNOWN:
        if letters in text and pattern.search(text):
            return kind
    if _SUBTITLES.search(text[:8000]):
        if _TELEMETRY.search(sample.text_of_start_middle_and_end):
            return make_evidence_file_kind("subtitles with telemetry", "a text editor")
        return make_harmless_file_kind("subtitles without telemetry")
    return None


def recognise_rtf(sample: FileSample) -> FileKind:
    """Return what an RTF document holds, by its tables and its lines."""
    plain = _RTF_LINE_END.sub("\n", sample.text_of_start_middle_and_end.replace("\n", " "))
    plain = _RTF_CONTROL.sub("", _RTF_CELL_END.sub("\t", plain))
    if sign := describe_evidence_in_laid_out_table(plain) or describe_evidence_in_text(plain):
        return make_guessed_evidence_file_kind("RTF document", "a word processor", sign)
    return make_harmless_file_kind("RTF document", "no position, flight value or address was seen")


def _is_text_in_base64(text: str) -> bool:
    """Return whether lines, equally long but for the last, hold nothing but bytes in Base64."""
    if len(text) < _LEAST_BASE64 or not _BASE64.fullmatch(text):
        return False
    # The last line that was looked at may be cut.
    first, *others = text.split()[:-1] or [text]
    has_all = all(re.search(letters, text) for letters in ("[A-Z]", "[a-z]", "[0-9]", "[G-Zg-z]"))
    return len(first) >= _LEAST_BASE64_LINE and has_all and {len(first)} >= set(map(len, others))


def guess_kind_of_other_text(sample: FileSample) -> FileKind | None:
    """Return what any other text shows: positions, addresses, or nothing; ``None``: no text."""
    if sample.encoding is None:
        return None
    sign = describe_evidence_in_text(sample.text_of_start_middle_and_end)
    if sign:
        return make_guessed_evidence_file_kind("text", "a text editor", sign)
    return make_harmless_file_kind("text", "no position, flight value or address was seen")


def describe_evidence_in_text(text: str) -> str:
    """Return in words what a text shows; empty: nothing that may be a flight or a contact."""
    small = text.lower()
    if "lat" in small and _LATITUDE.search(small) and _LONGITUDE.search(small):
        return "it states latitudes and longitudes"
    if _ELEMENTS.search(text):
        return "it has elements of positions"
    if ("°" in text or "º" in text) and _DEGREES.search(text):
        return "it states positions in degrees and minutes"
    if not _TIME_OF_DAY.search(text):
        return ""
    lines = [line[:_LINE_LENGTH] for line in text.splitlines()[:_MOST_LINES]]
    timed = [line for line in lines if _TIME_OF_DAY.search(line)]
    if sum(bool(_ADDRESS.search(line)) for line in timed) >= _LEAST_LINES:
        return "it has times and addresses of computers"
    if len(timed) >= _LEAST_LINES and (
        values := flight_values_among_names(
            field_names_in_one_lower_case_text(set(_WORDS.findall("\n".join(timed))))
        )
    ):
        return f"it has times and words of a flight ({', '.join(values[:3])})"
    return ""
