"""``dji-audit dossier``, ``verify`` and ``timestamp``."""
