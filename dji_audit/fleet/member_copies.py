"""Private copies of members of containers, on their way to the workers.

A container is unpacked once, in this process, member after member; a worker gets a copy of one
member and never the container.  A small copy goes to it in memory, a larger one is a file in the
spool, which is removed once its result is there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import parsers
from dji_audit.common.hashed_file import HashedFile
from dji_audit.common.os_errors import os_error_reason
from dji_audit.ingest import CONTAINER_CHANGED, group_by_container, member_content
from dji_audit.ingest.input_files import InputFile, OpenedInput, open_members

#: Bytes of a copy that go to a worker in memory.
MAX_IN_MEMORY = 1 << 22
#: Bytes that all copies in memory may have together.
_ALL_IN_MEMORY = 1 << 26


@dataclass(frozen=True, slots=True)
class MemberCopy:
    """The bytes of a member for a worker, or why they cannot be had."""

    data: bytes | None = field(default=None, repr=False)
    #: A file in the spool, of a large member.
    path: Path | None = None
    #: Damage to the container that holds it, or an odd name.
    remarks: tuple[parsers.Issue, ...] = ()
    #: Why there are no bytes; empty: there are.
    failure: str = ""

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
            return member_content(item, self.data or b"", clocks)
        return member_content(item, parsers.open_content(self.path).data, clocks)


@dataclass(frozen=True, slots=True)
class IndexedInput:
    """One input, its index among all that are read, and of a member a copy of its bytes."""

    index: int
    input: InputFile
    copy: MemberCopy | None = None
    #: The file as it was when it was last hashed, in this run or in one that is to be trusted.
    hashed: HashedFile | None = None


class MemberCopies:
    """The copies of a run: how much they hold, so that no more are made than there is room for."""

    def __init__(
        self,
        folder: Path,
        inputs: Iterable[InputFile],
        hashed: Mapping[str, HashedFile] = MappingProxyType({}),
    ) -> None:
        """Take the bounds from the inputs.

        Args:
            folder: The spool of the run.
            inputs: Everything that is read.
            hashed: Name of a file -> its hash, which holds while the disk states no change.
        """
        self._folder = folder
        self._hashed = hashed
        self._largest = max((item.member_size or 0 for item in inputs), default=0)
        self._in_memory = self._in_files = 0

    def has_room(self) -> bool:
        """Return whether one more member, however large, keeps the copies within their bounds.

        Copies in files never have more than twice the bytes of the largest member.
        """
        return self._in_memory <= _ALL_IN_MEMORY - MAX_IN_MEMORY and self._in_files <= self._largest

    def indexed_inputs(
        self, inputs: Sequence[InputFile], passwords: Sequence[bytes]
    ) -> Iterator[IndexedInput]:
        """Yield all inputs, members with their copies, in the order in which they are unpacked."""
        index = {item.name: number for number, item in enumerate(inputs)}
        for path, members in group_by_container(inputs):
            if path is None:
                (item,) = members
                yield IndexedInput(index[item.name], item, hashed=self._hashed.get(item.name))
                continue
            left = {item.name: item for item in members}
            reason = CONTAINER_CHANGED
            try:
                for opened in open_members(path, members, passwords):
                    del left[opened.input.name]
                    number = index[opened.input.name]
                    yield IndexedInput(number, opened.input, self._copy(number, opened))
            except OSError as error:
                reason = os_error_reason(error)
            for item in left.values():
                yield IndexedInput(index[item.name], item, MemberCopy(failure=reason))

    def release(self, indexed: IndexedInput) -> None:
        """Give a copy up: the result of its member is there."""
        copy = indexed.copy
        if copy is None:
            return
        if copy.path is not None:
            self._in_files -= indexed.input.member_size or 0
            copy.path.unlink(missing_ok=True)
        elif copy.data is not None:
            self._in_memory -= len(copy.data)

    def _copy(self, number: int, opened: OpenedInput) -> MemberCopy:
        size = opened.input.member_size or 0
        path = self._folder / f"member-{number:08}"
        try:
            if size <= MAX_IN_MEMORY:
                data = opened.data.read(size + 1)
                copy = MemberCopy(data, remarks=opened.remarks())
                self._in_memory += len(data)
            else:
                with path.open("xb") as stream:
                    for chunk in opened.data.chunks():
                        stream.write(chunk)
                copy = MemberCopy(path=path, remarks=opened.remarks())
                self._in_files += size
        except OSError as error:
            path.unlink(missing_ok=True)
            return MemberCopy(failure=os_error_reason(error))
        return copy
