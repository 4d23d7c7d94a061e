r"""Uploads by QGroundControl: ``….uploaded`` files, and its settings.

Who writes it: QGroundControl, the ground station.  When a log server has taken a PX4 log, it
writes an **empty** file beside it, named as the log with ``.uploaded`` for ``.ulg``: that is all
there is, and it proves an upload.  Its settings (``QGroundControl.ini``, sections in brackets,
``name=value``) say whether logs are sent by themselves, where to, and which other computers it is
set to talk to.

Facts: mavlink/qgroundcontrol (``MAVLinkLogManager``: the sidecar is written after an answer of
200, logs are sent only if an e-mail address is set, and automatic upload is on unless switched
off; ``MavlinkLogSettings``: names of settings, old and new); a settings file quoted in public.
Some of its forks write ``.ulg.uploaded``; both are read.

Contacts.  A sidecar: one contact *reported*, without time and host, for it holds neither; the
log that was sent stands in the records.  Settings, all *commanded*, for they say what is set and
not what was done: the log server if an e-mail address is set and automatic upload is not switched
off; video streams, the caster of corrections, forwarding of telemetry, and links to a host.  A log
server that is named while nothing is sent to it by itself is a name and no contact.

E-mail addresses, user names and passwords are masked everywhere and counted.

Not decoded: settings that name no computer, which are in the records.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from .._dji_keychains import Keychains
from .._file_content import Content
from .._formats import Format
from .._model import Clock, HostReference, Issue, Log, NetworkCaptureWindow
from .._secrets._redact_secrets import (
    REDACTED,
    is_secret_or_personal_field_name,
    redact_email_addresses_and_count,
    text_without_secrets,
)
from ._shared._build_binary_and_database_logs import build_binary_log
from ._shared._contact_rows import ContactRows, parse_host_or_else_ip, split_host_port
from ._shared._decrypted_requests import UrlTarget, parse_url
from ._shared._line_log_reader import ClockVersionAndIssuesOfLineLog, LineLogReader, read_line_log
from ._shared._records_from_items import RecordsFromItems
from ._shared._which_facts_logs_record import UPLOAD_MARK_FACTS
from ._text._text_lines import LineBatch, LineCoverageKind, LineKinds

_SIDECAR = ".uploaded"
_SECTION = re.compile(r"\[([^\]]{1,255})\]\s*\Z")
_SETTING = re.compile(r"([^=;#\s][^=]{0,255})=(.{0,8192})\Z")
#: Sections that QGroundControl writes, and hardly another program.
_MARKS = (
    b"[MAVLinkLogGroup]", b"[MavlinkLog]", b"[QGC_MAVLINK_PROTOCOL]", b"[LinkConfigurations]",
    b"[QGCQml]",
)  # fmt: skip
#: Where logs go if nothing else is set.
_DEFAULT_URL = "https://logs.px4.io/upload"
_LOG_GROUPS = ("mavlinkloggroup", "mavlinklog")
#: Section and name of a setting that holds an address, small letters -> what it is for.
_ADDRESSES = {
    ("video", "rtspurl"): "rtsp",
    ("video", "tcpurl"): "tcp",
    ("video", "udpurl"): "udp",
    ("ntrip", "ntripserverhostaddress"): "ntrip",
    ("general", "forwardmavlinkhostname"): "mavlink",
    ("app", "forwardmavlinkhostname"): "mavlink",
}
#: What an address is for -> name of the setting of its port.
_PORTS = {"ntrip": "ntripserverport"}
#: Name of a switch without which an address of the setting is not used.
_SWITCHES = {"ntrip": ("ntripserverconnectenabled",), "mavlink": ("forwardmavlink",)}
_LINK = re.compile(r"Link(\d{1,4})\\(host\d{0,4})\Z")


#: Settings that are held; a file has some hundred.
_MAX_SETTINGS = 100_000


class _QgcSetting(NamedTuple):
    offset: int
    section: str
    name: str
    value: str


@dataclass(eq=False)
class _QgcSettingsReader(LineLogReader):
    """The settings, in order, and the computers that they name."""

    expected = "a setting"
    not_a_record = "neither section nor setting"

    #: How often something was masked in values.
    masked: int = 0
    settings: list[_QgcSetting] = field(default_factory=list)
    #: Section (empty: any) and name, small letters -> the last such setting.
    _last: dict[tuple[str, str], _QgcSetting] = field(default_factory=dict)
    sections: dict[int, str] = field(default_factory=dict)
    host_references: list[HostReference] = field(default_factory=list)
    _section: str = "General"

    def read_lines(self, batch: LineBatch) -> LineKinds:
        kinds = batch.kinds_all_set_to()
        for row, line in enumerate(batch.lines):
            if not line.strip() or line.lstrip().startswith((";", "#")):
                kinds[row] = LineCoverageKind.PADDING
            elif section := _SECTION.match(line):
                self._section = section[1]
                kinds[row] = LineCoverageKind.HEADER
            elif setting := _SETTING.match(line):
                kinds[row] = LineCoverageKind.RECORD
                number = batch.first + row
                self.add_record_line("Setting", number)
                self.sections[number] = self._section
                last_setting = setting[2].strip().strip('"')
                name = setting[1].strip()
                self.masked += _redact_setting_value(name, last_setting) != last_setting
                self._add_setting(
                    _QgcSetting(int(batch.offsets[row]), self._section, name, last_setting)
                )
        return kinds

    def _add_setting(self, setting: _QgcSetting) -> None:
        self.settings.append(setting)
        for section in ("", setting.section.lower()):
            self._last[section, setting.name.lower()] = setting

    @property
    def is_full(self) -> bool:
        return len(self.settings) >= _MAX_SETTINGS

    def last_setting_of_name(self, name: str, sections: Sequence[str] = ()) -> _QgcSetting | None:
        """Return the last setting of a name, small letters, in some sections or anywhere."""
        found = (self._last.get((section, name)) for section in sections or ("",))
        return max(filter(None, found), key=lambda setting: setting.offset, default=None)

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        """Return the fields of a line that was a setting."""
        match = _SETTING.match(line)
        if match is None:
            return {}
        name = match[1].strip()
        value = _redact_setting_value(name, match[2].strip().strip('"'))
        return {"section": self.sections.get(number), "name": name, "value": value}

    def has_no_records(self) -> bool:
        """Return that it is not: the file was claimed by a section, or by its name."""
        return False

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        self.add_contacts()
        issues = []
        if self.masked:
            settings = self.settings
            first = next(
                setting
                for setting in settings
                if _redact_setting_value(setting.name, setting.value) != setting.value
            )
            what = f"{self.masked} settings with e-mail addresses, names or passwords redacted"
            issues.append(Issue(first.offset, 0, what))
        return ClockVersionAndIssuesOfLineLog(
            clock=Clock(),
            version="settings",
            host_references=self.host_references,
            issues=issues,
        )

    def add_contacts(self) -> None:
        """Take down every computer that the settings name."""
        self._add_log_upload_server()
        for setting in self.settings:
            kind = _ADDRESSES.get((setting.section.lower(), setting.name.lower()))
            if kind is not None and setting.value and self._is_switched_on(kind):
                target = _target_of_setting(
                    setting.value, kind, self.last_setting_of_name(_PORTS.get(kind, ""))
                )
                self._add_contact(setting, target, f"[{setting.section}] {setting.name}")
            elif link := _LINK.match(setting.name):
                self._add_comm_link(setting, link[1], link[2])

    def _add_log_upload_server(self) -> None:
        email = self.last_setting_of_name("email", _LOG_GROUPS) or self.last_setting_of_name(
            "emailaddress", _LOG_GROUPS
        )
        auto = self.last_setting_of_name(
            "enableautoupload", _LOG_GROUPS
        ) or self.last_setting_of_name("autouploadenabled", _LOG_GROUPS)
        url = self.last_setting_of_name("logurl", _LOG_GROUPS) or self.last_setting_of_name(
            "uploadurl", _LOG_GROUPS
        )
        sending = bool(email and email.value) and not (auto and auto.value.lower() == "false")
        if sending and email is not None:
            where = url if url is not None and url.value else None
            text = where.value if where else _DEFAULT_URL
            evidence = "automatic upload of logs" + ("" if where else "; no LogURL, so the default")
            self._add_contact(
                where or email, parse_url(text), evidence, "commanded" if where else "inferred"
            )
        elif url is not None and (host := parse_url(url.value).host):
            record = f"[{url.section}] {url.name}"
            self.host_references.append(
                HostReference(host, redact_email_addresses_and_count(host)[0], record, url.offset)
            )

    def _add_comm_link(self, setting: _QgcSetting, number: str, name: str) -> None:
        port = self.last_setting_of_name(f"link{number}\\{name.replace('host', 'port')}")
        kind = self.last_setting_of_name(f"link{number}\\type")
        transport = {"1": "udp", "2": "tcp"}.get(kind.value if kind else "", "mavlink")
        host, address = parse_host_or_else_ip(setting.value)
        port_text = port.value if port is not None else ""
        target = UrlTarget(
            host, address, int(port_text) if port_text.isdigit() else None, transport, None
        )
        self._add_contact(setting, target, f"[{setting.section}] {setting.name}")

    def _is_switched_on(self, kind: str) -> bool:
        switches = [self.last_setting_of_name(name) for name in _SWITCHES.get(kind, ())]
        return all(setting is not None and setting.value.lower() == "true" for setting in switches)

    def _add_contact(
        self, setting: _QgcSetting, target: UrlTarget, evidence: str, grade: str = "commanded"
    ) -> None:
        if target.host or target.address:
            self.contacts.add_rows(
                np.array([setting.offset]), app="QGroundControl", host=target.host,
                address=target.address, port=[target.port], protocol=target.scheme,
                path=target.path, evidence=evidence, grade=grade,
            )  # fmt: skip


def _target_of_setting(value: str, kind: str, port_setting: _QgcSetting | None) -> UrlTarget:
    """Return the computer that a setting names: a URL, or a host with a port, here or elsewhere."""
    if "://" in value:
        return parse_url(value)
    text, port = split_host_port(value)
    name, address = parse_host_or_else_ip(text)
    if port is None and port_setting is not None and port_setting.value.isdigit():
        port = int(port_setting.value[:6])
    return UrlTarget(name, address, port, kind, None)


def _redact_setting_value(name: str, value: str) -> str:
    if value and is_secret_or_personal_field_name(name.rpartition("\\")[2]):
        return REDACTED
    return redact_email_addresses_and_count(text_without_secrets(value))[0]


def _whole_sidecar_file_record(log: str) -> dict[str, Any]:
    return {"offset": 0, "length": 0, "log": log}


def claims(content: Content) -> bool:
    """Return whether it is an empty file that is named as a sidecar, or settings."""
    name, head = content.base_name.lower(), content.head
    if not len(content):
        return name.endswith(_SIDECAR)
    if not head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"["):
        return False
    own = name.startswith("qgroundcontrol") and name.endswith(".ini")
    return own or any(mark in head for mark in _MARKS)


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a sidecar or settings."""
    if not len(content):
        return _build_log_from_sidecar(content)
    return read_line_log(content, FORMAT.name, _QgcSettingsReader())


def _build_log_from_sidecar(content: Content) -> Log:
    found = ContactRows()
    stem = content.base_name[: -len(_SIDECAR)]
    log = stem if stem.lower().endswith(".ulg") else f"{stem}.ulg"
    found.add_rows(
        np.array([0]), app="QGroundControl", evidence=f"sidecar: a server took {log}",
        grade="reported",
    )  # fmt: skip
    return build_binary_log(
        content,
        FORMAT.name,
        {"Sidecar": RecordsFromItems([log], _whole_sidecar_file_record)},
        NetworkCaptureWindow(None, None),
        version="sidecar",
        contacts=found.table(),
    )


FORMAT = Format(
    "qgc-upload",
    "QGroundControl uploads and settings",
    "mavlink/qgroundcontrol: MAVLinkLogManager and MavlinkLogSettings",
    claims,
    read,
    facts=UPLOAD_MARK_FACTS,
)
