"""No sound was recorded, or an operation allowed it.

Aircraft seldom have a microphone, but a video file can hold sound all the same.  Only
the media files show it: a flight record says that a
video was made, not whether there is sound in it.
"""

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.inventory import serials
from dji_audit.compliance.rules._captures import Recording, counted, recordings, untold
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    judged,
    unknowable,
)
from dji_audit.flights import Flight


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List the recordings of sound that no operation allowed."""
    taken = recordings(flight)
    sound = [each for each in taken if each.kind == "audio"]
    bad = [each for each in sound if not _allowed(flight, each, inputs)]
    if bad:
        found = [_finding(each, inputs) for each in bad]
        return judged(found, "", f"{counted(bad)} without an operation that allows sound.")
    if reason := untold(flight):
        return unknowable(reason)
    videos = sum(each.kind == "video" for each in taken)
    files = _video_files(flight)
    if files < videos:
        return unknowable(
            f"{videos} video{'s' * (videos > 1)} recorded, and {files or 'no'} video file"
            f"{'s' * (files != 1)} of them read: only the files show whether there is sound."
        )
    if sound:
        return Verdict(Outcome.PASS, f"{counted(sound)}, each allowed by an operation.")
    return Verdict(Outcome.PASS, "No file holds sound." if files else "No video was recorded.")


def _video_files(flight: Flight) -> int:
    """Return how many of the flight's logs are video files, which show whether there is sound."""
    return sum(log.source.format == "video" for log in flight.logs)


def _allowed(flight: Flight, sound: Recording, inputs: Inputs) -> bool:
    operations = inputs.case.operations
    if operations is None or sound.start is None or sound.end is None:
        return False
    rows = operations.during(sound.start, sound.end, serials(flight))
    return any(row.said.audio for row in rows)


def _finding(sound: Recording, inputs: Inputs) -> Finding:
    lasted = ""
    if sound.start is not None and sound.end is not None:
        lasted = f" for {(sound.end - sound.start).total_seconds():.0f} s"
    return Finding(
        RULE.id,
        inputs.severity,
        f"sound was recorded{lasted}",
        "measured",
        (sound.shown,),
        sound.start,
        sound.end,
    )


_SOUND = ({"kind": "audio", "start": 2, "end": 8},)

RULE = Rule(
    "audio_recorded",
    "No sound was recorded unless an operation allowed it",
    "Recordings of sound in media files; the operations log.",
    "A video was recorded and its file was not read; or no log tells of recordings.",
    Parameters,
    check,
    authorisable=True,
    examples=(
        Example(Outcome.PASS, "a flight without recordings", hover(*[10.0] * 9)),
        Example(
            Outcome.PASS,
            "sound in an operation that allows it",
            hover(*[10.0] * 9),
            captures=_SOUND,
            operations=({"operation": "OP-1", "start": -9, "end": 99, "audio": True},),
        ),
        Example(Outcome.FAIL, "sound, and nothing allows it", hover(*[10.0] * 9), captures=_SOUND),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a video whose file is not at hand",
            hover(*[10.0] * 9),
            captures=({"kind": "video", "start": 2, "end": 8},),
        ),
    ),
)
