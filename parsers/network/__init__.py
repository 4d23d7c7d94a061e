"""What networks and devices write of who was talked to.  Every public module is a format."""
