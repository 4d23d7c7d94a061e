"""``dji-audit inspect``: one log, or one flight and its logs."""
