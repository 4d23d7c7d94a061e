"""The dashboard of a fleet: one sealed page, drawn from the tables of a state.

Every number on it leads to the flights or contacts that it counts, and these to the bytes.
"""

from dji_audit.fleet.dashboard._draw_page import draw_fleet_page

__all__ = ["draw_fleet_page"]
