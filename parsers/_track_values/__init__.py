"""What rows show: runs of equal values, positions nobody measured, when the aircraft flew."""
