"""The colours of what lies behind the path: pale, so that every colour of the path stands out."""

SEA = "#e2ebf3"
LAND = "#f4f2ee"
COAST = "#8fa3b5"
BOUNDARY = "#b3a58f"
PLACE = "#4a5058"
COUNTY = "#8a7a5c"
