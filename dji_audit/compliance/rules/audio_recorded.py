"""No sound was recorded, or an operation allowed it.

Aircraft rarely have a microphone, but a video file may still hold sound.  Only the media
files show it: a flight record states that a video was made, not whether it has sound.  Where a
log shows that no video was made, there was no sound either.
"""

from dataclasses import replace
from typing import Any

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed, availability_of_facts_in_air
from dji_audit.compliance.findings import DataNeedObservation, Finding
from dji_audit.compliance.inventory import aircraft_serials_in_logs_of_flight
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._finding_sentences import (
    interval_text,
    position_relative_to_takeoff_text,
)
from dji_audit.compliance.rules._shared._flight_evidence import lat_lon_of_last_fix_before
from dji_audit.compliance.rules._shared._media_recordings import (
    MediaRecordingWithEvidence,
    media_recordings_of_flight,
    recording_counts_text,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight

#: Formats of files that hold the video itself.
_VIDEO_FILE_FORMATS = frozenset({"video", "mpeg-ts"})


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """List the sound recordings that no operation allowed."""
    sound = [
        recording for recording in media_recordings_of_flight(flight) if recording.kind == "audio"
    ]
    bad = [one for one in sound if not _operation_allows_audio(flight, one, inputs)]
    if sound and not bad:
        reason = f"{recording_counts_text(sound)}, each allowed by an operation."
    else:
        reason = (
            "No file holds sound."
            if _media_files_listing_their_tracks(flight)
            else "No video was recorded."
        )
    return CheckResult.from_findings(
        [_audio_finding(flight, one, inputs) for one in bad],
        reason,
        f"{recording_counts_text(bad)} that no operation allowed.",
    )


def _availability_of_sound_recording(
    flight: Flight, _parameters: Any, _context: AuditContext
) -> DataNeedObservation:
    """Return when sound would have been seen: when a video was made, in the file of each."""
    observation = availability_of_facts_in_air(flight, ("video", "audio"))
    listing = _media_files_listing_their_tracks(flight)
    shown_by = [
        {index for index, _ in offsets}
        for kind, offsets in zip(
            flight.captures["kind"], flight.log_offsets_of_captures, strict=True
        )
        if kind == "video"
    ]
    without_list = [indices for indices in shown_by if indices.isdisjoint(listing)]
    # As many files as videos will do: their clocks may not show which is of which.
    if not without_list or len(listing) >= len(shown_by):
        return observation
    videos = pluralised_count(len(shown_by), "video")
    files = pluralised_count(len(listing), "video file") if listing else "no video files"
    reason = f"{videos} recorded, and {files} read: only the files show whether there is sound."
    remedy = "Give the video files of the flight with its logs."
    unlisted = sorted(
        {
            flight.sources[index].log.source.name
            for indices in without_list
            for index in indices
            if flight.logs[index].source.format in _VIDEO_FILE_FORMATS
        }
    )
    if unlisted:
        reason = f"{unlisted[0]} does not list its streams: whether it holds sound is not known."
        remedy = ""
    return replace(observation, share=0.0, reason=reason, remedy=remedy)


def _media_files_listing_their_tracks(flight: Flight) -> list[int]:
    """Return the indices of the logs that list the tracks of their files: sound would show."""
    return [index for index, log in enumerate(flight.logs) if "audio" in log.facts]


def _operation_allows_audio(
    flight: Flight, sound: MediaRecordingWithEvidence, inputs: RuleInputs
) -> bool:
    operations = inputs.context.operations
    if operations is None or sound.start is None or sound.end is None:
        return False
    rows = operations.operations_containing_interval(
        sound.start, sound.end, aircraft_serials_in_logs_of_flight(flight)
    )
    return any(row.record.audio for row in rows)


def _audio_finding(
    flight: Flight, sound: MediaRecordingWithEvidence, inputs: RuleInputs
) -> Finding:
    where = position_relative_to_takeoff_text(flight, sound.start)
    return inputs.finding(
        f"Sound was recorded {interval_text(sound.start, sound.end)}"
        f"{f', {where}' if where else ''}, and no operation allowed it; known from the track of "
        f"sound in {sound.evidence.file}.",
        grade="measured",
        evidence=(sound.evidence,),
        start=sound.start,
        end=sound.end,
        position=lat_lon_of_last_fix_before(flight, sound.start),
    )


_SOUND = ({"kind": "audio", "start": 2, "end": 8},)

_NEEDS = (
    DataNeed(
        "video or audio",
        _availability_of_sound_recording,
        words="whether a video was made, for 95 % of the time in the air, and of each the "
        "list of its tracks",
    ),
)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS, "a flight without recordings", hover_example_track_at_heights(*[10.0] * 9)
    ),
    ExampleFlight(
        Outcome.PASS,
        "sound in an operation that allows it",
        hover_example_track_at_heights(*[10.0] * 9),
        captures=_SOUND,
        operations=({"operation": "OP-1", "start": -9, "end": 99, "audio": True},),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "sound that no operation allows",
        hover_example_track_at_heights(*[10.0] * 9),
        captures=_SOUND,
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a video whose file was not given",
        hover_example_track_at_heights(*[10.0] * 9),
        captures=({"kind": "video", "start": 2, "end": 8},),
        without_facts=("audio",),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a log that shows no camera",
        hover_example_track_at_heights(*[10.0] * 9),
        without_facts=("audio", "video"),
    ),
)
RULE = Rule(
    id="audio_recorded",
    title="No sound was recorded unless an operation allowed it",
    parameters=Parameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="Sound recordings in media files; the operations log.",
    not_assessable="A video was recorded and its file was not read, or no log shows recordings.",
)
