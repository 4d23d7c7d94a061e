"""A video of flat blocks that players show, by hand: a clock in white on grey.

From ITU-T H.264 (constrained baseline): every macroblock is one grey, predicted from its
neighbours, with one coefficient where it differs; what did not change is skipped.  A picture in
``KEY_EVERY`` stands by itself, so that a player can begin there.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Macroblocks of 16 x 16 pixels, across and down.
COLUMNS, ROWS = 36, 20
PICTURES_PER_S = 10
#: Pictures from one that stands by itself to the next.
KEY_EVERY = 50
_GROUND, _INK, _BAR, _DONE = 64, 220, 90, 150
#: The quantiser: at 24 a level of the coefficient is 5/8 of a grey.
_QUANTISER = 24
_TEXT_ROW = 6
_BAR_ROW = 14
#: Glyphs of 3 x 5 blocks, row by row.
_GLYPHS = {
    "0": "###|#.#|#.#|#.#|###", "1": ".#.|##.|.#.|.#.|###", "2": "###|..#|###|#..|###",
    "3": "###|..#|###|..#|###", "4": "#.#|#.#|###|..#|..#", "5": "###|#..|###|..#|###",
    "6": "###|#..|###|#.#|###", "7": "###|..#|..#|..#|..#", "8": "###|#.#|###|#.#|###",
    "9": "###|#.#|###|..#|###", ":": ".|#|.|#|.", ".": ".|.|.|.|#",
}  # fmt: skip

Blocks = list[int]


@dataclass(frozen=True, slots=True)
class Video:
    """Coded pictures, each with its length before it, and what a player needs to know first."""

    pictures: tuple[bytes, ...]
    #: Indices of the pictures that stand by themselves, from 0.
    keys: tuple[int, ...]
    #: ``avcC``: parameters of the whole.
    configuration: bytes
    width: int = 16 * COLUMNS
    height: int = 16 * ROWS


def clock_video(start_ms: int, lasting_ms: int) -> Video:
    """Return a video that shows the time of day in UTC, ten times a second.

    Args:
        start_ms: Milliseconds since 1970 of its first picture.
        lasting_ms: How long it is.
    """
    count = max(1, -(-lasting_ms * PICTURES_PER_S // 1000))
    pictures, before = [], None
    for number in range(count):
        wanted = _clock_blocks(start_ms + number * 1000 // PICTURES_PER_S, number / count)
        is_key = number % KEY_EVERY == 0
        coded, before = _coded_picture(number, wanted, None if is_key else before)
        pictures.append(struct.pack(">I", len(coded)) + coded)
    return Video(tuple(pictures), tuple(range(0, count, KEY_EVERY)), _configuration())


def _clock_blocks(time_ms: int, share_done: float) -> Blocks:
    """Return the grey of every macroblock for a time of day, tenths cut off."""
    tenths = time_ms // 100 % 864_000
    seconds = tenths // 10
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{tenths % 10}"
    blocks = [_GROUND] * (COLUMNS * ROWS)
    column = 1
    for letter in text:
        lines = _GLYPHS[letter].split("|")
        for down, line in enumerate(lines):
            for across, mark in enumerate(line):
                if mark == "#":
                    blocks[(_TEXT_ROW + down) * COLUMNS + column + across] = _INK
        column += len(lines[0]) + 1
    for across in range(1, COLUMNS - 1):
        done = across - 1 < share_done * (COLUMNS - 2)
        blocks[_BAR_ROW * COLUMNS + across] = _DONE if done else _BAR
    return blocks


class _Bits:
    """Bits, most significant first."""

    def __init__(self) -> None:
        self._text: list[str] = []

    def bits(self, value: int, count: int) -> None:
        """Write a number in so many bits."""
        self._text.append(f"{value:0{count}b}")

    def unsigned(self, value: int) -> None:
        """Write a number in the unsigned Exp-Golomb code."""
        digits = f"{value + 1:b}"
        self._text.append("0" * (len(digits) - 1) + digits)

    def signed(self, value: int) -> None:
        """Write a number in the signed Exp-Golomb code."""
        self.unsigned(2 * value - 1 if value > 0 else -2 * value)

    def unit(self, head: int) -> bytes:
        """Return a NAL unit: its head, the bits with a stop bit, and what keeps it unambiguous."""
        text = "".join(self._text) + "1"
        text += "0" * (-len(text) % 8)
        body = int(text, 2).to_bytes(len(text) // 8, "big")
        return bytes([head]) + _without_start_codes(body)


def _without_start_codes(body: bytes) -> bytes:
    out, zeros = bytearray(), 0
    for byte in body:
        if zeros == 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def _configuration() -> bytes:
    sequence = _Bits()
    sequence.bits(0x42C01E, 24)  # constrained baseline, level 3.0
    for value in (0, 0, 2, 1):  # id, frame_num of 4 bits, order of output, reference pictures
        sequence.unsigned(value)
    sequence.bits(0, 1)
    sequence.unsigned(COLUMNS - 1)
    sequence.unsigned(ROWS - 1)
    sequence.bits(0b1100, 4)  # frames only, 8 x 8 inference, no cropping, no more about it
    picture = _Bits()
    picture.unsigned(0)
    picture.unsigned(0)
    picture.bits(0, 2)  # CAVLC
    for value in (0, 0, 0):
        picture.unsigned(value)
    picture.bits(0, 3)
    picture.signed(_QUANTISER - 26)
    picture.signed(0)
    picture.signed(0)
    picture.bits(0b100, 3)  # the filter between blocks can be switched off
    whole, part = sequence.unit(0x67), picture.unit(0x68)
    head = bytes([1, 0x42, 0xC0, 0x1E, 0xFF, 0xE1])
    return b"".join(
        (head, struct.pack(">H", len(whole)), whole, b"\1", struct.pack(">H", len(part)), part)
    )


def _coded_picture(number: int, wanted: Blocks, before: Blocks | None) -> tuple[bytes, Blocks]:
    """Return a picture and the greys that a player will show for it."""
    is_key = before is None
    out = _Bits()
    out.unsigned(0)
    out.unsigned(7 if is_key else 5)  # all slices are I, or P
    out.unsigned(0)
    out.bits(number % KEY_EVERY % 16, 4)
    if is_key:
        out.unsigned(number // KEY_EVERY % 2)
        out.bits(0, 2)
    else:
        out.bits(0, 3)  # the references as they are, no marking
    out.signed(0)
    out.unsigned(1)  # no filter between blocks
    shown: Blocks = list(before) if before else [0] * len(wanted)
    skipped = 0
    for index, grey in enumerate(wanted):
        if before is not None and abs(before[index] - grey) <= 1:
            skipped += 1
            continue
        if before is not None:
            out.unsigned(skipped)
            skipped = 0
        shown[index] = _write_block(out, grey, _predicted(shown, index), is_key)
    if skipped:
        out.unsigned(skipped)
    return out.unit(0x65 if is_key else 0x41), shown


def _predicted(shown: Sequence[int], index: int) -> int:
    """Return the grey that a block is predicted as: the mean of those left of it and above it."""
    near = list(_neighbours(shown, index))
    return (sum(near) * 16 + 8 * len(near)) // (16 * len(near)) if near else 128


def _neighbours(shown: Sequence[int], index: int) -> Iterator[int]:
    if index % COLUMNS:
        yield shown[index - 1]
    if index >= COLUMNS:
        yield shown[index - COLUMNS]


def _write_block(out: _Bits, grey: int, predicted: int, is_key: bool) -> int:
    """Write a block predicted from its neighbours as a whole; return the grey it comes to."""
    out.unsigned(3 if is_key else 8)  # 16 x 16, by the mean, no other coefficients
    out.unsigned(0)  # colours by the mean too: none
    out.signed(0)
    level = round((grey - predicted) * 8 / 5)
    if abs(level) < 2:
        out.bits(1, 1)
        return predicted
    out.bits(0b000101, 6)
    code = 2 * abs(level) - 4 + (level < 0)
    if code < 14:
        out.bits(1, code + 1)
    elif code < 30:
        out.bits(1, 15)
        out.bits(code - 14, 4)
    else:
        out.bits(1, 16)
        out.bits(code - 30, 12)
    out.bits(1, 1)
    # Scaling and transform of a lone coefficient, clause 8.5.
    scaled = (level * 160 + 2) >> 2
    return min(255, max(0, predicted + ((scaled + 32) >> 6)))
