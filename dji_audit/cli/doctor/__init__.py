"""``dji-audit doctor``: what of a configuration and of this computer is missing, old or unused."""
