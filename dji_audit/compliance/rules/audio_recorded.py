"""No sound was recorded, or an operation allowed it.

Aircraft rarely have a microphone, but a video file may still hold sound.  Only the media
files show it: a flight record states that a video was made, not whether it has sound.
"""

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.inventory import aircraft_serials
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._example import Example, hover_track
from dji_audit.compliance.rules._flight_recordings import (
    FlightRecording,
    flight_recordings,
    recording_counts_text,
    recordings_unknown_reason,
)
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """List the sound recordings that no operation allowed."""
    recordings = flight_recordings(flight)
    sound = [recording for recording in recordings if recording.kind == "audio"]
    not_allowed = [
        recording for recording in sound if not _operation_allows_audio(flight, recording, inputs)
    ]
    if not_allowed:
        findings = [_finding(recording, inputs) for recording in not_allowed]
        return CheckResult.of(
            findings,
            "",
            f"{recording_counts_text(not_allowed)} without an operation that allows sound.",
        )
    if reason := recordings_unknown_reason(flight):
        return CheckResult.not_assessable(reason)
    videos = sum(recording.kind == "video" for recording in recordings)
    files = _video_file_count(flight)
    if files < videos:
        return CheckResult.not_assessable(
            f"{videos} video{'s' * (videos > 1)} recorded, and {files or 'no'} video file"
            f"{'s' * (files != 1)} read: only the files show whether there is sound."
        )
    if sound:
        return CheckResult(
            Outcome.PASS, f"{recording_counts_text(sound)}, each allowed by an operation."
        )
    return CheckResult(Outcome.PASS, "No file holds sound." if files else "No video was recorded.")


def _video_file_count(flight: Flight) -> int:
    """Return the number of video files among the logs of the flight."""
    return sum(log.source.format == "video" for log in flight.logs)


def _operation_allows_audio(flight: Flight, sound: FlightRecording, inputs: RuleInputs) -> bool:
    operations = inputs.context.operations
    if operations is None or sound.start is None or sound.end is None:
        return False
    rows = operations.operations_containing(sound.start, sound.end, aircraft_serials(flight))
    return any(row.record.audio for row in rows)


def _finding(sound: FlightRecording, inputs: RuleInputs) -> Finding:
    duration = ""
    if sound.start is not None and sound.end is not None:
        duration = f" for {(sound.end - sound.start).total_seconds():.0f} s"
    return inputs.finding(
        f"sound was recorded{duration}",
        grade="measured",
        evidence=(sound.evidence,),
        start=sound.start,
        end=sound.end,
    )


_SOUND = ({"kind": "audio", "start": 2, "end": 8},)

RULE = Rule(
    id="audio_recorded",
    title="No sound was recorded unless an operation allowed it",
    looks_at="Sound recordings in media files; the operations log.",
    not_assessable="A video was recorded and its file was not read, or no log shows recordings.",
    parameters=Parameters,
    check=check,
    examples=(
        Example(Outcome.PASS, "a flight without recordings", hover_track(*[10.0] * 9)),
        Example(
            Outcome.PASS,
            "sound in an operation that allows it",
            hover_track(*[10.0] * 9),
            captures=_SOUND,
            operations=({"operation": "OP-1", "start": -9, "end": 99, "audio": True},),
        ),
        Example(
            Outcome.FAIL,
            "sound that no operation allows",
            hover_track(*[10.0] * 9),
            captures=_SOUND,
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a video whose file was not given",
            hover_track(*[10.0] * 9),
            captures=({"kind": "video", "start": 2, "end": 8},),
        ),
    ),
    authorisable=True,
)
