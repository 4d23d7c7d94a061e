"""Ask for keychains, one request after another, and write down what was disclosed.

How a request is sent is given by the caller: nothing here opens a connection.
Every request is written into the trail, and seen to the disk, before it goes
out; every answer is kept as soon as it is there.
"""

import datetime as dt
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import parsers
from dji_audit.keys._fetch import FailedOnceError, HopelessError
from dji_audit.keys.documents import (
    Answers,
    KeysError,
    dump_answers,
    items,
    joined,
    lacking,
    sent_bytes,
)
from dji_audit.keys.files import append_private, write_private

#: Status and body of the answer to a body.
Send = Callable[[bytes], tuple[int, bytes]]

#: Requests in a row that fail to be answered, before the server is left alone.
_ENOUGH = 3
TRAIL_ENDING = ".disclosed.jsonl"


class UnansweredError(Exception):
    """This request got no answer, and asking it again would not help."""


@dataclass(frozen=True, slots=True)
class Broker:
    """How to ask, and where to write."""

    send: Send
    #: Where the requests go, for the trail.
    url: str
    output: Path
    #: Seconds to wait before each further attempt.
    pauses_s: tuple[float, ...] = (1.0, 2.0, 4.0)
    tool: str = "dji-audit"

    @property
    def trail(self) -> Path:
        """The file that says what was disclosed, when and to whom."""
        return self.output.with_name(self.output.name + TRAIL_ENDING)

    def fetch(
        self,
        requests: Mapping[str, parsers.KeyRequest],
        answers: Answers,
        progress: Callable[[int, str, str], None],
    ) -> str | None:
        """Ask for the keychains of some requests, adding to what is known.

        Args:
            requests: By their hashes.
            answers: What is known already; what comes is added.
            progress: Called with the number done, the request's hash and what came of it.

        Returns:
            Why it was given up before the end; ``None`` if every request was asked.

        Raises:
            OSError: If the output or the trail cannot be written.
        """
        stopped: str | None = None
        failures = 0
        for number, (digest, request) in enumerate(requests.items(), 1):
            result = f"not asked: {stopped}"
            if stopped is None:
                try:
                    result = self._answer(digest, request, answers)
                    failures = 0
                except UnansweredError as error:
                    result, failures = str(error), 0
                except FailedOnceError as error:
                    result, failures = str(error), failures + 1
                    if failures >= _ENOUGH:
                        stopped = f"the server did not answer {failures} requests in a row"
                except HopelessError as error:
                    result = stopped = str(error)
            if digest not in answers.answered:
                answers.unanswered[digest] = result
            write_private(self.output, dump_answers(answers))
            progress(number, digest, result)
        return stopped

    def _answer(self, digest: str, request: parsers.KeyRequest, answers: Answers) -> str:
        """Ask, as often as it takes, and keep what came."""
        chains = read_answer(self._ask(digest, request))
        if digest in answers.answered:
            try:
                chains = joined(answers.answered[digest], chains)
            except KeysError as error:
                raise UnansweredError(f"{error}; the earlier one stays") from error
        missing = lacking(request, chains)
        if len(missing) == items(request):
            raise UnansweredError("the answer holds none of the keys asked for")
        answers.answered[digest] = chains
        answers.unanswered.pop(digest, None)
        answers.missing.pop(digest, None)
        if missing:
            answers.missing[digest] = missing
            return f"answered in part, without {len(missing)} keys"
        return "answered"

    def _ask(self, digest: str, request: parsers.KeyRequest) -> bytes:
        body = sent_bytes(request)
        for attempt in range(len(self.pauses_s) + 1):
            self._note(event="sending", **_disclosed(request, digest, body), attempt=attempt + 1)
            try:
                status, text = self.send(body)
                self._note(event="answer", request=digest, status=status, bytes=len(text))
                _judge(status)
            except (FailedOnceError, HopelessError, UnansweredError) as error:
                self._note(event="failed", request=digest, reason=str(error))
                if not isinstance(error, FailedOnceError) or attempt == len(self.pauses_s):
                    raise
                time.sleep(self.pauses_s[attempt])
            else:
                return text
        raise UnansweredError("not asked")

    def _note(self, **what: object) -> None:
        time_ = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = {"time": time_, "tool": self.tool, "to": self.url, **what}
        append_private(self.trail, json.dumps(line))


def read_answer(text: bytes) -> parsers.Keychains:
    """Return the keychains in an answer of the server; entries that are no keys are left out.

    Raises:
        UnansweredError: If it is no answer.  No text of the server is repeated.
    """
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise UnansweredError("the answer is not JSON") from None
    if not isinstance(document, dict):
        raise UnansweredError("the answer is not in the documented form")
    result = document.get("result")
    code = result.get("code", 0) if isinstance(result, dict) else 0
    if code != 0:
        told = f"code {code}" if isinstance(code, int) and abs(code) < 1e6 else "no known code"
        raise UnansweredError(f"the server refused the request ({told})")
    groups = document.get("data")
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise UnansweredError("the answer is not in the documented form")
    return tuple(
        {number: key for entry in group for number, key in _key(entry).items()} for group in groups
    )


def _key(entry: object) -> Mapping[int, Any]:
    """Return the one key of an entry; none, if it is not one."""
    try:
        return parsers.load_keychains(json.dumps([[entry]]).encode())[0]
    except parsers.EncryptedLogError:
        return {}


def _judge(status: int) -> None:
    """Raise what a status other than 200 means."""
    if status >= 500:
        raise FailedOnceError(f"the server failed (status {status})")
    if 300 <= status < 400:
        raise HopelessError(f"the server redirects (status {status}), which is refused")
    if status in (401, 403):
        raise HopelessError(f"the server does not accept the API key (status {status})")
    if status != 200:
        raise UnansweredError(f"the server refused the request (status {status})")


def _disclosed(request: parsers.KeyRequest, digest: str, body: bytes) -> dict[str, object]:
    """Return what a request tells the server."""
    return {
        "request": digest,
        "bytes": len(body),
        "disclosed": {
            "key_ciphertexts": items(request),
            "version": request.version,
            "department": request.department,
            "api_key": True,
        },
    }
