"""``python -m dji_audit``: the command where no script of that name is on the path."""

from dji_audit.cli import main

if __name__ == "__main__":
    main()
