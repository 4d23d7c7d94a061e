"""A map that the unit supplies, and what is cut out of it for one page."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

#: South, west, north, east in WGS 84 degrees; longitude is continuous.
Box = tuple[float, float, float, float]
#: Longitude and latitude in whole steps of `VectorMapClip.step`, in turn: right, down, right, down.
FlatLine = list[int]


class SuppliedMapError(ValueError):
    """A file is no map that can be read, or it is damaged."""


class SuppliedMapKind(StrEnum):
    """What a map is made of."""

    RASTER_TILES = "raster tiles"
    VECTOR_TILES = "vector tiles"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppliedMap:
    """A file with a map: MBTiles, PMTiles or GeoTIFF.  It is opened anew for each page."""

    path: Path
    sha256: str
    kind: SuppliedMapKind
    #: Whose map it is, as the file states; empty: it does not.
    attribution: str
    #: ``None``: the file does not state where its map lies.
    bounds: Box | None
    #: ``None``: it has no tiles.
    min_zoom: int | None = None
    max_zoom: int | None = None

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.path.name

    @property
    def description(self) -> str:
        """What it is, at which zooms, and whose, for a report."""
        zooms = "" if self.max_zoom is None else f", zoom {self.min_zoom} to {self.max_zoom}"
        whose = f"; attribution: {self.attribution}" if self.attribution else ""
        return f"{self.kind}{zooms}{whose or '; the file states no attribution'}"


@dataclass(frozen=True, slots=True)
class PlacedMapImage:
    """A picture in the page, and where it lies in a Mercator world of one by one."""

    #: Of its tile; ``None``: a picture that is no tile.
    zoom: int | None
    left: float
    top: float
    right: float
    bottom: float
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class VectorMapClip:
    """Lines, areas and names of some vector tiles."""

    #: Length of one step in a Mercator world of one by one.
    step: float
    #: Where the steps are counted from, in such steps.
    left: int
    top: int
    #: Class of `FEATURE_CLASSES` -> its lines or rings.
    lines: dict[str, list[FlatLine]] = field(default_factory=dict)
    #: Name, steps right and down, and weight: 0 is named first.
    names: list[tuple[str, int, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppliedMapClip:
    """What is cut out of a map for one page."""

    source: SuppliedMap
    pictures: tuple[PlacedMapImage, ...] = ()
    vectors: VectorMapClip | None = None
    #: What a reader must know: zooms, what was left out, what is damaged.
    remarks: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the map has nothing here."""
        return not self.pictures and (self.vectors is None or not self.vectors.lines)
