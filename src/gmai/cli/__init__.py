"""The ``gmai`` command: ``gmai <noun> <verb>``. A command parses, calls one library function and shows the result.

Command modules are imported only when their noun is used, so ``gmai --help`` is quick.
"""

from importlib import import_module
from typing import Any

import click

from gmai import __version__
from gmai.errors import GmaiError, LeakageError, RejectLimit

NOUNS = {
    "source": "gmai.cli.source:source",
    "convert": "gmai.cli.convert:convert",
    "pmc": "gmai.cli.pmc:pmc",
    "corpus": "gmai.cli.corpus:corpus",
    "model": "gmai.cli.model:model",
    "train": "gmai.cli.train:train",
    "bench": "gmai.cli.bench:bench",
    "eval": "gmai.cli.evaluate:evaluate",
    "serve": "gmai.cli.serve:serve",
    "llm": "gmai.cli.llm:llm",
    "report": "gmai.cli.report:report",
    "demo": "gmai.cli.demo:demo",
}
SUMMARIES = {
    "source": "Check source cards and read annotated data into samples.",
    "convert": "Turn samples into conversations, every fact from an annotation.",
    "pmc": "Read articles of the literature; cut their captions.",
    "corpus": "Split, count and trace a corpus.",
    "model": "Make, assemble, describe, export and ask models.",
    "train": "Train one stage from a recipe.",
    "bench": "Build a benchmark from held-out subjects.",
    "eval": "Ask a model, score it, tabulate scores.",
    "serve": "A model behind an OpenAI-compatible address.",
    "llm": "Try a model server; or a fake one that answers by script.",
    "report": "One self-contained HTML page of a set of runs.",
    "demo": "The whole line on drawn phantoms or on a folder of data sets.",
}
EXIT_CODES: dict[type[GmaiError], int] = {RejectLimit: 3, LeakageError: 4}
INTERRUPTED = 130


class _Nouns(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(NOUNS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in NOUNS:
            return None
        module, _, attribute = NOUNS[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GmaiError as error:
            _stop(ctx, str(error), EXIT_CODES.get(type(error), 2))
        except OSError as error:
            if error.filename is None or isinstance(error, BrokenPipeError):
                raise
            _stop(ctx, f"{error.strerror or error} · {error.filename} · check the path, its rights and the disk", 2)
        except KeyboardInterrupt:
            _stop(ctx, "interrupted · give the same command again to go on where it stopped", INTERRUPTED)


def _stop(ctx: click.Context, message: str, code: int) -> None:
    click.echo(f"gmai: {' '.join(message.split())}", err=True)
    ctx.exit(code)


@click.group(cls=_Nouns)
@click.version_option(__version__)
def main() -> None:
    """General medical AI: from annotated scans to a trained, benchmarked model."""
