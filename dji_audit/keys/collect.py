"""Gather, offline, what is needed to ask for the keys of encrypted records."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import parsers


@dataclass(slots=True)
class Collected:
    """The requests of some logs, each once, and what became of every file."""

    requests: dict[str, parsers.KeyRequest] = field(default_factory=dict)
    #: Hash of a request -> the logs that it is for.  Told to the user, never written.
    logs: dict[str, list[str]] = field(default_factory=dict)
    #: Encrypted logs whose keys are here already.
    opened: list[str] = field(default_factory=list)
    #: Encrypted logs that hold no ciphertext of a key, so that none can be asked for.
    hopeless: list[str] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    #: Logs that need no key.
    clear: int = 0
    #: Files of no log format.
    others: int = 0


def collect(
    files: Iterable[tuple[Path, str]], keys: parsers.Keyring, *, everything: bool = False
) -> Collected:
    """Return the requests of the logs that no key at hand opens.

    Args:
        files: Paths, and what to call each.
        keys: The keychains at hand: what they open is not asked for again.
        everything: Ask for the keys of those logs, too.
    """
    found = Collected()
    for path, name in files:
        try:
            log = parsers.read(path, keys=keys, name=name)
        except parsers.UnknownFormatError:
            found.others += 1
        except parsers.LogError as error:
            found.unread.append((name, str(error)))
        except OSError as error:
            found.unread.append((name, (error.strerror or str(error)).lower()))
        else:
            _sort(found, log, everything)
    return found


def _sort(found: Collected, log: parsers.Log, everything: bool) -> None:
    name, request = log.source.name, log.key_request
    if not log.encrypted and log.keychain_sha256 is None:
        found.clear += 1
    elif not log.encrypted and not everything:
        found.opened.append(name)
    elif request is None:
        found.hopeless.append(name)
    else:
        digest = request.sha256
        found.requests[digest] = request
        found.logs.setdefault(digest, []).append(name)
