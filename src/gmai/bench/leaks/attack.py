"""An attacker who never looks at what a picture shows: every channel tried apart, with what it gives beside chance.

He holds the sealed public file, the open split with its answers, and the training part of the corpus; the key only
judges his guesses. What anybody may know is told apart: how frequent answers are in training; and what pictures show of
themselves to one who opens their files, their width and height and how well they can be compressed. A file that is not
padded tells the last by its length.
"""

import hashlib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from gmai.annotations import find_facts
from gmai.base import cluster_interval
from gmai.bench.alike import find_near
from gmai.bench.folding import fold
from gmai.bench.layout import LETTERS
from gmai.bench.leaks.pictures import Seen, look_at_pictures
from gmai.bench.leaks.probes import (
    ERRORS,
    LEAST_GAIN,
    Guess,
    by_place,
    by_text,
    coin,
    features,
    option_rules,
)
from gmai.bench.leaks.rows import CODED_BYTES, PICTURE_BYTES, Row, Sheet, read_sheet
from gmai.bench.seal import commit
from gmai.bench.splits import Split
from gmai.bench.trace import read_keys
from gmai.corpus import iter_records, open_corpus
from gmai.types import Question, record

Basis = Literal["file", "prior", "picture"]
LEAST_ASKED = 30
"""A channel that has something to say about fewer questions is not judged."""


@record
class Channel:
    """What one way to guess is worth."""

    name: str
    n: int
    """Questions it has something to say about; elsewhere it would toss a coin."""
    accuracy: float
    low: float
    high: float
    """95 % interval, clustered by subject."""
    chance: float
    beats: bool
    """True if it is better than chance by more than four standard errors and two points."""
    basis: Basis = "file"
    """``file``: what the file shows beside its pictures; ``prior``: how frequent answers are in training, which is no
    secret of the benchmark; ``picture``: what every picture shows of itself to one who opens its file, such as how well
    it can be compressed."""


def attack(sealed: Path, key: Path, known: Path, corpus: Path | None = None) -> list[Channel]:
    """Try every channel against a sealed file.

    Args:
        sealed: public TSV of ``gmai bench seal``.
        key: its key, to judge by.
        known: a TSV with answers that was built along with it, such as ``public/VAL.tsv``.
        corpus: the corpus whose training part is known too.

    Raises:
        ConfigError: a file that is not there.
    """
    truth = {question.index: question for question in read_keys(key)}
    mine = Split("sealed", sealed)
    target, learnt = read_sheet(mine), read_sheet(Split("known", known))
    seen, theirs = look_at_pictures(mine, target), look_at_pictures(Split("known", known), learnt)
    _pad_known(target.rows, learnt.rows)
    judge = _Judge(target.rows, truth)
    channels = []
    for name, guess in _plain(target, learnt):
        if not name.startswith("picture") or name.startswith(f"{PICTURE_BYTES}:"):
            channels.append(judge.try_guess(name, guess))
            continue
        channels.append(judge.try_guess(name, guess, "picture"))
        named = {row.index: guess(row) for row in judge.rows if "modality" in row.columns}
        channels.append(judge.try_some(f"{name}, where the modality is named", named, "picture"))
    channels += [judge.try_some(name, some) for name, some in _pictures(target, seen, learnt, theirs)]
    if corpus is not None:
        channels += [judge.try_guess(name, guess, "prior") for name, guess in _priors(corpus)]
        channels += [judge.try_some(name, some) for name, some in _in_training(target, seen, corpus)]
    return channels


def _pad_known(padded: Sequence[Row], known: Sequence[Row]) -> None:
    """Give the known rows the size that the padded file has for pictures of their area or the next."""
    sizes = sorted(
        (_area(row), row.seen[PICTURE_BYTES])
        for row in padded
        if row.seen.get(PICTURE_BYTES) != row.seen.get(CODED_BYTES) and row.seen.get("number of pictures") == "1"
    )
    for row in known if sizes else ():
        if row.pictures:
            row.seen[PICTURE_BYTES] = sizes[min(bisect_left(sizes, (_area(row), "")), len(sizes) - 1)][1]


def _area(row: Row) -> int:
    width, height = row.seen["picture size"].split(" x ")
    return int(width) * int(height)


class _Judge:
    """Holds guesses against the key."""

    def __init__(self, rows: Sequence[Row], truth: dict[int, Question]) -> None:
        self.rows = [row for row in rows if row.options]
        self.rights = {row.index: {LETTERS.index(letter) for letter in truth[row.index].answer} for row in self.rows}
        owners = sorted({(question.source, question.subject) for question in truth.values()})
        number = {owner: n for n, owner in enumerate(owners)}
        self.clusters = {question.index: number[question.source, question.subject] for question in truth.values()}

    def try_guess(self, name: str, guess: Guess, basis: Basis = "file") -> Channel:
        return self.try_some(name, {row.index: guess(row) for row in self.rows}, basis)

    def try_some(self, name: str, guesses: dict[int, int], basis: Basis = "file") -> Channel:
        rows = [row for row in self.rows if row.index in guesses]
        if not rows:
            return Channel(name=name, n=0, accuracy=0.0, low=0.0, high=1.0, chance=0.0, beats=False, basis=basis)
        right = [guesses[row.index] in self.rights[row.index] for row in rows]
        chances = [len(self.rights[row.index]) / len(row.options) for row in rows]
        found = cluster_interval(right, [self.clusters[row.index] for row in rows])
        spread = (found.effect * sum(p * (1 - p) for p in chances)) ** 0.5
        gain = sum(right) - sum(chances)
        return Channel(
            name=name,
            n=len(rows),
            accuracy=found.accuracy,
            low=found.low,
            high=found.high,
            chance=sum(chances) / len(rows),
            beats=len(rows) >= LEAST_ASKED and gain > max(ERRORS * spread, LEAST_GAIN * len(rows)),
            basis=basis,
        )


def _plain(target: Sheet, learnt: Sheet) -> Iterator[tuple[str, Guess]]:
    """Positions, options, columns, indices, order, sizes: as rules, or as the open split teaches."""
    for letter in range(max((len(row.options) for row in target.rows), default=0)):
        yield f"always {LETTERS[letter]}", lambda row, letter=letter: letter % len(row.options)  # type: ignore[misc]
    for name, guess in option_rules(target.rows).items():
        yield f"the option that is {name}", guess
    known = learnt.known()
    if not known:
        return
    yield "the letter that is right most often in the open split", by_place(known, lambda row: "")
    for name, value in features([*target.rows, *known]).items():
        yield f"{name}: the letter it goes with in the open split", by_place(known, value)
    yield "the text that is right most often in the open split", by_text(known, lambda row: "")
    for name, value in features([*target.rows, *known]).items():
        yield f"{name}: the text it goes with in the open split", by_text(known, value)


def _pictures(target: Sheet, seen: Seen, learnt: Sheet, theirs: Seen) -> Iterator[tuple[str, dict[int, int]]]:
    """Twins in the open split, and other questions about the same picture in the file itself."""
    answers = {row.index: fold(row.options[row.right]) for row in learnt.known() if row.right is not None}
    by_exact = {theirs.exact[index]: text for index, text in answers.items() if index in theirs.exact}
    yield "the same picture in the open split", _by_answer(target, seen.exact, by_exact)
    by_look = {theirs.looks[index]: text for index, text in answers.items() if index in theirs.looks}
    near = _nearest(seen.looks, by_look)
    yield "a picture that looks the same in the open split", _by_answer(target, {}, {}, near)
    groups: dict[object, list[Row]] = defaultdict(list)
    for row in target.rows:
        groups[seen.looks.get(row.index)].append(row)
    together = [group for look, group in groups.items() if look is not None and len(group) > 1]
    yield "options that other questions about the picture share", dict(_shared(together))
    yield "options that no other question about the picture has", dict(_shared(together, least=True))
    yield "options that other questions about the picture name", dict(_named(together))


def _by_answer(
    target: Sheet, looks: dict[int, str], answers: dict[str, str], given: dict[int, str] | None = None
) -> dict[int, int]:
    guesses = {}
    for row in target.rows:
        text = given.get(row.index) if given is not None else answers.get(looks.get(row.index, ""))
        places = [place for place, option in enumerate(row.options) if text and fold(option) == text]
        if places:
            guesses[row.index] = places[0]
    return guesses


def _nearest(looks: dict[int, int], known: dict[int, str]) -> dict[int, str]:
    """The answer of a known picture that differs in few bits, if there is one."""
    near = find_near(list(looks.values()), list(known))
    found = {}
    for (index, look), is_near in zip(looks.items(), near, strict=True):
        if is_near:
            found[index] = known[min(known, key=lambda other: (look ^ other).bit_count())]
    return found


def _shared(groups: Sequence[list[Row]], least: bool = False) -> Iterator[tuple[int, int]]:
    for group in groups:
        shown = Counter(option for row in group for option in {fold(option) for option in row.options})
        for row in group:
            counts = [shown[fold(option)] for option in row.options]
            if len(set(counts)) > 1:
                wanted = min(counts) if least else max(counts)
                yield row.index, min((n for n, c in enumerate(counts) if c == wanted), key=lambda n: coin(row, n))


def _named(groups: Sequence[list[Row]]) -> Iterator[tuple[int, int]]:
    for group in groups:
        for row in group:
            others = " ".join(fold(other.question) for other in group if other is not row)
            named = [place for place, option in enumerate(row.options) if f" {fold(option)} " in f" {others} "]
            if named and len(named) < len(row.options):
                yield row.index, min(named, key=lambda place: coin(row, place))


def _priors(corpus: Path) -> Iterator[tuple[str, Guess]]:
    """How frequent answers are in training: of a modality, and of pictures of one size."""
    store = open_corpus(corpus)
    by_modality: Counter[tuple[str, str]] = Counter()
    by_size: Counter[tuple[str, str]] = Counter()
    for sample in iter_records(corpus):
        if store.split_of(sample) != "train" or not sample.images:
            continue
        size = f"{sample.images[0].width} x {sample.images[0].height}"
        for fact in find_facts(sample):
            by_modality[sample.modality, fold(fact.answer)] += 1
            by_size[size, fold(fact.answer)] += 1
    yield (
        "the most frequent in training, of the modality",
        _most(by_modality, lambda row: row.columns.get("modality", "")),
    )
    yield (
        "the most frequent in training, of pictures of this size",
        _most(by_size, lambda row: row.seen.get("picture size", "")),
    )


def _most(counts: Counter[tuple[str, str]], value: Callable[[Row], str]) -> Guess:
    def guess(row: Row) -> int:
        here = [counts[value(row), fold(option)] for option in row.options]
        return min(range(len(here)), key=lambda place: (-here[place], coin(row, place)))

    return guess


def _in_training(target: Sheet, seen: Seen, corpus: Path) -> Iterator[tuple[str, dict[int, int]]]:
    """Pictures that training holds too, the same or alike to the eye, with an answer they have there."""
    store = open_corpus(corpus)
    exact: dict[str, str] = {}
    looks: dict[int, str] = {}
    for sample in iter_records(corpus):
        facts = find_facts(sample) if store.split_of(sample) == "train" else ()
        for image in sample.images if facts else ():
            exact[image.asset] = fold(facts[-1].answer)
            if image.phash:
                looks[int(image.phash, 16)] = fold(facts[-1].answer)
    yield "the same picture in training", _by_answer(target, seen.exact, exact)
    yield "a picture that looks the same in training", _by_answer(target, {}, {}, _nearest(seen.looks, looks))


def guess_salts(leaves: Sequence[str], guesses: int) -> tuple[int, int]:
    """Try to open commitments with salts that one might think of, and with random ones.

    Returns:
        How many commitments were tried, and how many of them are among the leaves.
    """
    wanted, hits, tried = set(leaves), 0, 0
    usual = [b"", b"\0" * 32, b"gmai", b"salt", *(hashlib.sha256(str(n).encode()).digest() for n in range(100))]
    number = 0
    while tried < guesses:
        salt = usual[number] if number < len(usual) else hashlib.sha256(b"guess" + number.to_bytes(8, "big")).digest()
        for index in (0, number % max(1, len(leaves))):
            for letter in LETTERS[:4]:
                hits += commit(salt, index, letter) in wanted
                tried += 1
        number += 1
    return tried, hits
