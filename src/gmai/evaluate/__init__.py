"""Asking models and baselines a benchmark's questions, scoring the answers, and tabulating the scores.

The door is light: torch and scikit-learn are loaded by the runners that need them, when they are opened.
"""

from typing import TYPE_CHECKING

from gmai.base import Registry
from gmai.base.door import lazy_door

if TYPE_CHECKING:
    from gmai.evaluate.boards import Entry, board
    from gmai.evaluate.config import BoardConfig, RunConfig, ScoreConfig
    from gmai.evaluate.intervals import Interval, cluster_interval
    from gmai.evaluate.parsing import Extraction, extract_choice
    from gmai.evaluate.run import RunStats, run_model
    from gmai.evaluate.runners import OpenRunner, Runner
    from gmai.evaluate.scoring import Answer, ScoreStats, score, score_answers

RUNNERS: "Registry[OpenRunner]" = Registry(
    "runner",
    {
        "colour": "gmai.evaluate.runners.colour:open_colour",
        "generate": "gmai.evaluate.runners.generation:open_generation",
        "likelihood": "gmai.evaluate.runners.likelihood:open_likelihood",
        "majority": "gmai.evaluate.runners.majority:open_majority",
        "random": "gmai.evaluate.runners.chance:open_chance",
        "thumbnail": "gmai.evaluate.runners.thumbnail:open_thumbnail",
    },
    extra="train",
)

__all__ = [
    "Answer",
    "BoardConfig",
    "Entry",
    "Extraction",
    "Interval",
    "OpenRunner",
    "RUNNERS",
    "RunConfig",
    "RunStats",
    "Runner",
    "ScoreConfig",
    "ScoreStats",
    "board",
    "cluster_interval",
    "extract_choice",
    "run_model",
    "score",
    "score_answers",
]

_FILES = {
    "boards": ["Entry", "board"],
    "config": ["BoardConfig", "RunConfig", "ScoreConfig"],
    "intervals": ["Interval", "cluster_interval"],
    "parsing": ["Extraction", "extract_choice"],
    "run": ["RunStats", "run_model"],
    "runners": ["OpenRunner", "Runner"],
    "scoring": ["Answer", "ScoreStats", "score", "score_answers"],
}
__getattr__ = lazy_door(__name__, {name: file for file, names in _FILES.items() for name in names})
