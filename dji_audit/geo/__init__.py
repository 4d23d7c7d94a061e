"""The earth: geodesy, grid, sun and the height of the ground."""
