"""``gmai model``: make, assemble, convert, describe, export and ask models."""

from pathlib import Path
from typing import Any

import click

from gmai.cli import options

_TYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}


@click.group()
def model() -> None:
    """Make, assemble, describe, export and ask models."""


@model.command()
@click.argument("corpus", type=options.folder(exists=True))
@options.out
@options.settings
@click.option("--resume/--no-resume", default=None, help="Keep a finished model, or make it anew.")
@options.quiet
def tiny(corpus: Path, out: Path, overrides: tuple[str, ...], resume: bool | None) -> None:
    """Make a tiny model with random weights and a tokenizer of the CORPUS' training text.

    It is an InternVL; --set family=qwen3_vl, qwen2_5_vl or llava makes one of these.
    """
    from gmai.base import load_config
    from gmai.models import TinyConfig, build_tiny

    config = load_config(TinyConfig, None, overrides, {"corpus": corpus, "out": out, "resume": resume})
    stats = build_tiny(config)
    click.echo(f"{out}: {_parts(stats)}; {stats['vocabulary']} tokens")


@model.command()
@click.option("--vision", type=options.folder(exists=True), required=True, help="Folder of a vision encoder.")
@click.option("--language", type=options.folder(exists=True), required=True, help="Folder of a language model.")
@options.out
@options.settings
@click.option("--resume/--no-resume", default=None, help="Keep a finished model, or make it anew.")
@options.quiet
def assemble(vision: Path, language: Path, out: Path, overrides: tuple[str, ...], resume: bool | None) -> None:
    """Join a vision encoder and a language model by a fresh projector, as transformers' LLaVA or InternVL."""
    from gmai.base import load_config
    from gmai.models import AssembleConfig, assemble_model

    given = {"vision": vision, "language": language, "out": out, "resume": resume}
    stats = assemble_model(load_config(AssembleConfig, None, overrides, given))
    click.echo(f"{out}: {stats['family']}; {_parts(stats)}; {stats['tokens_per_image']} visual tokens")


@model.command("convert-internlm2")
@click.argument("folder", type=options.folder(exists=True))
@options.out
@click.option("--resume/--no-resume", default=None, help="Keep a finished conversion, or make it anew.")
@options.quiet
def convert(folder: Path, out: Path, resume: bool | None) -> None:
    """Convert InternLM2 weights in FOLDER to a Llama of transformers; no code of the folder is run."""
    from gmai.base import load_config
    from gmai.models import InternLM2Config, convert_internlm2

    given = {"model": folder, "out": out, "resume": resume}
    stats = convert_internlm2(load_config(InternLM2Config, None, (), given))
    click.echo(f"{out}: {stats['tensors']} tensors, {stats['bytes']:,} bytes, {stats['vocabulary']} tokens")


@model.command()
@click.argument("folder", type=options.folder(exists=True))
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
def info(folder: Path, as_json: bool) -> None:
    """Tell what a model FOLDER holds; no weight is read."""
    import json

    from gmai.base import to_dict
    from gmai.models import describe_model

    found = describe_model(folder)
    if as_json:
        click.echo(json.dumps(to_dict(found), indent=1))
        return
    click.echo(f"{found.folder}: {found.family} ({found.architecture}), licence {found.licence}")
    for name, part in found.parts.items():
        click.echo(f"{name:>10}  {part.parameters:>14,}  {part.tensors:>4} tensors  {', '.join(part.types)}")
    click.echo(f"{'total':>10}  {found.parameters:>14,}  {found.bytes:,} bytes{', head tied' if found.tied else ''}")
    click.echo(f"   context  {found.context:,} tokens; visual contract {found.contract_hash[:16]}")
    for seen in found.pictures:
        click.echo(f"{seen.width:>5} x {seen.height:<5} {seen.tokens:>5} tokens, {seen.tiles} tiles")


@model.command()
@click.argument("train", type=options.folder(exists=True))
@options.out
@click.option("--merged", "form", flag_value="merged", help="A whole model; of LoRA with what it adds. The default.")
@click.option("--adapter", "form", flag_value="adapter", help="Of LoRA, what it adds alone.")
@click.option("--dtype", type=click.Choice(list(_TYPES)), help="Type of the weights; as trained by default.")
@click.option("--base", type=options.folder(exists=True), help="What training started from, if it has moved.")
@click.option(
    "--scores", multiple=True, type=options.folder(exists=True), help="Folder of gmai eval score, for the card."
)
@options.settings
@options.quiet
def export(dtype: str | None, overrides: tuple[str, ...], **given: Any) -> None:
    """Write the model of a TRAIN run for others, proved in a clean process to be the one that was trained."""
    from gmai.base import load_config
    from gmai.models import ExportConfig, export_model, vllm_command

    known = {name: value for name, value in given.items() if value not in (None, ())}
    config = load_config(ExportConfig, None, overrides, known | ({"dtype": _TYPES[dtype]} if dtype else {}))
    stats = export_model(config)
    for part, row in stats["changes"].items():
        click.echo(
            f"{part:>10}  {row['changed']} of {row['tensors']} tensors changed, {row['left']} in {stats['dtype']}"
        )
    click.echo(f"{config.out}: logits differ by {stats['logits']['difference']:.1e}")
    click.echo(vllm_command(config))


@model.command()
@click.argument("folder", metavar="MODEL", type=options.folder(exists=True))
@click.argument("question", default="")
@click.option("--image", "images", multiple=True, type=options.file(exists=True), help="A picture; may be given again.")
@click.option("--max-tokens", type=click.IntRange(min=1), default=256, show_default=True, help="Longest answer.")
@click.option("--temperature", type=click.FloatRange(min=0), default=0.0, show_default=True, help="0: the likeliest.")
@click.option("--seed", default=0, show_default=True, help="Of what is drawn, where the temperature is not 0.")
@click.option("--device", default="cpu", show_default=True)
def chat(folder: Path, question: str, images: tuple[Path, ...], device: str, **wished: Any) -> None:
    """Ask MODEL a QUESTION about pictures; without one, talk on until the input ends (/new forgets what was said)."""
    from gmai.models import Talk, Wish, load_model

    def tell(text: str) -> None:
        click.echo(text, nl=False)

    talk = Talk(load_model(folder, device=device), images, Wish(**wished))
    lines = [question] if question else iter(lambda: click.prompt("you", prompt_suffix="> ", err=True), None)
    try:
        for line in lines:
            if line.strip() == "/new":
                talk.start_anew()
                continue
            talk.ask(line, tell)
            click.echo()
    except click.Abort:
        click.echo(err=True)


def _parts(stats: dict[str, Any]) -> str:
    return ", ".join(f"{count:,} {part}" for part, count in stats["parameters"].items())
