"""What an entry asks and which answer is right, told apart by how it is to be answered. Nothing is guessed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gmai.annotations import Entry, read_choices, split_question
from gmai.bench.cells import read_letters, split_list
from gmai.bench.datasets.card import EntryRule, ValueRule
from gmai.bench.layout import LETTERS
from gmai.errors import FormatError
from gmai.types import Form

_YES = frozenset({"yes", "是", "是的", "有", "对", "对的", "包含", "包括", "存在", "可以"})
_NO = frozenset({"no", "否", "不是", "没有", "无", "不", "没", "不对", "不包含", "不包括", "不存在", "不可以"})
_PLACE = re.compile(r"\{([\w@.]+)\}")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with its answer."""

    question: str
    options: tuple[str, ...] = ()
    form: Form = "open"
    answer: str = ""
    """Letter, letters in order, ``yes`` or ``no``, or the text; empty where it is not published."""
    answers: tuple[str, ...] = ()


def read_asked(entry: Entry, rule: EntryRule, *, hidden: bool = False) -> Asked:
    """What an entry asks.

    Args:
        entry: of a published file.
        rule: which keys.
        hidden: the answers are not published.

    Raises:
        FormatError: the entry's own problem, ``bench.no_question``, ``bench.no_answer``, ``bench.options`` (a gap, one
            alone, or more than there are letters), ``bench.answer_no_option``, ``bench.answer_twice`` (two options are
            the right one).
    """
    where = entry.pointer
    if entry.problem:
        raise FormatError(entry.problem, where=where, reason=entry.reason)
    question, options = _question(entry, rule)
    if not question:
        raise FormatError("no question", where=where, reason="bench.no_question")
    if not options and rule.chosen is not None and has_values(entry, rule.chosen):
        raise FormatError("no options", where=where, reason="bench.options")
    _check_options(options, where)
    asked = Asked(question=_lead(entry, rule) + question, options=options)
    if hidden:
        return replace(asked, form="choice" if options else "open")
    given = _answers(entry, rule)
    if not given:
        raise FormatError("its answer is empty", where=where, reason="bench.no_answer")
    if options:
        letters = _letters(given, options, rule, where)
        return replace(asked, form="multiple" if len(letters) > 1 else "choice", answer=letters)
    closed = entry.text(rule.closed).upper() or "CLOSED"
    said = _yes_or_no(given[0]) if closed == "CLOSED" and len(given) == 1 else None
    if said:
        return replace(asked, form="yes_no", answer=said)
    return replace(asked, form="open", answer=given[0], answers=given if len(given) > 1 else ())


def has_values(entry: Entry, wanted: Mapping[str, tuple[str, ...]]) -> bool:
    """True if each of some keys of an entry has one of its values."""
    return all(entry.text(key) in values for key, values in wanted.items())


def read_value(entry: Entry, rule: ValueRule) -> str:
    """A trait of a question, as its card says."""
    keys = (rule.key,) if isinstance(rule.key, str) else rule.key
    text = next((found for key in keys if (found := " ".join(entry.text(key).split()))), "")
    if rule.pattern:
        match = re.search(rule.pattern, text)
        text = match[1] if match else ""
    if not text:
        return rule.default
    known = {said.casefold(): ours for said, ours in rule.values.items()}
    return known.get(text.casefold(), rule.default if rule.strict else text)


def _question(entry: Entry, rule: EntryRule) -> tuple[str, tuple[str, ...]]:
    question, options = entry.text(rule.question), rule.options or read_choices(entry, rule.choices)
    if rule.until and rule.until in question:
        question = question.rpartition(rule.until)[0].rstrip()
    if rule.options_after:
        question, options = _split_after(question, rule.options_after, entry.pointer)
    if rule.choices_in_question:
        question, within = split_question(question)
        options = options or within
    return question, options


def _split_after(text: str, words: str, where: str) -> tuple[str, tuple[str, ...]]:
    """The question before some words, and the options after them; each letter is looked for behind the one before."""
    question, _, listed = text.rpartition(words)
    starts: list[re.Match[str]] = []
    for letter in LETTERS:
        found = re.compile(rf"(?:^|(?<=\s)){letter}[.)]\s*").search(listed, starts[-1].end() if starts else 0)
        if found is None:
            break
        starts.append(found)
    if not question or len(starts) < 2 or listed[: starts[0].start()].strip():
        raise FormatError("no lettered options in the question", where=where, reason="bench.options")
    ends = [*(start.start() for start in starts[1:]), len(listed)]
    return question.rstrip(), tuple(listed[start.end() : end].strip() for start, end in zip(starts, ends, strict=True))


def _check_options(options: tuple[str, ...], where: str) -> None:
    if options and (len(options) == 1 or not all(options)):
        what = f"options must be two or more, without gaps: {', '.join(map(repr, options))}"
        raise FormatError(what, where=where, reason="bench.options")
    if len(options) > len(LETTERS):
        raise FormatError(f"{len(options)} options, more than letters", where=where, reason="bench.options")


def _lead(entry: Entry, rule: EntryRule) -> str:
    if not rule.lead:
        return ""
    return _PLACE.sub(lambda place: ", ".join(entry.texts(place[1])), rule.lead) + "\n"


def _answers(entry: Entry, rule: EntryRule) -> tuple[str, ...]:
    """The texts that count as right: of a list, of a text that writes a list, or between what separates several."""
    given = entry.texts(rule.answer, rule.several)
    if len(given) == 1 and given[0].startswith("["):
        try:
            return tuple(filter(None, split_list(given[0], entry.pointer)))
        except FormatError:
            return given
    return given


def _letters(given: tuple[str, ...], options: tuple[str, ...], rule: EntryRule, where: str) -> str:
    plain = [" ".join(option.split()).casefold() for option in options]
    places = [[n for n, option in enumerate(plain) if option == " ".join(text.split()).casefold()] for text in given]
    if rule.answers_are != "letter" and all(places):
        if any(len(found) > 1 for found in places):
            what = f"{' and '.join(LETTERS[n] for n in max(places, key=len))} are both {given[0]!r}"
            raise FormatError(what, where=where, reason="bench.answer_twice")
        return "".join(sorted({LETTERS[found[0]] for found in places}))
    letters = read_letters(",".join(given), len(options)) if rule.answers_are != "text" else None
    if letters is None:
        what = f"{', '.join(given)!r} is none of its {len(options)} options"
        raise FormatError(what, where=where, reason="bench.answer_no_option")
    chosen = [plain[LETTERS.index(letter)] for letter in letters]
    if any(plain.count(text) > 1 for text in chosen):
        raise FormatError(f"option {letters} is there twice", where=where, reason="bench.answer_twice")
    return letters


def _yes_or_no(text: str) -> str | None:
    word = text.strip().rstrip(".。").casefold()
    return "yes" if word in _YES else "no" if word in _NO else None
