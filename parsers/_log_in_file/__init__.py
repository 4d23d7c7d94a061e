"""Where in a file the bytes of a log lie, and offsets in the file of what was read from them."""
