"""Questions that people asked and answered: passed on word for word, about a picture or about nothing but text."""

from collections.abc import Iterator

from gmai.convert.config import ConvertConfig
from gmai.convert.templates import ENGINE
from gmai.lexicon import NONE, format_multiple_choice, format_open_question
from gmai.types import QA, Conversation, Fact, Sample, Turn


def make_asked(config: ConvertConfig, sample: Sample) -> Iterator[Conversation]:
    """Pass on the questions of a sample: as ``instruct`` where it has a picture, as ``text`` where it has none."""
    subset = "instruct" if sample.images else "text"
    if subset not in config.subsets or (config.kinds and "qa" not in config.kinds):
        return
    pairs = [item for item in sample.annotations if isinstance(item, QA)]
    for number, pair in enumerate(pairs):
        task = sample.tasks.get("qa", NONE)
        text = format_multiple_choice(pair.question, pair.options) if pair.options else pair.question
        yield Conversation(
            id=f"{sample.id}#{subset}.qa-{number}",
            sample=sample.id,
            source=sample.source,
            subset="instruct" if sample.images else "text",
            kind="qa",
            task=task,
            modality=sample.modality,
            department=sample.department,
            turns=(Turn(role="user", text=format_open_question(text)), Turn(role="assistant", text=pair.answer)),
            answer=pair.answer,
            options=pair.options,
            facts=(Fact(kind="qa", answer=pair.answer, task=task, records=(pair.record,)),),
            language=sample.language,
            template=f"{ENGINE}:asked",
        )
