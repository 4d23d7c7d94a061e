"""Dossiers: evidence, results, hashes and what was done, in one archive that can be checked."""
