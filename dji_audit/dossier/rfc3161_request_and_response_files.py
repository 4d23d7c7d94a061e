"""RFC 3161 time stamps of a manifest as files: a request to take along, and a response to add.

No connection is opened: a person takes the request to an authority and brings the response back.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

CLIENT_IS_MISSING = (
    'time stamps need rfc3161-client, which is not installed: pip install "dji-audit[timestamp]"'
)
#: Bytes.  A response is a few kilobytes with its certificates.
MAX_RESPONSE_BYTES = 1 << 20
#: Object identifiers of hashes that may name the manifest -> the hash.
_HASHES = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.3": "sha512"}


class TimestampError(Exception):
    """A time stamp cannot be made, read or trusted; the message says why."""


@dataclass(frozen=True, slots=True)
class CheckedTimestamp:
    """What a time stamp says of a manifest."""

    time: datetime
    #: Whether its signature was checked up to a root certificate that was given.
    is_trusted: bool
    #: The subject of the certificate that signed it; empty: it is not in the response.
    authority: str


def create_timestamp_request(data: bytes) -> bytes:
    """Return the request for a time stamp of some data, as DER.

    It holds the SHA-256 of the data and no nonce, so that the same data give the same request.

    Raises:
        TimestampError: If rfc3161-client is not installed.
    """
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
    except ModuleNotFoundError as error:
        raise TimestampError(CLIENT_IS_MISSING) from error
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=False).cert_request(cert_request=True).build().as_bytes()


def check_timestamp(response: bytes, data: bytes, root: Path | None = None) -> CheckedTimestamp:
    """Return what a response says of some data.

    Args:
        response: The response of an authority, as DER.
        data: What it must be a time stamp of.
        root: PEM file with root certificates that the authority is trusted by; ``None``: the
            signature is not checked, and ``is_trusted`` is false.

    Raises:
        TimestampError: If it is none, of other data, or its signature is not valid.
        OSError: If the file of certificates cannot be opened.
    """
    answer = _decode_timestamp_response(response)
    info = answer.tst_info
    name = _HASHES.get(info.message_imprint.hash_algorithm.dotted_string)
    if name is None:
        raise TimestampError("it names its data by a hash that is not known here")
    if hashlib.new(name, data).digest() != info.message_imprint.message:
        raise TimestampError("it is a time stamp of other data")
    certificates = [x509.load_der_x509_certificate(der) for der in answer.signed_data.certificates]
    authority = certificates[0].subject.rfc4514_string() if certificates else ""
    if root is not None:
        _refuse_timestamp_not_signed_under_root(answer, data, root)
    return CheckedTimestamp(info.gen_time, root is not None, authority)


def _decode_timestamp_response(response: bytes) -> "TimeStampResponse":
    try:
        from rfc3161_client import PKIStatus, decode_timestamp_response
    except ModuleNotFoundError as error:
        raise TimestampError(CLIENT_IS_MISSING) from error
    try:
        answer = decode_timestamp_response(response)
        granted = answer.status in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS)
        if granted:
            # Both are decoded when they are asked for.
            _ = answer.tst_info, answer.signed_data
    except ValueError as error:
        raise TimestampError(f"it is not a response of RFC 3161: {error}") from error
    if not granted:
        raise TimestampError("the authority granted no time stamp")
    return answer


def _refuse_timestamp_not_signed_under_root(
    answer: "TimeStampResponse", data: bytes, root: Path
) -> None:
    from rfc3161_client import VerificationError, VerifierBuilder

    try:
        roots = x509.load_pem_x509_certificates(root.read_bytes())
    except ValueError as error:
        raise TimestampError(f"{root}: no certificate can be read: {error}") from error
    builder = VerifierBuilder()
    for certificate in roots:
        builder = builder.add_root_certificate(certificate)
    try:
        builder.build().verify_message(answer, data)
    except (VerificationError, ValueError) as error:
        raise TimestampError(f"its signature is not valid: {error}") from error
