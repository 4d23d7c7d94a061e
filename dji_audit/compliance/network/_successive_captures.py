"""Captures that follow one another, and conversations that run from one into the next.

A recorder that begins a new file every hour, or every megabyte, cuts each conversation where a
file ends.  What was sent in it is the sum over the files; of two logs that recorded the same time
it is not, since both may hold the same bytes.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

_CAPTURE_FORMATS = frozenset({"pcap", "pcapng"})
#: Time between the last packet of a file and the first of the next, which may come before it.
_LONGEST_PAUSE, _OVERLAP = pd.Timedelta(seconds=60), pd.Timedelta(seconds=1)
#: Time for which a conversation that goes on may be silent.
_LONGEST_SILENCE = pd.Timedelta(seconds=120)


def first_capture_of_each_run(logs: Sequence[parsers.Log], rows: pd.DataFrame) -> _Ints:
    """Return for each log the index of the first of the captures that it follows, or its own.

    Args:
        logs: As of ``FlightContacts``; of thousands of files few hold contacts of a flight.
        rows: The contacts, with the index of their log.
    """
    first = np.arange(len(logs), dtype=np.int64)
    captures = sorted(
        (window.start, window.end, number)
        for number in rows["log"].unique().tolist()
        if logs[number].source.format in _CAPTURE_FORMATS
        and (window := logs[number].capture_window) is not None
        and window.start is not None
        and window.end is not None
    )
    for (_, end, before), (start, _, after) in pairwise(captures):
        follows = -_OVERLAP <= start - end <= _LONGEST_PAUSE
        if follows and logs[before].source.format == logs[after].source.format:
            first[after] = first[before]
    return first


def bytes_up_of_whole_conversations(rows: pd.DataFrame, first_of_run: _Ints) -> _Floats:
    """Return what the conversation of each contact sent, in all captures that it runs through.

    Args:
        rows: Contacts as of ``FlightContacts.rows``.
        first_of_run: For each log, from ``first_capture_of_each_run``.

    Returns:
        Bytes, shape ``(n,)``; NaN: not known.
    """
    sent = rows["bytes_up"].to_numpy(np.float64, na_value=np.nan).copy()
    logs = rows["log"].to_numpy(np.int64)
    runs = first_of_run[logs]
    is_cut = np.isin(runs, runs[runs != logs]) & (rows["address"].notna() & rows["time"].notna())
    parts = np.flatnonzero(is_cut)
    if not len(parts):
        return sent
    ends = rows["end"].where(rows["end"].notna(), rows["time"])
    times = rows["time"]
    conversations: dict[tuple[object, ...], list[int]] = {}
    chains: list[list[int]] = []
    for row in parts[np.argsort(times.iloc[parts].to_numpy(), kind="stable")].tolist():
        key = (runs[row], *(rows[name].iloc[row] for name in ("device", "address", "port")))
        chain = conversations.get(key, [])
        goes_on = (
            bool(chain)
            and logs[chain[-1]] != logs[row]
            and -_OVERLAP <= times.iloc[row] - ends.iloc[chain[-1]] <= _LONGEST_SILENCE
        )
        if not goes_on:
            chain = conversations[key] = []
            chains.append(chain)
        chain.append(row)
    for chain in chains:
        if len(chain) > 1 and np.isfinite(sent[chain]).any():
            sent[chain] = np.nansum(sent[chain])
    return sent
