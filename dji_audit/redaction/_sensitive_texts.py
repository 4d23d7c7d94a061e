"""Names, serial numbers and positions within texts: what is replaced, and by what."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import parsers
from dji_audit.compliance.context import AuditContext
from dji_audit.redaction._redaction_method import RedactionMethodAndKey
from dji_audit.zones import Zone

#: Kinds of which a text may change the case.
_ANY_CASE = frozenset({"serial", "device", "operator"})
#: Shorter names are replaced only where they are the whole text: else they would hit words.
_LEAST_LENGTH = 4
#: The same for names of people.
_LEAST_PERSON = 3
#: Decimal degrees, a British grid reference, UTM and MGRS, degrees with minutes, and a zone of the
#: maker by its number, which anybody can look up.
_POSITION = re.compile(
    r"\b\d{1,3}(?:\.\d+)?\s?[NS],?\s\d{1,3}(?:\.\d+)?\s?[EW]\b"
    # Two numbers of three digits after the point, and whole numbers as autopilots write degrees.
    r"|[-\u2212+]?\b\d{1,2}\.\d{3,}°?\s?[,;/]\s?[-\u2212+]?\d{1,3}\.\d{3,}\b°?"
    r"|[-\u2212+]?\b\d{8,9}\s?[,;/]\s?[-\u2212+]?\d{7,10}\b"
    r"|[-\u2212+]?\b\d{1,3}\.\d{4,}\b(?:\s?°)?(?:\s?[NSEW]\b)?"
    r"|\b[Zz]one \d{2,}\b"
    r"|\b[HJNOST][A-HJ-Z] ?\d{2,5} ?\d{2,5}\b"
    r"|\b\d{1,2}[C-HJ-NP-X] ?[A-HJ-NP-Z]{2} ?\d{2,5} ?\d{2,5}\b"
    r"|\b\d{1,2}[C-HJ-NP-X] \d{6} \d{7}\b"
    r"|\b\d{1,3}\s?°\s?\d{1,2}[.\d]*\s?['\u2032](?:\s?\d{1,2}[.\d]*\s?[\"\u2033])?(?:\s?[NSEW]\b)?"
)
_REPLACEMENT = re.compile(r"[a-z]+-[0-9a-f]{8}(?:\.[a-z0-9]{1,5})?")
POSITION_REMOVED = "(position removed)"
#: Events whose text names people, accounts, parts by their serial numbers, what was broadcast of
#: the operator, other aircraft, or places.
PRIVATE_EVENTS = frozenset({"account", "component", "home", "remote_id", "traffic"})
#: A word of such a text that is a serial number or the like: long, with a digit.
_NUMBERED_WORD = re.compile(r"(?<![\w.-])(?=[A-Za-z-]*\d)[A-Za-z0-9-]{8,}(?![\w-]|\.\d)")
TEXT_REMOVED = "(text removed)"
_AIRCRAFT_SERIALS = (
    "serial", "flight_controller_serial", "camera_serial", "controller_serial", "battery_serial",
)  # fmt: skip
#: Table that the unit supplies -> kind and field of each name in a row of it.
_NAMES_IN_SUPPLIED_TABLES = {
    "inventory": (("serial", "serial"), ("operator", "operator_id")),
    "operations": (
        ("person", "pilot"),
        ("person", "flyer_id"),
        ("person", "authorising_officer"),
        ("operation", "operation"),
        ("operation", "incident_ref"),
        ("operation", "assurance_ref"),
        ("purpose", "purpose"),
        ("zone", "operating_area"),
    ),
    "authorisations": (("authorisation", "reference"), ("person", "by"), ("purpose", "reason")),
    "acknowledgements": (("person", "by"), ("purpose", "reason")),
    "clock_declarations": (("person", "by"), ("purpose", "reason")),
}


@dataclass(frozen=True)
class SensitiveTexts:
    """The texts of a case that must not leave it, each with its replacement."""

    #: Text -> what stands for it.
    replacements: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _sensitive_text_pattern(self) -> re.Pattern[str] | None:
        """The texts that are replaced within others, the longest first."""
        within = sorted(
            filter(self._is_replaced_within_longer_text, self.replacements),
            key=lambda text: (-len(text), text),
        )
        if not within:
            return None
        names = "|".join(map(re.escape, within))
        return re.compile(rf"(?<![A-Za-z0-9])(?:{names})(?![A-Za-z0-9])")

    def _is_replaced_within_longer_text(self, text: str) -> bool:
        """Return whether a text is replaced within others; names of people are, however short."""
        is_person = self.replacements[text].startswith("person-")
        return is_distinctive_name(text) or (is_person and len(text) >= _LEAST_PERSON)

    def redacted(self, text: str) -> str:
        """Return a text without the names and without anything that looks like a position."""
        if (whole := self.replacements.get(text)) is not None:
            return whole
        if self._sensitive_text_pattern is not None:
            text = self._sensitive_text_pattern.sub(lambda found: self.replacements[found[0]], text)
        return _POSITION.sub(POSITION_REMOVED, text)


def is_distinctive_name(text: str) -> bool:
    """Return whether a name is none that words of a sentence hold too, such as ``fence``."""
    return len(text) >= _LEAST_LENGTH and not (text.isalpha() and text.islower())


def build_sensitive_texts(
    redaction: RedactionMethodAndKey, named: Iterable[tuple[str, str | None]]
) -> SensitiveTexts:
    """Return what replaces some texts; each is given with its kind, such as ``serial``."""
    replacements: dict[str, str] = {}
    for kind, text in named:
        kept = text.strip() if text else ""
        # What was replaced in a flight comes by again in the rows of its run.
        if not kept or _REPLACEMENT.fullmatch(kept):
            continue
        forms = {kept, kept.upper(), kept.lower()} if kind in _ANY_CASE else {kept}
        replacements |= dict.fromkeys(
            forms, _replacement_keeping_file_suffix(redaction, kind, kept)
        )
    return SensitiveTexts(replacements)


def _replacement_keeping_file_suffix(redaction: RedactionMethodAndKey, kind: str, text: str) -> str:
    if kind != "file":
        return redaction.replacement_of_name(kind, text)
    # The kind of a file is no secret, and a reader needs it.
    suffix = re.search(r"\.[A-Za-z0-9]{1,5}\Z", text)
    return redaction.replacement_of_name(kind, text) + (suffix[0].lower() if suffix else "")


def sensitive_kinds_and_texts_in_logs(
    logs: Iterable[parsers.Log],
) -> Iterator[tuple[str, str | None]]:
    """Yield the names and serial numbers that logs state, with their kinds."""
    for log in logs:
        yield from kinds_and_sensitive_forms_of_file_name(log.source.name)
        for name in _AIRCRAFT_SERIALS:
            yield "serial", getattr(log.aircraft, name)
        if not _is_aircraft_name_only_its_model(log.aircraft):
            yield "name", log.aircraft.name
        for device in log.contacts["device"].dropna().unique():
            yield "device", device
        for file in log.captures["file"].dropna().unique():
            yield from kinds_and_sensitive_forms_of_file_name(file)
        private = log.events[log.events["kind"].isin(PRIVATE_EVENTS)]
        for text in private["text"].dropna().unique():
            yield "text", text
            for word in _NUMBERED_WORD.findall(text):
                yield "serial", word


def _is_aircraft_name_only_its_model(aircraft: parsers.Aircraft) -> bool:
    """Return whether nobody named an aircraft: its name is that of its model, as it was sold."""
    model = aircraft.model or ""
    names = {model.casefold(), f"{aircraft.maker or ''} {model}".casefold()}
    return aircraft.name is not None and aircraft.name.strip().casefold() in names


def kinds_and_sensitive_forms_of_file_name(name: str) -> Iterator[tuple[str, str]]:
    """Yield the name of a file, its last part, and that without its suffix; and its container's."""
    container, separator, _ = name.rpartition(parsers.MEMBER_SEPARATOR)
    if separator:
        yield from kinds_and_sensitive_forms_of_file_name(container)
    yield "file", name
    last = re.split(r"[/\\]|!/", name)[-1]
    yield "file", last
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}\Z", "", last)
    # A single word, such as that of "Flight.txt", stands in other texts too.
    if is_distinctive_name(stem) and not stem.isalpha():
        yield "file", stem


def kinds_and_sensitive_names_in_context(context: AuditContext) -> Iterator[tuple[str, str | None]]:
    """Yield the names in what a unit supplied: people, operations, aircraft, zones."""
    for table, kinds_and_fields in _NAMES_IN_SUPPLIED_TABLES.items():
        supplied = getattr(context, table)
        for row in supplied.table.rows if supplied is not None else ():
            for kind, column in kinds_and_fields:
                yield kind, getattr(row.record, column)
    for file in context.supplied_files:
        yield from kinds_and_sensitive_forms_of_file_name(file.name)
    for device in context.devices:
        for name in device.split(","):
            yield "device", name


def kinds_and_names_of_mentioned_zones(
    zones: Iterable[Zone], texts: str
) -> Iterator[tuple[str, str | None]]:
    """Yield the names of those zones that some texts name; of thousands few are ever named."""
    for zone in zones:
        for name in (zone.name, zone.id):
            if name and name in texts:
                yield "zone", name
