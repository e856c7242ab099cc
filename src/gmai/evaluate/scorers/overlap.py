"""Overlap of texts in words: token F1, the sums of corpus BLEU, ROUGE-N and ROUGE-L.

Tokens are those of :func:`tokens`, for every measure: words as :func:`gmai.evaluate.grading.plain` leaves them, and
each Chinese character by itself. With several right texts the best counts; BLEU clips by all of them.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from gmai.evaluate.grading import plain

ORDERS = 4
_EDGES = " .,:;!?\"'()[]\u3001\u3002\uff0c\uff1b\uff1a"
_TOKEN = re.compile(r"[\u4e00-\u9fff]|[^\s\u4e00-\u9fff]+")

Tokens = list[str]


def tokens(text: str) -> Tokens:
    """Words without case, outer punctuation and English articles; Chinese by characters."""
    words = (word.strip(_EDGES) for word in _TOKEN.findall(plain(text)))
    return [word for word in words if word]


def _grams(words: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + order]) for at in range(len(words) - order + 1))


def _f1(hits: float, given: float, wanted: float) -> float:
    return 2 * hits / (given + wanted) if hits else 0.0


def token_f1(said: Tokens, truths: Sequence[Tokens]) -> float:
    """F1 of the tokens as bags (SQuAD), best of several texts; two empty texts agree."""
    return max(
        1.0 if not said and not truth else _f1((Counter(said) & Counter(truth)).total(), len(said), len(truth))
        for truth in truths
    )


def rouge_n(said: Tokens, truths: Sequence[Tokens], order: int) -> float:
    """F-measure of n-grams (Lin 2004), best of several texts."""
    mine = _grams(said, order)
    best = 0.0
    for truth in truths:
        theirs = _grams(truth, order)
        best = max(best, _f1((mine & theirs).total(), mine.total(), theirs.total()))
    return best


def rouge_l(said: Tokens, truths: Sequence[Tokens]) -> float:
    """F-measure of the longest common subsequence (Lin 2004), best of several texts."""
    return max(_f1(_common(said, truth), len(said), len(truth)) for truth in truths)


def _common(one: Tokens, other: Tokens) -> int:
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for place, there in enumerate(other, 1):
            before, row[place] = row[place], before + 1 if word == there else max(row[place], row[place - 1])
    return row[-1]


def bleu_sums(said: Tokens, truths: Sequence[Tokens]) -> list[float]:
    """What corpus BLEU is summed from: matches of each order, n-grams of each order, own length, length of the key."""
    hits, given = [], []
    for order in range(1, ORDERS + 1):
        mine, most = _grams(said, order), Counter[tuple[str, ...]]()
        for truth in truths:
            most |= _grams(truth, order)
        hits.append(float((mine & most).total()))
        given.append(float(mine.total()))
    closest = min((len(truth) for truth in truths), key=lambda length: (abs(length - len(said)), length))
    return [*hits, *given, float(len(said)), float(closest)]


def bleu(sums: np.ndarray, order: int) -> np.ndarray:
    """Corpus BLEU up to an order (Papineni 2002) from sums on the last axis; without smoothing."""
    hits, given = sums[..., :order], sums[..., ORDERS : ORDERS + order]
    shares = np.where((hits > 1e-9) & (given > 1e-9), hits / np.maximum(given, 1e-9), 0.0)
    logs = np.log(np.where(shares > 0, shares, 1.0)).mean(-1)
    own, key = sums[..., 2 * ORDERS], sums[..., 2 * ORDERS + 1]
    brevity = np.where(own < key, np.exp(1 - key / np.maximum(own, 1e-9)), 1.0)
    return np.asarray(np.where((shares > 0).all(-1), brevity * np.exp(logs), 0.0))
