"""Asking models and baselines a benchmark's questions, scoring the answers, and tabulating the scores.

The door is light: torch and scikit-learn are loaded by the runners that need them, when they are opened.
"""

from typing import TYPE_CHECKING

from gmai.base import Registry
from gmai.base.door import lazy_door

if TYPE_CHECKING:
    from gmai.evaluate.boards import Entry, board
    from gmai.evaluate.comparing import CompareConfig, Comparison, compare, iter_comparison_lines
    from gmai.evaluate.config import BoardConfig, RunConfig, ScoreConfig
    from gmai.evaluate.differences import Difference, Differences, explain_differences
    from gmai.evaluate.grading import Graded, grade
    from gmai.evaluate.judging import JudgeConfig, JudgeStats, judge
    from gmai.evaluate.matrix import MatrixConfig, PairResult, iter_lines, run_matrix
    from gmai.evaluate.parsing import EXTRACTOR, Extraction, extract_choice
    from gmai.evaluate.plan import find_recipe, read_matrix, recipe_names, run_one
    from gmai.evaluate.probing import BenchProbe
    from gmai.evaluate.prompting import Prompt, find_prompt, prompt_names
    from gmai.evaluate.rotations import rotate, turn_back
    from gmai.evaluate.rulesets import Ruleset
    from gmai.evaluate.run import RunStats, run_model
    from gmai.evaluate.runners import OpenRunner, Runner, StreamRunner
    from gmai.evaluate.scorers import Found, Scorer
    from gmai.evaluate.scoring import Answer, ScoreStats, iter_measures, score, score_answers
    from gmai.evaluate.submission import Submission, SubmitConfig, submit, write_submission
    from gmai.evaluate.submission_grading import GradeConfig, GradedSubmission, grade_submission

RUNNERS: "Registry[OpenRunner]" = Registry(
    "runner",
    {
        "colour": "gmai.evaluate.runners.colour:open_colour",
        "function": "gmai.evaluate.runners.function:open_function",
        "generate": "gmai.evaluate.runners.generation:open_generation",
        "letters": "gmai.evaluate.runners.likelihood:open_letters",
        "likelihood": "gmai.evaluate.runners.likelihood:open_likelihood",
        "majority": "gmai.evaluate.runners.majority:open_majority",
        "openai": "gmai.evaluate.runners.openai:open_served",
        "openai-letters": "gmai.evaluate.runners.openai:open_served_letters",
        "random": "gmai.evaluate.runners.chance:open_chance",
        "replay": "gmai.evaluate.runners.replay:open_replay",
        "thumbnail": "gmai.evaluate.runners.thumbnail:open_thumbnail",
    },
    extra="train",
)
RULES: "Registry[Ruleset]" = Registry(
    "rules",
    {"gmai": "gmai.evaluate.rulesets:GMAI", "vlmevalkit": "gmai.evaluate.rulesets:VLMEVALKIT"},
)
SCORERS: "Registry[Scorer]" = Registry(
    "scorer",
    {
        "accuracy": "gmai.evaluate.scorers.accuracy:SCORER",
        "circular": "gmai.evaluate.scorers.circular:SCORER",
        "confidence": "gmai.evaluate.scorers.confidence:SCORER",
        "macro": "gmai.evaluate.scorers.macro:SCORER",
        "multiple": "gmai.evaluate.scorers.multiple:SCORER",
        "open": "gmai.evaluate.scorers.open_text:SCORER",
        "stated": "gmai.evaluate.scorers.stated:SCORER",
        "yes_no": "gmai.evaluate.scorers.yes_no:SCORER",
    },
)

__all__ = [
    "Answer",
    "BenchProbe",
    "BoardConfig",
    "CompareConfig",
    "Comparison",
    "Difference",
    "Differences",
    "EXTRACTOR",
    "Entry",
    "Extraction",
    "Found",
    "GradeConfig",
    "Graded",
    "GradedSubmission",
    "JudgeConfig",
    "JudgeStats",
    "MatrixConfig",
    "OpenRunner",
    "PairResult",
    "Prompt",
    "RULES",
    "RUNNERS",
    "Ruleset",
    "RunConfig",
    "RunStats",
    "Runner",
    "SCORERS",
    "ScoreConfig",
    "ScoreStats",
    "Scorer",
    "StreamRunner",
    "Submission",
    "SubmitConfig",
    "board",
    "compare",
    "explain_differences",
    "extract_choice",
    "find_prompt",
    "find_recipe",
    "grade",
    "grade_submission",
    "iter_comparison_lines",
    "iter_lines",
    "iter_measures",
    "judge",
    "prompt_names",
    "read_matrix",
    "recipe_names",
    "rotate",
    "run_matrix",
    "run_model",
    "run_one",
    "score",
    "score_answers",
    "submit",
    "turn_back",
    "write_submission",
]

_FILES = {
    "boards": ["Entry", "board"],
    "comparing": ["CompareConfig", "Comparison", "compare", "iter_comparison_lines"],
    "config": ["BoardConfig", "RunConfig", "ScoreConfig"],
    "differences": ["Difference", "Differences", "explain_differences"],
    "grading": ["Graded", "grade"],
    "judging": ["JudgeConfig", "JudgeStats", "judge"],
    "matrix": ["MatrixConfig", "PairResult", "iter_lines", "run_matrix"],
    "parsing": ["EXTRACTOR", "Extraction", "extract_choice"],
    "plan": ["find_recipe", "read_matrix", "recipe_names", "run_one"],
    "probing": ["BenchProbe"],
    "prompting": ["Prompt", "find_prompt", "prompt_names"],
    "rotations": ["rotate", "turn_back"],
    "rulesets": ["Ruleset"],
    "run": ["RunStats", "run_model"],
    "runners": ["OpenRunner", "Runner", "StreamRunner"],
    "scorers": ["Found", "Scorer"],
    "scoring": ["Answer", "ScoreStats", "iter_measures", "score", "score_answers"],
    "submission": ["SubmitConfig", "Submission", "submit", "write_submission"],
    "submission_grading": ["GradeConfig", "GradedSubmission", "grade_submission"],
}
__getattr__ = lazy_door(__name__, {name: file for file, names in _FILES.items() for name in names})
