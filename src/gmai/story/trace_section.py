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

_WORDS = {
    "question": (
        "Question",
        "The key, kept apart from the public file, names the right option and the records it rests on.",
    ),
    "sample": ("Sample", "Its subject is held out: none of the subject's pictures were trained on."),
    "step": ("Step", "One thing done to the data on its way in, with all that is needed to do it again."),
    "file": ("File", "The picture was cut from this file; the hash is of the file's bytes as they were read."),
    "annotation": ("Annotation", "What the source itself says, at the record of this name."),
    "source": ("Source", "Who made the data and what may be done with it."),
}
"""What a step of the trace is called, and a sentence about it."""
_QUESTION_FACTS = ("answer", "granularity", "split", "records", "file")
_LONG = 300


def build_trace_section(final: Evaluation, answers: Sequence[Answer], corpus: Corpus) -> Section | None:
    """Section of one right answer about a drawn region, or else of any, chosen by a seeded coin.

    None if there are no answers, or the benchmark was not built from this corpus.
    """
    if not answers or final.bench is None or final.tsv is None or corpus.key not in final.bench.inputs.values():
        return None
    answer = min(answers, key=_rank)
    steps = trace_question(final.bench.path, answer.question.index, corpus.folder)
    card = answer_card(answer, find_question(final.tsv, answer.question.index))
    body = gallery([card], "The answer") + chain(
        [_answer_link(final, answer), *map(_link, steps)], "From the answer to its source"
    )
    body += Markup(
        "<p><code>gmai bench trace</code> and <code>gmai corpus trace</code> do this for any question or sample.</p>"
    )
    lead = "One answer followed to the annotation it is judged by. Nothing in between rests on trust."
    data = {"index": answer.question.index, "steps": [{"what": step.what, "name": step.name} for step in steps]}
    return Section("trace", "One answer, followed back", body, lead, data)


def _rank(answer: Answer) -> tuple[bool, bool, bool, float]:
    question = answer.question
    return not answer.right, not question.view.regions, question.kind != "finding", hash_unit(SEED, question.index)


def _answer_link(final: Evaluation, answer: Answer) -> Link:
    run = final.asked
    assert run is not None
    facts = [
        ("choice", str(answer.prediction.choice)),
        ("log-likelihoods", ", ".join(f"{value:.3f}" for value in answer.prediction.likelihoods)),
    ]
    facts += [("run", run.label), ("run key", run.key)]
    return Link(f"Answer of {final.name}", "The raw answer is stored once; scores are computed from it.", tuple(facts))


def _link(step: TraceStep) -> Link:
    title, text = _WORDS.get(step.what, (step.what, ""))
    shown = _QUESTION_FACTS if step.what == "question" else tuple(step.details)
    facts = tuple(
        (name, _text(step.details[name])) for name in shown if step.details.get(name) not in (None, "", [], {})
    )
    return Link(f"{title}: {step.name}", text, facts)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else dumps(value).decode()
    return text if len(text) <= _LONG else text[:_LONG] + "…"
