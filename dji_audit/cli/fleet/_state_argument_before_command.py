"""``fleet STATE summary`` and ``fleet summary STATE``: the state may come before the question."""

from typing import Any

import typer
from typer.core import TyperGroup


class StateFirstGroup(TyperGroup):
    """A group of commands whose first argument, a state, may stand before their name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the command before the state.

        Raises:
            typer.BadParameter: If a state is named and no command.
        """
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            names = ", ".join(self.commands)
            if len(args) == 1:
                raise typer.BadParameter(f"{args[0]}: what about it? Name one of: {names}")
            if args[1] in self.commands:
                args = [args[1], args[0], *args[2:]]
        return super().parse_args(ctx, args)
