"""``dji-audit map``: pages of flights, and when a position was in view."""
