"""The command ``dji-audit incident``."""
