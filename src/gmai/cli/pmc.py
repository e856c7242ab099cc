"""``gmai pmc``: articles of the literature, their figures and captions."""

from pathlib import Path

import click

from gmai.cli.options import out, quiet


@click.group()
def pmc() -> None:
    """Read articles of the literature; cut their captions."""


@pmc.command(short_help="Cut captions into what they say of each panel.")
@click.argument("articles")
@out
@click.option("--resume/--no-resume", default=True, help="Keep what is there, or start over.")
@quiet
def captions(articles: str, out: Path, resume: bool) -> None:
    """Cut the caption of every figure of ARTICLES at its labels: "(A)", "a, b", "Left:".

    ARTICLES is a file of JATS XML, an archive, a folder of these, or the address of PMC's cloud layout. Each line of
    captions.jsonl is a figure: its text, the parts with labels, and why there are none.
    """
    from gmai.pmc import CaptionsConfig, split_captions

    stats = split_captions(CaptionsConfig(articles=articles, out=out, resume=resume))
    unsplit = ", ".join(f"{count} {why}" for why, count in stats["unsplit"].items())
    click.echo(f"{out}: {stats['split']} of {stats['figures']} captions cut into {stats['parts']} parts ({unsplit})")
