"""Questions, keys and answers made in tests of scores."""

from gmai.types import Prediction, Question


def ask(index: int, **changes: object) -> Question:
    """A question of four options whose answer is B, two of each subject."""
    return Question(
        **{
            "index": index,
            "sample": f"s/{index}",
            "source": "s",
            "subject": f"p{index // 2}",
            "question": "?",
            "options": ("x", "y", "z", "w"),
            "answer": "B",
            "kind": "finding",
            "task": "Disease Diagnosis",
            "department": "none",
            "modality": "CT" if index % 2 else "MRI",
            "granularity": "Image Level",
            **changes,
        }
    )


def reply(index: int, text: str = "", **changes: object) -> Prediction:
    """A reply in words."""
    return Prediction(**{"index": index, "mode": "generate", "choice": None, "text": text, **changes})


def chosen(index: int, choice: str | None = "B", **changes: object) -> Prediction:
    """A choice without words."""
    return Prediction(**{"index": index, "mode": "likelihood", "choice": choice, **changes})
