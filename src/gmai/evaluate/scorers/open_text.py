"""Open answers: the same text, token F1, corpus BLEU-1 to 4, ROUGE-1, 2 and L; what cannot be read is an empty text."""

from collections.abc import Iterator, Sequence
from functools import partial

from gmai.base import interval_of_sums
from gmai.evaluate.grading import Graded, answers_of
from gmai.evaluate.scorers import Found, Scorer, cluster_sums, mean, share
from gmai.evaluate.scorers.overlap import ORDERS, bleu, bleu_sums, rouge_l, rouge_n, token_f1, tokens


def _fits(answer: Graded) -> bool:
    return answer.question.form == "open"


def _measure(answers: Sequence[Graded]) -> Iterator[Found]:
    said = [tokens(answer.said or "") for answer in answers]
    truths = [[tokens(text) for text in answers_of(answer.question)] for answer in answers]
    pairs = list(zip(said, truths, strict=True))
    exact = "the same text but for case, width, outer punctuation and English articles"
    yield share("open.exact", answers, [answer.right for answer in answers], exact)
    yield mean("open.token_f1", answers, [token_f1(*pair) for pair in pairs], "Chinese by characters")
    sums = cluster_sums(answers, list(zip(*(bleu_sums(*pair) for pair in pairs), strict=True)))
    for order in range(1, ORDERS + 1):
        found = interval_of_sums(sums, partial(bleu, order=order))
        yield Found(f"open.bleu{order}", len(answers), found.accuracy, found, "of all answers together, no smoothing")
    for order in (1, 2):
        yield mean(f"open.rouge{order}", answers, [rouge_n(*pair, order) for pair in pairs], "F-measure, no stemming")
    yield mean("open.rougeL", answers, [rouge_l(*pair) for pair in pairs], "F-measure, no stemming")


SCORER = Scorer(version="1", fits=_fits, measure=_measure)
