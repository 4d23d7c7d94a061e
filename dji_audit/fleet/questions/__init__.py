"""Questions to a fleet: each is answered from the tables of a state, as a table with notes.

The summary and the questions about tables are statements of SQL; what was near a place, and who
was in the air together, follow from the simplified tracks; a statement may be the user's own.
"""
