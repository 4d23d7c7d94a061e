"""The one module that opens a connection, for ``keys fetch`` and nothing else.

One POST over TLS that is verified against the computer's own roots.  Redirects
are not followed, no proxy is used, no cookie is kept; answer and time are
bounded.  No text of the server goes further than its status and its body, and
the body to the reader of keychains only.
"""

import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

#: What an answer may have: 10,000 times what one key takes.
LARGEST_ANSWER = 4 << 20
_LOOPBACK = ("127.0.0.1", "::1")


class EndpointError(Exception):
    """A URL is not one that keys may be asked from."""


class FailedOnceError(Exception):
    """No answer came, and another attempt may get one."""


class HopelessError(Exception):
    """No answer came, and no further request may be sent there."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where keys are asked for."""

    host: str
    port: int
    path: str
    secure: bool

    @property
    def url(self) -> str:
        """The URL, with the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == (443 if self.secure else 80)
        return f"http{'s' * self.secure}://{host}{'' if usual else f':{self.port}'}{self.path}"


def endpoint(url: str) -> Endpoint:
    """Return where a URL leads.

    Raises:
        EndpointError: If it is not HTTPS; plain HTTP may lead to this computer
            only, by its number.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise EndpointError("not a URL") from error
    if not url.isascii() or not url.isprintable() or " " in url:
        raise EndpointError("not a URL")
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise EndpointError("not an https URL")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise EndpointError("not https: keys are asked for over TLS only")
    if parts.username is not None or parts.query or parts.fragment:
        raise EndpointError("a URL with a name, a query or a fragment")
    secure = parts.scheme == "https"
    return Endpoint(parts.hostname, port or (443 if secure else 80), parts.path or "/", secure)


def post(where: Endpoint, body: bytes, api_key: str, timeout_s: float) -> tuple[int, bytes]:
    """Send a request; return the status and the body of the answer.

    Args:
        where: Host and path.
        body: JSON.
        api_key: Goes into the header ``Api-Key`` and nowhere else.
        timeout_s: For the whole exchange, however slowly the server talks.

    Raises:
        FailedOnceError: If there is no answer or only a part of one.
        HopelessError: If the server is not who it should be, or says too much.
    """
    connection = _connection(where, timeout_s)
    late = threading.Event()
    clock: threading.Timer | None = None
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    try:
        connection.connect()
        clock = threading.Timer(timeout_s, _cut, [connection.sock, late])
        clock.daemon = True
        clock.start()
        connection.request("POST", where.path, body, headers | {"Api-Key": api_key})
        answer = connection.getresponse()
        text = answer.read(LARGEST_ANSWER + 1)
    except (OSError, http.client.HTTPException) as error:
        raise _told(error, late.is_set(), timeout_s) from None
    finally:
        if clock is not None:
            clock.cancel()
        connection.close()
    if len(text) > LARGEST_ANSWER:
        raise HopelessError(f"the answer has more than {LARGEST_ANSWER:,} bytes")
    if late.is_set() or answer.length:
        raise FailedOnceError("the answer broke off")
    return answer.status, text


def _told(error: Exception, late: bool, timeout_s: float) -> FailedOnceError | HopelessError:
    """Return what to say of an error: words of our own, for a server writes into some of them."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return HopelessError(f"the certificate does not hold ({error.verify_message})")
    if late or isinstance(error, TimeoutError):
        return FailedOnceError(f"no whole answer within {timeout_s:g} s")
    if isinstance(error, ssl.SSLError):
        return FailedOnceError("the TLS connection broke")
    if isinstance(error, http.client.HTTPException):
        return FailedOnceError("the answer is no whole HTTP")
    if isinstance(error, socket.gaierror):
        return FailedOnceError("the host has no known address")
    strerror = error.strerror if isinstance(error, OSError) else None
    return FailedOnceError((strerror or "no connection").lower())


def _connection(where: Endpoint, timeout_s: float) -> http.client.HTTPConnection:
    if not where.secure:
        return http.client.HTTPConnection(where.host, where.port, timeout=timeout_s)
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return http.client.HTTPSConnection(where.host, where.port, timeout=timeout_s, context=context)


def _cut(wire: socket.socket, late: threading.Event) -> None:
    """End a connection from beside it: a server that drips never lets a read time out."""
    late.set()
    try:
        # The socket's own, under TLS as well: what is read next is the end.
        socket.socket.shutdown(wire, socket.SHUT_RDWR)
    except OSError:
        return
