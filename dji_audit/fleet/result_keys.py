"""Keys of what the stages of a run find out: everything that a result depends on, and no more.

A file is read again where its bytes, its name, its container, the keys for it, declared clocks or
the code that reads it have changed (``decoder_code_digests``); a flight is audited again where one
of its logs, the policy, what the unit supplies or the program has.  The program is the code and
data of both packages, and the versions of what they are made with.
"""

import hashlib
import io
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import JsonValue

from dji_audit.common.tool_and_package_versions import versions_of_required_packages
from dji_audit.fleet.store import encode_value_to_stream, result_key
from dji_audit.flights import AssembledFlight


@cache
def package_code_digest(package: str) -> str:
    """Return a digest of the code and data of a package: another version gives other results."""
    digest = hashlib.sha256()
    for name, data in sorted(_package_file_paths_and_contents(files(package), "")):
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def program_and_package_versions() -> dict[str, JsonValue]:
    """Return what tells this program from any other that may give other results."""
    return {
        "code": package_code_digest("dji_audit"),
        "readers": package_code_digest("parsers"),
        "made_with": list(_python_and_package_version_texts()),
    }


def digest_of_program() -> str:
    """Return a digest of what tells this program from any other that may give other results."""
    return result_key(program_and_package_versions())


@cache
def _python_and_package_version_texts() -> tuple[str, ...]:
    """Return Python, and the packages that are required and installed, with their versions."""
    packages = versions_of_required_packages().items()
    return (f"Python {platform.python_version()}", *(f"{name} {it}" for name, it in packages))


def _package_file_paths_and_contents(folder: Traversable, path: str) -> list[tuple[str, bytes]]:
    found = []
    for item in folder.iterdir():
        name = f"{path}/{item.name}"
        if item.is_dir():
            if item.name != "__pycache__":
                found += _package_file_paths_and_contents(item, name)
        elif not item.name.endswith((".pyc", ".md")):
            found.append((name, item.read_bytes()))
    return found


def file_result_key(
    name: str, sha256: str, container_sha256: str | None, basis: Mapping[str, JsonValue]
) -> str:
    """Return the key of what comes of reading one file.

    Args:
        name: Its name in every output, which stands in its results.
        sha256: Of its bytes.
        container_sha256: Of the file on the disk that it is a member of; ``None``: of none.
        basis: How files of the run are opened, and the code that reads them.
    """
    return result_key(
        {
            "stage": "read",
            "name": name,
            "sha256": sha256,
            "container_sha256": container_sha256,
            **basis,
        }
    )


def log_result_key(key_of_file: str, number: int) -> str:
    """Return the key of one log of a file, by its number in it from 0."""
    return result_key({"stage": "log", "file": key_of_file, "number": number})


@dataclass(frozen=True, slots=True)
class LogWithResultKey:
    """A log by its index in this run, and by the key under which it is kept."""

    index: int
    key: str


def flight_result_key(
    assembly: AssembledFlight, logs: Sequence[LogWithResultKey], basis: str, links: str
) -> str:
    """Return the key of what comes of auditing one flight.

    Args:
        assembly: Which parts of which logs it is made of.
        logs: Its logs; their indices differ from run to run, and are no part of the key.
        basis: A digest of what the flights of the run are audited with and drawn for.
        links: To which pages that of the flight leads.
    """
    keys = {log.index: log.key for log in logs}
    order = {index: number for number, index in enumerate(assembly.log_indices)}
    stream = io.BytesIO()
    encode_value_to_stream(_renumber_logs_of_assembly_from_zero(assembly, order), stream)
    return result_key(
        {
            "stage": "audit",
            "assembly": hashlib.sha256(stream.getvalue()).hexdigest(),
            "logs": [keys[index] for index in assembly.log_indices],
            "basis": basis,
            "links": links,
        }
    )


def _renumber_logs_of_assembly_from_zero(
    assembly: AssembledFlight, order: Mapping[int, int]
) -> AssembledFlight:
    """Return an assembly whose logs are numbered from 0, as they would be in any run."""

    def numbered(part: tuple[int, int] | None) -> tuple[int, int] | None:
        return None if part is None else (order.get(part[0], -1), part[1])

    members = tuple(
        replace(
            member,
            log_index=order[member.log_index],
            copy_of=numbered(member.copy_of),
            next_file_of=numbered(member.next_file_of),
        )
        for member in assembly.members
    )
    gaps = tuple(
        replace(gap, log_index=order.get(gap.log_index, -1)) for gap in assembly.number_gaps
    )
    following = tuple(
        replace(each, log_index=order.get(each.log_index, -1)) for each in assembly.following_totals
    )
    return replace(assembly, members=members, number_gaps=gaps, following_totals=following)
