"""Computers that a stream names: of video, files, definitions, texts and parameters."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._shared._dialect import words
from .._shared._network_params import peers
from ._address import Address, in_text, of_stream, of_uri
from ._params import Param
from ._records import Messages, Stream
from ._text import Text

Contact = dict[str, Any]

#: Message -> fields that hold an address.
URIS: Mapping[str, tuple[str, ...]] = {
    "CAMERA_IMAGE_CAPTURED": ("file_url",),
    "CAMERA_INFORMATION": ("cam_definition_uri",),
    "COMPONENT_INFORMATION": ("general_metadata_uri", "peripherals_metadata_uri"),
    "COMPONENT_METADATA": ("uri",),
}


def contact_rows(
    stream: Stream, said: Sequence[Text], params: Mapping[str, Param]
) -> list[Contact]:
    """Return every computer that is named, once for each place that names it."""
    return [*_streams(stream), *_fields(stream), *_texts(stream, said), *_params(params)]


def contact(
    address: Address, time: int, offset: int, evidence: str, grade: str = "reported"
) -> Contact:
    """Return a row of the table of contacts."""
    return {
        "time": time,
        "host": address.host,
        "address": address.address,
        "port": address.port,
        "protocol": address.protocol,
        "path": address.path,
        "evidence": evidence,
        "grade": grade,
        "source_offset": offset,
    }


def _of(found: Messages, row: int, address: Address, label: str) -> Contact:
    evidence = f"{found.message.name}.{label}"
    return contact(address, int(found.time[row]), int(found.offsets[row]), evidence)


def distinct(found: Messages, label: str) -> Iterator[tuple[int, str]]:
    """Yield the first row of each text that a field holds, and the text."""
    seen: set[str] = set()
    for row, text in enumerate(found[label].tolist()):
        if text and text not in seen:
            seen.add(text)
            yield row, text


def _streams(stream: Stream) -> Iterator[Contact]:
    found = stream["VIDEO_STREAM_INFORMATION"]
    for row, text in distinct(found, "uri"):
        kind = words("VIDEO_STREAM_TYPE").get(int(found["type"][row]), "")
        address = of_stream(text, kind.lower().replace("_", "-"))
        if address is not None:
            yield _of(found, row, address, "uri")


def _fields(stream: Stream) -> Iterator[Contact]:
    for name, labels in URIS.items():
        for label in labels:
            found = stream[name]
            for row, text in distinct(found, label):
                address = of_uri(text)
                if address is not None:
                    yield _of(found, row, address, label)


def _texts(stream: Stream, said: Sequence[Text]) -> Iterator[Contact]:
    found = stream["STATUSTEXT"]
    seen: set[Address] = set()
    for one in said:
        if "." not in one.text and "://" not in one.text:
            continue
        for address in in_text(one.text):
            if address not in seen:
                seen.add(address)
                yield _of(found, one.row, address, "text")


def _params(params: Mapping[str, Param]) -> Iterator[Contact]:
    """Yield the computers that parameters set."""
    for peer in peers({name: param.value for name, param in params.items()}):
        first = params[peer.names[0]]
        evidence = f"{first.record} {peer.names[0]}"
        if len(peer.names) > 1:
            evidence += f" to {peer.names[-1]}"
        address = Address(address=peer.address, port=peer.port, protocol=peer.protocol)
        yield contact(address, first.time, first.offset, evidence, "commanded")
