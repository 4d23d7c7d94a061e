"""Private copies of members of containers, on their way to the workers.

A container is unpacked once, in the process for containers, member after member; a worker gets a
copy of one member and never the container.  A small copy goes to it in memory, a larger one is a
file in the spool, which is removed once its result is there.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import parsers
from dji_audit.common.hashed_file import FileHashAndStat
from dji_audit.common.os_errors import os_error_reason
from dji_audit.fleet.containers.container_process import ContainerUnpackingProcess
from dji_audit.fleet.containers.generator_in_subprocess import GeneratorFailedError
from dji_audit.fleet.worker_pool import is_disk_full
from dji_audit.ingest import CONTAINER_CHANGED, content_of_member, group_inputs_by_container
from dji_audit.ingest.input_files import InputFile, MemberInput, open_members
from dji_audit.report.quarantine import QuarantineCause

#: Bytes of a copy that go to a worker in memory.
MAX_IN_MEMORY = 1 << 22
#: Bytes that all copies in memory may have together.
_ALL_IN_MEMORY = 1 << 26


@dataclass(frozen=True, slots=True)
class MemberCopyOrFailure:
    """The bytes of a member for a worker, or why they cannot be had."""

    data: bytes | None = field(default=None, repr=False)
    #: A file in the spool, of a large member.
    path: Path | None = None
    #: Bytes of that file.
    size: int = 0
    #: Damage to the container that holds it, or an odd name.
    remarks: tuple[parsers.Issue, ...] = ()
    #: Why there are no bytes; empty: there are.
    failure: str = ""
    #: What went wrong with the container, where that is why.
    cause: QuarantineCause | None = None

    def open_content(
        self, item: InputFile, clocks: Sequence[parsers.DeclaredClock]
    ) -> parsers.Content:
        """Return the bytes with the names of the member.

        Raises:
            OSError: If they cannot be had.
        """
        if self.failure:
            raise OSError(self.failure)
        if self.path is None:
            return content_of_member(item, self.data or b"", clocks)
        return content_of_member(item, parsers.open_content(self.path).data, clocks)


@dataclass(frozen=True, slots=True)
class IndexedInput:
    """One input, its index among all that are read, and of a member a copy of its bytes."""

    index: int
    input: InputFile
    copy: MemberCopyOrFailure | None = None
    #: The file as it was when it was last hashed, in this run or in one that is to be trusted.
    hashed: FileHashAndStat | None = None


class MemberCopies:
    """The copies of a run: how much they hold, so that no more are made than there is room for."""

    def __init__(
        self,
        folder: Path,
        inputs: Iterable[InputFile],
        containers: ContainerUnpackingProcess,
        hashed: Mapping[str, FileHashAndStat] = MappingProxyType({}),
    ) -> None:
        """Take the bounds from the inputs.

        Args:
            folder: The spool of the run.
            inputs: Everything that is read.
            containers: Unpacks them.
            hashed: Name of a file -> its hash, which holds while the disk states no change.
        """
        self._folder = folder
        self._containers = containers
        self._hashed = hashed
        self._largest = max((item.member_size or 0 for item in inputs), default=0)
        self._in_memory = self._in_files = 0

    def has_room(self) -> bool:
        """Return whether one more member, however large, keeps the copies within their bounds.

        Copies in files never have more than twice the bytes of the largest member.
        """
        return self._in_memory <= _ALL_IN_MEMORY - MAX_IN_MEMORY and self._in_files <= self._largest

    @property
    def known_hash_by_file_name(self) -> Mapping[str, FileHashAndStat]:
        """Name of a file -> its hash, which holds while the disk states no change."""
        return self._hashed

    def inputs_with_index_and_copy(
        self,
        inputs: Sequence[InputFile],
        passwords: Sequence[bytes],
        left_out: Collection[int] = (),
    ) -> Iterator[IndexedInput]:
        """Yield all inputs, members with their copies, in the order in which they are unpacked.

        Args:
            inputs: Everything that is read.
            passwords: Tried on encrypted members.
            left_out: Indices of files whose results are there already.
        """
        index = {item.name: number for number, item in enumerate(inputs) if number not in left_out}
        for path, members in group_inputs_by_container(it for it in inputs if it.name in index):
            if path is None:
                (item,) = members
                yield IndexedInput(index[item.name], item, hashed=self._hashed.get(item.name))
                continue
            left = {index[item.name]: item for item in members}
            lost = MemberCopyOrFailure(failure=CONTAINER_CHANGED)

            def arguments(path: Path = path, left: dict[int, InputFile] = left) -> tuple[Any, ...]:
                return path, dict(left), passwords, self._folder

            try:
                for number, copy in self._containers.generator_results_for_container(
                    path, copy_members_and_iterate_indexed_copies, arguments
                ):
                    yield IndexedInput(
                        number, left.pop(number), self._add_size_to_totals_and_return_copy(copy)
                    )
            except OSError as error:
                lost = MemberCopyOrFailure(failure=os_error_reason(error))
            except GeneratorFailedError as error:
                reason = f"its container could not be unpacked: {error.failure.reason}"
                lost = MemberCopyOrFailure(failure=reason, cause=error.failure.cause)
            for number, item in left.items():
                _path_of_copy(self._folder, number).unlink(missing_ok=True)
                yield IndexedInput(number, item, lost)

    def release(self, indexed: IndexedInput) -> None:
        """Give a copy up: the result of its member is there."""
        copy = indexed.copy
        if copy is None:
            return
        if copy.path is not None:
            self._in_files -= copy.size
            copy.path.unlink(missing_ok=True)
        elif copy.data is not None:
            self._in_memory -= len(copy.data)

    def _add_size_to_totals_and_return_copy(self, copy: MemberCopyOrFailure) -> MemberCopyOrFailure:
        """Count what a copy holds."""
        if copy.path is not None:
            self._in_files += copy.size
        elif copy.data is not None:
            self._in_memory += len(copy.data)
        return copy


def copy_members_and_iterate_indexed_copies(
    path: Path, members: Mapping[int, InputFile], passwords: Sequence[bytes], folder: Path
) -> Iterator[tuple[int, MemberCopyOrFailure]]:
    """Yield the index of each member with its copy, in the order in which they lie there.

    Args:
        path: The container.
        members: Index of each member that is wanted, and the member.
        passwords: Tried on encrypted members.
        folder: Where large copies are written.

    Raises:
        OSError: If the container cannot be opened, or there is no room for a copy.
    """
    numbers = {item.name: number for number, item in members.items()}
    for opened in open_members(path, members.values(), passwords):
        number = numbers[opened.input.name]
        yield number, _copy_member(opened, _path_of_copy(folder, number))


def _path_of_copy(folder: Path, number: int) -> Path:
    return folder / f"member-{number:08}"


def _copy_member(opened: MemberInput, path: Path) -> MemberCopyOrFailure:
    size = opened.input.member_size or 0
    try:
        if size <= MAX_IN_MEMORY:
            data = opened.data.read(size + 1)
            return MemberCopyOrFailure(data, remarks=opened.remarks())
        # A copy may be left of a process that was ended.
        with path.open("wb") as stream:
            for chunk in opened.data.chunks():
                stream.write(chunk)
        return MemberCopyOrFailure(path=path, size=size, remarks=opened.remarks())
    except OSError as error:
        path.unlink(missing_ok=True)
        if is_disk_full(error):
            raise
        return MemberCopyOrFailure(failure=os_error_reason(error))
