"""The section of results: the staircase of accuracy by stage of training over its baselines, and the same by kind."""

from collections.abc import Sequence

from markupsafe import Markup

from gmai.report import (
    Cell,
    Column,
    Floor,
    Section,
    Tread,
    figure,
    format_count,
    format_interval,
    format_percent,
    paragraph,
    staircase,
    subheading,
    table,
)
from gmai.story.evaluations import NO_MODALITY, Evaluation, find_final, of_role
from gmai.types import Score

_WITHOUT = ", the easy questions for the modality left out"


def build_accuracy_section(evaluations: Sequence[Evaluation]) -> Section | None:
    """Section of accuracy; None if nothing was scored."""
    if not evaluations:
        return None
    staged = [item for item in of_role(evaluations, "stage") if item.mode != "generate"]
    body = _figure(staged, evaluations) if staged else Markup("")
    body += subheading("By kind of question") + _kinds(evaluations) + _blind_kinds(evaluations)
    data = [{"name": item.name, "role": item.role, "mode": item.mode, "scores": _scores(item)} for item in evaluations]
    return Section("accuracy", "Accuracy by stage", body, _lead(evaluations), {"evaluations": data})


def _scores(item: Evaluation) -> list[dict[str, object]]:
    return [
        {name: getattr(score, name) for name in ("axis", "node", "n", "correct", "accuracy", "low", "high", "chance")}
        for score in item.scores
        if score.axis in ("overall", "kind")
    ]


def _lead(evaluations: Sequence[Evaluation]) -> str:
    final = find_final(evaluations)
    if final is None:
        return "Baselines alone: no model was evaluated."
    said = (
        f"After {final.name[0].lower() + final.name[1:]} the model answers {_with_interval(final.headline)} of "
        f"{format_count(final.headline.n)} questions about subjects it was not trained on."
    )
    blind = _last_blind(evaluations)
    majority = next((item for item in evaluations if item.mode == "majority"), None)
    if blind:
        said += f" Without the picture it answers {_with_interval(blind.headline)}"
        said += f"; {_compare(blind.headline, majority.headline)}." if majority else "."
        if final.headline.low <= blind.headline.high:
            said += " The two intervals overlap, so this does not show that the picture helps."
    return said


def _last_blind(evaluations: Sequence[Evaluation]) -> Evaluation | None:
    return next(iter(reversed(of_role(evaluations, "blind"))), None)


def _compare(blind: Score, majority: Score) -> str:
    inside = blind.low <= majority.accuracy <= blind.high
    verb = "contains" if inside else "does not contain"
    return f"that interval {verb} the {format_percent(majority.accuracy)} of always giving the commonest answer"


def _blind_kinds(evaluations: Sequence[Evaluation]) -> Markup:
    """Names the kinds that are answered above chance without a picture, so that nobody takes them for seeing."""
    blind = _last_blind(evaluations)
    guessed = [score for score in blind.of("kind") if score.low > score.chance] if blind else []
    if not guessed:
        return Markup("")
    named = ", ".join(f"{score.node} {_with_interval(score)}" for score in guessed)
    return paragraph(f"Above chance without the picture: {named}. What is right there is no sign of seeing.")


def _with_interval(score: Score) -> str:
    return f"{format_percent(score.accuracy)} ({format_interval(score.low, score.high)})"


def _figure(staged: Sequence[Evaluation], evaluations: Sequence[Evaluation]) -> Markup:
    treads = [_tread(item) for item in staged]
    shallow = [item for item in of_role(evaluations, "baseline") if item.mode != "random"]
    floors = [_floor(item) for item in (*of_role(evaluations, "blind")[-1:], *shallow)]
    floors = [*floors, Floor("Chance", staged[-1].headline.chance)]
    count, left_out = format_count(staged[-1].headline.n), staged[-1].headline.node == NO_MODALITY
    caption = (
        f"Accuracy on {count} held-out questions after each stage{_WITHOUT if left_out else ''}. Whiskers are "
        "95\u202f% intervals clustered by subject. The shaded band is the interval of the model with the picture taken "
        "away; dashed lines are baselines that use no model, the dotted line is guessing."
    )
    return figure(lambda width: staircase(treads, floors, "Accuracy by stage of training", width), caption)


def _floor(item: Evaluation) -> Floor:
    score = item.headline
    return Floor(item.name, score.accuracy, (score.low, score.high), item.role == "blind")


def _tread(item: Evaluation) -> Tread:
    score = item.headline
    return Tread(item.name, score.accuracy, score.low, score.high, score.n, item.note)


def _kinds(evaluations: Sequence[Evaluation]) -> Markup:
    """A row of the table for each evaluation; a column for each node of ``overall`` and each kind."""
    counts = {(s.axis, s.node): s.n for item in reversed(evaluations) for s in (*item.of("overall"), *item.of("kind"))}
    nodes = sorted(counts, key=lambda node: (node[0] == "kind", -counts[node], node))
    columns = [Column("Answered by")]
    columns += [Column(node, numeric=True, note=f"n\u202f{format_count(counts[axis, node])}") for axis, node in nodes]
    rows = []
    for item in evaluations:
        found = {(score.axis, score.node): score for score in item.scores}
        cells = [_cell(found[node]) if node in found else Cell("–") for node in nodes]
        rows.append([Cell(item.name, note=item.note), *cells])
    caption = "Accuracy by kind of question, with 95\u202f% intervals below"
    return table(columns, rows, caption)


def _cell(score: Score) -> Cell:
    return Cell(format_percent(score.accuracy), sort=score.accuracy, note=format_interval(score.low, score.high, 0))
