"""What the formats of packet captures share."""
