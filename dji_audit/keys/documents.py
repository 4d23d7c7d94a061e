"""The files of the key broker: requests that go out, keychains that come back.

``request.json`` maps the SHA-256 of each request to the request in the form
that is documented and sent; it names no log.  ``keychains.json`` maps the same
hashes to the answers.  Both are read strictly: what a file of requests does not
say in exactly this form is never sent.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import parsers

REQUESTS = "dji-audit/key-requests/1"
ANSWERS = "dji-audit/keychains/1"
#: A file of requests or answers larger than this is none: a log's takes 4 kilobytes.
LARGEST = 256 << 20
#: Of the RSA ciphertexts known all have 256 bytes.
_LARGEST_CIPHERTEXT = 1024


class KeysError(Exception):
    """A file is not what the key broker reads; the message says why, and tells no secret."""


@dataclass(slots=True)
class Answers:
    """What is known of some requests: keychains by the request's hash, or why there are none."""

    answered: dict[str, parsers.Keychains] = field(default_factory=dict)
    #: Hash of a request -> the feature points whose keys its answer lacks.
    missing: dict[str, list[str]] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)


def dump_requests(requests: Mapping[str, parsers.KeyRequest]) -> str:
    """Return requests as JSON: the same requests give the same text."""
    bodies = {digest: requests[digest].body() for digest in sorted(requests)}
    return json.dumps({"schema": REQUESTS, "requests": bodies}, indent=1) + "\n"


def load_requests(text: bytes) -> dict[str, parsers.KeyRequest]:
    """Return the requests in a text by their hashes.

    Raises:
        KeysError: If it is not exactly what ``dump_requests`` writes.
    """
    document = _document(text, REQUESTS, "key requests (write them with `keys request`)")
    bodies = document.get("requests")
    if set(document) != {"schema", "requests"} or not isinstance(bodies, dict):
        raise KeysError('key requests: expected "schema" and "requests" and nothing else')
    found = {}
    for digest, body in bodies.items():
        request = _request(body, digest[:12])
        if request.sha256 != digest:
            raise KeysError(f"key request {digest[:12]}: its SHA-256 is another")
        found[digest] = request
    return found


def sent_bytes(request: parsers.KeyRequest) -> bytes:
    """Return a request as it is sent: compact JSON in the documented order."""
    return json.dumps(request.body(), separators=(",", ":")).encode("ascii")


def items(request: parsers.KeyRequest) -> int:
    """Return the number of key ciphertexts of a request."""
    return sum(len(group) for group in request.groups)


def _request(body: Any, where: str) -> parsers.KeyRequest:
    """Return a request from its form; only what makes the same form again is one."""
    try:
        request = parsers.KeyRequest(
            body["version"] + 0,
            body["department"] + 0,
            tuple(
                tuple(
                    (
                        int(entry["featurePoint"].rpartition("_")[2]),
                        base64.b64decode(entry["aesCiphertext"], validate=True),
                    )
                    for entry in group
                )
                for group in body["keychainsArray"]
            ),
        )
        same = request.body() == body
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KeysError(f"key request {where}: not in the documented form") from error
    sizes = [len(ciphertext) for group in request.groups for _, ciphertext in group]
    whole = isinstance(request.version, int) and isinstance(request.department, int)
    if not same or not whole or max(sizes, default=0) > _LARGEST_CIPHERTEXT:
        raise KeysError(f"key request {where}: not in the documented form")
    return request


def dump_answers(answers: Answers) -> str:
    """Return answers as JSON; they hold secrets."""
    document = {
        "schema": ANSWERS,
        "answers": {
            digest: {
                "data": parsers.dump_keychains(answers.answered[digest]),
                "missing": answers.missing.get(digest, []),
            }
            for digest in sorted(answers.answered)
        },
        "unanswered": dict(sorted(answers.unanswered.items())),
    }
    return json.dumps(document, indent=1) + "\n"


def load_answers(text: bytes) -> Answers:
    """Return the answers in a text.

    Raises:
        KeysError: If it is not what ``dump_answers`` writes.
    """
    document = _document(text, ANSWERS, "keychains (get them with `keys fetch`)")
    answers, unanswered = document.get("answers"), document.get("unanswered", {})
    if not isinstance(answers, dict) or not isinstance(unanswered, dict):
        raise KeysError('keychains: expected "answers" and "unanswered"')
    found = Answers(unanswered={digest: str(reason) for digest, reason in unanswered.items()})
    for digest, answer in answers.items():
        found.answered[checked(digest)] = chains_of(answer, digest[:12])
        if (
            isinstance(answer, dict)
            and isinstance(answer.get("missing"), list)
            and answer["missing"]
        ):
            found.missing[digest] = [str(point) for point in answer["missing"]]
    return found


def chains_of(answer: Any, where: str) -> parsers.Keychains:
    """Return the keychains of one answer.

    Raises:
        KeysError: If it holds none.
    """
    try:
        return parsers.load_keychains(json.dumps(answer).encode())
    except parsers.EncryptedLogError as error:
        raise KeysError(f"{where}: {error}") from error


def checked(digest: str) -> str:
    """Return the hash of a request, which becomes the name of a file.

    Raises:
        KeysError: If it is none.
    """
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise KeysError(f"{digest[:80]!r} is not the SHA-256 of a request")
    return digest


def lacking(request: parsers.KeyRequest, chains: parsers.Keychains) -> list[str]:
    """Return the feature points that a request asks for and keychains do not answer."""
    return [
        f"{parsers.feature_point(number)} of group {place}"
        for place, group in enumerate(request.groups)
        for number, _ in group
        if place >= len(chains) or number not in chains[place]
    ]


def joined(old: parsers.Keychains, new: parsers.Keychains) -> parsers.Keychains:
    """Return the keys of two answers to one request.

    Raises:
        KeysError: If they give different keys for one thing.
    """
    groups = []
    for place in range(max(len(old), len(new))):
        before = old[place] if place < len(old) else {}
        after = new[place] if place < len(new) else {}
        if any(before[number] != after[number] for number in before.keys() & after.keys()):
            raise KeysError("two answers to the same request differ")
        groups.append({**before, **after})
    return tuple(groups)


def count(chains: Sequence[Mapping[int, object]]) -> int:
    """Return the number of keys."""
    return sum(len(chain) for chain in chains)


def _document(text: bytes, schema: str, what: str) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise KeysError(f"{len(text)} bytes: too large for {what}")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KeysError(f"not JSON, so not {what}") from error
    if not isinstance(document, dict) or document.get("schema") != schema:
        raise KeysError(f"not {what}")
    return document
