"""Every caption of a set of articles cut into its parts, with counts of what was cut and what was not, and why."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gmai.base import digest, open_run, write_jsonl
from gmai.pmc.captions import CaptionParts, join_caption, split_caption
from gmai.pmc.packages import iter_articles
from gmai.types import Article, Figure, Reject
from gmai.types.record import record


@record
class CaptionsConfig:
    """Which captions are cut, and where they go."""

    articles: str
    """A file of XML, an archive, a folder of these, or the address of PMC's cloud layout."""
    out: Path
    """Run folder to write: ``captions.jsonl``, ``rejects.jsonl``, ``stats.json``."""
    resume: bool = True
    """False cuts anew where the folder holds other captions."""


@record
class SplitFigure:
    """A figure's caption and its parts."""

    article: str
    figure: str
    label: str
    language: str
    licence: str
    citation: str
    text: str
    """Title and caption; starts and ends of the parts are characters of it."""
    parts: CaptionParts


def split_captions(config: CaptionsConfig) -> dict[str, Any]:
    """Cut the captions of all figures.

    Returns:
        What ``stats.json`` holds: ``articles``, ``figures`` and ``split`` counted; ``unsplit`` by reason; ``forms``
        of labels; ``parts`` and those of ``shared`` labels; ``labels`` of a figure to figures.
    """
    rejects: list[Reject] = []
    articles: list[Article] = []
    for item in iter_articles(config.articles):
        if isinstance(item, Reject):
            rejects.append(item)
        else:
            articles.append(item.article)
    figures = [figure for article in articles for figure in _figures(article)]
    texts = [(figure.article, figure.figure, figure.text) for figure in figures]
    inputs = {"captions": digest([texts, [reject.id for reject in rejects]])}
    run = open_run(config.out, "pmc captions", config, inputs, resume=config.resume, same={})
    if run.done:
        return run.stats()
    outputs = [run.path / "captions.jsonl", run.path / "rejects.jsonl"]
    write_jsonl(outputs[0], figures)
    write_jsonl(outputs[1], rejects)
    stats = {"articles": len(articles), "rejects": len(rejects), **count_parts([figure.parts for figure in figures])}
    run.finish(stats, outputs)
    return stats


def count_parts(split: list[CaptionParts]) -> dict[str, Any]:
    """Counts of captions in their parts."""
    cut = [parts for parts in split if parts.subs]
    sizes = Counter(len(parts.labels) for parts in cut)
    return {
        "figures": len(split),
        "split": len(cut),
        "unsplit": dict(sorted(Counter(parts.why for parts in split if not parts.subs).items())),
        "forms": dict(sorted(Counter(parts.form for parts in cut).items())),
        "parts": sum(len(parts.subs) for parts in cut),
        "shared": sum(sub.shared for parts in cut for sub in parts.subs),
        "labels": {str(size): sizes[size] for size in sorted(sizes)},
    }


def _figures(article: Article) -> Iterator[SplitFigure]:
    for figure in article.figures:
        yield _split(article, figure)


def _split(article: Article, figure: Figure) -> SplitFigure:
    text = join_caption(figure.title, figure.caption)
    return SplitFigure(
        article=article.id,
        figure=figure.id,
        label=figure.label,
        language=figure.language,
        licence=figure.licence,
        citation=article.citation,
        text=text,
        parts=split_caption(text, figure.language),
    )
