"""Encrypted members of ZIP archives, as other programs made them, open with the right password."""

import base64
import io
import zipfile
import zlib
from collections.abc import Iterator

import pytest

from parsers import Content, read_content
from tests.parsers.containers.made import Walked, noise, zip_of_packed_members, zipped

#: Made by Info-ZIP 3.0 with the password "secret": log.txt, forty times "telemetry ".
INFO_ZIP = (
    "P)h>@6aWbT2mnL~eqD}fpEn%<0058y000L78~|)@XD)PjbX8Od00R)q3~La}3~P0G3jhHG000001ONa40G;s`uP^zRb7"
    "DG@gl9`b>@<JLNz6RDFtS7`|N2l%2MCU7pEn%<0058y002-+0RkQa6aWbT2mnL~eqD}fpEn%<0058y000L77ytkO0003"
    "1005+c00000Y;R{Sba-@CR0RM75X%f}b$AN^0R#X5000C40000`O9ci1000010096^0001P0000000"
)
#: Made by pyzipper 0.4 with the password "Pässwort": a/log.txt, the same; tiny.txt, "x".
PYZIPPER = {
    128: (
        "P)h>@6aWDLV*o@5eq8_n001Qb0058y000R93jkp+Y;R{Sba-?DnFjy@06|3o2mp7Z@^lfk(WYq+;3qD+uf5sFFau<n&)8"
        "g}t_OcV)8~}qu9X*1O9KQH0097F07M9WT>t<802crN0096100;mJ0CZ_?c`kH#bOD(M00IC(MF9u^x{;QsL@4ji+8#5b"
        "TWD>vFjMF^x;LXxO928D0~7!O0Am0|2!34v0000b0001x0RR9A01E&B000000001h0RR910AVj|Z)Yxacys}o2LJ*9K}"
        "7)w08mQ-0u%!j0097F07M9WT>t<802crN0096100;mJ00000000000Du8k0001VX>NHgba-?DnFjy@06|3o2mnw^1qJ{"
        "B000620sw;m005r=00000"
    ),
    256: (
        "P)h>@6aWDLV*o@5eq8_n001oj0058y000R93jkp+Y;R{Sba-?DnFjy@06|3q2mm;wvSIo?5%zKKk|6&lUJMEn0$a1c303"
        "nn#0s`dB(cod74CP;bU>c9J(Gh_O9KQH0097F07M9WT>t<803QGV0096100;mJ0CZ_?c`kH#bOD(M00IC(MFR)`TZp_%"
        "E08rWtEgg%Ytj`{-_~S`l9jdy&(najgvMb|O928D0~7!O0Am0|2!34v0000j0001x0RR9A01E&B000000001h0RR910A"
        "Vj|Z)Yxacys}o2LJ*9K}7=y08mQ-0u%!j0097F07M9WT>t<803QGV0096100;mJ00000000000Du8s0001VX>NHgba-?"
        "DnFjy@06|3q2mnw^1qJ{B000620sw;m006H500000"
    ),
}
RIGHT = {"a/log.txt": b"telemetry " * 40, "tiny.txt": b"x"}


def test_the_old_cipher_opens_as_another_decoder_opens_it() -> None:
    data = base64.b85decode(INFO_ZIP)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        other = archive.read("log.txt", b"secret")
    walked = Walked(data, passwords=[b"wrong", b"secret"])
    assert walked.members == {"log.txt": other} == {"log.txt": RIGHT["a/log.txt"]}
    assert not walked.errors and not walked.left


@pytest.mark.parametrize("bits", PYZIPPER)
def test_aes_of_winzip_opens(bits: int) -> None:
    walked = Walked(base64.b85decode(PYZIPPER[bits]), passwords=[b"no", "Pässwort".encode()])
    assert walked.members == RIGHT
    assert not walked.errors


@pytest.mark.parametrize("data", [INFO_ZIP, *PYZIPPER.values()])
@pytest.mark.parametrize("passwords", [(), (b"wrong",), (b"wrong", b"worse")])
def test_without_the_password_members_are_locked_by_name(
    data: str, passwords: tuple[bytes, ...]
) -> None:
    walked = Walked(base64.b85decode(data), passwords=passwords)
    assert {left.kind for left in walked.left} == {"locked"}
    assert len(walked.left) == walked.whole.member_count
    words = "none of the passwords" if passwords else "--password-file"
    assert all(words in left.reason for left in walked.left)


def test_many_wrong_passwords_pass_the_check_of_the_old_cipher_and_none_gives_wrong_bytes() -> None:
    wrong = [b"%d" % number for number in range(600)]
    walked = Walked(base64.b85decode(INFO_ZIP), passwords=wrong)
    assert walked.whole.left[0].kind == "locked"
    walked = Walked(base64.b85decode(INFO_ZIP), passwords=[*wrong, b"secret"])
    assert walked.members == {"log.txt": RIGHT["a/log.txt"]} and not walked.errors


@pytest.mark.parametrize("bits", PYZIPPER)
def test_altered_aes_data_is_noticed(bits: int) -> None:
    data = bytearray(base64.b85decode(PYZIPPER[bits]))
    first = data.index(b"a/log.txt") + len(b"a/log.txt") + 11
    data[first + bits // 16 + 2 + 3] ^= 1
    walked = Walked(bytes(data), passwords=["Pässwort".encode()])
    assert walked.errors == {"a/log.txt": "damaged"}
    assert walked.members["tiny.txt"] == b"x"


def test_the_rest_of_an_archive_with_a_locked_member_is_read() -> None:
    data = bytearray(zipped({"a.txt": b"a", "b.txt": b"b"}, zipfile.ZIP_STORED))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + at] |= 1
    walked = Walked(bytes(data))
    assert walked.members == {"b.txt": b"b"}
    assert walked.left_kinds == {"case.bin!/a.txt": "locked"}
    reading = read_content(Content("case.zip", bytes(data)))
    assert any("--password-file" in issue.reason for issue in reading.account.issues)


def encrypted(members: dict[str, bytes], password: bytes) -> bytes:
    """Return a stored ZIP archive with the old cipher, written after APPNOTE 6.1."""
    table = [zlib.crc32(bytes([byte ^ 0xFF])) ^ 0xFF000000 for byte in range(256)]

    def cipher(data: bytes) -> Iterator[int]:
        keys = [0x12345678, 0x23456789, 0x34567890]

        def update(byte: int) -> None:
            keys[0] = table[(keys[0] ^ byte) & 0xFF] ^ (keys[0] >> 8)
            keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
            keys[2] = table[(keys[2] ^ (keys[1] >> 24)) & 0xFF] ^ (keys[2] >> 8)

        for byte in password:
            update(byte)
        for byte in data:
            word = keys[2] | 2
            yield byte ^ (((word * (word ^ 1)) >> 8) & 0xFF)
            update(byte)

    packed = [
        (name, data, bytes(cipher(noise(11) + bytes([zlib.crc32(data) >> 24]) + data)))
        for name, data in members.items()
    ]
    return zip_of_packed_members(packed, zipfile.ZIP_STORED, flags=1)


def test_a_container_in_an_encrypted_member_is_opened() -> None:
    data = encrypted({"inner.zip": zipped({"x.txt": b"x" * 100})}, b"key")
    assert Walked(data, passwords=[b"key"]).members == {"inner.zip!/x.txt": b"x" * 100}
    assert Walked(data).left_kinds == {"case.bin!/inner.zip": "locked"}
