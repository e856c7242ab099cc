"""The whole line: data, training, answers, scores, board, report. Each step is a run folder that a re-run continues."""

import logging
import shutil
import time

from gmai.base import to_dict, write_json
from gmai.demo.config import DemoConfig
from gmai.demo.data import prepare_data
from gmai.demo.learn import EXAMS, train_and_ask
from gmai.evaluate import BoardConfig, Entry, ScoreConfig, board, score
from gmai.story import StoryConfig, build_story
from gmai.types import record

logger = logging.getLogger(__name__)


@record
class DemoResult:
    """What the demo found."""

    page: str
    """The report."""
    entries: tuple[Entry, ...]
    """Every model and baseline with its scores, best first."""
    seconds: dict[str, float]
    """Wall time of each part."""


def run_demo(config: DemoConfig) -> DemoResult:
    """Run the line from files to the report.

    Raises:
        ConfigError: no known data set in the folder, or the output folder holds another demo.
        GmaiError: whatever a step cannot do.
    """
    if not config.job.resume and (config.out / "demo.json").exists():
        shutil.rmtree(config.out)
    seconds = {}
    start = time.monotonic()
    prepared = prepare_data(config)
    seconds["data"] = time.monotonic() - start
    train_and_ask(config, prepared)
    seconds["training and answers"] = time.monotonic() - start - seconds["data"]
    for exam in EXAMS:
        predictions, target = config.out / "eval" / exam.name, config.out / "scores" / exam.name
        score(ScoreConfig(predictions=predictions, key=prepared.bench / "key/TEST.jsonl", out=target))
    folders = tuple(config.out / "scores" / exam.name for exam in EXAMS)
    entries = board(BoardConfig(scores=folders, out=config.out / "board"))
    page = config.out / "report.html"
    build_story(StoryConfig(runs=(str(config.out),), out=page))
    seconds["all"] = time.monotonic() - start
    result = DemoResult(
        page=str(page), entries=tuple(entries), seconds={key: round(value, 1) for key, value in seconds.items()}
    )
    write_json(config.out / "demo.json", {"config": to_dict(config), "seconds": result.seconds})
    return result
