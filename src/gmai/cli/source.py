"""``gmai source``: list cards, check a folder against one, read it into samples."""

from pathlib import Path
from typing import Any

import click

from gmai.cli.options import folder, job, out, quiet, settings

_root = click.option("--root", type=folder(exists=True), required=True, help="Folder that holds the source's files.")


@click.group()
def source() -> None:
    """Check source cards and read annotated data into samples."""


@source.command("list")
@click.argument("below", required=False, type=folder(exists=True))
def list_cards(below: Path | None) -> None:
    """Show the cards that ship with gmai, or those whose files lie BELOW a folder."""
    from gmai.sources import card_names, find_sources, read_card

    found = find_sources(below) if below else [(read_card(name), None) for name in card_names()]
    for card, root in found:
        row = [card.name, card.modality, card.department, card.format, card.licence, str(root or card.home)]
        click.echo("\t".join(row))


@source.command()
@click.argument("card")
@_root
def check(card: str, root: Path) -> None:
    """Say what of CARD (a shipped name or a YAML file) is there and what is missing, without decoding a picture."""
    from gmai.sources import check_source, read_card

    result = check_source(read_card(card), root)
    for pattern in result.missing:
        click.echo(f"missing: {pattern}")
    for unit in sorted({*result.found, *result.rejected, *result.expected}):
        expected = f", expected {result.expected[unit]}" if unit in result.expected else ""
        click.echo(f"{unit}: {result.found.get(unit, 0)} found, {result.rejected.get(unit, 0)} rejected{expected}")
    for reason, count in result.reasons.items():
        click.echo(f"rejected: {reason} {count}")
    if result.missing:
        raise click.exceptions.Exit(1)


@source.command()
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


@source.command()
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


@source.command()
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
