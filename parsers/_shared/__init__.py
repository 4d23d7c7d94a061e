"""What readers of several families use: SQLite databases, and names of hosts in bytes."""
