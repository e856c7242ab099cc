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
    staircase,
    subheading,
    table,
)
from gmai.story.evaluations import Evaluation, find_final, of_role
from gmai.types import Score


def build_accuracy_section(evaluations: Sequence[Evaluation]) -> Section | None:
    """Section of accuracy; None if nothing was scored."""
    if not evaluations:
        return None
    staged = [item for item in of_role(evaluations, "stage") if item.mode != "generate"]
    body = _figure(staged, evaluations) if staged else Markup("")
    body += subheading("By kind of question") + _kinds(evaluations)
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
        f"After {final.name[0].lower() + final.name[1:]} the model answers {_with_interval(final.overall)} of "
        f"{format_count(final.overall.n)} questions about subjects it was not trained on."
    )
    blind = next(iter(of_role(evaluations, "blind")), None)
    majority = next((item for item in evaluations if item.mode == "majority"), None)
    if blind:
        said += f" Without the picture it answers {_with_interval(blind.overall)}"
        said += f"; {_compare(blind.overall, majority.overall)}." if majority else "."
    return said


def _compare(blind: Score, majority: Score) -> str:
    inside = blind.low <= majority.accuracy <= blind.high
    verb = "contains" if inside else "does not contain"
    return f"that interval {verb} the {format_percent(majority.accuracy)} of always giving the commonest answer"


def _with_interval(score: Score) -> str:
    return f"{format_percent(score.accuracy)} ({format_interval(score.low, score.high)})"


def _figure(staged: Sequence[Evaluation], evaluations: Sequence[Evaluation]) -> Markup:
    treads = [_tread(item) for item in staged]
    floors = [
        Floor(item.name, item.overall.accuracy, (item.overall.low, item.overall.high), item.role == "blind")
        for item in evaluations
        if item.role != "stage"
    ]
    floors.append(Floor("chance", staged[-1].overall.chance))
    caption = (
        "Accuracy on held-out multiple-choice questions after each stage. Whiskers are 95 % intervals clustered by "
        "subject. The shaded band is the interval of the model with the picture removed; dashed lines are baselines "
        "that use no model, the dotted line is guessing."
    )
    return figure(lambda width: staircase(treads, floors, "Accuracy by stage of training", width), caption)


def _tread(item: Evaluation) -> Tread:
    score = item.overall
    return Tread(item.name, score.accuracy, score.low, score.high, score.n, item.note)


def _kinds(evaluations: Sequence[Evaluation]) -> Markup:
    counts = {score.node: score.n for item in reversed(evaluations) for score in item.of("kind")}
    kinds = sorted(counts, key=lambda kind: (-counts[kind], kind))
    columns = [Column("Answered by"), Column("All", numeric=True)]
    columns += [Column(f"{kind} (n\u202f{format_count(counts[kind])})", numeric=True) for kind in kinds]
    rows = []
    for item in evaluations:
        found = {score.node: score for score in item.of("kind")}
        cells = [_cell(found[kind]) if kind in found else Cell("–") for kind in kinds]
        rows.append([Cell(item.name, note=item.note), _cell(item.overall), *cells])
    return table(columns, rows, "Accuracy by kind of question, with 95 % intervals below")


def _cell(score: Score) -> Cell:
    return Cell(format_percent(score.accuracy), sort=score.accuracy, note=format_interval(score.low, score.high, 0))
