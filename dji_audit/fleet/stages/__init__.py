"""The stages of a run: read, join, audit, and write; each leaves its results on disk.

What a stage keeps in memory of a file or a flight is what the next stages decide by: names, ids,
times, serial numbers, hashes and where its rows lie.
"""
