"""Many logs: what is in a folder, and how it is audited without one file stopping the rest."""
