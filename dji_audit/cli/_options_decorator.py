"""How the options of a class, and the unit's configuration, become those of a command."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import wraps
from typing import Any, get_type_hints

import typer

from dji_audit.cli._options import PolicyAndContextOptions

Command = Callable[..., None]


def add_options_of_class(kind: type[Any]) -> Callable[[Command], Command]:
    """Give a command the fields of a dataclass as its options.

    The command has a parameter ``options``, which is that object; its other
    parameters are its arguments, and come first in its help.  Where the class has
    ``config``, the options are those of the unit's configuration too, and so is the
    first argument, the paths.
    """
    is_configurable = issubclass(kind, PolicyAndContextOptions)

    def decorate(command: Command) -> Command:
        annotations = get_type_hints(kind, include_extras=True)
        arguments = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in inspect.signature(command).parameters.values()
            if parameter.name != "options"
        ]
        options = [
            inspect.Parameter(
                option.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if option.default is MISSING else option.default,
                annotation=annotations[option.name],
            )
            for option in sorted(
                fields(kind), key=lambda option: _inheritance_depth_of_option(kind, option.name)
            )
        ]

        @wraps(command)
        def call(**values: Any) -> None:
            chosen = kind(**{option.name: values.pop(option.name) for option in options})
            if isinstance(chosen, PolicyAndContextOptions):
                from dji_audit.cli.configuration._apply_configuration import (
                    options_and_paths_with_configuration,
                )

                given = names_of_options_set_by_user(values.pop(_CONTEXT))
                chosen, values[PATHS] = options_and_paths_with_configuration(
                    chosen, values[PATHS], given
                )
            command(**values, options=chosen)

        context = inspect.Parameter(
            _CONTEXT, inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context
        )
        parameters = [*[context] * is_configurable, *arguments, *options]
        vars(call)["__signature__"] = inspect.Signature(parameters)
        call.__annotations__ = {each.name: each.annotation for each in parameters}
        return call

    return decorate


#: The argument that a configuration may give, and the parameter for what the command line gave.
PATHS, _CONTEXT = "paths", "command_context"


def names_of_options_set_by_user(context: typer.Context) -> frozenset[str]:
    """Return the names of the options that the command line or the environment gives."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return frozenset(
        name
        for name, source in sources.items()
        if source is not None and source.name in ("COMMANDLINE", "ENVIRONMENT")
    )


def _inheritance_depth_of_option(kind: type, name: str) -> int:
    """Return how far up an option is inherited from: a command's own come first in its help."""
    owners = [owner for owner in kind.__mro__ if name in vars(owner).get("__annotations__", {})]
    return kind.__mro__.index(owners[0])
