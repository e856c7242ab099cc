"""The report: reads run folders, builds the sections that they allow, and writes one page and its numbers."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gmai.base import write_json, write_text
from gmai.corpus import open_corpus
from gmai.errors import ConfigError
from gmai.report import Page, Section, page_data, render_page
from gmai.story.accuracy_section import build_accuracy_section
from gmai.story.answers_section import build_answers_section, read_answers
from gmai.story.bench_section import build_bench_section
from gmai.story.corpus_section import build_corpus_section
from gmai.story.evaluations import Evaluation, find_final, read_evaluations
from gmai.story.rejects_section import build_rejects_section
from gmai.story.runs import Found, Run, find_runs, of_command
from gmai.story.runs_section import build_runs_section
from gmai.story.samples_section import build_samples_section
from gmai.story.stages import Stage, find_stages
from gmai.story.summary import build_lead, build_statements, build_tiles
from gmai.story.survey import Survey, survey_corpus
from gmai.story.trace_section import build_trace_section
from gmai.story.training_section import build_training_section
from gmai.story.tree_section import build_tree_section
from gmai.types import record

logger = logging.getLogger(__name__)


@record
class StoryConfig:
    """What ``gmai report`` tells."""

    runs: tuple[str, ...]
    """Run folders, or folders that hold them; ``label=FOLDER`` names a run on the page."""
    out: Path
    """HTML file to write; its numbers are written beside it with the ending ``.json``."""
    title: str = ""
    """Heading of the page; empty makes one from what the page holds."""
    samples: int = 12
    """About how many samples are shown."""
    answers: int = 6
    """Most right answers shown, and most wrong ones."""


def build_story(config: StoryConfig) -> dict[str, Any]:
    """Write the page and its numbers.

    Returns:
        The numbers, section by section, as in the JSON beside the page.

    Raises:
        ConfigError: no run, an unfinished one, more than one corpus, or an output that is no ``.html`` file.
    """
    if config.out.suffix.lower() not in {".html", ".htm"}:
        raise ConfigError("the page must be an .html file", where=str(config.out), fix="write -o report.html")
    found = find_runs(config.runs)
    page = build_page(config, found)
    data = page_data(page)
    write_text(config.out, render_page(page))
    write_json(config.out.with_suffix(".json"), data)
    logger.info("report: %d runs, %d sections, %s", len(found.runs), len(page.sections), config.out)
    return data


def build_page(config: StoryConfig, found: Found) -> Page:
    """The page of the runs found."""
    survey = _find_survey(found.runs, config.samples)
    stages = find_stages(found.runs)
    evaluations = read_evaluations(found.runs, stages)
    sections = tuple(_sections(config, found, survey, stages, evaluations))
    title = config.title or ("From annotated scans to an honest score" if evaluations else "What the corpus holds")
    return Page(
        title=title,
        kicker="gmai report",
        lead=build_lead(survey, stages, evaluations),
        statements=build_statements(survey, stages),
        tiles=build_tiles(survey, stages, evaluations),
        sections=sections,
        foot="Made by gmai from the runs listed above. Research use only, not for diagnosis.",
    )


def _sections(
    config: StoryConfig,
    found: Found,
    survey: Survey | None,
    stages: Sequence[Stage],
    evaluations: Sequence[Evaluation],
) -> Iterator[Section]:
    final = find_final(evaluations)
    answers = read_answers(final) if final else ()
    made = [
        build_accuracy_section(evaluations),
        build_corpus_section(survey) if survey else None,
        build_samples_section(survey) if survey else None,
        build_bench_section(found.runs),
        build_training_section(stages),
        build_tree_section(final) if final else None,
        build_answers_section(final, answers, config.answers) if final else None,
        build_trace_section(final, answers, survey.corpus) if final and survey else None,
        build_rejects_section(found.runs),
    ]
    yield from (section for section in made if section is not None)
    yield build_runs_section(found)


def _find_survey(runs: Sequence[Run], shown: int) -> Survey | None:
    corpora = of_command(runs, "convert")
    if len(corpora) > 1:
        names = ", ".join(run.label for run in corpora)
        raise ConfigError(f"{len(corpora)} corpora: {names}", fix="give the runs of one corpus to one report")
    return survey_corpus(open_corpus(corpora[0].path), runs, shown) if corpora else None
