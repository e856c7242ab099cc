"""``gmai source``: list cards, check a folder against one, read it into samples."""

import shutil
import sys
from pathlib import Path
from shlex import quote
from typing import Any

import click

from gmai.cli.options import folder, job, out, quiet, settings

_root = click.option("--root", type=folder(exists=True), required=True, help="Folder that holds the source's files.")


@click.group()
def source() -> None:
    """Draft and check source cards, and read annotated data into samples."""


@source.command("list", short_help="List the cards that ship with gmai, or those of a folder.")
@click.argument("below", required=False, type=folder(exists=True))
@click.option("--modality", default="", help="A modality or family of the lexicon, such as CT or MR.")
@click.option("--department", default="", help="A department of the lexicon.")
@click.option("--task", default="", help="A clinical task of the lexicon.")
@click.option("--licence", default="", help="Beginning of the licence, such as CC-BY.")
@click.option("--format", default="", help="A format, such as coco.")
@click.option("--commercial", is_flag=True, help="Only those that may be used commercially.")
@click.option("--json", "as_json", is_flag=True, help="Whole cards, one JSON object a line.")
def list_cards(below: Path | None, as_json: bool, **wanted: Any) -> None:
    """Show the cards that ship with gmai, or those whose files lie BELOW a folder."""
    from gmai.base import dumps, to_dict
    from gmai.sources import CardFilter, card_table, find_sources, select_cards

    roots = [(card, root) for card, root in find_sources(below)] if below else []
    chosen = select_cards(CardFilter(**wanted), [card for card, _ in roots] if below else None)
    rows = [(card, str(root)) for card, root in roots if card in chosen] or [(card, card.home) for card in chosen]
    if as_json:
        for card, place in rows:
            click.echo(dumps({**to_dict(card), "place": place}))
    elif sys.stdout.isatty():
        click.echo("\n".join(card_table(rows, shutil.get_terminal_size().columns)))
    else:
        for card, place in rows:
            click.echo("\t".join([card.name, card.modality, card.department, card.format, card.licence, place]))


@source.command(short_help="Show a card in words.")
@click.argument("card")
def show(card: str) -> None:
    """Show CARD (a shipped name or a YAML file): what it is, its licence, the files it needs, what its labels mean."""
    from gmai.sources import describe_card, read_card

    click.echo(describe_card(read_card(card)))


@source.command(short_help="Draft the card of a folder.")
@click.argument("folder", type=folder(exists=True))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Card to write; of several, the folder.")
@click.option("--format", default="", help="Draft for this format only.")
@click.option("--all", "every", is_flag=True, help="Draft a card for every format that reads something.")
@settings
@quiet
def init(folder: Path, out: Path | None, format: str, every: bool, overrides: tuple[str, ...]) -> None:
    """Look through FOLDER and draft its card; without -o the card is printed, and what was found goes to stderr."""
    from gmai.base import load_config
    from gmai.sources import InitConfig, init_source

    given = {"folder": folder, "format": format or None, "all": every or None}
    drafts = init_source(load_config(InitConfig, None, overrides, given))
    for line in drafts.told():
        click.echo(line, err=out is None)
    if out is None:
        click.echo("---\n".join(draft.text for draft in drafts.drafts), nl=False)
    else:
        for path in drafts.write(out):
            click.echo(f"written: {path}; next: gmai source check {quote(str(path))} --root {quote(str(folder))}")


@source.command(short_help="Say which of a card's files are there and which are missing.")
@click.argument("card")
@_root
def check(card: str, root: Path) -> None:
    """Say what of CARD (a shipped name or a YAML file) is there and what is missing, without decoding a picture."""
    from gmai.sources import check_source, read_card

    result = check_source(read_card(card), root)
    for line in result.lines():
        click.echo(line)
    if result.missing:
        raise click.exceptions.Exit(1)


@source.command(short_help="Read the files of a card into samples.")
@click.argument("card")
@_root
@out
@settings
@job
@quiet
def ingest(card: str, root: Path, out: Path, overrides: tuple[str, ...], job: dict[str, Any]) -> None:
    """Read the files of CARD below a folder into samples; --set changes.KEY=VALUE changes the card for this run."""
    from gmai.base import load_config
    from gmai.sources import IngestConfig
    from gmai.sources import ingest as run

    run(load_config(IngestConfig, None, overrides, {"card": card, "root": root, "out": out, "job": job}))


@source.command(short_help="Unpack archives; nothing leaves the folder.")
@click.argument("archives", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@out
@settings
@quiet
def unpack(archives: tuple[Path, ...], out: Path, overrides: tuple[str, ...]) -> None:
    """Unpack ARCHIVES (ZIP or tar) into OUT/files; members that lead out of it are refused, and told."""
    from gmai.base import load_config
    from gmai.sources import UnpackConfig, unpack_archives

    run, rejects = unpack_archives(load_config(UnpackConfig, None, overrides, {"archives": archives, "out": out}))
    for each in rejects:
        click.echo(f"refused: {each.id} ({each.detail})")
    click.echo(f"{run.stats()['written']} files in {run.path / 'files'}")


@source.command(short_help="Copy a folder without identifiers.")
@click.argument("folder", type=folder(exists=True))
@out
@settings
@job
@quiet
def deid(folder: Path, out: Path, overrides: tuple[str, ...], job: dict[str, Any]) -> None:
    """Copy FOLDER without identifiers; what cannot be cleaned is left out and told. Needs the key GMAI_DEID_KEY."""
    from gmai.base import load_config
    from gmai.sources import DeidConfig
    from gmai.sources import deid as run

    summary = run(load_config(DeidConfig, None, overrides, {"folder": folder, "out": out, "job": job}))
    for kind, count in summary.accepted.items():
        click.echo(f"{kind}: {count} cleaned" if kind != "text" else f"{kind}: {count} copied as they are")
    for reason, count in summary.reasons.items():
        click.echo(f"left out: {reason} {count}")
