"""Runs over many files: discovery, worker processes, the spool of logs, the output folder."""
