"""``gmai convert``: samples to conversations, by templates or by a model."""

from pathlib import Path
from typing import Any

import click

from gmai.cli.options import folder, job, out, quiet, removed, settings


class _Engines(click.Group):
    """Engines by name; what begins with none of them is for the rules."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``rules`` before arguments that name no engine."""
        named = not args or args[0] in self.commands or args[0] in ctx.help_option_names
        return super().parse_args(ctx, args if named else ["rules", *args])

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show that the rules need not be named."""
        formatter.write_usage(ctx.command_path, "[rules|guided] RAW... -o FOLDER [OPTIONS]")


@click.group(cls=_Engines)
def convert() -> None:
    """Make a corpus of conversations from RAW, folders that gmai source ingest made; every fact from an annotation.

    gmai convert RAW... is gmai convert rules RAW...
    """


@convert.command()
@click.argument("raw", nargs=-1, required=True, type=folder(exists=True))
@out
@removed
@settings
@job
@quiet
def rules(
    raw: tuple[Path, ...], out: Path, removed: tuple[Path, ...], overrides: tuple[str, ...], job: dict[str, Any]
) -> None:
    """Fill templates with the facts of RAW."""
    from gmai.base import load_config
    from gmai.convert import ConvertConfig
    from gmai.convert import convert as run

    run(load_config(ConvertConfig, None, overrides, {"raw": raw, "out": out, "removed": removed or None, "job": job}))


@convert.command()
@click.argument("raw", nargs=-1, required=True, type=folder(exists=True))
@click.option("--model", required=True, help="Name the server knows the writing model by.")
@click.option("--url", help="Its address up to and including the version, such as http://127.0.0.1:8000/v1.")
@click.option("--verifier-model", help="Another model that checks what passed the gates.")
@click.option("--verifier-url", help="Its address; by default that of the writing model.")
@click.option("--languages", help="Languages to write in, such as en,zh.")
@click.option("--in-flight", type=click.IntRange(min=1), help="Most questions under way at a time.")
@out
@removed
@settings
@job
@quiet
def guided(raw: tuple[Path, ...], out: Path, overrides: tuple[str, ...], job: dict[str, Any], **asked: Any) -> None:
    """Have a model write about the facts of RAW, and keep what the gates let pass."""
    from gmai.base import load_config
    from gmai.convert import GuidedConfig, convert_guided

    writer = {"model": asked["model"], "url": asked["url"], "in_flight": asked["in_flight"]}
    checker = {**writer, "model": asked["verifier_model"], "url": asked["verifier_url"] or asked["url"]}
    values = {
        "raw": raw,
        "out": out,
        "job": job,
        "removed": asked["removed"] or None,
        "endpoint": {name: value for name, value in writer.items() if value is not None},
        "languages": tuple(asked["languages"].split(",")) if asked["languages"] else None,
    }
    if asked["verifier_model"] or asked["verifier_url"]:
        values["verifier"] = {name: value for name, value in checker.items() if value is not None}
    convert_guided(load_config(GuidedConfig, None, overrides, values))
