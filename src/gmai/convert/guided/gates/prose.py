"""Gates on the prose alone: its length, its language, markup, repetition, and words about the prompt."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from gmai.convert.checks import Problem
from gmai.convert.guided.ground import Ground
from gmai.convert.guided.replies import Exchange, texts_of
from gmai.convert.guided.wordlists import pattern
from gmai.convert.tongue import HAN

MOST_SENTENCES = {"text": 40}
MOST_EXCHANGES = 12
LONGEST = {"en": (60, 60), "zh": (120, 120)}
"""Words, or Chinese characters, of the longest sentence and the longest question."""
LONGEST_WORD = 60
LONGEST_TEXT = {"en": (400, 200), "zh": (800, 400)}
"""The same where a source's own text is put in other words."""
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff_]+")
_MARKUP = re.compile(
    r"[*_#`~|]{2,}|`|</?\w+[^>]*>|https?://|\\[a-z]|^\s*[-*#>]\s|\{|\}|[\x00-\x08\x0b-\x1f\ufffd\ue000-\uf8ff]|\n"
)
_NUMBERED = re.compile(r"\bf\d+\b|\bfacts?\s+\d|事实\s*[f\d]", re.IGNORECASE)
_PROSE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
_REPEATED = 5
"""Words in a row that may not come twice in one sentence; in one answer not twice as many."""


def find_lengths(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """Nothing said, or too much."""
    if not 1 <= len(exchanges) <= MOST_EXCHANGES:
        yield Problem("length", f"{len(exchanges)} turns")
    most = LONGEST_TEXT if ground.task == "text" else LONGEST
    for exchange in exchanges:
        if not 1 <= len(exchange.sentences) <= MOST_SENTENCES.get(ground.task, 12):
            yield Problem("length", f"{len(exchange.sentences)} sentences")
        if ground.task not in ("caption", "region") and not exchange.question.strip():
            yield Problem("length", "an empty question")
        texts = [
            (exchange.question, most[ground.language][1]),
            *((s.text, most[ground.language][0]) for s in exchange.sentences),
        ]
        for text, longest in texts:
            if len(words := _WORD.findall(text)) > longest:
                yield Problem("length", f"{len(words)} words, more than {longest}: {text[:60]!r}")
            if any(len(word) > LONGEST_WORD for word in words) or len(text) > 20 * longest:
                yield Problem("length", f"no words of any language: {text[:60]!r}")
        for sentence in exchange.sentences:
            if not _WORD.search(sentence.text):
                yield Problem("length", "an empty sentence")


def find_markup(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """Markdown, HTML, links, control characters: what belongs in no sentence."""
    for text in texts_of(exchanges):
        if (found := _MARKUP.search(text)) and not holds_plain(ground, found.group()):
            yield Problem("markup", f"{found.group()!r} in {text!r}")


def holds_plain(ground: Ground, piece: str) -> bool:
    """True for what the facts themselves are written with."""
    return bool(piece.strip()) and piece in ground.known


def find_wrong_language(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """Chinese in an English text, or anything but Chinese prose in a Chinese one; names of facts are as they are."""
    for text in texts_of(exchanges):
        rest = text
        for known in sorted(set(ground.known.split("\n")), key=lambda name: (-len(name), name)):
            if (ground.language == "en") == bool(HAN.search(known)) and len(known) > 1:
                rest = rest.replace(known, "")
        if ground.language == "en" and HAN.search(rest):
            yield Problem("language", f"Chinese in an English text: {text!r}")
        if ground.language == "zh" and (_PROSE.search(rest) or not HAN.search(text)):
            yield Problem("language", f"no Chinese text: {text!r}")


def find_echoes(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """Refusals, and words about the prompt, the list of facts or the one who writes."""
    for text in texts_of(exchanges):
        for name in ("refusal", "echo"):
            found = pattern(name, ground.language).search(text) or (
                name == "refusal" and pattern(name, "en").search(text)
            )
            if found:
                yield Problem(name, f"{found.group()!r} in {text!r}")
        if found := _NUMBERED.search(text):
            yield Problem("echo", f"the number of a fact, {found.group()!r}, in {text!r}")


def find_repetitions(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """A sentence or a question twice, or a run of words twice."""
    said = [" ".join(_WORD.findall(text.casefold())) for text in texts_of(exchanges)]
    for text, count in Counter(said).items():
        if count > 1:
            yield Problem("repetition", f"{count} times {text!r}")
    targets = Counter(exchange.fact for exchange in exchanges if exchange.fact)
    for fact, count in targets.items():
        if count > 1:
            yield Problem("repetition", f"{fact} is asked for {count} times")
    if ground.task == "text":
        return
    for exchange in exchanges:
        pieces = [(sentence.text, _REPEATED) for sentence in exchange.sentences]
        for text, size in (*pieces, (exchange.answer, 2 * _REPEATED)):
            if run := _repeated(text, size * (2 if ground.language == "zh" else 1)):
                yield Problem("repetition", f"more than once {run!r}")


def _repeated(text: str, size: int) -> str:
    """A run of so many words that comes more than once; empty where none does."""
    words = _WORD.findall(text.casefold())
    runs = Counter(tuple(words[start : start + size]) for start in range(len(words) - size + 1))
    return next((" ".join(run) for run, count in runs.items() if count > 1), "")
