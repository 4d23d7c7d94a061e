"""``dji-audit export``, ``timeline`` and ``report``: results as files for other programs."""
