"""Collect, offline, the key requests of encrypted flight records."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import parsers
from dji_audit._os_errors import os_error_reason


@dataclass(slots=True)
class CollectedRequests:
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


def collect_requests(
    files: Iterable[tuple[Path, str]], keys: parsers.Keyring, *, include_decrypted: bool = False
) -> CollectedRequests:
    """Return the requests of the logs that no available key decrypts.

    Args:
        files: Paths, each with the name to use.
        keys: The available keychains; keys of logs that they decrypt are not requested again.
        everything: Request the keys of those logs too.
    """
    collected = CollectedRequests()
    for path, name in files:
        try:
            log = parsers.read(path, keys=keys, name=name)
        except parsers.UnknownFormatError:
            collected.not_logs += 1
        except parsers.LogError as error:
            collected.unread.append((name, str(error)))
        except OSError as error:
            collected.unread.append((name, os_error_reason(error)))
        else:
            _collect_request_of_log(collected, log, include_decrypted)
    return collected


def _collect_request_of_log(
    collected: CollectedRequests, log: parsers.Log, everything: bool
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
