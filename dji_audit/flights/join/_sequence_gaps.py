"""What shows only across files: gaps in numbers that an aircraft or a camera counts up.

A gap is a remark and never proof: numbers are skipped by formatting, by other cards and
by crashes too.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from dji_audit.flights.join._log_summary import Digest
from dji_audit.flights.join._plan import Note, Seed

#: A wider gap is another count and no gap.
_MOST = 50


def notes(seeds: Sequence[Seed]) -> dict[str, tuple[Note, ...]]:
    """Return the remarks on each flight, by the id of its plan's every member."""
    found: dict[str, list[Note]] = defaultdict(list)
    for id_, note in (*_log_gaps(seeds), *_media_gaps(seeds)):
        found[id_].append(note)
    return {id_: tuple(told) for id_, told in found.items()}


def _log_gaps(seeds: Sequence[Seed]) -> list[tuple[str, Note]]:
    """Return the gaps in the numbers that an aircraft gave its own logs."""
    flights: dict[str, list[tuple[float, Digest, Seed]]] = defaultdict(list)
    for seed in seeds:
        digest = next((one for one in seed.digests if one.log_number is not None), None)
        if digest is None or seed.start is None:
            continue
        for serial in sorted(digest.serials)[:1]:
            flights[serial].append((seed.start, digest, seed))
    out = []
    for serial in sorted(flights):
        told = sorted(flights[serial], key=lambda item: (item[0], item[1].id))
        for (_, before, _), (_, after, seed) in pairwise(told):
            first, last = before.log_number or 0, after.log_number or 0
            if 1 < last - first <= _MOST:
                missing = _range(first + 1, last - 1)
                text = (
                    f"the aircraft numbered its log {last}, after {first} of the flight before: "
                    f"no log among these is numbered {missing}"
                )
                out.append((_plan_id(seed), Note("log_number", text, after.log)))
    return out


def _media_gaps(seeds: Sequence[Seed]) -> list[tuple[str, Note]]:
    """Return the gaps in the numbers of the media files of one folder within a flight."""
    out = []
    for seed in seeds:
        folders: dict[str, dict[int, Digest]] = defaultdict(dict)
        for digest in seed.digests:
            number = digest.camera_number if digest.media else None
            if number is not None:
                folders[digest.folder].setdefault(number, digest)
        for folder in sorted(folders):
            numbers = folders[folder]
            for first, last in pairwise(sorted(numbers)):
                if 1 < last - first <= _MOST:
                    missing = _range(first + 1, last - 1)
                    text = (
                        f"after {numbers[first].name} comes {numbers[last].name}: "
                        f"no media file of the flight is numbered {missing}"
                    )
                    out.append((_plan_id(seed), Note("media_number", text, numbers[last].log)))
    return out


def _plan_id(seed: Seed) -> str:
    return seed.members[0].id


def _range(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
