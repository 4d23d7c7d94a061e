"""What DJI's aircraft, controllers and apps write.  Every public module is a format."""
