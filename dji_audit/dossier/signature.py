"""Ed25519 signatures of a manifest: 64 raw bytes, which openssl checks too."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

#: Bytes.  No key file is larger.
_MAX_KEY_FILE = 1 << 16
PUBLIC_KEY_FILE = "public_key.pem"


class SignatureKeyFileError(Exception):
    """A file holds no key of the kind that is needed; the message says why."""


def load_signing_key(path: Path, password: bytes | None = None) -> Ed25519PrivateKey:
    """Return the private key in a PEM file, as ``openssl genpkey -algorithm ed25519`` writes it.

    Raises:
        SignatureKeyFileError: If it holds none, or is encrypted and the password is not right.
        OSError: If it cannot be opened.
    """
    try:
        key = load_pem_private_key(_read_key_file_up_to_limit(path), password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SignatureKeyFileError(f"{path}: no private key can be read: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SignatureKeyFileError(f"{path}: the key is not an Ed25519 key")
    return key


def new_signing_key() -> Ed25519PrivateKey:
    """Return a new private key, made from the random numbers of the system."""
    return Ed25519PrivateKey.generate()


def private_key_pem(key: Ed25519PrivateKey, password: bytes | None) -> bytes:
    """Return a private key as PEM, encrypted if there is a password."""
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def load_public_key(path: Path) -> Ed25519PublicKey:
    """Return the public key in a PEM file.

    Raises:
        SignatureKeyFileError: If it holds none.
        OSError: If it cannot be opened.
    """
    try:
        key = load_pem_public_key(_read_key_file_up_to_limit(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureKeyFileError(f"{path}: no public key can be read: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise SignatureKeyFileError(f"{path}: the key is not an Ed25519 key")
    return key


def public_key_hex(key: Ed25519PublicKey) -> str:
    """Return a public key as 64 hexadecimal digits."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def public_key_pem(key: Ed25519PublicKey) -> bytes:
    """Return a public key as PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def is_valid_signature(public_key: str, signature: bytes, data: bytes) -> bool:
    """Return whether data were signed by the private key of a public key.

    Args:
        public_key: 64 hexadecimal digits.
        signature: 64 bytes; others sign nothing.
        data: What was signed.
    """
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _read_key_file_up_to_limit(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_MAX_KEY_FILE)
