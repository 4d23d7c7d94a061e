"""The files of the key broker: requests to send, keychains that come back.

``request.json`` maps the SHA-256 of each request to the request in the documented form in
which it is sent; it names no log.  ``keychains.json`` maps the same hashes to the answers.
Both are read strictly: a request that is not exactly in this form is never sent.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import parsers

REQUESTS_SCHEMA = "dji-audit/key-requests/1"
ANSWERS_SCHEMA = "dji-audit/keychains/1"
#: The largest file of requests or answers; one log needs 4 kB.
MAX_FILE_BYTES = 256 << 20
#: All known RSA ciphertexts have 256 bytes.
_MAX_CIPHERTEXT_BYTES = 1024


class KeyBrokerFileError(Exception):
    """A file is not valid for the key broker; the message says why and contains no secret."""


@dataclass(slots=True)
class AnswersToKeyRequests:
    """The answers to requests: keychains by the hash of the request, or why there are none."""

    answered: dict[str, parsers.Keychains] = field(default_factory=dict)
    #: Hash of a request -> the feature points whose keys its answer lacks.
    missing: dict[str, list[str]] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)


def key_requests_as_json(requests: Mapping[str, parsers.KeyRequest]) -> str:
    """Return requests as JSON; the same requests give the same text."""
    bodies = {digest: requests[digest].body() for digest in sorted(requests)}
    return json.dumps({"schema": REQUESTS_SCHEMA, "requests": bodies}, indent=1) + "\n"


def parse_key_requests_by_hash(text: bytes) -> dict[str, parsers.KeyRequest]:
    """Return the requests in a text by their hashes.

    Raises:
        KeyBrokerFileError: If the text is not exactly what ``key_requests_as_json`` writes.
    """
    document = _parse_json_with_schema(
        text, REQUESTS_SCHEMA, "key requests (write them with `keys request`)"
    )
    bodies = document.get("requests")
    if set(document) != {"schema", "requests"} or not isinstance(bodies, dict):
        raise KeyBrokerFileError('key requests: expected only "schema" and "requests"')
    requests = {}
    for digest, body in bodies.items():
        request = _parse_request(body, digest[:12])
        if request.sha256 != digest:
            raise KeyBrokerFileError(f"key request {digest[:12]}: its SHA-256 differs")
        requests[digest] = request
    return requests


def encode_key_request_as_json(request: parsers.KeyRequest) -> bytes:
    """Return a request as sent: compact JSON in the documented order."""
    return json.dumps(request.body(), separators=(",", ":")).encode("ascii")


def count_key_ciphertexts(request: parsers.KeyRequest) -> int:
    """Return the number of key ciphertexts of a request."""
    return sum(len(group) for group in request.groups)


def _parse_request(body: Any, where: str) -> parsers.KeyRequest:
    """Return a request from its JSON form, which must be reproduced exactly."""
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
        raise KeyBrokerFileError(f"key request {where}: not in the documented form") from error
    sizes = [len(ciphertext) for group in request.groups for _, ciphertext in group]
    valid_numbers = isinstance(request.version, int) and isinstance(request.department, int)
    if not same or not valid_numbers or max(sizes, default=0) > _MAX_CIPHERTEXT_BYTES:
        raise KeyBrokerFileError(f"key request {where}: not in the documented form")
    return request


def dump_key_answers(answers: AnswersToKeyRequests) -> str:
    """Return answers as JSON, which contains secrets."""
    document = {
        "schema": ANSWERS_SCHEMA,
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


def load_key_answers(text: bytes) -> AnswersToKeyRequests:
    """Return the answers in a text.

    Raises:
        KeyBrokerFileError: If the text is not what ``dump_key_answers`` writes.
    """
    document = _parse_json_with_schema(
        text, ANSWERS_SCHEMA, "keychains (get them with `keys fetch`)"
    )
    answers, unanswered = document.get("answers"), document.get("unanswered", {})
    if not isinstance(answers, dict) or not isinstance(unanswered, dict):
        raise KeyBrokerFileError('keychains: expected "answers" and "unanswered"')
    result = AnswersToKeyRequests(
        unanswered={digest: str(reason) for digest, reason in unanswered.items()}
    )
    for digest, answer in answers.items():
        result.answered[request_hash_checked_as_sha256(digest)] = parse_keychains_of_answer(
            answer, digest[:12]
        )
        if (
            isinstance(answer, dict)
            and isinstance(answer.get("missing"), list)
            and answer["missing"]
        ):
            result.missing[digest] = [str(point) for point in answer["missing"]]
    return result


def parse_keychains_of_answer(answer: Any, where: str) -> parsers.Keychains:
    """Return the keychains of one answer.

    Raises:
        KeyBrokerFileError: If it holds no keychains.
    """
    try:
        return parsers.load_keychains(json.dumps(answer).encode())
    except parsers.InvalidKeysError as error:
        raise KeyBrokerFileError(f"{where}: {error}") from error


def request_hash_checked_as_sha256(digest: str) -> str:
    """Return the hash of a request, which becomes the name of a file.

    Raises:
        KeyBrokerFileError: If it is not a SHA-256.
    """
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise KeyBrokerFileError(f"{digest[:80]!r} is not the SHA-256 of a request")
    return digest


def missing_feature_points(request: parsers.KeyRequest, chains: parsers.Keychains) -> list[str]:
    """Return the requested feature points that the keychains lack."""
    return [
        f"{parsers.feature_point_name(number)} of group {group_number}"
        for group_number, group in enumerate(request.groups)
        for number, _ in group
        if group_number >= len(chains) or number not in chains[group_number]
    ]


def merge_two_keychains(old: parsers.Keychains, new: parsers.Keychains) -> parsers.Keychains:
    """Return the merged keys of two answers to one request.

    Raises:
        KeyBrokerFileError: If they hold different keys for one feature point.
    """
    groups = []
    for group_number in range(max(len(old), len(new))):
        before = old[group_number] if group_number < len(old) else {}
        after = new[group_number] if group_number < len(new) else {}
        if any(before[number] != after[number] for number in before.keys() & after.keys()):
            raise KeyBrokerFileError("two answers to the same request differ")
        groups.append({**before, **after})
    return tuple(groups)


def count_keys(chains: Sequence[Mapping[int, object]]) -> int:
    """Return the number of keys."""
    return sum(len(chain) for chain in chains)


def _parse_json_with_schema(text: bytes, schema: str, what: str) -> dict[str, Any]:
    if len(text) > MAX_FILE_BYTES:
        raise KeyBrokerFileError(f"{len(text)} bytes: too large for {what}")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KeyBrokerFileError(f"not JSON, so not {what}") from error
    if not isinstance(document, dict) or document.get("schema") != schema:
        raise KeyBrokerFileError(f"not {what}")
    return document
