"""Runs over many files: finding of input files, worker processes, the spool of logs, the output folder."""
