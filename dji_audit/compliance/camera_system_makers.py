"""The makers of a force's camera systems, from drones and fixed cameras to body-worn video.

A survey asks who made each system, and people answer in many spellings.
``camera_system_maker_by_name_or_none`` brings these to one name, so that answers can be grouped
and held against the lists of makers; a maker that is not here is its own group.  That a maker is
here says only that it makes such systems.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from dji_audit.common.shipped_tables import shipped_table_rows
from dji_audit.compliance.makers_of_concern import (
    MakerListing,
    all_shipped_maker_listings,
    normalised_maker_name,
    split_names,
)


class CameraSystemKind(StrEnum):
    """A kind of system that records or views images, as the surveys of forces divide them."""

    DRONE = "drone"
    FIXED_CAMERA = "fixed_camera"
    BODY_WORN_VIDEO = "body_worn_video"
    ANPR = "anpr"
    HELICOPTER_CAMERA = "helicopter_camera"
    #: Software that keeps or shows the images of cameras.
    VIDEO_MANAGEMENT = "video_management"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSystemMaker:
    """One maker of camera systems."""

    maker: str
    #: Other names of the maker and its brands.
    aliases: tuple[str, ...]
    #: What it makes of a force's systems; empty: no source that was read says.
    systems: frozenset[CameraSystemKind]
    #: The company that it belongs to, by its name here; ``None``: none is known.
    owner: str | None
    #: Where it is said that it makes them, and who owns it.
    source: str
    #: The day on which the source was read.
    read: dt.date

    @property
    def names(self) -> tuple[str, ...]:
        """Its name and all other names."""
        return self.maker, *self.aliases


@cache
def shipped_camera_system_makers() -> tuple[CameraSystemMaker, ...]:
    """Return the makers that ship with dji-audit, by name."""
    return tuple(
        CameraSystemMaker(
            maker=row["maker"],
            aliases=split_names(row["aliases"]),
            systems=frozenset(map(CameraSystemKind, split_names(row["systems"]))),
            owner=row["owner"] or None,
            source=row["source"],
            read=dt.date.fromisoformat(row["read"]),
        )
        for row in shipped_table_rows("estate_makers.csv")
    )


def camera_system_maker_by_name_or_none(name: str) -> CameraSystemMaker | None:
    """Return the maker that a person means by a name; ``None``: it is not known here.

    The name begins with one of the maker's, the longest of which counts; the form of the company
    (``Ltd``, ``GmbH``) or a model (``Axis P3265-LVE``) may follow.  Whole words count:
    ``Axisware`` is not ``Axis``.
    """
    words = normalised_maker_name(name).split()
    makers = _makers_by_name()
    for length in range(len(words), 0, -1):
        maker = makers.get(" ".join(words[:length]))
        if maker is not None:
            return maker
    return None


def listings_of_maker(name: str, day: dt.date) -> tuple[MakerListing, ...]:
    """Return the rows of the lists that name a maker on a date, under any of its names.

    An owner's rows are not its company's: a list that means affiliates too says so in its source.
    """
    maker = camera_system_maker_by_name_or_none(name)
    names = (name,) if maker is None else (name, *maker.names)
    return tuple(
        row
        for row in all_shipped_maker_listings()
        if row.applies_on(day) and any(map(row.matches_maker, names))
    )


@cache
def _makers_by_name() -> dict[str, CameraSystemMaker]:
    """Return normalised name -> maker."""
    return {
        normalised_maker_name(name): maker
        for maker in shipped_camera_system_makers()
        for name in maker.names
    }
