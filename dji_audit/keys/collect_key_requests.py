"""Collect, offline, the key requests of encrypted flight records."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import parsers
from dji_audit.common.os_errors import os_error_reason


@dataclass(slots=True)
class CollectedKeyRequests:
    """The requests of the given logs, each once, and the result of every file."""

    requests: dict[str, parsers.KeyRequest] = field(default_factory=dict)
    #: Hash of a request -> the logs that it is for.  Shown to the user, never written.
    logs: dict[str, list[str]] = field(default_factory=dict)
    #: Encrypted logs whose keys are available.
    already_decrypted: list[str] = field(default_factory=list)
    #: Encrypted logs that hold no key ciphertext, so that no key can be requested.
    without_ciphertext: list[str] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    #: Logs that need no key.
    unencrypted: int = 0
    #: Files that are not logs.
    not_logs: int = 0


def collect_key_requests(
    readings: Iterable[tuple[str, parsers.FileReading | OSError]],
    *,
    include_decrypted: bool = False,
) -> CollectedKeyRequests:
    """Return the requests of the logs that no available key decrypts.

    Args:
        readings: Name of each file, or member of a container, with what reading it with the
            available keychains gave.
        include_decrypted: Request the keys of those logs too that were decrypted.
    """
    collected = CollectedKeyRequests()
    for name, reading in readings:
        if isinstance(reading, OSError):
            collected.unread.append((name, os_error_reason(reading)))
            continue
        error = reading.account.error
        if isinstance(error, parsers.UnknownFormatError):
            collected.not_logs += 1
        elif error is not None:
            collected.unread.append((name, str(error)))
        for log in reading.logs:
            _add_key_request_of_log(collected, log, include_decrypted)
    return collected


def _add_key_request_of_log(
    collected: CollectedKeyRequests, log: parsers.Log, everything: bool
) -> None:
    name, request = log.source.name, log.key_request
    if not log.encrypted and log.keychain_sha256 is None:
        collected.unencrypted += 1
    elif not log.encrypted and not everything:
        collected.already_decrypted.append(name)
    elif request is None:
        collected.without_ciphertext.append(name)
    else:
        digest = request.sha256
        collected.requests[digest] = request
        collected.logs.setdefault(digest, []).append(name)
