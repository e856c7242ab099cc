"""``gmai llm``: try a model server, or run a fake one."""

from pathlib import Path

import click

from gmai.cli.options import file, settings


@click.group()
def llm() -> None:
    """Try a model server; or a fake one that answers by script."""


@llm.command()
@click.option("--url", help="Address up to and including the version, such as http://127.0.0.1:8000/v1.")
@click.option("--model", required=True, help="Name the server knows the model by.")
@click.option("--image", type=file(exists=True), help="A PNG or JPEG to show.")
@click.argument("question", default="Say yes.")
@settings
def ask(url: str | None, model: str, image: Path | None, question: str, overrides: tuple[str, ...]) -> None:
    """Put one QUESTION to a server and show the answer with its tokens."""
    from gmai.base import load_config
    from gmai.llm import EndpointConfig, ask_once

    answer = ask_once(load_config(EndpointConfig, None, overrides, {"url": url, "model": model}), question, image)
    click.echo(answer.text)
    click.echo(f"{answer.usage.prompt} + {answer.usage.completion} tokens, {answer.finish}", err=True)


@llm.command()
@click.argument("script", required=False, type=file(exists=True))
@click.option("--answers", help="Answer by a function: guided says what the facts of a prompt say.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@settings
def fake(script: Path | None, answers: str | None, host: str, port: int, overrides: tuple[str, ...]) -> None:
    """Serve answers by SCRIPT (YAML; see FakeScript in the reference) until interrupted."""
    from gmai.base import load_config
    from gmai.llm import FakeScript, serve

    found = load_config(FakeScript, script, overrides, {"function": answers})
    click.echo(f"http://{host}:{port}/v1 answers as {', '.join(found.models)}")
    serve(found, host, port)
