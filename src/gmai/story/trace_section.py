"""The section that follows one answer back: question, annotation record, sample, steps, file and source."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from gmai.base import dumps, hash_unit
from gmai.bench import find_question, trace_question
from gmai.corpus import Corpus, TraceStep
from gmai.report import Link, Section, chain, gallery
from gmai.story.answers_section import SEED, Answer, answer_card
from gmai.story.evaluations import Evaluation

_TITLES = {
    "question": "The question",
    "sample": "The sample it was asked about",
    "step": "What was done to it",
    "file": "The file",
    "annotation": "The annotation record",
    "source": "The source",
}
_LONG = 300


def build_trace_section(final: Evaluation, answers: Sequence[Answer], corpus: Corpus) -> Section | None:
    """Section of one right answer about a drawn region, or else of any, chosen by a seeded coin."""
    if not answers or final.bench is None or final.tsv is None:
        return None
    answer = min(answers, key=_rank)
    steps = trace_question(final.bench.path, answer.question.index, corpus.folder)
    card = answer_card(answer, find_question(final.tsv, answer.question.index))
    body = gallery([card], "The answer") + chain([_link(step) for step in steps], "From the answer to its source")
    body += Markup(
        "<p><code>gmai bench trace</code> and <code>gmai corpus trace</code> do this for any question or sample.</p>"
    )
    lead = "One answer followed to the annotation it is judged by. Nothing in between rests on trust."
    data = {"index": answer.question.index, "steps": [{"what": step.what, "name": step.name} for step in steps]}
    return Section("trace", "One answer, followed back", body, lead, data)


def _rank(answer: Answer) -> tuple[bool, bool, bool, float]:
    question = answer.question
    return not answer.right, not question.view.regions, question.kind != "finding", hash_unit(SEED, question.index)


def _link(step: TraceStep) -> Link:
    facts = tuple((name, _text(value)) for name, value in step.details.items() if value not in (None, "", [], {}))
    return Link(f"{_TITLES.get(step.what, step.what)}: {step.name}", "", facts)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else dumps(value).decode()
    return text if len(text) <= _LONG else text[:_LONG] + "…"
