"""What a folder is of, guessed from what speaks for it; a guess always says what it rests on."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gmai.lexicon import NONE, TermMatch, count_words, find_terms, read_lexicon
from gmai.sources.modality import DICOM_MODALITIES

UNKNOWN = "Radiology"
"""A modality that no question asks for: what a draft says where nothing tells it."""
_COLOURED = frozenset({"Dermoscopy", "Endoscopy", "Fundus", "Pathology", "Photography"})
"""Families whose pictures are coloured."""
_HOME = {
    "Fundus": "Ophthalmology",
    "OCT": "Ophthalmology",
    "Ophthalmoscope": "Ophthalmology",
    "Infrared Reflectance": "Ophthalmology",
    "Dermoscopy": "Dermatology",
    "Pathology": "Laboratory Medicine and Pathology",
    "Microscopy": "Laboratory Medicine and Pathology",
}
_LEAST = 1.0
_CLEAR = 1.3
_SAYS_NOTHING = frozenset({"attribute", "count", "grade", "normal", "quality"})
"""Kinds of terms that every modality and department has."""
NAMES = 3.0
"""Weight of the names of folder and data set."""
NAMES = 3.0
"""Weight of the names of folder and data set."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A value, and what it rests on; ``sure`` where a header says so."""

    value: str
    why: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A text that may speak of the folder, where it stands, and how much it weighs."""

    text: str
    where: str
    weight: float


def guess_modality(
    codes: Mapping[str, int], texts: Sequence[Words], labels: Iterable[str], *, grey: bool | None, text_only: bool
) -> Guess:
    """The modality of the lexicon.

    Args:
        codes: DICOM's codes, and how often each is there.
        texts: that may name it.
        labels: raw labels, whose terms are known from some modalities only.
        grey: whether the pictures looked at are grey; None where none was looked at.
        text_only: whether there are no pictures.
    """
    if text_only:
        return Guess("Text", "there are no pictures", sure=True)
    known = Counter({DICOM_MODALITIES[code]: count for code, count in codes.items() if code in DICOM_MODALITIES})
    if known:
        told = "DICOM headers: " + ", ".join(f"{count} {code}" for code, count in Counter(codes).most_common())
        if known.total() < Counter(codes).total():
            return Guess(UNKNOWN, f"{told}; pictures of a known modality have their own")
        return Guess(known.most_common(1)[0][0], told, sure=True)
    lexicon = read_lexicon()
    every = {**lexicon.modalities, **lexicon.other_modalities}
    votes = _Votes()
    votes.add_words(texts, "modality", [name for name, family in every.items() if family not in {"Mixed", "Text"}])
    votes.add_labels(labels, "modality")
    votes.add_labels(_named_terms(texts), "modality", share=0.4)
    if grey:
        votes.weaken(name for name, family in every.items() if family in _COLOURED)
    best = votes.best(every)
    if best is None:
        return Guess(UNKNOWN, "nothing tells the modality; this one is never asked about")
    return Guess(best, votes.told(best))


def guess_department(modality: str, texts: Sequence[Words], labels: Iterable[str]) -> Guess:
    """The department of the lexicon: by labels, by words, by the modality where it is one department's own."""
    lexicon = read_lexicon()
    votes = _Votes()
    votes.add_words(texts, "department", list(lexicon.departments))
    votes.add_labels(labels, "departments", modality)
    votes.add_labels(_named_terms(texts), "departments", modality, share=0.5)
    if home := _HOME.get(lexicon.family(modality)):
        votes.add(home, 1.5, f"modality {modality}")
    best = votes.best()
    return Guess(NONE, "nothing tells the department") if best is None else Guess(best, votes.told(best))


def guess_task(modality: str, labels: Iterable[str]) -> Guess:
    """The clinical task that labels of the kind ``finding`` answer."""
    votes = _Votes()
    votes.add_labels(labels, "tasks", modality)
    best = votes.best()
    return Guess("Disease Diagnosis", "nothing tells the task") if best is None else Guess(best, votes.told(best))


class _Votes:
    """Names, what speaks for each, and how much."""

    def __init__(self) -> None:
        self._votes: dict[str, float] = defaultdict(float)
        self._why: dict[str, dict[str, None]] = defaultdict(dict)

    def add(self, name: str, weight: float, why: str) -> None:
        """Something that speaks for a name."""
        self._votes[name] += weight
        self._why[name].setdefault(why, None)

    def add_words(self, texts: Iterable[Words], what: str, known: list[str]) -> None:
        """The names, or usual words for them, that texts say."""
        for words in texts:
            found = count_words(words.text, what, known)
            total = sum(found.values())
            for name, count in found.items():
                self.add(name, words.weight * count / total, words.where)

    def add_labels(self, labels: Iterable[str], axis: str, modality: str | None = None, share: float = 1.0) -> None:
        """What labels of the tree stand under; all of them together weigh 2, times ``share``."""
        spoken = {raw: under for raw in labels if (under := _under(raw, axis, modality))}
        for raw, under in spoken.items():
            total = sum(under.values())
            for name, count in under.items():
                self.add(name, 2 * share * count / total / len(spoken), repr(raw))

    def weaken(self, names: Iterable[str]) -> None:
        """Names that what was seen speaks against."""
        for name in names:
            if name in self._votes:
                self._votes[name] /= 4

    def best(self, families: Mapping[str, str] | None = None) -> str | None:
        """The name with most votes, if it has enough of them; of two alike the more general, shorter one.

        With families, those of other families must have clearly fewer.
        """
        name = max(self._votes, key=lambda each: (round(self._votes[each], 2), -len(each), each), default=None)
        if name is None or self._votes[name] < _LEAST:
            return None
        others = (votes for other, votes in self._votes.items() if families and families[other] != families[name])
        return name if self._votes[name] >= _CLEAR * max(others, default=0) else None

    def told(self, name: str) -> str:
        """What speaks for a name."""
        return ", ".join(list(self._why[name])[:4])


def _under(raw: str, axis: str, modality: str | None) -> Counter[str]:
    """What the term of a label stands under on an axis of the tree, in its modality if it is there."""
    term = match_label(raw, modality or UNKNOWN).term
    if term is None or term.kind in _SAYS_NOTHING:
        return Counter()
    places = [each for each in read_lexicon().labels if each.label in term.labels]
    places = [each for each in places if each.modality == modality] or places
    if axis == "modality":
        return Counter([each.modality for each in places] or term.modalities)
    found = Counter(name for each in places for name in getattr(each, axis))
    found.pop(NONE, None)
    return found


def _named_terms(texts: Iterable[Words]) -> list[str]:
    """Terms of the lexicon that the names of folder and data set hold: of one to three words."""
    found: dict[str, None] = {}
    for words in texts:
        names = re.findall(r"[^\W_]+", words.text)[:12] if words.weight >= NAMES else []
        spans = [" ".join(names[at : at + size]) for size in (3, 2, 1) for at in range(len(names) - size + 1)]
        for span in spans:
            known = len(span) > 4 and not span.isdecimal() and not any(span in longer for longer in found)
            if known and find_terms(span).term is not None:
                found[span] = None
    return list(found)


def match_label(raw: str, modality: str) -> TermMatch:
    """What the lexicon says of a raw label; a bare number means nothing."""
    return TermMatch(raw=raw, how="none") if raw.strip("-").isdecimal() else find_terms(raw, modality=modality)
