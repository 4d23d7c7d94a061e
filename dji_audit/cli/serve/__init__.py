"""The command that serves a state to a browser of this computer."""
