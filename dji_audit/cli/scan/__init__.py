"""``dji-audit scan``: the dry run, what lies below some paths before anything is read."""
