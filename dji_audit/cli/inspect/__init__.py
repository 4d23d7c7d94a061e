"""The views of ``dji-audit inspect``."""
