"""What a log states more than once: readings of sensors, counts, serial numbers, totals.

Two statements of one thing show whether a log agrees with itself.  Nothing here is judged: that is
for whoever reads the log.
"""
