"""Write what `dji-audit keys fetch` would have left beside the keychains of the sealed record.

Nothing was sent: no server can give keys for a synthetic log.
"""

import json
from pathlib import Path
from typing import Any

from sample_logs.story import Story

DISCLOSED = "keychains.json.disclosed.jsonl"
#: SHA-256 of the request for the keys of the version 14 sample, and the bytes of its body.
REQUEST, BYTES = "beb837ce3d58d9bcb00a86758b2d51b3c39005d06b629c6266960352df1d336a", 4241
_TO = "https://dev.dji.com/openapi/v1/flight-records/keychains"


def write_network_disclosure(folder: Path, story: Story) -> dict[str, Any]:
    """Write two requests: one that failed, and was sent again and answered."""
    disclosed = {
        "key_ciphertexts": 10, "version": 3, "department": 3, "api_key": True,
    }  # fmt: skip
    lines = (
        (
            "2026-05-20T08:15:00.000+00:00",
            "sending",
            {"bytes": BYTES, "disclosed": disclosed, "attempt": 1},
        ),
        ("2026-05-20T08:15:30.000+00:00", "failed", {"reason": "no whole answer within 30 s"}),
        (
            "2026-05-20T08:15:31.000+00:00",
            "sending",
            {"bytes": BYTES, "disclosed": disclosed, "attempt": 2},
        ),
        ("2026-05-20T08:15:31.450+00:00", "answer", {"status": 200, "bytes": 2310}),
    )
    text = ""
    for time, event, more in lines:
        line = {"time": time, "tool": "dji-audit 0.1.0", "to": _TO, "event": event}
        text += json.dumps(line | {"request": REQUEST} | more) + "\n"
    (folder / DISCLOSED).write_text(text, newline="\n")
    return {}
