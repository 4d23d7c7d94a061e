"""The tables of a fleet: what a run found out, for people and programs that ask.

``schema`` describes every column, ``open_database`` and ``unpack_simplified_tracks`` read, and the
rest writes them into a state, as SQLite and Parquet. ``docs/fleet_tables.md`` is made from here.
"""
