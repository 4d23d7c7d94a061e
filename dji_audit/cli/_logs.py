"""Several logs, or folders of them, for commands that look at flights."""

from collections.abc import Sequence
from pathlib import Path

import parsers
from dji_audit.cli._terminal import fail, safe_text, print_message
from dji_audit.cli.inspect._log import read_log
from dji_audit.fleet.discovery import find_copies, find_inputs
from dji_audit.keys.store import KeyStore


def read_logs(
    paths: Sequence[Path], keys: Sequence[Path], store: KeyStore | None
) -> tuple[list[parsers.Log], int]:
    """Return the logs below some paths, and how many that look like logs could not be read.

    Of files that are the same to the byte the first is read.

    Raises:
        typer.Exit: If a path cannot be opened (2), or there is no log (3).
    """
    found, logs, unread = find_inputs(paths), [], 0
    twins = find_copies(found.inputs)
    for item in found.inputs:
        if item.path in twins:
            continue
        if item.named_by_user:
            logs.append(read_log(item.path, keys, store))
            continue
        try:
            chains = [parsers.load_keychains(path.read_bytes()) for path in keys]
            ring = parsers.Keyring(chains, store.find if store else None)
            logs.append(parsers.read(item.path, keys=ring, name=item.name))
        except (parsers.LogError, OSError) as error:
            if item.looks_like_a_log:
                unread += 1
                print_message(f"unread   {safe_text(item.name)}: {safe_text(error)}")
    for missing in found.unreadable:
        raise fail(f"{missing.name}: {missing.reason}")
    if not logs:
        raise fail("no log was found", 3)
    return logs, unread
