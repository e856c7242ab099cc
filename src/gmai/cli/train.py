"""``gmai train``: one stage of training; what it will be; the proof that packing changes nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gmai.cli import options

if TYPE_CHECKING:
    from gmai.train import Forecast, Proof

NOWHERE = Path("never-written")
"""Stands for the run folder where none is made."""


@click.command()
@click.argument("recipe")
@click.option("-o", "--out", type=options.folder(), help="Run folder to write.")
@options.settings
@click.option("--sets", type=options.file(exists=True), help="YAML file: a corpus folder for each set of the mixture.")
@click.option("--skip-missing-sets", is_flag=True, help="Leave out sets of the mixture without a corpus, and say so.")
@click.option("--plan", is_flag=True, help="Say what the run will be, before anything is loaded, and stop.")
@click.option("--check", is_flag=True, help="Prove on this model and data that packing changes nothing, and stop.")
@click.option("--devices", type=click.IntRange(min=1), help="With --plan: how many work together.")
@click.option(
    "--peak-tflops", type=float, help="With --plan: bfloat16 peak of one device; 989 by default (H200, H100)."
)
@click.option(
    "--mfu", type=click.FloatRange(0, 1, min_open=True), help="With --plan: share of the peak, 0.4 by default."
)
@click.option("--json", "as_json", is_flag=True, help="With --plan or --check: as JSON.")
@click.option("--probe", type=options.file(exists=True), help="Benchmark file to ask every watch.probe_every steps.")
@click.option("--resume/--no-resume", default=None, help="Continue a killed run, or start over.")
@options.quiet
def train(recipe: str, out: Path | None, overrides: tuple[str, ...], resume: bool | None, **given: Any) -> None:
    """Train one stage from a RECIPE: a YAML file, or the name of a shipped one, such as tiny-stage1.

    Recipes name neither data nor weights: give --set corpus=CORPUS --set init.model=MODEL. Sets of a mixture get theirs
    by --set data.NAME=CORPUS or --sets FILE. Started by torchrun, all its processes train together.
    """
    from gmai.train import read_recipe

    if out is None and not (given["plan"] or given["check"]):
        raise click.UsageError("Missing option '-o' / '--out'.")
    values = {"out": out or NOWHERE, "resume": resume}
    config = read_recipe(recipe, values, overrides, given["sets"], skip_missing=given["skip_missing_sets"])
    if given["plan"]:
        told = {name: given[name] for name in ("devices", "peak_tflops", "mfu") if given[name] is not None}
        foretell(config, told, as_json=given["as_json"])
    if given["check"]:
        prove(config, as_json=given["as_json"])
    if not (given["plan"] or given["check"]):
        run(config, given["probe"])


def foretell(config: Any, told: dict[str, Any], *, as_json: bool) -> None:
    """Say what the run will be."""
    from gmai.train import DeviceConfig, forecast_run

    show_forecast(forecast_run(config, DeviceConfig(**told)), as_json=as_json)


def prove(config: Any, *, as_json: bool) -> None:
    """Prove that packing changes nothing, and fail where it does."""
    from gmai.train import check_proof, check_run

    proof = check_run(config)
    show_proof(proof, as_json=as_json)
    check_proof(proof)


def run(config: Any, probe: Path | None) -> None:
    """Train and say what became of it; of several processes, one speaks."""
    from gmai.base import this_worker
    from gmai.evaluate import BenchProbe
    from gmai.train import train as run_training

    stats = run_training(config, BenchProbe(probe) if probe else None)
    if not this_worker().is_first:
        return
    for part, row in stats["parts"].items():
        moved = f"{row['changed']} of {row['tensors']} tensors trained" if row["trains"] else "frozen, unchanged"
        click.echo(f"{part:>10}  {row['parameters']:>12,}  {moved}")
    click.echo(f"{config.out}: {stats['steps']} steps, {stats['epochs']} epochs, {stats['rejected']} rejected")


def show_forecast(plan: "Forecast", *, as_json: bool) -> None:
    """What a run will be, as a table or as JSON."""
    from gmai.base import dumps

    if as_json:
        click.echo(dumps(plan, indent=True).decode(), nl=False)
        return
    for part in plan.parts:
        click.echo(f"{part.name:>10}  {part.parameters:>14,}  {f'trains at {part.lr:g}' if part.trains else 'frozen'}")
    sizes = " + ".join(f"{getattr(plan.memory, name):.2f} {name}" for name in MEMORY)
    click.echo(f"memory of a device, estimated: {sizes} = {plan.memory_total_gib:.2f} GiB")
    width = max(len(one.name) for one in plan.sets)
    click.echo(f"{'set':<{width}}  {'ratio':>6} {'rows':>12} {'tokens':>15} {'labels':>13} {'tiles':>11}")
    for one in plan.sets:
        counts = f"{one.rows:>12,} {one.tokens:>15,} {one.labels:>13,} {one.tiles:>11,}"
        click.echo(f"{one.name:<{width}}  {one.ratio:>6g} {counts}")
    totals = plan.totals
    click.echo(f"{'all':<{width}}  {'':>6} " + " ".join(f"{totals[n]:>{w},.0f}" for n, w in COLUMNS.items()))
    for line in more_of(plan):
        click.echo(line)


MEMORY = ("weights", "gradients", "optimizer", "activations")
COLUMNS = {"rows": 12, "tokens": 15, "labels": 13, "tiles": 11}


def more_of(plan: "Forecast") -> list[str]:
    """The lines below the table of sets."""
    totals, device = plan.totals, plan.device
    lines = [f"{totals['steps']:,.0f} steps, {totals['epochs']:g} epochs, {totals['packs']:,.0f} packs"]
    fills = [f"{totals[name]:.1%} of {what}" for name, what in FILLS.items() if name in totals]
    lines[0] += f", filled {' and '.join(fills)}" if fills else ""
    again = totals.get("recomputed_tflop", 0.0)
    twice = f" (and {again:,.3g} computed twice)" if again else ""
    where = f"{device.devices} x {device.peak_tflops:g} TFLOPS at {device.mfu:.0%}"
    lines.append(f"{totals['tflop']:,.4g} TFLOP{twice}: {plan.hours:.3g} h on {where}")
    lines += [f"not used: {count:,} rows, {reason}" for reason, count in plan.unused.items()]
    lines += [f"left out, without a corpus: {', '.join(plan.skipped_sets)}"] if plan.skipped_sets else []
    return lines


FILLS = {"fill": "token places", "tile_fill": "tile places"}


def show_proof(proof: "Proof", *, as_json: bool) -> None:
    """What was proved, as a table or as JSON."""
    from gmai.base import dumps

    if as_json:
        click.echo(dumps(proof, indent=True).decode(), nl=False)
        return
    what = f"{proof.rows} rows, {proof.conversations} conversations, {proof.tokens:,} tokens, {proof.pictures} pictures"
    click.echo(f"packed beside one by one: {what}; {proof.precision}, {proof.attention} on {proof.device}")
    for one in proof.found:
        sign = ">=" if one.least else "<="
        click.echo(f"  {'good' if one.good else 'BAD ':<4}  {one.name:<42} {one.value:<12.6g} {sign} {one.limit:g}")
