"""What the tests of this family share: the format of made bytes, and the story's conversations."""

import pandas as pd

import parsers
from parsers import Content, Log
from sample_logs.network_files import EMAIL
from sample_logs.network_story import CONVERSATIONS, HIDDEN


def format_of(data: str | bytes, name: str) -> str:
    """Return the format that claims some bytes."""
    return parsers.identify(Content(name, data.encode() if isinstance(data, str) else data)).name


def utc(ms: int) -> pd.Timestamp:
    """Return an instant of milliseconds since 1970."""
    return pd.Timestamp(ms, unit="ms", tz="UTC")


def all_texts(log: Log) -> str:
    """Return all that a log tells, as one text."""
    frames = [log.contacts, *(log.records(name) for name in log.record_counts)]
    parts = [frame.to_csv() for frame in frames]
    parts += [str(log.issues), str(log.host_references), str(log.capture_window), str(log.clock)]
    return "\n".join(parts)


def shows_no_secret(log: Log) -> bool:
    """Return whether nothing that must not be told is."""
    told = all_texts(log)
    return not any(secret in told for secret in (HIDDEN, EMAIL, "pilot7"))


#: Conversations whose host a log of requests can name.
NAMED = [talk for talk in CONVERSATIONS if talk.host is not None]
