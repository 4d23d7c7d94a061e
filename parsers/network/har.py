"""HTTP Archives (``.har``): every request of a browser or an inspecting proxy, decrypted.

Who writes it: the developer tools of browsers, mitmproxy, Charles, Fiddler, PCAPdroid; one JSON
object whose ``log.entries`` are the requests in the order in which they began.

Facts: HTTP Archive 1.2 (W3C draft of 2012); five real files of mitmproxy 8fc25b3 (Chrome,
Firefox, mitmproxy; one begins with a byte order mark).

Contacts: one for each request, with host, address, port, scheme and path.  Bytes up are headers
and body as far as sizes are known (-1 is "not known"), bytes down the transfer size that Chrome
states, else headers and body.  A status of 0 is a request that was blocked or left without an
answer: *attempted*.  One that the browser answered from its own cache is *reported*.  ``app`` is
the browser, else the program that wrote the file.

Bodies, cookies and the values of headers reach no table and no record; what stands in a path by
way of a password, a key or the like is masked.  Cookies and credentials that were sent are counted.

Damage: an entry that is not JSON is an issue, and reading goes on at the next one.  An archive is
read to 512 MiB.

Not decoded: pages, timings and bodies.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._byte_coverage import CoverageSpan
from .._dji_keychains import Keychains
from .._errors import CorruptLogError
from .._file_content import Content
from .._formats import Format
from .._model import Clock, Issue, Log
from .._secrets._redact_secrets import is_secret_or_personal_field_name
from ._shared._build_binary_and_database_logs import build_log_of_decrypted_requests
from ._shared._contact_rows import normalised_ip_or_none
from ._shared._decrypted_requests import DecryptedRequest, parse_url
from ._shared._which_facts_logs_record import CONTACT_FACTS
from ._text._columnar_records import as_count, as_number_or_none, non_empty_text_or_none
from ._text._parse_timestamps import NO_TIME, iso_8601_text_to_epoch_ns

_MAX_BYTES, _MAX_ENTRIES, _MAX_RETRIES = 1 << 29, 200_000, 500
#: How many times the size of the archive may be read in vain, over all its damage.
_MAX_READ_IN_VAIN = 4
_BETWEEN = re.compile(r"[ \t\r\n,]*")
_ENTRIES = re.compile(r'"entries"\s*:\s*\[')
#: What an entry may begin with.
_ENTRY_START = re.compile(r'\{\s*"(?=_|startedDateTime|pageref|request|cache|time|connection)')
_DECODER = json.JSONDecoder(strict=False)


@dataclass(eq=False)
class _HarArchiveReader:
    """The entries of an archive.

    The text is taken for Latin-1, in which a character is a byte, so that a place in the text is
    an offset in the file; texts taken from it are decoded again as UTF-8.
    """

    text: str
    app: str | None = None
    requests: list[DecryptedRequest] = field(default_factory=list)
    pieces: list[CoverageSpan] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    #: Cookies and credentials that were sent or set.
    secrets: int = 0
    #: How often an entry was looked for in vain.
    tries: int = 0
    #: Characters that were read in vain.
    read_in_vain: int = 0

    def read_entries(self) -> None:
        """Read up to the end of the entries, and what follows as the rest of the header."""
        size = len(self.text)
        begin = _ENTRIES.search(self.text)
        if begin is None:
            # The word may be damaged; entries can be recognised without it.
            first = _ENTRY_START.search(self.text)
            offset = first.start() if first else size
        else:
            offset = begin.end()
        self.app = _program_name(self.text[:offset])
        self.pieces.append(CoverageSpan(0, offset, "header"))
        for start, end, entry in self._iterate_entries(offset):
            kind = "gap" if entry is None else "records"
            self.pieces.append(CoverageSpan(start, end - start, kind))
            if entry is not None:
                self._add_entry(start, end, entry)
        end = self.pieces[-1].offset + self.pieces[-1].size
        self.pieces.append(CoverageSpan(end, size - end, "header"))

    def _iterate_entries(self, offset: int) -> Iterator[tuple[int, int, dict[str, Any] | None]]:
        """Yield begin, end and value of each entry; of bytes that are none, no value."""
        size = len(self.text)
        while offset < size and len(self.requests) < _MAX_ENTRIES:
            start = _skip_separators(self.text, offset)
            if self.text[start : start + 1] == "]":
                return
            try:
                entry, end = _DECODER.raw_decode(self.text, start)
            except (ValueError, RecursionError) as error:
                entry, end = None, start
                self._count_bytes_read_in_vain(start, error)
            if isinstance(entry, dict) and isinstance(entry.get("request"), dict):
                yield offset, end, entry
                offset = end
                continue
            following = self._find_next_entry(max(end, start + 1))
            self._add_gap(offset, following)
            yield offset, following, None
            offset = following

    def _find_next_entry(self, offset: int) -> int:
        """Return where the next entry begins, after damage; the end of the text if none does."""
        for match in _ENTRY_START.finditer(self.text, offset):
            self.tries += 1
            read_enough = self.read_in_vain > _MAX_READ_IN_VAIN * len(self.text)
            if self.tries > _MAX_RETRIES or read_enough:
                break
            try:
                entry, _ = _DECODER.raw_decode(self.text, match.start())
            except (ValueError, RecursionError) as error:
                self._count_bytes_read_in_vain(match.start(), error)
                continue
            if isinstance(entry, dict) and isinstance(entry.get("request"), dict):
                return match.start()
        return len(self.text)

    def _count_bytes_read_in_vain(self, start: int, error: Exception) -> None:
        """Count what a damaged entry cost: a text without an end is read to that of the archive."""
        end = len(self.text)
        if isinstance(error, json.JSONDecodeError) and "Unterminated" not in error.msg:
            end = error.pos
        self.read_in_vain += end - start

    def _add_gap(self, start: int, end: int) -> None:
        cut = end == len(self.text)
        reason = "the archive is cut short or damaged" if cut else "an entry that is not JSON"
        self.issues.append(Issue(start, end - start, reason))

    def _add_entry(self, start: int, end: int, entry: dict[str, Any]) -> None:
        start = _skip_separators(self.text, start)
        request, response = entry["request"], entry.get("response")
        response = response if isinstance(response, dict) else {}
        self.secrets += _count_secrets_of_message(request) + _count_secrets_of_message(response)
        target = parse_url(_restore_utf8(non_empty_text_or_none(request.get("url"))) or "")
        status = as_count(response.get("status"))
        time = iso_8601_text_to_epoch_ns(non_empty_text_or_none(entry.get("startedDateTime")))
        took = as_number_or_none(entry.get("time"))
        known = time != NO_TIME and took is not None and 0 <= took < 1e10
        cached = bool(entry.get("_fromCache")) or (
            not entry.get("serverIPAddress") and bool(status) and took == 0
        )
        grade = "reported" if cached else "measured" if status else "attempted"
        self.requests.append(
            DecryptedRequest(
                start,
                end - start,
                time,
                time + round((took or 0) * 1e6) if known else NO_TIME,
                None,
                self.app,
                target,
                normalised_ip_or_none(
                    (non_empty_text_or_none(entry.get("serverIPAddress")) or "").strip("[]")
                ),
                _message_size(request),
                as_count(response.get("_transferSize")) or _message_size(response),
                "response from the browser's cache" if cached else "request url",
                grade,
                _request_and_response_fields(entry, request, response),
            )
        )


def _skip_separators(text: str, offset: int) -> int:
    """Return the place after blanks and commas."""
    match = _BETWEEN.match(text, offset)
    return match.end() if match else offset


def _program_name(text: str) -> str | None:
    """Return the program that an archive's beginning names: the browser, else who wrote it."""
    for part in ("browser", "creator"):
        match = re.search(rf'"{part}"\s*:\s*(?=\{{)', text)
        if match is None:
            continue
        try:
            program, _ = _DECODER.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            continue
        words = [
            _restore_utf8(non_empty_text_or_none(program.get(name))) for name in ("name", "version")
        ]
        if words[0]:
            return " ".join(word for word in words if word)[:128]
    return None


def _message_size(message: dict[str, Any]) -> int | None:
    """Return the bytes of headers and body, of those that are known; ``None``: neither is."""
    sizes = [as_count(message.get(name)) for name in ("headersSize", "bodySize")]
    known = [size for size in sizes if size is not None]
    return sum(known) if known else None


def _count_secrets_of_message(message: dict[str, Any]) -> int:
    """Return how many cookies and credentials a message holds."""
    headers = message.get("headers")
    listed = headers if isinstance(headers, list) else []
    names = [header.get("name") for header in listed if isinstance(header, dict)]
    return sum(isinstance(name, str) and is_secret_or_personal_field_name(name) for name in names)


def _request_and_response_fields(
    entry: dict[str, Any], request: dict[str, Any], response: dict[str, Any]
) -> dict[str, Any]:
    content = response.get("content")
    content = content if isinstance(content, dict) else {}
    values = {
        "method": request.get("method"),
        "url": request.get("url"),
        "http_version": request.get("httpVersion"),
        "request_headers_bytes": as_count(request.get("headersSize")),
        "request_body_bytes": as_count(request.get("bodySize")),
        "status": as_count(response.get("status")),
        "response_headers_bytes": as_count(response.get("headersSize")),
        "response_body_bytes": as_count(response.get("bodySize")),
        "transfer_bytes": as_count(response.get("_transferSize")),
        "content_bytes": as_count(content.get("size")),
        "content_type": content.get("mimeType"),
        "error": response.get("_error"),
        "server_address": entry.get("serverIPAddress"),
        "took_ms": as_number_or_none(entry.get("time")),
    }
    return {
        name: _restore_utf8(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


def _restore_utf8(text: str | None) -> str | None:
    """Return a text that was taken for Latin-1 as the UTF-8 that it is."""
    if text is None or text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        # It holds characters that were written as escapes.
        return text.encode("utf-8", "replace").decode("utf-8")


def claims(content: Content) -> bool:
    """Return whether the beginning is that of an archive."""
    head = content.head.removeprefix(b"\xef\xbb\xbf")
    return re.match(rb'\s*\{\s*"log"\s*:\s*\{', head) is not None and any(
        word in head for word in (b'"creator"', b'"entries"', b'"pages"')
    )


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read an archive; an entry that is damaged is an issue.

    Raises:
        CorruptLogError: If no entry can be read and the list of entries is not empty.
    """
    size = len(content)
    archive = _HarArchiveReader(content.data[:_MAX_BYTES].decode("latin-1"))
    archive.read_entries()
    if not archive.requests and archive.issues:
        raise CorruptLogError(archive.issues[0].offset, "an entry of an archive", "none")
    issues = list(archive.issues)
    spans = list(archive.pieces)
    if size > _MAX_BYTES:
        issues.append(Issue(_MAX_BYTES, size - _MAX_BYTES, "the archive is too long"))
        spans.append(CoverageSpan(_MAX_BYTES, size - _MAX_BYTES, "gap"))
    return build_log_of_decrypted_requests(
        content,
        FORMAT.name,
        "Entry",
        archive.requests,
        clock=Clock("clock of the device"),
        excluded_traffic="traffic of other programs",
        secrets=archive.secrets,
        issues=issues,
        spans=spans,
    )


FORMAT = Format(
    "har",
    "HTTP Archive",
    "HTTP Archive 1.2; real files of mitmproxy's tests",
    claims,
    read,
    facts=CONTACT_FACTS,
    skips_filled_tail=True,
)
