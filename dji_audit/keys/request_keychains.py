"""Request keychains one after another, and log what was disclosed.

The caller supplies the function that sends a request; nothing here opens a connection.
Every request is written to the trail and flushed to the disk before it is sent; every answer
is saved as soon as it arrives.
"""

import datetime as dt
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import parsers
from dji_audit.keys._server_connection import FatalRequestError, RetryableRequestError
from dji_audit.keys.broker_files import (
    AnswersToKeyRequests,
    KeyBrokerFileError,
    count_key_ciphertexts,
    dump_key_answers,
    encode_key_request_as_json,
    merge_two_keychains,
    missing_feature_points,
)
from dji_audit.keys.private_files import append_line_to_private_file, write_private_file

#: Sends a body; returns status and body of the answer.
SendRequest = Callable[[bytes], tuple[int, bytes]]

#: The number of failed requests in a row after which no more are sent.
_MAX_FAILURES = 3
TRAIL_ENDING = ".disclosed.jsonl"


class NoUsableAnswerError(Exception):
    """This request got no usable answer, and repeating it would not help."""


@dataclass(frozen=True, slots=True)
class KeychainRequester:
    """Sends requests and writes answers and trail."""

    send: SendRequest
    #: The address of the server, for the trail.
    url: str
    output: Path
    #: Seconds to wait before each repeated attempt.
    pauses_s: tuple[float, ...] = (1.0, 2.0, 4.0)
    tool: str = "dji-audit"

    @property
    def disclosure_log_path(self) -> Path:
        """The file that records what was disclosed, when and to whom."""
        return self.output.with_name(self.output.name + TRAIL_ENDING)

    def store_keychains_return_stop_reason(
        self,
        requests: Mapping[str, parsers.KeyRequest],
        answers: AnswersToKeyRequests,
        progress: Callable[[int, str, str], None],
    ) -> str | None:
        """Request keychains and add them to the known answers.

        Args:
            requests: The requests by their hashes.
            answers: The known answers; new answers are added.
            progress: Called with the number done, the hash of the request and the result.

        Returns:
            Why it stopped before the end; ``None`` if every request was sent.

        Raises:
            OSError: If the output or the trail cannot be written.
        """
        stopped: str | None = None
        failures = 0
        for number, (digest, request) in enumerate(requests.items(), 1):
            result = f"not requested: {stopped}"
            if stopped is None:
                try:
                    result = self._request_and_store_return_outcome_text(digest, request, answers)
                    failures = 0
                except NoUsableAnswerError as error:
                    result, failures = str(error), 0
                except RetryableRequestError as error:
                    result, failures = str(error), failures + 1
                    if failures >= _MAX_FAILURES:
                        stopped = f"the server did not answer {failures} requests in a row"
                except FatalRequestError as error:
                    result = stopped = str(error)
            if digest not in answers.answered:
                answers.unanswered[digest] = result
            write_private_file(self.output, dump_key_answers(answers))
            progress(number, digest, result)
        return stopped

    def _request_and_store_return_outcome_text(
        self, digest: str, request: parsers.KeyRequest, answers: AnswersToKeyRequests
    ) -> str:
        """Send a request with retries, and keep the answer."""
        chains = parse_server_answer(self._send_with_retries(digest, request))
        if digest in answers.answered:
            try:
                chains = merge_two_keychains(answers.answered[digest], chains)
            except KeyBrokerFileError as error:
                raise NoUsableAnswerError(f"{error}; the earlier answer is kept") from error
        missing = missing_feature_points(request, chains)
        if len(missing) == count_key_ciphertexts(request):
            raise NoUsableAnswerError("the answer holds none of the requested keys")
        answers.answered[digest] = chains
        answers.unanswered.pop(digest, None)
        answers.missing.pop(digest, None)
        if missing:
            answers.missing[digest] = missing
            return f"answered in part: {len(missing)} keys are missing"
        return "answered"

    def _send_with_retries(self, digest: str, request: parsers.KeyRequest) -> bytes:
        body = encode_key_request_as_json(request)
        for attempt in range(len(self.pauses_s) + 1):
            self._append_to_disclosure_log(
                event="sending", **_disclosure_record(request, digest, body), attempt=attempt + 1
            )
            try:
                status, text = self.send(body)
                self._append_to_disclosure_log(
                    event="answer", request=digest, status=status, bytes=len(text)
                )
                _raise_for_http_status(status)
            except (RetryableRequestError, FatalRequestError, NoUsableAnswerError) as error:
                self._append_to_disclosure_log(event="failed", request=digest, reason=str(error))
                if not isinstance(error, RetryableRequestError) or attempt == len(self.pauses_s):
                    raise
                time.sleep(self.pauses_s[attempt])
            else:
                return text
        raise NoUsableAnswerError("not requested")

    def _append_to_disclosure_log(self, **what: object) -> None:
        time_ = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = {"time": time_, "tool": self.tool, "to": self.url, **what}
        append_line_to_private_file(self.disclosure_log_path, json.dumps(line))


def parse_server_answer(text: bytes) -> parsers.Keychains:
    """Return the keychains in an answer of the server; entries that are not keys are left out.

    Raises:
        NoUsableAnswerError: If it is not an answer.  No text of the server is repeated.
    """
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise NoUsableAnswerError("the answer is not JSON") from None
    if not isinstance(document, dict):
        raise NoUsableAnswerError("the answer is not in the documented form")
    result = document.get("result")
    code = result.get("code", 0) if isinstance(result, dict) else 0
    if code != 0:
        shown = f"code {code}" if isinstance(code, int) and abs(code) < 1e6 else "unknown code"
        raise NoUsableAnswerError(f"the server refused the request ({shown})")
    groups = document.get("data")
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise NoUsableAnswerError("the answer is not in the documented form")
    return tuple(
        {number: key for entry in group for number, key in _parse_key(entry).items()}
        for group in groups
    )


def _parse_key(entry: object) -> Mapping[int, Any]:
    """Return the key of an entry; empty if the entry is not a key."""
    try:
        return parsers.load_keychains(json.dumps([[entry]]).encode())[0]
    except parsers.InvalidKeysError:
        return {}


def _raise_for_http_status(status: int) -> None:
    """Raise the error that a status other than 200 means."""
    if status >= 500:
        raise RetryableRequestError(f"the server failed (status {status})")
    if 300 <= status < 400:
        raise FatalRequestError(f"the server redirects (status {status}); redirects are refused")
    if status in (401, 403):
        raise FatalRequestError(f"the server does not accept the API key (status {status})")
    if status != 200:
        raise NoUsableAnswerError(f"the server refused the request (status {status})")


def _disclosure_record(request: parsers.KeyRequest, digest: str, body: bytes) -> dict[str, object]:
    """Return what a request discloses to the server."""
    return {
        "request": digest,
        "bytes": len(body),
        "disclosed": {
            "key_ciphertexts": count_key_ciphertexts(request),
            "version": request.version,
            "department": request.department,
            "api_key": True,
        },
    }
