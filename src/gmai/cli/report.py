"""``gmai report``: one self-contained HTML page of a set of runs."""

from pathlib import Path

import click

from gmai.cli import options


@click.command()
@click.argument("runs", nargs=-1, required=True)
@click.option("-o", "--out", type=options.file(), required=True, help="HTML file to write; its numbers go beside it.")
@click.option("--title", help="Heading of the page.")
@options.settings
@options.quiet
def report(runs: tuple[str, ...], out: Path, title: str | None, overrides: tuple[str, ...]) -> None:
    """Tell the story of RUNS in one page.

    RUNS are output folders of gmai's commands, or folders that hold such folders; LABEL=FOLDER names a run.
    """
    from gmai.base import load_config
    from gmai.story import StoryConfig, build_story

    values = {"runs": list(runs), "out": out, "title": title}
    data = build_story(load_config(StoryConfig, overrides=overrides, values=values))
    click.echo(f"{out}: {', '.join(data['sections'])}")
