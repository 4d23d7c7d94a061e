"""What the formats of ArduPilot and PX4 share."""
