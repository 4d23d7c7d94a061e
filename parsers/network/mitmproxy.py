"""Flows that mitmproxy saved (``.mitm``, ``.flow``, ``.dump``): requests, decrypted.

Who writes it: mitmproxy and mitmdump, an inspecting proxy; one flow after the other, each a typed
netstring, whose ``version`` has changed with nearly every release (18 and 20 in the real files).

Facts: mitmproxy 8fc25b3 (``io/tnetstring.py``, ``io/compat.py``), and two real files of its tests
with three flows over HTTP/2 and HTTP/3.

Contacts: of an HTTP flow host, address, port, scheme and path, and the bytes of the bodies both
ways with those of WebSocket messages; without an answer it is *attempted*.  Of a TCP, UDP or DNS
flow the address, and the bytes of its messages or the name that was asked for.  ``device`` is the
client's address, which is the proxy's own if the proxy ran on the device.

Bodies, cookies and the values of headers reach no table and no record; what stands in a path by
way of a password, a key or the like is masked.  Cookies and credentials are counted.

Times are the proxy's clock, UTC, to the microsecond.  A flow that is damaged is an issue, and
reading goes on at the next one.

Not decoded: bodies, certificates and timings.
"""

import mmap
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
from ._shared._contact_rows import normalised_ip_or_none, parse_host_or_else_ip
from ._shared._decrypted_requests import DecryptedRequest, UrlTarget
from ._shared._which_facts_logs_record import CONTACT_FACTS
from ._text._json_lines import nested_json_object_or_empty
from ._text._parse_timestamps import NO_TIME, epoch_seconds_text_to_ns
from ._text._tnetstring import OmittedBodySize, read_value_and_end

_MAX_FLOWS, _MAX_RETRIES = 200_000, 20_000
#: How many times the size of the dump may be read in vain, over all its damage.
_MAX_READ_IN_VAIN = 4
#: How a flow begins: its length, then the name of its first field as text or bytes.
_FLOW_START = re.compile(rb"\d{1,12}:\d{1,3}:[a-z_]{2,32}[;,]")


@dataclass(eq=False)
class _FlowDumpReader:
    data: mmap.mmap | bytes
    requests: list[DecryptedRequest] = field(default_factory=list)
    pieces: list[CoverageSpan] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    version: int | None = None
    secrets: int = 0

    def store_contacts_and_gaps_of_flows(self) -> None:
        offset, size, tries, in_vain = 0, len(self.data), 0, 0
        while offset < size and len(self.requests) < _MAX_FLOWS:
            reason = "a value that is not a flow"
            try:
                flow, end = read_value_and_end(self.data, offset, size)
            except CorruptLogError as error:
                flow, end, tries = None, offset, tries + 1
                in_vain += (error.offset or offset) - offset
                reason = f"not a flow: {error}"
            if isinstance(flow, dict) and isinstance(flow.get("version"), (int, list)):
                self._add_flow(offset, end, flow)
                self.pieces.append(CoverageSpan(offset, end - offset, "records"))
                offset = end
                continue
            may_retry = tries < _MAX_RETRIES and in_vain <= _MAX_READ_IN_VAIN * size
            following = _FLOW_START.search(self.data, offset + 1) if may_retry else None
            end = following.start() if following else size
            self._add_gap(offset, end, reason)
            offset = end
        if offset < size:
            self._add_gap(offset, size, "more flows than are read")

    def _add_gap(self, offset: int, end: int, reason: str) -> None:
        if self.pieces and self.pieces[-1].kind == "gap":
            last, previous_issue = self.pieces.pop(), self.issues.pop()
            offset, reason = last.offset, previous_issue.reason
        self.pieces.append(CoverageSpan(offset, end - offset, "gap"))
        if end == len(self.data):
            reason = f"the last flow is cut short or damaged ({reason})"
        self.issues.append(Issue(offset, end - offset, reason))

    def _add_flow(self, offset: int, end: int, flow: dict[str, Any]) -> None:
        version = flow["version"]
        if self.version is None and isinstance(version, int):
            self.version = version
        request = _decrypted_request_of_flow(offset, end - offset, flow)
        self.requests.append(request)
        for name in ("request", "response"):
            headers = nested_json_object_or_empty(flow, name).get("headers")
            listed = headers if isinstance(headers, list) else []
            names = [header[0] for header in listed if isinstance(header, list) and header]
            self.secrets += sum(
                is_secret_or_personal_field_name(_text_or_none(name) or "") for name in names
            )


def _decrypted_request_of_flow(offset: int, length: int, flow: dict[str, Any]) -> DecryptedRequest:
    kind = _text_or_none(flow.get("type")) or "http"
    request, response = nested_json_object_or_empty(flow, "request"), flow.get("response")
    client = nested_json_object_or_empty(flow, "client_conn")
    address, goal, path = _peer_address_url_target_and_path(kind, flow)
    up, down = _bytes_sent_and_received(flow, request, response)
    answered = isinstance(response, dict) or (kind not in ("http", "dns") and not flow.get("error"))
    return DecryptedRequest(
        offset,
        length,
        _flow_start_time_ns(flow),
        _time_field_to_epoch_ns(nested_json_object_or_empty(flow, "response"), "timestamp_end"),
        normalised_ip_or_none(
            _address_and_port(client.get("peername") or client.get("address"))[0]
        ),
        None,
        UrlTarget(goal.host, goal.address, goal.port, goal.scheme, path),
        address,
        up,
        down,
        f"{kind} flow",
        "measured" if answered else "attempted",
        _flow_fields(kind, flow) | {"request_body_bytes": up, "response_body_bytes": down},
    )


def _peer_address_url_target_and_path(
    kind: str, flow: dict[str, Any]
) -> tuple[str | None, UrlTarget, str | None]:
    """Return the address that was turned to, what the flow names, and the path."""
    server, request = (
        nested_json_object_or_empty(flow, "server_conn"),
        nested_json_object_or_empty(flow, "request"),
    )
    if kind == "dns":
        return None, UrlTarget(_dns_question_name(request), None, None, kind, None), None
    stated_host = _address_and_port(server.get("address"))[0]
    peer = server.get("peername") or server.get("ip_address") or server.get("address")
    address, port = _address_and_port(peer)
    name = _text_or_none(request.get("host")) or _text_or_none(server.get("sni")) or stated_host
    host, other = parse_host_or_else_ip(name)
    scheme = (_text_or_none(request.get("scheme")) or kind).lower()
    stated_port = _positive_int_or_none(request.get("port")) or port
    return (
        normalised_ip_or_none(address),
        UrlTarget(host, other, stated_port, scheme, None),
        _text_or_none(request.get("path")),
    )


def _flow_start_time_ns(flow: dict[str, Any]) -> int:
    request = nested_json_object_or_empty(flow, "request")
    for part, name in (
        (request, "timestamp_start"),
        (request, "timestamp"),
        (nested_json_object_or_empty(flow, "client_conn"), "timestamp_start"),
    ):
        if (instant := _time_field_to_epoch_ns(part, name)) != NO_TIME:
            return instant
    return NO_TIME


def _flow_fields(kind: str, flow: dict[str, Any]) -> dict[str, Any]:
    server, request = (
        nested_json_object_or_empty(flow, "server_conn"),
        nested_json_object_or_empty(flow, "request"),
    )
    address, goal, path = _peer_address_url_target_and_path(kind, flow)
    return {
        "type": kind,
        "method": _text_or_none(request.get("method")),
        "scheme": goal.scheme,
        "host": goal.host,
        "port": goal.port,
        "path": path,
        "http_version": _text_or_none(request.get("http_version")),
        "status": _positive_int_or_none(
            nested_json_object_or_empty(flow, "response").get("status_code")
        ),
        "sni": _text_or_none(server.get("sni")),
        "server_address": address,
        "tls_version": _text_or_none(server.get("tls_version")),
        "proxy_mode": _text_or_none(
            nested_json_object_or_empty(flow, "client_conn").get("proxy_mode")
        ),
    }


def _bytes_sent_and_received(
    flow: dict[str, Any], request: dict[str, Any], response: Any
) -> tuple[int | None, int | None]:
    """Return the bytes of bodies and messages, sent and received."""
    up = request.get("content")
    down = response.get("content") if isinstance(response, dict) else None
    sums = [
        int(up) if isinstance(up, OmittedBodySize) else None,
        int(down) if isinstance(down, OmittedBodySize) else None,
    ]
    for from_client, size in _iterate_message_senders_and_sizes(flow):
        index = 0 if from_client else 1
        sums[index] = (sums[index] or 0) + size
    return sums[0], sums[1]


def _iterate_message_senders_and_sizes(flow: dict[str, Any]) -> Iterator[tuple[bool, int]]:
    """Yield who sent each message of a WebSocket, TCP or UDP flow, and its bytes."""
    messages = flow.get("messages") or nested_json_object_or_empty(flow, "websocket").get(
        "messages"
    )
    for message in messages if isinstance(messages, list) else []:
        if not isinstance(message, list):
            continue
        flags = [part for part in message if isinstance(part, bool)]
        texts = [part for part in message if isinstance(part, (bytes, str, OmittedBodySize))]
        if flags and texts:
            yield flags[0], _value_size(texts[0])


def _value_size(value: bytes | str | OmittedBodySize) -> int:
    return int(value) if isinstance(value, OmittedBodySize) else len(value)


def _dns_question_name(request: dict[str, Any]) -> str | None:
    """Return the name of the first question of a look-up."""
    questions = request.get("questions")
    first = questions[0] if isinstance(questions, list) and questions else {}
    name = first.get("name") if isinstance(first, dict) else first[0] if first else None
    return parse_host_or_else_ip(_text_or_none(name))[0]


def _address_and_port(value: Any) -> tuple[str | None, int | None]:
    """Return the address and port of an end of a connection."""
    if isinstance(value, dict):  # older versions wrap it
        value = value.get("address")
    if isinstance(value, list) and len(value) >= 2:
        return _text_or_none(value[0]), _positive_int_or_none(value[1])
    return None, None


def _text_or_none(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value if isinstance(value, str) and value else None


def _positive_int_or_none(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _time_field_to_epoch_ns(part: dict[str, Any], name: str) -> int:
    value = part.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return NO_TIME
    return epoch_seconds_text_to_ns(f"{value:.6f}")


def claims(content: Content) -> bool:
    """Return whether the file begins with a flow."""
    return _FLOW_START.match(content.head) is not None


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read flows; one that is damaged is an issue.

    Raises:
        CorruptLogError: If no flow can be read.
    """
    dump = _FlowDumpReader(content.data)
    dump.store_contacts_and_gaps_of_flows()
    if not dump.requests:
        raise CorruptLogError(0, "a flow of mitmproxy", dump.issues[0].reason)
    return build_log_of_decrypted_requests(
        content,
        FORMAT.name,
        "Flow",
        dump.requests,
        version=None if dump.version is None else str(dump.version),
        clock=Clock("clock of the proxy"),
        excluded_traffic="traffic that did not go through the proxy",
        secrets=dump.secrets,
        issues=dump.issues,
        spans=dump.pieces,
    )


FORMAT = Format(
    "mitmproxy",
    "mitmproxy flows",
    "mitmproxy's io modules; real files of its tests",
    claims,
    read,
    facts=CONTACT_FACTS,
    skips_filled_tail=True,
)
