"""Passwords of ZIP members: PKWARE's old cipher ("ZipCrypto") and WinZip's AES.

Layouts: APPNOTE.TXT 6.3.10 section 6.1; WinZip's "AES Encryption Information: Encryption
Specification AE-1 and AE-2".  Own code, because members are opened by offset and damaged archives
are read; AES itself is that of ``cryptography``.
"""

import hashlib
import hmac
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .._file_content import Content
from ._container_types import UnpackingError
from ._forward_only_stream import iterate_chunks_of_content_range
from ._zip_directory import ZipEntry

_CRYPTO_HEADER_SIZE = 12
_AES_ITERATIONS, _VERIFIER_SIZE, _MAC_SIZE = 1000, 2, 10
_AES_BLOCK = 16
#: CRC-32 of each byte for a register of zero, as the old cipher uses it.
_CRC_TABLE = tuple(zlib.crc32(bytes([byte ^ 0xFF])) ^ 0xFF000000 for byte in range(256))
_LOCKED = "it is encrypted; give its password in a file with --password-file"
#: Why an encrypted member is left although passwords were given.
NONE_OPENS = "it is encrypted, and none of the passwords given opens it"


def decrypted_chunks(
    content: Content, entry: ZipEntry, start: int, end: int, passwords: Sequence[bytes]
) -> Iterator[bytes]:
    """Yield the packed bytes of an encrypted member.

    Args:
        content: The archive.
        entry: The member.
        start: Offset of its encrypted bytes.
        end: Offset behind them.
        passwords: Those to try.

    Raises:
        UnpackingError: If none opens it (``locked``), or what was decrypted was altered.
    """
    if entry.has_pkware_strong_encryption:
        raise UnpackingError(
            "locked",
            "it is encrypted with PKWARE's own method, which is not read: decrypt it with the "
            "program that made it, and name the folder",
        )
    if not passwords:
        raise UnpackingError("locked", _LOCKED)
    if entry.method_is_aes:
        yield from _decrypt_aes(content, entry, start, end, passwords)
    else:
        yield from _decrypt_zipcrypto(content, entry, start, end, passwords)


def _decrypt_aes(
    content: Content, entry: ZipEntry, start: int, end: int, passwords: Sequence[bytes]
) -> Iterator[bytes]:
    if entry.aes_bits is None:
        raise UnpackingError("locked", "it is encrypted, and how is damaged")
    key_size = entry.aes_bits // 8
    salt_size = key_size // 2
    begin, stop = start + salt_size + _VERIFIER_SIZE, end - _MAC_SIZE
    if stop < begin:
        raise UnpackingError("damaged", "its encrypted data is cut short")
    salt = content.data[start : start + salt_size]
    verifier = content.data[start + salt_size : begin]
    for password in passwords:
        keys = hashlib.pbkdf2_hmac(
            "sha1", password, salt, _AES_ITERATIONS, 2 * key_size + _VERIFIER_SIZE
        )
        if keys[2 * key_size :] == verifier:
            break
    else:
        raise UnpackingError("locked", NONE_OPENS)
    cipher = Cipher(algorithms.AES(keys[:key_size]), modes.ECB()).encryptor()  # noqa: S305 - CTR
    mac = hmac.new(keys[key_size : 2 * key_size], digestmod="sha1")
    counter = 1
    for chunk in iterate_chunks_of_content_range(content, begin, stop):
        mac.update(chunk)
        blocks = -(-len(chunk) // _AES_BLOCK)
        # The counter is little endian and begins with 1, unlike that of the library's own mode.
        counters = np.zeros((blocks, 2), "<u8")
        counters[:, 0] = np.arange(counter, counter + blocks)
        counter += blocks
        stream = np.frombuffer(cipher.update(counters.tobytes()), np.uint8)[: len(chunk)]
        yield (np.frombuffer(chunk, np.uint8) ^ stream).tobytes()
    if not hmac.compare_digest(mac.digest()[:_MAC_SIZE], content.data[stop:end]):
        raise UnpackingError(
            "damaged", "its authentication code does not fit: it was altered or is cut short"
        )


def possible_zipcrypto_passwords(
    content: Content, start: int, end: int, time_check: int, passwords: Sequence[bytes]
) -> list[bytes]:
    """Return the passwords that may open a member: one in 256 wrong ones passes this check.

    Args:
        content: The archive.
        start: Offset of the encrypted bytes.
        end: Offset behind them.
        time_check: What the last byte of the header decrypts to.
        passwords: Those to try.
    """
    header = content.data[start : min(start + _CRYPTO_HEADER_SIZE, end)]
    if len(header) < _CRYPTO_HEADER_SIZE:
        return []
    return [it for it in passwords if _ZipCryptoCipher(it).decrypt(header)[-1] == time_check]


def _decrypt_zipcrypto(
    content: Content, entry: ZipEntry, start: int, end: int, passwords: Sequence[bytes]
) -> Iterator[bytes]:
    found = possible_zipcrypto_passwords(content, start, end, entry.time_check, passwords)
    if not found:
        raise UnpackingError("locked", NONE_OPENS)
    cipher = _ZipCryptoCipher(found[0])
    cipher.decrypt(content.data[start : start + _CRYPTO_HEADER_SIZE])
    for chunk in iterate_chunks_of_content_range(content, start + _CRYPTO_HEADER_SIZE, end):
        yield cipher.decrypt(chunk)


class _ZipCryptoCipher:
    """The cipher of APPNOTE 6.1: three registers that each decrypted byte changes."""

    def __init__(self, password: bytes) -> None:
        self._keys = 0x12345678, 0x23456789, 0x34567890
        for byte in password:
            self._keys = _next_zipcrypto_keys(*self._keys, byte)

    def decrypt(self, data: bytes) -> bytes:
        """Return the next bytes decrypted."""
        out = bytearray(len(data))
        first, second, third = self._keys
        table = _CRC_TABLE
        for index, byte in enumerate(data):
            mask = third | 2
            byte ^= ((mask * (mask ^ 1)) >> 8) & 0xFF
            out[index] = byte
            first = table[(first ^ byte) & 0xFF] ^ (first >> 8)
            second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
            third = table[(third ^ (second >> 24)) & 0xFF] ^ (third >> 8)
        self._keys = first, second, third
        return bytes(out)


def _next_zipcrypto_keys(first: int, second: int, third: int, byte: int) -> tuple[int, int, int]:
    first = _CRC_TABLE[(first ^ byte) & 0xFF] ^ (first >> 8)
    second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    return first, second, _CRC_TABLE[(third ^ (second >> 24)) & 0xFF] ^ (third >> 8)
