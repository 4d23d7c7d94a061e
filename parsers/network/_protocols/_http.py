"""The head of an HTTP/1 request, and of its kin RTSP and NTRIP (RFC 9112, RFC 7826).

A request to a proxy names its host in the first line; others name it in ``Host``.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

#: Bytes of a head that are read; characters of a path that are stored.
MAX_HEAD_SIZE, _LONGEST_PATH = 16_384, 2048
METHODS = (
    b"GET ", b"POST ", b"PUT ", b"HEAD ", b"CONNECT ", b"OPTIONS ", b"DELETE ", b"PATCH ",
    b"TRACE ", b"PROPFIND ", b"MKCOL ", b"DESCRIBE ", b"SETUP ", b"PLAY ", b"ANNOUNCE ",
    b"RECORD ", b"TEARDOWN ",
)  # fmt: skip
_LINE = re.compile(rb"([A-Z]{3,10}) ([^\s]{1,8192})(?: (HTTP|RTSP)/\d\.\d)?\r?(?:\n|\Z)")
_STATUS = re.compile(rb"(?:HTTP|RTSP)/\d\.\d (\d{3})\b|ICY (\d{3})\b")
_HOST = re.compile(r"[^\s/?#@\x00-\x20]{1,255}")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """The head of one request."""

    #: ``http``, ``rtsp`` or ``ntrip``.
    protocol: str
    method: str
    #: Lower case, without port; ``None``: it names none.
    host: str | None
    #: Path and query; ``None`` for CONNECT, which asks for a host alone.
    path: str | None
    agent: str | None
    #: Whether body or answer is a DNS message (RFC 8484).
    dns: bool
    #: Where the host stands: ``Host`` or ``request line``.
    named_in: str
    complete: bool


def parse_http_request(data: bytes) -> HttpRequest | None:
    """Return the request at the start of a stream; ``None``: there is none.

    A head that is not whole is read as far as it goes; a first line that is not
    whole is a request only if what is there names the protocol or a whole target.
    """
    request_line = _LINE.match(data)
    if request_line is None or (request_line[3] is None and data[request_line.end() - 1] != 10):
        return None
    head, ended, _ = data[:MAX_HEAD_SIZE].partition(b"\r\n\r\n")
    fields = _header_fields(head[request_line.end() :])
    method, target = request_line[1].decode(), _printable_text(request_line[2])
    host, path, named_in = fields.get("host"), target, "Host"
    if method == "CONNECT":
        host, path, named_in = target, "", "request line"
    elif "://" in target[:8]:
        host, path = _host_and_path(target)
        named_in = "request line"
    agent = fields.get("user-agent")
    protocol = "rtsp" if request_line[3] == b"RTSP" else "http"
    if agent is not None and agent.lower().startswith("ntrip"):
        protocol = "ntrip"
    kinds = fields.get("content-type", ""), fields.get("accept", "")
    return HttpRequest(
        protocol=protocol,
        method=method,
        host=host_of_authority(host),
        path=path[:_LONGEST_PATH] or None,
        agent=agent,
        dns=any("application/dns-message" in kind.lower() for kind in kinds),
        named_in=named_in,
        complete=bool(ended),
    )


def is_head_complete(data: bytes) -> bool:
    """Return whether bytes that begin with a request hold all of its head."""
    return b"\r\n\r\n" in data


def parse_status_code(data: bytes) -> int | None:
    """Return the number of an answer; ``None``: it is none."""
    match = _STATUS.match(data)
    return int(match[1] or match[2]) if match else None


def host_of_authority(authority: str | None) -> str | None:
    """Return the host of ``host:port``, lower case, without user, brackets and last dot."""
    if not authority:
        return None
    rest = authority.rpartition("@")[2].lower()
    if rest.startswith("["):
        return rest[1:].partition("]")[0] or None
    host = rest.partition(":")[0].rstrip(".")
    return host if _HOST.fullmatch(host) else None


def _header_fields(head: bytes) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in head.split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon and len(name) < 64:
            fields.setdefault(_printable_text(name.strip()).lower(), _printable_text(value.strip()))
    return fields


def _host_and_path(target: str) -> tuple[str | None, str]:
    """Return host and path of a URL, without user and password."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return None, target
    return parts.netloc, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _printable_text(data: bytes) -> str:
    if data.isascii() and data.decode("ascii").isprintable():
        return data.decode("ascii")
    return " ".join(
        "".join(chr(b) if 0x20 < b < 0x7F else f"\\x{b:02x}" for b in part)
        for part in data.split(b" ")
    )
