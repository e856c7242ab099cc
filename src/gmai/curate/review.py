"""A sheet for people to judge conversations by: a stratified sample as a page to look at and a table to fill in."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gmai.base import hash_unit, open_run, write_text
from gmai.corpus import Corpus, iter_conversations, open_corpus
from gmai.curate.show import draw
from gmai.errors import ConfigError
from gmai.report import Bubble, Card, Page, Picture, Section, gallery, paragraph, render_page
from gmai.types import Conversation, record

AXES = ("source", "subset", "kind", "task", "modality", "department", "language")
VERDICTS = ("right", "wrong", "unclear")
COLUMNS = ("number", "id", "sample", *AXES, "question", "answer", "verdict", "comment")


@record
class ReviewConfig:
    """What is drawn for people to judge."""

    corpus: Path
    """The corpus folder."""
    out: Path
    """Run folder to write: ``review.html`` to look at and ``review.csv`` to fill in."""
    count: int = 100
    """Conversations on the sheet, at most."""
    by: tuple[str, ...] = ("task", "modality", "language")
    """Axes whose combinations get equal shares of the sheet, as far as there are conversations."""
    seed: int = 0
    """Seed of the draw."""
    resume: bool = True
    """False empties the output folder first."""


def write_review_sheet(config: ReviewConfig) -> dict[str, Any]:
    """Draw a stratified sample of conversations; the same corpus and seed give the same sheet.

    Returns:
        What ``stats.json`` holds: conversations on the sheet and in the corpus, by stratum.

    Raises:
        ConfigError: an axis that is not known, or no conversation.
    """
    if config.count < 1 or not set(config.by) <= set(AXES):
        raise ConfigError(f"axes are {', '.join(AXES)}; count is 1 or more", where="corpus review-sheet")
    corpus = open_corpus(config.corpus)
    same = {"count": config.count, "by": config.by, "seed": config.seed}
    run = open_run(config.out, "corpus review-sheet", config, {"corpus": corpus.key}, resume=config.resume, same=same)
    if run.done:
        return run.stats()
    chosen, strata = choose(config)
    drawn = Counter(_stratum(item, config.by) for item in chosen)
    files = [run.path / "review.html", run.path / "review.csv"]
    write_text(files[0], _page(corpus, chosen, config))
    write_text(files[1], _table(chosen))
    rows = [
        {**dict(zip(config.by, key, strict=True)), "in_corpus": strata[key], "on_sheet": drawn[key]}
        for key in sorted(strata)
    ]
    run.finish({"on_sheet": len(chosen), "in_corpus": strata.total(), "strata": rows}, files)
    return run.stats()


def choose(config: ReviewConfig) -> tuple[list[Conversation], Counter[tuple[str, ...]]]:
    """Draw the conversations, in file order, and count those of each stratum; few ids are in memory at a time."""
    best: dict[tuple[str, ...], list[tuple[float, str]]] = defaultdict(list)
    strata: Counter[tuple[str, ...]] = Counter()
    for item in iter_conversations(config.corpus):
        key = _stratum(item, config.by)
        strata[key] += 1
        best[key].append((hash_unit(config.seed, item.id), item.id))
        if len(best[key]) >= 2 * config.count:
            best[key] = sorted(best[key])[: config.count]
    if not strata:
        raise ConfigError("the corpus has no conversation", where=str(config.corpus))
    drawn = {key: sorted(members) for key, members in best.items()}
    order = sorted(drawn, key=lambda key: hash_unit(config.seed, *key))
    turns = [(rank, at, name) for at, key in enumerate(order) for rank, (_, name) in enumerate(drawn[key])]
    wanted = {name for _, _, name in sorted(turns)[: config.count]}
    return [item for item in iter_conversations(config.corpus) if item.id in wanted], strata


def _stratum(item: Conversation, by: Sequence[str]) -> tuple[str, ...]:
    return tuple(getattr(item, axis) for axis in by)


def _table(chosen: Sequence[Conversation]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, item in enumerate(chosen, 1):
        said = [" / ".join(turn.text for turn in item.turns if turn.role == role) for role in ("user", "assistant")]
        axes = [getattr(item, axis) for axis in AXES]
        writer.writerow([number, *(_plain(text) for text in (item.id, item.sample, *axes, *said)), "", ""])
    return out.getvalue()


def _plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _page(corpus: Corpus, chosen: Sequence[Conversation], config: ReviewConfig) -> str:
    cards = [_card(corpus, number, item) for number, item in enumerate(chosen, 1)]
    how = (
        "Judge each conversation by its picture and write right, wrong or unclear into the column verdict of "
        "review.csv, and why into comment. Two people fill in a copy each, without talking about it; then gmai corpus "
        "agreement compares the two."
    )
    section = Section(id="sheet", title="Conversations", body=paragraph(how) + gallery(cards, "Conversations"))
    lead = f"{len(chosen)} conversations, drawn evenly over {', '.join(config.by) or 'the corpus'}, seed {config.seed}."
    page = Page(
        title="Review sheet",
        kicker="gmai corpus review-sheet",
        lead=lead,
        sections=(section,),
        statements=("For research; not for diagnosis.",),
    )
    return render_page(page)


def _card(corpus: Corpus, number: int, item: Conversation) -> Card:
    stored = corpus.sample(item.sample)
    alt = f"{item.modality}, {item.view.granularity} view"
    prior = corpus.sample(item.prior).pictures if item.prior else ()
    pictures = [Picture(data, f"{alt}, the visit before") for data in prior]
    pictures += [
        Picture(draw(stored, item.view, 0) if at == 0 else data, alt) for at, data in enumerate(stored.pictures)
    ]
    return Card(
        title=f"{number}",
        pictures=tuple(pictures),
        lines=(f"{item.task} · {item.modality} · {item.language}", item.id),
        bubbles=tuple(Bubble(turn.role, turn.text) for turn in item.turns),
    )
