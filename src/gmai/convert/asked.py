"""What people asked, answered and said: passed on word for word, about a picture or about nothing but text."""

from collections.abc import Iterator

from gmai.convert.config import ConvertConfig, Subset
from gmai.convert.templates import ENGINE
from gmai.lexicon import NONE, Language, format_multiple_choice, format_open_question
from gmai.types import QA, Conversation, Dialogue, Fact, Sample, Turn

DIALOGUE = "dialogue"
ASKED = "asked"
OWN_WORDS = (ASKED, DIALOGUE)
"""Templates of what is passed on as people said it."""
_USERS = frozenset({"user", "human", "patient", "患者", "病人"})
_ASSISTANTS = frozenset({"assistant", "gpt", "model", "doctor", "医生"})
_PLACE = "<image>"
"""Where a source shows its picture; here the picture stands before the first turn."""


def make_asked(config: ConvertConfig, sample: Sample) -> Iterator[Conversation]:
    """Pass on the questions of a sample: as ``instruct`` where it has a picture, as ``text`` where it has none.

    Of dialogues, those in which a user (or patient) and an assistant (or doctor) take turns, in that order, about one
    picture at most.
    """
    subset: Subset = "instruct" if sample.images else "text"
    if subset not in config.subsets:
        return
    if not config.kinds or "qa" in config.kinds:
        pairs = [item for item in sample.annotations if isinstance(item, QA)]
        yield from (_asked(sample, subset, number, pair) for number, pair in enumerate(pairs))
    if (not config.kinds or DIALOGUE in config.kinds) and len(sample.images) <= 1:
        dialogues = [item for item in sample.annotations if isinstance(item, Dialogue)]
        for number, dialogue in enumerate(dialogues):
            if turns := _take_turns(dialogue):
                yield _said(sample, subset, number, turns)


def _asked(sample: Sample, subset: Subset, number: int, pair: QA) -> Conversation:
    task = sample.tasks.get("qa", NONE)
    language = pair.language or sample.language
    spoken: Language = "zh" if language == "zh" else "en"
    text = format_multiple_choice(pair.question, pair.options, language=spoken) if pair.options else pair.question
    return Conversation(
        id=f"{sample.id}#{subset}.qa-{number}",
        sample=sample.id,
        source=sample.source,
        subset=subset,
        kind="qa",
        task=task,
        modality=sample.modality,
        department=sample.department,
        turns=(Turn(role="user", text=format_open_question(text)), Turn(role="assistant", text=pair.answer)),
        answer=pair.answer,
        options=pair.options,
        facts=(Fact(kind="qa", answer=pair.answer, task=task, records=(pair.record,)),),
        language=language,
        template=f"{ENGINE}:{ASKED}",
    )


def _said(sample: Sample, subset: Subset, number: int, turns: tuple[Turn, ...]) -> Conversation:
    return Conversation(
        id=f"{sample.id}#{subset}.{DIALOGUE}-{number}",
        sample=sample.id,
        source=sample.source,
        subset=subset,
        kind=DIALOGUE,
        task=sample.tasks.get(DIALOGUE, NONE),
        modality=sample.modality,
        department=sample.department,
        turns=turns,
        language=sample.language,
        template=f"{ENGINE}:{DIALOGUE}",
    )


def _take_turns(dialogue: Dialogue) -> tuple[Turn, ...]:
    """The turns as user and assistant; none where the dialogue is not one of these two, or leaves an answer out."""
    turns: list[Turn] = []
    for place, (role, text) in enumerate(dialogue.turns):
        said = text.replace(_PLACE, "").strip()
        if role.lower() not in (_ASSISTANTS if place % 2 else _USERS) or not said:
            return ()
        turns.append(Turn(role="assistant" if place % 2 else "user", text=said))
    return tuple(turns) if len(turns) % 2 == 0 else ()
