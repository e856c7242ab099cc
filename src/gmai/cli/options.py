"""Flags that many commands share."""

from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from gmai.base import setup_logging

F = TypeVar("F", bound=Callable[..., Any])

folder = partial(click.Path, file_okay=False, path_type=Path)
file = partial(click.Path, dir_okay=False, path_type=Path)
out = click.option("-o", "--out", type=folder(), required=True, help="Run folder to write.")
removed = click.option(
    "--removed",
    multiple=True,
    type=folder(exists=True),
    help="Corpus that gmai corpus remove wrote: what was taken out of it does not come back; may be given again.",
)
settings = click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override one config value.")


def job(command: F) -> Callable[..., Any]:
    """Add --workers, --limit, --shard-size, --max-rejects, --engine and --resume, gathered in the argument ``job``."""
    flags = [
        click.option("--workers", type=click.IntRange(min=0), help="Worker processes; 0 works in this one."),
        click.option("--limit", type=click.IntRange(min=1), help="Take only the first items."),
        click.option("--shard-size", type=click.IntRange(min=1), help="Items in one output file."),
        click.option(
            "--max-rejects", type=click.IntRange(min=0), help="Stop when more are rejected, with exit code 3."
        ),
        click.option("--engine", type=click.Choice(["local"]), help="Where the work runs."),
        click.option("--resume/--no-resume", default=None, help="Continue a killed run, or start over."),
    ]
    names = ["workers", "limit", "shard_size", "max_rejects", "engine", "resume"]

    @wraps(command)
    def gathered(*args: Any, **kwargs: Any) -> Any:
        given = {name: kwargs.pop(name) for name in names}
        kwargs["job"] = {name: value for name, value in given.items() if value is not None}
        return command(*args, **kwargs)

    wrapped: Callable[..., Any] = gathered
    for flag in reversed(flags):
        wrapped = flag(wrapped)
    return wrapped


def quiet(command: F) -> Callable[..., Any]:
    """Add --quiet and set logging up."""

    @click.option("--quiet", is_flag=True, help="Only warnings and errors.")
    @wraps(command)
    def logged(*args: Any, quiet: bool, **kwargs: Any) -> Any:
        setup_logging(quiet=quiet)
        return command(*args, **kwargs)

    return logged
