"""What a lead shows of a fleet: the dashboard, one sealed page, and a month for publication.

Both are drawn from the tables of a state.  Every number of the dashboard leads to the flights or
contacts that it counts, and these to the bytes; ``monthly_report`` has counts and no positions.
"""

from dji_audit.fleet.dashboard._draw_page import draw_fleet_page

__all__ = ["draw_fleet_page"]
