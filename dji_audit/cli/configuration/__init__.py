"""A unit's configuration, ``dji-audit.toml``: what it may hold, where it is found, how it applies.

Options of the command line that a unit would give every day stand in one file.  Nothing of it is
ever executed, and what the command line says wins.
"""
