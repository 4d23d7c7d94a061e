"""How much a container may cost: stated bounds, counted while it is unpacked."""

from ._container_types import UnpackingError

#: Containers that may lie around a member; a container that lies deeper is not opened.
MAX_CONTAINER_DEPTH = 4
#: Times its packed size that data may unpack to without being counted as suspicious.  Flight
#: logs, videos and databases pack two to twenty fold; only repetition packs more.
MAX_RATIO = 100
#: Bytes beyond that which the members of one file on the disk may unpack to, all together.
FREE_BYTES = 1 << 26
#: Members of one file on the disk that are listed, and fewer of a small one: so many, and one for
#: each so many bytes.  Archives of archives name thousands in a few kilobytes.
MAX_MEMBERS, FREE_MEMBERS, BYTES_FOR_A_MEMBER = 500_000, 5_000, 16
#: From so many members of a container on, and of all containers in a file, an average of fewer
#: bytes is a flood: reading costs more for each member than for its bytes.
FLOOD_MEMBERS, FILE_FLOOD_MEMBERS, FLOOD_MEAN_SIZE = 10_000, 50_000, 64
#: Memory that a decompressor may take: what the tools' own highest ordinary levels need.
MAX_DICTIONARY_SIZE = 1 << 26
#: Bytes of a member's path that are kept.
MAX_PATH_SIZE = 4096
#: Bytes read or unpacked at a time.
CHUNK_SIZE = 1 << 18


class UnpackingBudget:
    """What the members of one file on the disk may still unpack to, at any depth."""

    def __init__(self, file_size: int) -> None:
        """Begin with the bounds of a file of some bytes."""
        self._total_left = FREE_BYTES + MAX_RATIO * file_size
        self._excess_left = FREE_BYTES
        most = min(MAX_MEMBERS, FREE_MEMBERS + file_size // BYTES_FOR_A_MEMBER)
        self._members = CountAndBytesOfMembers(FILE_FLOOD_MEMBERS, most)

    def new_stream_budget(self) -> "StreamBudget":
        """Return the budget of one packed stream."""
        return StreamBudget(self)

    def new_member_totals(self) -> "CountAndBytesOfMembers":
        """Return the count of the members of one container, which is part of that of the file."""
        return CountAndBytesOfMembers(FLOOD_MEMBERS, MAX_MEMBERS, self._members)

    def check_stated_sizes(self, unpacked: int, packed: int) -> None:
        """Refuse a stream by the sizes that its container states, before it costs anything.

        Raises:
            UnpackingError: If it would exceed the bounds.
        """
        if unpacked - MAX_RATIO * packed > self._excess_left or unpacked > self._total_left:
            raise decompression_bomb_error(unpacked, packed)

    def try_spend_bytes(self, unpacked: int, excess: int) -> bool:
        """Take bytes from the budget; return whether it sufficed."""
        self._total_left -= unpacked
        self._excess_left -= excess
        return self._total_left >= 0 and self._excess_left >= 0


class CountAndBytesOfMembers:
    """How many members there are, and how much they hold."""

    def __init__(
        self, flood: int, most: int, whole: "CountAndBytesOfMembers | None" = None
    ) -> None:
        """Begin with none.

        Args:
            flood: Members from which on tiny ones are a flood.
            most: Members that are too many, whatever they hold.
            whole: The count that these are part of.
        """
        self._flood, self._most, self._whole = flood, most, whole
        self._members = self._bytes = 0

    def add_member(self, size: int | None) -> None:
        """Count a member that was listed.

        Raises:
            UnpackingError: If there are too many, or a flood of tiny ones.
        """
        if self._whole is not None:
            self._whole.add_member(size)
        self._members += 1
        self._bytes += size or 0
        if self._members > self._most:
            raise UnpackingError(
                "bomb",
                f"it holds more than {self._most:,} members, too many for its size: it looks like "
                "a decompression bomb",
            )
        if self._members > self._flood and self._bytes < FLOOD_MEAN_SIZE * self._members:
            raise UnpackingError(
                "bomb",
                f"{self._members:,} members hold {self._bytes:,} bytes: a flood of tiny members",
            )


class StreamBudget:
    """The budget of one packed stream: its own ratio, and the bounds of the file around it."""

    def __init__(self, budget: UnpackingBudget) -> None:
        """Begin with nothing unpacked."""
        self._budget = budget
        self._packed = self._unpacked = self._excess = 0

    def count_bytes_against_limits(self, unpacked: int, packed: int) -> None:
        """Count bytes that came out, and those that went in.

        Raises:
            UnpackingError: If the bounds are exceeded.
        """
        self._unpacked += unpacked
        self._packed += packed
        excess = max(0, self._unpacked - MAX_RATIO * self._packed)
        within = self._budget.try_spend_bytes(unpacked, max(0, excess - self._excess))
        self._excess = max(self._excess, excess)
        if not within:
            raise decompression_bomb_error(self._unpacked, self._packed)


def decompression_bomb_error(unpacked: int, packed: int) -> UnpackingError:
    """Return the error for data that unpacks to more than is allowed."""
    ratio = f"{unpacked // max(packed, 1):,} times as much" if packed else "more than it may"
    return UnpackingError(
        "bomb",
        f"{packed:,} bytes unpack to {unpacked:,} or more, {ratio}: it looks like a "
        "decompression bomb; if you trust it, unpack it yourself and name the folder",
    )
