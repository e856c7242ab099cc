"""One split of a published benchmark, written: rows without answers, their keys, and what was left out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gmai.base import write_jsonl
from gmai.bench.datasets.asked import Asked, read_value
from gmai.bench.datasets.card import DatasetCard, SplitRule
from gmai.bench.datasets.pictures import PictureStore
from gmai.bench.datasets.reading import Found, Survey, read_places, read_split
from gmai.bench.fields import name_place
from gmai.bench.importing import STAGE
from gmai.bench.layout import LETTERS
from gmai.bench.tsv import FIVE, GRANULARITIES, write_tsv
from gmai.errors import FormatError
from gmai.types import Question, Reject, record

_MIDDLE = ("clinical vqa task", "department", "perceptual granularity", "modality", "kind", "form", "language")


@record
class DatasetSplit:
    """What one split holds: in ``stats.json``."""

    files: tuple[str, ...]
    questions: int
    """Of the split, those left out for their language not counted."""
    accepted: int
    rejected: int
    expected: int | None
    """As published, in every language; None if that is not known."""
    other_language: int
    """Left out because another language was asked for."""
    forms: dict[str, int]
    pictures: int
    """Different ones."""


@dataclass
class SplitWriter:
    """Writes the questions of one split; what is found on the way is gathered here."""

    name: str
    card: DatasetCard
    split: SplitRule
    language: str
    """Empty takes all."""
    store: PictureStore
    survey: Survey
    keys: list[Question] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    other_language: int = 0

    def write(self, out: Path) -> list[Path]:
        """Write the public file and the key.

        Returns:
            The files, those of pictures included.

        Raises:
            FormatError: there is no question.
        """
        public, key = out / "public" / f"{self.name}.tsv", out / "key" / f"{self.name}.jsonl"
        letters = LETTERS[: max(self.survey.most_options, len(FIVE))]
        columns = ("index", "image" if self.store.inline else "image_path", "question", *letters, *_MIDDLE)
        write_tsv(public, self._rows(), columns, verbatim=True)
        if not self.keys and not self.rejects:
            what = f"no question in {self.language!r}" if self.other_language else "no question"
            where = ", ".join(self.survey.files)
            raise FormatError(what, where=where, fix="; ".join(self.card.place), reason="source.empty")
        if self.split.hidden:
            return [public, *self.store.files]
        write_jsonl(key, self.keys)
        return [public, key, *self.store.files]

    def tell(self) -> DatasetSplit:
        """What was found."""
        return DatasetSplit(
            files=self.survey.files,
            questions=len(self.keys) + len(self.rejects),
            accepted=len(self.keys),
            rejected=len(self.rejects),
            expected=self.split.expected,
            other_language=self.other_language,
            forms=dict(sorted(Counter(key.form for key in self.keys).items())),
            pictures=len({name for key in self.keys for name in key.assets}),
        )

    def _rows(self) -> Iterator[dict[str, str]]:
        for found in read_split(self.card, self.split, self.store.root):
            if self.language and found.language != self.language:
                self.other_language += 1
                continue
            try:
                asked = found.question()
                cells, hashes = self.store.put(found.pictures, found.number)
            except FormatError as error:
                self._reject(found, error)
                continue
            key = self._key(found, asked, hashes)
            self.keys.append(key)
            yield {**self._public(found, key), **cells}

    def _reject(self, found: Found, error: FormatError) -> None:
        pointer = found.entry.pointer
        detail = error.message if error.where in ("", pointer) else f"{error.message}: {error.where}"
        self.rejects.append(
            Reject(id=f"{self.name}/{pointer}", stage=STAGE, reason=error.reason, detail=detail, unit="question")
        )

    def _key(self, found: Found, asked: Asked, hashes: tuple[str, ...]) -> Question:
        card, places = self.card, read_places(found, self.card)
        facets = {name: text for name, rule in card.facets.items() if (text := read_value(found.entry, rule))}
        return Question(
            index=found.number,
            sample=f"{card.name}/{self.name}/{found.number}",
            source=card.name,
            subject=read_value(found.entry, card.subject),
            question=asked.question,
            options=asked.options,
            answer=asked.answer,
            kind=places["kind"] or "qa",
            task=name_place("task", places["task"]),
            department=name_place("department", places["department"]),
            modality=name_place("modality", places["modality"]),
            granularity="image",
            split=self.name,
            records=(found.entry.pointer,),
            form=asked.form,
            answers=asked.answers,
            assets=hashes,
            language=found.language,
            facets=facets,
        )

    def _public(self, found: Found, key: Question) -> dict[str, str]:
        """The row without its picture: of the answer it tells nothing but how it is to be given."""
        withheld = any(found.entry.text(name) in values for name, values in self.card.withhold.items())
        return {
            "index": str(key.index),
            "question": key.question,
            **dict(zip(LETTERS, key.options, strict=False)),
            "clinical vqa task": key.task,
            "department": "" if withheld else key.department,
            "perceptual granularity": GRANULARITIES[key.granularity],
            "modality": "" if withheld else key.modality,
            "kind": key.kind,
            "form": key.form,
            "language": key.language,
        }
