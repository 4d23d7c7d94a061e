"""Bytes of each app on an Android device (``dumpsys netstats``), alone or in a bug report.

Who writes it: Android's network statistics service, as ``adb shell dumpsys netstats detail full``
prints it, and bug reports (``bugreport-….txt``) hold it:

    UID stats:
      Pending bytes: 5029025
      History since boot:
      ident=[{type=1, ratType=COMBINED, …}] uid=10147 set=DEFAULT tag=0x0
        NetworkStatsHistory: bucketDuration=7200
          st=1778745600 rb=77296 rp=120 tb=3152440 tp=2300 op=0

A bucket is so many seconds from ``st`` on, with bytes received and sent.  Older ones (Android 4)
write ``bucketStart`` in milliseconds, ``rxBytes`` and ``txBytes``.  A bug report also lists
packages with their ``userId``, which gives a UID its name.

Facts: Android's NetworkStatsCollection and NetworkStatsHistory as printed, quoted in public (4.x,
5 to 14).  No real file was at hand.

Contacts: one for each bucket of an app (``UID stats``, untagged), with app and bytes and **no
host**: what was sent is known, not to whom.  An hour or two is one bucket, so that a time is known
no better.  The sums of a network and of its interfaces, and bytes tagged within an app, which its
sum holds already, are in the records.

The rest of a bug report is text (*opaque*) and is not read.

Not decoded: packets and operations, which are in the records; binary protobuf dumps.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from .._file_content import Content
from .._model import Clock
from ._shared._contact_rows import MAX_ROWS
from ._shared._line_log_reader import (
    ClockVersionAndIssuesOfLineLog,
    LineLogReader,
    build_line_log_format,
)
from ._text._parse_timestamps import NO_TIME, epoch_seconds_text_to_ns
from ._text._text_lines import LineBatch, LineCoverageKind, LineKinds, beginning_of_text_file

_SECTION = re.compile(r" {0,4}(Dev|Xt|UID|UID tag|Detailed UID) stats:\s*\Z")
_IDENT = re.compile(
    r" {0,16}ident=(?P<ident>\[.{0,2048}\]) uid=(?P<uid>-?\d{1,10}) set=(?P<set>\w{1,32})"
    r" tag=0x(?P<tag>[0-9a-f]{1,8})\s*\Z"
)
_HISTORY = re.compile(r" {0,16}NetworkStatsHistory: bucketDuration=(?P<duration>\d{1,12})")
_BUCKET = re.compile(
    r" {0,16}(?:st|bucketStart)=(?P<start>\d{1,16}) (?:rb|rxBytes)=(?P<down>\d{1,18})"
    r"(?: (?:rp|rxPackets)=(?P<packets_down>\d{1,18}))? (?:tb|txBytes)=(?P<up>\d{1,18})"
    r"(?: (?:tp|txPackets)=(?P<packets_up>\d{1,18}))?"
    r"(?: (?:op|operations)=(?P<operations>\d{1,18}))?"
)
_PACKAGE = re.compile(r" {0,8}Package \[(?P<name>[\w.]{1,255})\]")
_USER = re.compile(r" {0,12}(?:userId|appId)=(?P<uid>\d{1,10})\b")
_MARKS = ("NetworkStatsHistory:", "DUMP OF SERVICE netstats", "Active interfaces:")
_BUG_REPORT = re.compile(r"== dumpstate: \d{4}-\d\d-\d\d")
#: Users of a device have UIDs of their own: the app's is what is left.
_PER_USER = 100_000


class _NetstatsBucket(NamedTuple):
    offset: int
    start: int
    end: int
    uid: int
    up: int
    down: int


#: UIDs of the system that are no package's (Android's Process and UID_* constants).
_SYSTEM = {-1: "all", -4: "removed", -5: "tethering", 0: "root", 1000: "system", 1051: "dns"}


@dataclass(eq=False)
class _NetstatsReader(LineLogReader):
    expected = "buckets of network statistics"
    not_a_record = "not text"

    buckets: list[_NetstatsBucket] = field(default_factory=list)
    packages: dict[int, set[str]] = field(default_factory=dict)
    #: Number of the line of a bucket -> section, ident, UID and tag that it belongs to; buckets
    #: of one history share theirs.
    bucket_context: dict[int, dict[str, Any]] = field(default_factory=dict)
    _section: str | None = None
    _ident: dict[str, Any] | None = None
    _context: dict[str, Any] | None = None
    _duration: int = 0
    _package: str | None = None

    def read_lines(self, batch: LineBatch) -> LineKinds:
        kinds = batch.kinds_all_set_to(LineCoverageKind.OPAQUE)
        for row, line in enumerate(batch.lines):
            number = batch.first + row
            if not line.strip():
                kinds[row] = LineCoverageKind.PADDING
            elif self._try_to_read_statistic_line(line, number, int(batch.offsets[row])):
                kinds[row] = (
                    LineCoverageKind.RECORD
                    if number in self.bucket_context
                    else LineCoverageKind.HEADER
                )
        return kinds

    def _try_to_read_statistic_line(self, line: str, number: int, offset: int) -> bool:
        """Take down one line; return whether it is one of the statistics."""
        if section := _SECTION.match(line):
            self._section, self._ident = section[1].removeprefix("Detailed "), None
        elif self._section and (ident := _IDENT.match(line)):
            self._ident = {"section": self._section} | ident.groupdict()
            self._context = None
        elif self._ident and (history := _HISTORY.match(line)):
            # Android 4 counts in milliseconds.
            duration = int(history["duration"])
            self._duration = duration // 1000 if duration >= 1_000_000 else duration
            self._context = None
        elif self._ident and (bucket := _BUCKET.match(line)):
            self._add_bucket_from_match(bucket, number, offset)
        else:
            self._read_package(line)
            return False
        return True

    def _add_bucket_from_match(self, bucket: re.Match[str], number: int, offset: int) -> None:
        ident = self._ident or {}
        text = bucket["start"]
        start = epoch_seconds_text_to_ns(text if len(text) <= 10 else f"{text[:-3]}.{text[-3:]}")
        end = start + self._duration * 10**9 if start != NO_TIME else NO_TIME
        self.add_record_line(f"{ident['section']} bucket", number)
        self._context = self._context or ident | {"duration_s": self._duration}
        self.bucket_context[number] = self._context
        if ident["section"] == "UID" and int(ident["tag"], 16) == 0:
            uid = int(ident["uid"])
            self.buckets.append(
                _NetstatsBucket(offset, start, end, uid, int(bucket["up"]), int(bucket["down"]))
            )

    def _read_package(self, line: str) -> None:
        if package := _PACKAGE.match(line):
            self._package = package["name"]
        elif self._package and (user := _USER.match(line)):
            self.packages.setdefault(int(user["uid"]), set()).add(self._package)
            self._package = None

    @property
    def is_full(self) -> bool:
        return len(self.bucket_context) >= MAX_ROWS

    def has_no_records(self) -> bool:
        return not self.bucket_context

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        self._add_contacts()
        clock = Clock("clock of the device", 7200.0, notes=("times are those of whole buckets",))
        return ClockVersionAndIssuesOfLineLog(clock=clock)

    def _add_contacts(self) -> None:
        """Add the buckets of apps as contacts."""
        buckets = self.buckets
        # Users of one device have the same packages, each under UIDs of its own.
        packages = {app_id: _packages_text(names) for app_id, names in self.packages.items()}
        apps = {
            uid: _app_with_uid_text(uid, packages) for uid in {bucket.uid for bucket in buckets}
        }
        self.contacts.add_rows(
            np.array([bucket.offset for bucket in buckets], np.int64),
            time=[bucket.start for bucket in buckets],
            end=[bucket.end for bucket in buckets],
            app=[apps[bucket.uid] for bucket in buckets],
            bytes_up=[bucket.up for bucket in buckets],
            bytes_down=[bucket.down for bucket in buckets],
            evidence="UID stats bucket",
            grade="measured",
        )

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        """Return the fields of a line that was a bucket."""
        bucket = _BUCKET.match(line)
        counted = {} if bucket is None else bucket.groupdict()
        values = {name: None if text is None else int(text) for name, text in counted.items()}
        return self.bucket_context.get(number, {}) | values


def _packages_text(names: set[str]) -> str:
    others = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{min(names)}{others}"


def _app_with_uid_text(uid: int, packages: Mapping[int, str]) -> str:
    """Return the packages of a UID, or the UID itself."""
    if uid in _SYSTEM:
        return f"{_SYSTEM[uid]} (uid {uid})"
    text = packages.get(uid % _PER_USER) if uid > 0 else None
    return f"{text} (uid {uid})" if text else f"uid {uid}"


def claims(content: Content) -> bool:
    """Return whether the beginning is that of network statistics or of a bug report."""
    text = beginning_of_text_file(content)
    return any(mark in text for mark in _MARKS) or _BUG_REPORT.search(text[:400]) is not None


FORMAT = build_line_log_format(
    "android-netstats",
    "Android network statistics",
    "Android's NetworkStatsCollection as printed; dumps quoted in public",
    claims,
    lambda content: _NetstatsReader(),
)
