"""A stand-in on this computer for the server that gives keychains, and logs that need it.

It listens on 127.0.0.1 only, answers a bounded number of requests and never
waits long.
"""

import base64
import http.server
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sample_logs import dji_bodies
from sample_logs.dji_txt import Details, encode, fake_keys, keychains_json

#: All keys that the server knows, by the number of the feature point.
KEYS = fake_keys(14, range(64), "server")
API_KEY = "canary-4f1d0c7e-api-key"
_MOST = 60
_LONGEST_S = 3.0


def sealed_log(points: tuple[int, ...] = (1, 7), serial: str = "SERIAL0123456789") -> bytes:
    """Return a version 14 record that needs the keys of some feature points."""
    records = [(dji_bodies.CUSTOM, dji_bodies.custom(False, 0, 0, 0, 1_780_000_000_000))] * 3
    details = Details(aircraft_name="Secret name", aircraft_serial=serial)
    return encode(14, records, details=details, keys=[{point: KEYS[point] for point in points}])


def answer_to(body: dict[str, Any]) -> dict[str, Any]:
    """Return the documented answer to a request, with the server's keys."""
    numbers = [
        [int(entry["featurePoint"].rpartition("_")[2]) for entry in group]
        for group in body["keychainsArray"]
    ]
    data = [json.loads(keychains_json([{n: KEYS[n] for n in group}]))[0] for group in numbers]
    return {"data": data, "result": {"code": 0, "msg": "ok"}}


@dataclass
class Seen:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class KeyServer:
    """What the server is told to do and what it saw."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    #: What to do with the next requests; after them each gets its answer.
    replies: list["Reply"] = field(default_factory=list)
    #: Ends every wait at once.
    over: threading.Event = field(default_factory=threading.Event)


class Handler(http.server.BaseHTTPRequestHandler):
    """Speaks the documented JSON, or what a test wants instead."""

    told: KeyServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.seen.append(Seen(self.path, dict(self.headers), body))
        if len(self.told.seen) > _MOST:
            self.send_error(503)
        elif self.told.replies:
            self.told.replies.pop(0)(self, json.loads(body))
        else:
            say(self, 200, answer_to(json.loads(body)))

    def do_GET(self) -> None:
        """Note what must never come: a redirect that was followed."""
        self.told.seen.append(Seen(f"GET {self.path}", dict(self.headers), b""))
        self.send_error(405)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


Reply = Callable[[Handler, dict[str, Any]], None]


class Quiet(http.server.ThreadingHTTPServer):
    """A server whose clients may hang up."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


def say(handler: Handler, status: int, document: object, **headers: str) -> None:
    """Answer with a status and JSON, or bytes as they are."""
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(text)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(text)


def saying(status: int, document: object, **headers: str) -> Reply:
    """Return a reply that answers so."""
    return lambda handler, _: say(handler, status, document, **headers)


def silence(handler: Handler, _: dict[str, Any]) -> None:
    """Answer nothing for longer than a test waits."""
    handler.told.over.wait(_LONGEST_S)


def drip(handler: Handler, _: dict[str, Any]) -> None:
    """Send a header byte by byte, each in time, the whole never."""
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100:
        handler.wfile.write(bytes([byte]))
        if handler.told.over.wait(_LONGEST_S / 100):
            return


def broken_off(handler: Handler, body: dict[str, Any]) -> None:
    """Promise more bytes than come."""
    text = json.dumps(answer_to(body)).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(text) + 10))
    handler.end_headers()
    handler.wfile.write(text)


def without(*points: int) -> Reply:
    """Return a reply that leaves out some keys, and spoils another way of not having one."""

    def reply(handler: Handler, body: dict[str, Any]) -> None:
        answer = answer_to(body)
        for group in answer["data"]:
            for entry in group:
                if int(entry["featurePoint"].rpartition("_")[2]) in points:
                    entry["aesKey"] = None
        say(handler, 200, answer)

    return reply


def serve(told: KeyServer, certificate: Path | None = None) -> Quiet:
    """Start the server on a free port of this computer, with TLS if a certificate is given."""
    handler = type("Told", (Handler,), {"told": told})
    server = Quiet(("127.0.0.1", 0), handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate is not None else "http"
    told.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/openapi/v1/keychains"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def key_of(point: int) -> str:
    """Return a key of the server as it stands in an answer."""
    return base64.b64encode(KEYS[point].key).decode()
