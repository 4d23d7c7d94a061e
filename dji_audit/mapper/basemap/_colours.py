"""The colours of what lies behind the path: pale, so that every colour of the path stands out."""

SEA = "#e2ebf3"
LAND = "#f4f2ee"
#: Where land and sea are not told apart.
UNSURE = "#eef1f4"
COAST = "#8fa3b5"
BOUNDARY = "#b3a58f"
PLACE = "#4a5058"
COUNTY = "#8a7a5c"

#: Classes of the unit's vector map: areas by their fill, lines by their stroke.
FEATURE_COLOURS = {
    "land": LAND,
    "wood": "#d3e2cb",
    "green": "#e1ecd6",
    "built_up": "#ece8e2",
    "water": "#c4d9ea",
    "building": "#d8cfc4",
    "boundary": BOUNDARY,
    "stream": "#a9c5dc",
    "path": "#c9b79c",
    "minor_road": "#cdc6bb",
    "road": "#c9ae6f",
    "main_road": "#c58f6a",
    "rail": "#9a9aa5",
}
#: Widths of lines in the still picture, pixels.
FEATURE_WIDTHS = {
    "boundary": 1,
    "stream": 1,
    "path": 1,
    "minor_road": 1.6,
    "road": 2.6,
    "main_road": 3.6,
    "rail": 1.4,
}
