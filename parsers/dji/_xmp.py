"""XMP properties, found by their form and not by an XML parser.

The XT S declares its namespace twice, which no XML parser accepts; a cut or damaged packet
is no XML either.  A property is an attribute ``prefix:Name="value"`` or an element
``<prefix:Name>value</``; of a list the items are joined by ``, ``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

#: The longest packet that one JPEG segment can hold.
MOST_BYTES = 65_502

_NAME = rb"(?P<prefix>[A-Za-z][\w.-]{0,30}):(?P<name>[A-Za-z]\w{0,60})"
_ATTRIBUTE = re.compile(
    rb"(?<![\w:.-])" + _NAME + rb"\s{0,9}=\s{0,9}(?:\"(?P<value>[^\"<]{0,4096})\""
    rb"|'(?P<single>[^'<]{0,4096})')"
)
_ELEMENT = re.compile(
    rb"<" + _NAME + rb">(?P<value>[^<]{0,4096}|\s{0,99}<rdf:(?:Seq|Bag|Alt)>.{0,2000}?"
    rb"</rdf:(?:Seq|Bag|Alt)>\s{0,99})</",
    re.DOTALL,
)
_ITEM = re.compile(rb"<rdf:li[^>]{0,99}>([^<]{0,1000})<")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))

#: A namespace of DJI begins so; the prefixes stand for it where its declaration is lost.
DJI_NAMESPACE = "http://www.dji.com"
_DJI_PREFIXES = {"drone-dji", "DJI"}


@dataclass(frozen=True, slots=True)
class Xmp:
    """The properties of a packet."""

    #: Byte in the file where the packet begins.
    offset: int
    #: Name without prefix -> text, of DJI's namespaces.
    dji: Mapping[str, str] = field(default_factory=dict)
    #: ``prefix:Name`` -> text, of all others.
    others: Mapping[str, str] = field(default_factory=dict)

    def first_dji_property_text(self, *names: str) -> str | None:
        """Return the first of some DJI properties that is there and not empty."""
        return next((self.dji[name] for name in names if self.dji.get(name)), None)

    def numeric_value(self, *names: str) -> float | None:
        """Return the first of some DJI properties that is a finite number."""
        for name in names:
            try:
                value = float(self.dji.get(name, ""))
            except ValueError:
                continue
            if abs(value) < 1e12:
                return value
        return None


def read_xmp(packet: bytes, offset: int, most_bytes: int = MOST_BYTES) -> Xmp:
    """Return the properties of a packet; of one that stands twice, the first."""
    packet = packet[:most_bytes]
    dji: dict[str, str] = {}
    others: dict[str, str] = {}
    spaces: dict[str, str] = {}
    matches = sorted(
        [*_ATTRIBUTE.finditer(packet), *_ELEMENT.finditer(packet)], key=lambda match: match.start()
    )
    for match in matches:
        prefix, name = match["prefix"].decode("ascii", "replace"), match["name"].decode("ascii")
        text = _property_text(match)
        if prefix == "xmlns":
            spaces.setdefault(name, text)
    # A prefix with a hyphen is no \w: its declaration is found by itself.
    for match in re.finditer(rb"xmlns:([\w.-]{1,30})=[\"']([^\"'<]{0,300})", packet):
        spaces.setdefault(match[1].decode("ascii", "replace"), match[2].decode("utf-8", "replace"))
    for match in matches:
        prefix, name = match["prefix"].decode("ascii", "replace"), match["name"].decode("ascii")
        if prefix in ("xmlns", "rdf", "x"):
            continue
        if spaces.get(prefix, "").startswith(DJI_NAMESPACE) or prefix in _DJI_PREFIXES:
            dji.setdefault(name, _property_text(match))
        else:
            others.setdefault(f"{prefix}:{name}", _property_text(match))
    return Xmp(offset, dji, others)


def _property_text(match: re.Match[bytes]) -> str:
    value = match["value"]
    if value is None:
        value = match["single"]
    if b"<rdf:" in value:
        value = b", ".join(item.strip() for item in _ITEM.findall(value))
    text = value.decode("utf-8", "replace").strip()
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text
