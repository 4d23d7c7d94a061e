"""The state of a fleet: its folder, the ledger of its runs, what is swept, and states merged."""
