"""Runs over many files: input files, worker processes, the spool of logs, the output folder."""
