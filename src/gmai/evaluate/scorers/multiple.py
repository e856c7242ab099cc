"""Questions with several right options: the set as a whole, and how much of it, case by case."""

from collections.abc import Iterator, Sequence

from gmai.evaluate.grading import Graded
from gmai.evaluate.scorers import Found, Scorer, mean, share


def _parts(answer: Graded) -> tuple[float, float, float]:
    """Precision, recall and F1 of one answer; without a choice all are 0."""
    chosen, truth = set(answer.choice or ""), set(answer.question.answer)
    hits = len(chosen & truth)
    if not hits:
        return 0.0, 0.0, 0.0
    return hits / len(chosen), hits / len(truth), 2 * hits / (len(chosen) + len(truth))


def _measure(answers: Sequence[Graded]) -> Iterator[Found]:
    precision, recall, f1 = zip(*(_parts(answer) for answer in answers), strict=True)
    yield share("multiple.exact", answers, [answer.right for answer in answers], "the set of letters, whole")
    yield mean("multiple.precision", answers, precision, "mean of right letters / letters given (ACC of GMAI-MMBench)")
    yield mean(
        "multiple.recall", answers, recall, "mean of right letters / letters of the key (recall of GMAI-MMBench)"
    )
    yield mean("multiple.f1", answers, f1, "mean over questions")
    every = [len(answer.question.answer) / len(answer.question.options) for answer in answers]
    yield mean("multiple.precision.all_letters", answers, every, "what naming every letter gets; its recall is 1")


SCORER = Scorer(version="1", fits=lambda answer: answer.question.form == "multiple", measure=_measure)
