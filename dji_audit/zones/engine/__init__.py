"""Where and when a track meets zones, in space and time."""
