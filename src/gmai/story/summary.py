"""The top of the page: what nobody must miss, the story in a sentence, and the key figures."""

from collections.abc import Iterator, Sequence

from gmai.report import Tile, format_count, format_interval, format_percent, plural
from gmai.story.evaluations import Evaluation, find_final, of_role
from gmai.story.stages import Stage
from gmai.story.survey import Survey

RESEARCH = "Research use only, not for diagnosis."


def build_statements(survey: Survey | None, stages: Sequence[Stage]) -> tuple[str, ...]:
    """What is said first: research use, whether pictures are drawn, and what stage 0 is taught with."""
    return (RESEARCH, *_about_pictures(survey), *_about_stage0(stages))


def _about_pictures(survey: Survey | None) -> Iterator[str]:
    if survey is None or not survey.drawn:
        return
    who = "All" if len(survey.drawn) == len(survey.sources) else f"{len(survey.drawn)} of {len(survey.sources)}"
    yield (
        f"{who} sources of this corpus are phantoms: pictures drawn by a program, not taken of people. They exercise "
        "every step of the line; accuracy on them says nothing about accuracy on patients."
    )


def _about_stage0(stages: Sequence[Stage]) -> Iterator[str]:
    kinds = {stage.kind for stage in stages}
    told = []
    if "vision" in kinds:
        told.append("the vision encoder is supervised by the corpus' own annotations (regions and labels)")
    if "text" in kinds:
        told.append("the language model reads captions made from those annotations in the picture's place")
    if told:
        yield (
            f"The model starts from random weights. In stage 0 {' and '.join(told)}, of the training subjects only. "
            "That is no stand-in for a pre-trained encoder or language model."
        )


def build_lead(survey: Survey | None, stages: Sequence[Stage], evaluations: Sequence[Evaluation]) -> str:
    """The story in one or two sentences."""
    said = []
    if survey:
        annotations, pictures = (
            plural(survey.total("annotations"), "annotation"),
            plural(survey.total("images"), "picture"),
        )
        said.append(f"{annotations} on {pictures} became {plural(survey.total('conversations'), 'conversation')}.")
    trained = [stage for stage in stages if stage.kind]
    final = find_final(evaluations)
    if trained and final:
        said.append(
            f"A model trained on them in {plural(len(trained), 'stage')} answers "
            f"{format_percent(final.headline.accuracy)} of {format_count(final.headline.n)} questions about "
            "subjects it never saw."
        )
    return " ".join(said) or "What the runs given hold, and how they were made."


def build_tiles(survey: Survey | None, stages: Sequence[Stage], evaluations: Sequence[Evaluation]) -> tuple[Tile, ...]:
    """The key figures."""
    return (*_corpus_tiles(survey), *_model_tiles(stages), *_score_tiles(evaluations))


def _corpus_tiles(survey: Survey | None) -> Iterator[Tile]:
    if survey:
        subjects = plural(survey.total("subjects"), "subject")
        yield Tile(format_count(survey.total("samples")), "samples", subjects)
        yield Tile(format_count(survey.total("conversations")), "conversations", f"of {len(survey.sources)} sources")


def _model_tiles(stages: Sequence[Stage]) -> Iterator[Tile]:
    for stage in stages[:1]:
        total = stage.run.stats.get("parameters", {}).get("total")
        if total:
            yield Tile(f"{total / 1e6:.2f}\u202fM", "parameters", "made on the spot, from random weights")


def _score_tiles(evaluations: Sequence[Evaluation]) -> Iterator[Tile]:
    final = find_final(evaluations)
    if final:
        score = final.headline
        yield Tile(format_count(score.n), "held-out questions", plural(score.clusters, "subject"))
        yield Tile(format_percent(score.accuracy), "accuracy", f"95\u202f% CI {format_interval(score.low, score.high)}")
    for blind in of_role(evaluations, "blind")[-1:]:
        score = blind.headline
        yield Tile(format_percent(score.accuracy), "without the picture", f"chance {format_percent(score.chance)}")
