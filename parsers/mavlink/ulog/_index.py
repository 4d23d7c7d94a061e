"""The index of a ULog: where its records are, and which topic each data record is of.

A record is ``<u2 size, u1 type, size bytes``; nothing marks where one begins.
What makes a place a candidate is therefore its inside: a data record names a
message id whose subscription fixes its size, and each other type has a shape of
its own (`_ulog_shapes`).  Records of no such shape (data without a subscription,
types of a later version of the format) are found between the others by their
length alone, where that leads exactly to the next record.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from ..._bytes import Content
from ..._model import Issue
from .._shared._framing import Offsets, follow, gather, groups
from ._definitions import Format, Structure, lay_out, parse_format
from ._scan import KNOWN, Candidates, Sizes, find, find_others, joined, walk, whole
from ._shapes import letters_at, u16
from ._streams import Index, Subscription, split

HEADER = 16
#: Fields of all structures together; a log of PX4 has a few thousand.
MOST_FIELDS = 400_000

_KNOWN = np.isin(np.arange(256), list(KNOWN))
_DATA, _SUBSCRIBE, _FORMAT, _FLAGS = b"DAFB"


def build(content: Content) -> Index:
    """Find every record of a log; damage becomes issues."""
    return _Builder(content).index()


class _Builder:
    """What is learned on the way to an index."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.array = content.array
        self.size = len(content)
        self.formats: dict[str, Format] = {}
        self.issues: list[Issue] = []
        self._structures: dict[str, Structure | str] = {}
        self._fields = 0

    def index(self) -> Index:
        head, begin = self._definitions()
        others = find_others(self.array, begin)
        # After damage, and in logs of other writers, formats stand behind data, too.
        for place in others[letters_at(self.array, others) == _FORMAT].tolist():
            self._format(place, quiet=True)
        sizes = Sizes(self._subscribed(head) | self._subscribed(self._named(others)))
        others = np.concatenate([np.array(head, np.int64), others])
        found = find(self.array, begin, sizes, others)
        ends = found.ends
        kept: list[Candidates] = []
        between: list[int] = []
        bounds = [HEADER, *self._sections(head, begin), self.size]
        for first, last in pairwise(bounds):
            kept.append(self._section(found, ends, first, last, between))
        del found, ends
        whole = kept[0] if len(kept) == 1 else joined(kept)
        return self._assign(whole.with_others(self._plain(sorted(between))))

    def _plain(self, places: list[int]) -> Candidates:
        """Return records that were found one by one."""
        starts = np.array(places, np.int64)
        ids = np.zeros(len(starts), np.uint16)
        data = np.flatnonzero(self.array[starts + 2] == _DATA)
        # A data record of less than two bytes has no id; its size says so later.
        data = data[starts[data] + 5 <= self.size]
        ids[data] = u16(self.array, starts[data] + 3)
        return Candidates(starts, u16(self.array, starts), ids, self.array[starts + 2])

    def _definitions(self) -> tuple[list[int], int]:
        """Return the records before the first data record, and where they end."""
        at, found = HEADER, []
        data = self.content.data
        while at + 3 <= self.size:
            size, letter = data[at] | data[at + 1] << 8, data[at + 2]
            if letter == _DATA or letter not in KNOWN or size == 0 or at + 3 + size > self.size:
                break
            found.append(at)
            at += 3 + size
        if (shaped := whole(self.content, found)) < len(found):
            at = found[shaped]
            del found[shaped:]
        for start in found:
            if data[start + 2] == _FORMAT:
                self._format(start)
        return found, at

    def _format(self, offset: int, *, quiet: bool = False) -> None:
        size = int.from_bytes(self.content.data[offset : offset + 2], "little")
        body = self.content.data[offset + 3 : offset + 3 + size]
        try:
            known = parse_format(body.decode("utf-8", "replace"), offset)
        except ValueError as error:
            if not quiet:
                self.issues.append(Issue(offset, 0, f"a format is not understood: {error}"))
            return
        self.formats.setdefault(known.name, known)

    def structure(self, topic: str) -> Structure | str:
        """Return the structure of a topic, or why it has none."""
        if topic not in self._structures:
            try:
                made = lay_out(topic, self.formats)
            except ValueError as error:
                self._structures[topic] = str(error)
            else:
                self._fields += len(made.columns)
                full = self._fields > MOST_FIELDS
                self._structures[topic] = "the formats have too many fields" if full else made
        return self._structures[topic]

    def _subscribed(self, places: list[int]) -> set[tuple[int, int]]:
        """Return id and size of what some subscriptions subscribe."""
        found: set[tuple[int, int]] = set()
        for start in places:
            if self.content.data[start + 2] == _SUBSCRIBE:
                mid, _, topic = _subscription(self.content, start)
                found.update(self._sized(mid, topic))
        return found

    def _sized(self, mid: int, topic: str) -> Iterator[tuple[int, int]]:
        made = self.structure(topic)
        if isinstance(made, Structure):
            yield mid, made.size + 2
            if made.padded != made.size and made.padded <= 0xFFFF - 2:
                yield mid, made.padded + 2

    def _named(self, others: Offsets) -> list[int]:
        """Return one place for each different subscription to a topic that has a format."""
        places = others[letters_at(self.array, others) == _SUBSCRIBE]
        found: list[int] = []
        for size, rows in groups(u16(self.array, places)).items():
            inside = places[rows][places[rows] + 3 + size <= self.size]
            bodies = gather(self.array, inside + 3, int(size))
            _, first = np.unique(bodies, axis=0, return_index=True)
            found.extend(inside[first].tolist())
        return [start for start in found if _subscription(self.content, start)[2] in self.formats]

    def _sections(self, head: list[int], begin: int) -> list[int]:
        """Return where data was appended, as the flag bits say."""
        if not head or self.array[head[0] + 2] != _FLAGS:
            return []
        end = head[1] if len(head) > 1 else begin
        body = self.content.data[head[0] + 3 : end]
        if len(body) < 40 or not body[8] & 1:
            return []
        offsets = [int.from_bytes(body[at : at + 8], "little") for at in (16, 24, 32)]
        found: list[int] = []
        for offset in offsets:
            if offset == 0:
                break
            if offset <= max([begin, *found]) or offset >= self.size:
                self.issues.append(
                    Issue(head[0], 0, f"appended data is said to begin at {offset}; it does not")
                )
                continue
            found.append(offset)
        return found

    def _section(
        self, found: Candidates, ends: Offsets, begin: int, stop: int, between: list[int]
    ) -> Candidates:
        """Return the records of a section; what is between them is walked, or an issue."""
        chain = follow(found.starts, ends, begin, stop)
        for first, last in chain.gaps:
            walked, left = walk(self.content, first, last)
            between.extend(walked)
            if left < last:
                torn = last == self.size and left + 3 <= last and _cut(self.content, left, last)
                reason = "the file ends within a record" if torn else "damaged: no records here"
                self.issues.append(Issue(left, last - left, reason))
        return found[chain.kept]

    def _assign(self, found: Candidates) -> Index:
        types = found.types
        subscriptions = tuple(self._subscriptions(found.starts[types == _SUBSCRIBE]))
        unknown = np.zeros(len(types), bool)
        plain = np.flatnonzero(types != _DATA)
        unknown[plain] = ~_KNOWN[types[plain]]
        rows = np.flatnonzero((types == _DATA) & (found.sizes >= 2))
        by_id: dict[int, list[Subscription]] = {}
        for subscription in subscriptions:
            by_id.setdefault(subscription.id, []).append(subscription)
        streams = []
        for mid, those in groups(found.ids[rows]).items():
            mine = rows[those]
            places, lengths = found.starts[mine], found.sizes[mine].astype(np.int64) - 2
            understood = np.zeros(len(those), bool)
            for stream, part in split(by_id.get(mid, []), places, lengths):
                streams.append(stream)
                understood[part] = True
            if not understood.all():
                unknown[mine[~understood]] = True
                self._not_understood(mid, places[~understood], by_id.get(mid))
        streams.sort(key=lambda stream: stream.subscription.offset)
        others = found.starts[unknown & (types != _DATA)]
        if len(others):
            kinds = ", ".join(f"0x{kind:02x}" for kind in np.unique(self.array[others + 2]))
            what = f"{len(others)} records of unknown types ({kinds})"
            self.issues.append(Issue(int(others[0]), 0, what))
        return Index(
            found.starts,
            found.sizes,
            types,
            unknown,
            self.formats,
            subscriptions,
            tuple(streams),
            tuple(sorted(self.issues, key=lambda issue: issue.offset)),
        )

    def _not_understood(self, mid: int, places: Offsets, those: list[Subscription] | None) -> None:
        first = those[0].offset if those else self.size
        early = int(np.searchsorted(places, first))
        for part, why in (
            (places[:early], "without a subscription"),
            (places[early:], "of a size that its format has not, or without a format"),
        ):
            if len(part):
                what = f"{len(part)} data records of message id {mid}, {why}"
                self.issues.append(Issue(int(part[0]), 0, what))

    def _subscriptions(self, starts: Offsets) -> Iterator[Subscription]:
        for start in starts.tolist():
            mid, multi_id, topic = _subscription(self.content, start)
            made = self.structure(topic)
            if isinstance(made, str):
                self.issues.append(Issue(start, 0, f"topic {topic[:80]!r} is not decoded: {made}"))
            yield Subscription(
                start, mid, multi_id, topic, made if isinstance(made, Structure) else None
            )


def _subscription(content: Content, start: int) -> tuple[int, int, str]:
    """Return message id, instance and topic of a subscription."""
    size = int.from_bytes(content.data[start : start + 2], "little")
    body = content.data[start + 3 : start + 3 + size]
    if len(body) < 4:
        return -1, 0, ""
    name = body[3:].split(b"\0")[0].decode("utf-8", "replace")
    return int.from_bytes(body[1:3], "little"), body[0], name


def _cut(content: Content, begin: int, stop: int) -> bool:
    """Return whether the bytes at the end of a file are the first of a record."""
    size, letter = content.unpack("<HB", begin, "the head of a record")
    return letter in KNOWN and begin + 3 + size > stop
