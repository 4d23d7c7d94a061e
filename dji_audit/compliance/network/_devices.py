"""The devices that a unit declares: each by one name or by several, as network logs call it."""

from collections.abc import Sequence

import pandas as pd


def names_of(device: str) -> tuple[str, ...]:
    """Return the names of one device, which is declared as ``192.0.2.20,tablet.lan``."""
    return tuple(name for part in device.split(",") if (name := part.strip()))


def told_of(rows: pd.DataFrame, devices: Sequence[str]) -> "pd.Series[bool]":
    """Return which contacts are told of one of the devices, by any of its names."""
    return rows["device"].isin([name for device in devices for name in names_of(device)])
