"""What rows show: runs of equal values, positions nobody measured, when the aircraft flew.

Readings of sensors too, which state once more what the track states; nothing is judged here.
"""
