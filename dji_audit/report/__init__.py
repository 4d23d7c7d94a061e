"""Audits to files: one row a flight, one document a run, one line for the verdict."""
