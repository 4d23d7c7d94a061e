"""Videos that show the time of day in their pictures, opened on a page and read from its screen."""

import base64
import re
from typing import Any

from sample_logs import dji_video, h264

#: A grey of the middle of each macroblock of the picture that a video shows now.
GREYS = """(video) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const ctx = canvas.getContext('2d', { willReadFrequently: true });
  ctx.drawImage(video, 0, 0);
  const { data } = ctx.getImageData(0, 0, canvas.width, canvas.height);
  const greys = [];
  for (let y = 8; y < canvas.height; y += 16)
    for (let x = 8; x < canvas.width; x += 16) greys.push(data[4 * (y * canvas.width + x)]);
  return greys;
}"""
#: Whether every video shows the picture it was asked for.
STILL = "() => [...document.querySelectorAll('video')].every((v) => !v.seeking && v.readyState > 1)"


def milliseconds(clock: str) -> int:
    """Return the time of day of a text such as ``09:04:43.0 UTC``, in milliseconds."""
    hours, minutes, seconds = re.findall(r"(\d\d):(\d\d):(\d\d\.\d)", clock)[0]
    return round(((int(hours) * 60 + int(minutes)) * 60 + float(seconds)) * 1000)


def burnt_in(page: Any, video: int = 0) -> int:
    """Return the time of day that a video shows, in milliseconds."""
    page.wait_for_function(STILL)
    greys = page.locator("video").nth(video).evaluate(GREYS)
    rows = [greys[at : at + h264.COLUMNS] for at in range(0, len(greys), h264.COLUMNS)]
    column, text = 1, ""
    for sign in "00:00:00.0":
        wide = 1 if sign in ":." else 3
        shape = "|".join(
            "".join("#" if grey > 130 else "." for grey in row[column : column + wide])
            for row in rows[6:11]
        )
        text += next(letter for letter, glyph in h264._GLYPHS.items() if glyph == shape)
        column += wide + 1
    return milliseconds(text)


def dropped(page: Any, target: str, *files: tuple[str, bytes]) -> None:
    """Drop files on an element, as a browser tells of it."""
    page.evaluate(
        """([target, files]) => {
          const transfer = new DataTransfer();
          for (const [name, text] of files) {
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            transfer.items.add(new File([bytes], name));
          }
          const where = document.querySelector(target);
          for (const kind of ['dragenter', 'dragover', 'drop']) {
            const about = { dataTransfer: transfer, bubbles: true, cancelable: true };
            where.dispatchEvent(new DragEvent(kind, about));
          }
        }""",
        [target, [[name, base64.b64encode(data).decode()] for name, data in files]],
    )


def video_of(lasting_ms: int, start_ms: int = 0) -> bytes:
    """Return a video that shows the time of day, from some milliseconds after midnight on."""
    return dji_video.lay_out([], 0, lasting_ms, h264.clock_video(start_ms, lasting_ms))[0]
