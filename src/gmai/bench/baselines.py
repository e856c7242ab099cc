"""What answering without looking gives: measured with every benchmark, so that no score stands alone.

All are scored as models are: every letter of the right answer and no other, with an interval clustered by subject.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from gmai.base import cluster_interval, hash_unit
from gmai.bench.answers import choose_answers, find_answers
from gmai.bench.candidate import Candidate
from gmai.bench.folding import fold
from gmai.bench.layout import LETTERS
from gmai.bench.options import find_wrong
from gmai.bench.wording import word_question
from gmai.types import Fact, Question, Sample, record

MOST_PAIRS = 40_000
"""Pairs of question and option that the text classifier learns from."""
_FEATURES = 1 << 18
_WRONG = 3
Prior = Counter[tuple[str, str, str, str]]


@record
class Baseline:
    """One way to answer without looking."""

    name: str
    what: str
    n: int
    accuracy: float
    low: float
    high: float
    """95 % interval, clustered by subject; of guessing at random, that of its exact distribution."""


def measure_baselines(
    questions: Sequence[Question],
    known: Sequence[Question],
    training: Sequence[Sample],
    modalities: Sequence[str],
    seed: int,
) -> list[Baseline]:
    """Answer the questions in every way that needs no picture.

    Args:
        questions: what is asked, in one language, of each group of twins one.
        known: questions of the open split, for the most frequent position.
        training: samples of the training part, by whose answers priors and the text classifier are learnt.
        modalities: every modality that may be an option.
        seed: of ties and of what the classifier learns from.
    """
    if not questions:
        return []
    taught = list(_teach(training))
    prior: Prior = Counter((f.kind, _told(f.kind, s.modality), fold(f.about), fold(f.answer)) for s, f in taught)
    where = Counter(question.answer for question in known or questions)
    ways: list[tuple[str, str, Callable[[Question], str]]] = [
        ("majority", "the option most frequent in training for kind, modality and label", _majority(prior, seed)),
        ("longest", "the longest option", lambda q: _pick(q, lambda n: -len(q.options[n]))),
        ("shortest", "the shortest option", lambda q: _pick(q, lambda n: len(q.options[n]))),
        ("position", "the letter right most often in the open split", lambda q: _pick(q, lambda n: -where[LETTERS[n]])),
    ]
    blind = _fit_text(taught, modalities, seed)
    if blind is not None:
        what = "logistic regression on the words of question and option, learnt in training"
        ways.append(("blind text", what, blind))
    return [_random(questions), *(_measure(name, what, way, questions) for name, what, way in ways)]


def one_of_each(questions: Sequence[Question]) -> list[Question]:
    """One question of each group of twins."""
    first: dict[str, Question] = {}
    for question in questions:
        first.setdefault(question.twin or str(question.index), question)
    return list(first.values())


def _random(questions: Sequence[Question]) -> Baseline:
    """Guessing evenly among the answers a question can have: one option, or any number of them but none."""
    shares = [1 / (2 ** len(q.options) - 1) if q.form == "multiple" else 1 / len(q.options) for q in questions]
    n, expected = len(shares), sum(shares) / len(shares)
    spread = 1.96 * math.sqrt(sum(share * (1 - share) for share in shares)) / n
    low, high = max(0.0, expected - spread), min(1.0, expected + spread)
    return Baseline(name="random", what="exact expectation", n=n, accuracy=expected, low=low, high=high)


def _measure(name: str, what: str, way: Callable[[Question], str], questions: Sequence[Question]) -> Baseline:
    owners: dict[tuple[str, str], int] = {}
    clusters = [owners.setdefault((q.source, q.subject), len(owners)) for q in questions]
    found = cluster_interval([way(q) == q.answer for q in questions], clusters)
    return Baseline(name=name, what=what, n=len(questions), accuracy=found.accuracy, low=found.low, high=found.high)


def _pick(question: Question, worth: Callable[[int], float]) -> str:
    places = range(len(question.options))
    return LETTERS[min(places, key=lambda place: (worth(place), hash_unit("tie", question.index, place)))]


def _majority(prior: Prior, seed: int) -> Callable[[Question], str]:
    totals: Counter[tuple[str, str, str]] = Counter()
    for (kind, modality, _, text), count in prior.items():
        totals[kind, modality, text] += count

    def answer(q: Question) -> str:
        modality = _told(q.kind, q.modality)
        about = next(
            (label for kind, _, label, _ in prior if kind == q.kind and label and label in fold(q.question)), ""
        )
        return _pick(
            q,
            lambda n: (
                -(
                    prior[q.kind, modality, about, fold(q.options[n])]
                    + totals[q.kind, modality, fold(q.options[n])] / 1e6
                )
            ),
        )

    return answer


def _told(kind: str, modality: str) -> str:
    """The modality, unless that is what is asked for: the key knows it, who answers does not."""
    return "" if kind == "modality" else modality


def _teach(training: Sequence[Sample]) -> Iterator[tuple[Sample, Fact]]:
    for sample in training:
        facts = [fact for fact in find_answers(sample) if isinstance(fact, Fact)] if sample.images else []
        for fact in choose_answers(sample.id, facts, 0):
            yield sample, fact


def _fit_text(
    taught: Sequence[tuple[Sample, Fact]], modalities: Sequence[str], seed: int
) -> Callable[[Question], str] | None:
    """A classifier of pairs of question and option into right and wrong; None where training has nothing to learn."""
    texts: list[str] = []
    right: list[bool] = []
    order = sorted(taught, key=lambda item: hash_unit(seed, "taught", item[0].id, item[1].kind, item[1].answer))
    for sample, fact in order:
        if len(texts) > MOST_PAIRS:
            break
        wrong = find_wrong(sample, fact, modalities)
        drawn = sorted(wrong, key=lambda text: hash_unit(seed, "taught", sample.id, fact.kind, text))[:_WRONG]
        asked = _word(sample, fact, seed)
        for option in (fact.answer, *drawn) if drawn else ():
            texts.append(_pair(asked, option))
            right.append(option == fact.answer)
    if len(set(right)) < 2:
        return None
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression

    read = HashingVectorizer(n_features=_FEATURES, analyzer=str.split, norm=None, alternate_sign=False)
    model = LogisticRegression(solver="liblinear", C=1.0, random_state=0).fit(read.transform(texts), right)

    def answer(q: Question) -> str:
        scores = model.decision_function(read.transform([_pair(q.question, option) for option in q.options]))
        return _pick(q, lambda n: -float(scores[n]))

    return answer


def _word(sample: Sample, fact: Fact, seed: int) -> str:
    asked = Candidate(
        sample=sample.id,
        source=sample.source,
        subject=sample.subject,
        split="TRAIN",
        modality=sample.modality,
        department=sample.department,
        fact=fact,
        wrong=(),
    )
    return word_question(asked, fact.view, "en", seed)


def _pair(question: str, option: str) -> str:
    """Words of the option, and each word of the question beside the whole option."""
    words, whole = fold(question).split(), fold(option).replace(" ", "_")
    return " ".join([f"o:{whole}", *(f"w:{word}" for word in fold(option).split()), *(f"{w}|{whole}" for w in words)])
