"""``dji-audit audit``, ``demo`` and ``diff``: the main job and its summary on the terminal."""
