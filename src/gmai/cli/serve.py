"""``gmai serve``: a model behind an OpenAI-compatible address."""

from pathlib import Path
from typing import Any

import click

from gmai.cli import options


@click.command()
@click.argument("model", type=options.folder(exists=True))
@click.option("--host", help="Address to listen on; any but this machine's own needs a key.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option("--name", help="Name that requests call the model by.")
@click.option("--device", help="cpu, cuda or cuda:1.")
@click.option("--allow-urls", multiple=True, metavar="HOST", help="Fetch pictures from this host; may be given again.")
@click.option("--backend", type=click.Choice(["own", "vllm"]), help="Answer by vLLM, held to the visual contract.")
@click.option("--vllm-python", type=options.file(exists=True), help="Python of an environment that has vLLM.")
@options.settings
@options.quiet
def serve(model: Path, overrides: tuple[str, ...], **flags: Any) -> None:
    """Serve MODEL as /v1/chat/completions until interrupted; its key is read from GMAI_SERVE_KEY."""
    from gmai.base import load_config
    from gmai.serve import ServeConfig, serve_model

    given = {name: value for name, value in flags.items() if value not in (None, ())}
    serve_model(load_config(ServeConfig, None, overrides, {"model": model, **given}))
