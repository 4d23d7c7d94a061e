"""What MAVLink autopilots and their ground stations write.  Every public module is a format."""
