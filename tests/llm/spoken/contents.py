"""Mistakes in what is said: sides, numbers, names, denials, and what nobody annotated."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from spoken.writer import WORDS, Case, Said, Writer, Written

Reply = dict[str, Any] | str
Fault = Callable[[Written, Random], Reply | None]
SWAPPED = {"en": ("left", "right"), "zh": ("左", "右")}
ENDS = ".。！!"


def swapped_side(written: Written, draw: Random) -> Reply | None:
    """Left for right in the place of a finding, or in the name of one."""
    one, two = SWAPPED[written.case.language]
    found = []
    for number, place, said in written.sentences():
        for name in ("place", "label", "a", "A", "labels", "Label"):
            value = said.values.get(name, "")
            if f"{{{name}}}" in said.pattern and (one in value.lower() or two in value.lower()):
                found.append((number, place, said, name))
    if not found:
        return None
    number, place, said, name = draw.choice(found)
    swapped = _swap(said.values[name], one, two)
    return written.with_said(number, place, said.put(**{name: swapped})).reply


def _swap(text: str, one: str, two: str) -> str:
    for first, second in dict.fromkeys([(one, two), (one.capitalize(), two.capitalize())]):
        text = text.replace(first, "\0").replace(second, first).replace("\0", second)
    return text


def wrong_number(written: Written, draw: Random) -> Reply | None:
    """Another number of things, another length, a length in the wrong unit, or a number from nowhere."""
    found = [each for each in written.sentences() if each[2].kind in ("count", "size", "location+size")]
    if not found or draw.random() < 0.15:
        return _number_from_nowhere(written, draw)
    number, place, said = draw.choice(found)
    writer = Writer(written.case, draw)
    if said.kind == "count":
        right = int(said.values["n"])
        wrong = draw.choice(
            [n for n in {right - 1, right + 1, right + 2, right * 2, right * 10, 3, 7} if n > 0 and n != right]
        )
        patterns = writer.words.COUNT_ONE if wrong == 1 else writer.words.COUNT
        return written.with_said(number, place, said.put(draw.choice(patterns), **writer.number(wrong))).reply
    mm = float(said.values["mm"])
    if "{mm}" not in said.pattern and "{cm}" not in said.pattern:
        return None
    wrong_mm = draw.choice(
        [mm * 10, mm / 10, mm + 1, mm - 1, mm * 2, mm + 10, round(mm * 1.1 + 0.3, 1), mm + 0.1, mm / 2]
    )
    values = writer.length(round(wrong_mm, 2), said.values["class"])
    if draw.random() < 0.2:
        values = {"mm": said.values["cm"], "cm": said.values["mm"]}
    if values.get("mm") == said.values["mm"]:
        return None
    return written.with_said(number, place, said.put(**values)).reply


def _number_from_nowhere(written: Written, draw: Random) -> Reply | None:
    """A count or a length where no fact has one."""
    known = {(fact.kind, fact.about) for fact in written.case.facts}
    found = [each for each in written.sentences() if each[2].kind in ("finding", "present", "location", "modality")]
    if not found:
        return None
    number, place, said = draw.choice(found)
    english_text = written.case.language == "en"
    label = said.values.get("label")
    if draw.random() < 0.5 and label and not any(kind == "count" for kind, _ in known) and said.kind != "location":
        wrong = Writer(written.case, draw).number(draw.randrange(2, 9))
        return written.with_said(
            number, place, said.put(draw.choice(WORDS[written.case.language].COUNT), **wrong)
        ).reply
    if any(kind == "size" for kind, _ in known):
        return None
    length = f"{draw.randrange(3, 90)}{draw.choice(('', '.5'))} {draw.choice(('mm', 'cm'))}"
    ending = f", measuring {length}" if english_text else f"，大小约{length}"
    return written.with_said(number, place, ended(said, ending)).reply


def invented_finding(written: Written, draw: Random) -> Reply | None:
    """A finding that is in no annotation, as a sentence of its own or at the end of one; said to be there or not."""
    case = written.case
    words = WORDS[case.language]
    finding = draw.choice(words.INVENTED)
    if any(_overlaps(finding, label) for label in _labels(case)):
        return None
    number = draw.randrange(len(written.turns))
    turn = written.turns[number]
    if draw.random() < 0.5:
        place = draw.randrange(len(turn.said))
        ending = draw.choice(words.INVENTED_CLAUSES).format(finding=finding)
        return written.with_said(number, place, ended(turn.said[place], ending)).reply
    pattern = draw.choice(words.INVENTED_SENTENCES)
    text = pattern.format(finding=finding, Finding=finding[:1].upper() + finding[1:])
    facts = draw.choice([turn.said[-1].facts, ()])
    place = draw.randrange(len(turn.said) + 1)
    added = Said(plain(text), {}, facts, "invented")
    return written.with_sentences(number, [*turn.said[:place], added, *turn.said[place:]]).reply


def invented_attribute(written: Written, draw: Random) -> Reply | None:
    """A look, a course, a cause, a history or advice that no annotation gives, at the end of a sentence."""
    words = WORDS[written.case.language]
    number, place, said = draw.choice(list(written.sentences()))
    return written.with_said(number, place, ended(said, draw.choice(words.ATTRIBUTES))).reply


def unfounded_claim(written: Written, draw: Random) -> Reply | None:
    """A claim of extent, comparison or number in plain words, at the end of a sentence."""
    words = WORDS[written.case.language]
    number, place, said = draw.choice(list(written.sentences()))
    return written.with_said(number, place, ended(said, draw.choice(words.UNFOUNDED))).reply


def rest_denied(written: Written, draw: Random) -> Reply | None:
    """A sentence, or the end of one, that says that there is nothing else."""
    words = WORDS[written.case.language]
    number = draw.randrange(len(written.turns))
    turn = written.turns[number]
    if draw.random() < 0.5:
        place = draw.randrange(len(turn.said))
        return written.with_said(number, place, ended(turn.said[place], draw.choice(words.NOTHING_ELSE))).reply
    added = Said(plain(draw.choice(words.DENIED_REST)), {}, turn.said[-1].facts, "invented")
    return written.with_sentences(number, [*turn.said, added]).reply


def value_of_another(written: Written, draw: Random) -> Reply | None:
    """The place, number or length of one finding told of another, whose own is different."""
    found = []
    for name in ("place", "n", "mm"):
        told = [each for each in written.sentences() if name in each[2].values and "label" in each[2].values]
        found += [
            (one, two, name)
            for one in told
            for two in told
            if one[2].values["label"] != two[2].values["label"]
            and _bare(one[2].values[name]) != _bare(two[2].values[name])
            and _states(one[2], name)
        ]
    if not found:
        return None
    (number, place, said), (_, _, other), name = draw.choice(found)
    pairs = {"place": ("place",), "n": ("n", "words", "Words"), "mm": ("mm", "cm")}[name]
    changed = said.put(**{key: other.values[key] for key in pairs})
    if name == "n" and "1" in (said.values["n"], other.values["n"]):
        words = WORDS[written.case.language]
        changed = changed.put(draw.choice(words.COUNT_ONE if other.values["n"] == "1" else words.COUNT))
    return written.with_said(number, place, changed).reply


def _bare(text: str) -> str:
    return text.replace("-", " ")


def _states(said: Said, name: str) -> bool:
    """True if the value stands in the sentence."""
    places = {"place": {"{place}"}, "n": {"{n}", "{words}", "{Words}"}, "mm": {"{mm}", "{cm}"}}[name]
    return bool(places & _places(said)) or (name == "n" and said.kind == "count")


def wrong_name(written: Written, draw: Random) -> Reply | None:
    """Another modality, grade or size class in the place of the right one."""
    case = written.case
    found = []
    for number, place, said in written.sentences():
        fact = case.fact(said.facts[0])
        for name in ("modality", "grade", "class"):
            if f"{{{name}}}" in said.pattern:
                found.append((number, place, said, name, fact))
    if not found:
        return None
    number, place, said, name, fact = draw.choice(found)
    if name == "modality":
        others = WORDS[case.language].MODALITIES
        right = said.values["modality"].casefold()
        wrong = draw.choice([one for one in others if one.casefold() not in right and right not in one.casefold()])
        if case.modality.endswith("MRI") and wrong in ("MRI", "磁共振"):
            return None
    else:
        pool = [answer for answer in fact.pool if answer != fact.answer]
        wrong = case.tongue.said(replace(fact, answer=draw.choice(pool)), case.modality)
    return written.with_said(number, place, said.put(**{name: wrong})).reply


def wrong_label(written: Written, draw: Random) -> Reply | None:
    """Another label of the same source in the place of the right one."""
    case = written.case
    known = {fact.about or fact.answer for fact in case.facts if fact.kind not in ("modality", "grade")}
    pool = sorted({name for fact in case.facts if fact.kind == "finding" for name in fact.pool} - known)
    found = [
        each for each in written.sentences() if {"{label}", "{a}", "{A}", "{labels}", "{Label}"} & _places(each[2])
    ]
    if not pool or not found:
        return None
    number, place, said = draw.choice(found)
    return written.with_said(number, place, said.put(**Writer(case, draw).called(draw.choice(pool)))).reply


def wrong_negation(written: Written, draw: Random) -> Reply | None:
    """What is there is denied, or what is absent is said to be there."""
    found = [each for each in written.sentences() if each[2].kind in ("present", "absent", "finding")]
    if not found:
        return None
    number, place, said = draw.choice(found)
    words = WORDS[written.case.language]
    patterns = words.PRESENT if said.kind == "absent" else words.ABSENT
    return written.with_said(number, place, said.put(draw.choice(patterns))).reply


def contradiction(written: Written, draw: Random) -> Reply | None:
    """The right sentence with its opposite, or another value, behind it."""
    case = written.case
    words = WORDS[case.language]
    number, place, said = draw.choice(list(written.sentences()))
    endings = []
    if "place" in said.values and said.kind.startswith("location"):
        one, two = SWAPPED[case.language]
        endings += [form.format(_swap(said.values["place"], one, two)) for form in words.OR_PLACE]
    if said.kind == "count":
        wrong = Writer(case, draw).number(int(said.values["n"]) + draw.randrange(1, 4))
        endings += [form.format_map({**said.values, **wrong}) for form in words.OR_NUMBER]
    if said.kind in ("size", "location+size"):
        endings += [form.format(f"{float(said.values['mm']) + draw.randrange(2, 20):g}") for form in words.OR_LENGTH]
    if "label" in said.values:
        pool = sorted({name for fact in case.facts if fact.kind == "finding" for name in fact.pool} - _told(case))
        if pool:
            endings += [form.format_map(Writer(case, draw).called(draw.choice(pool))) for form in words.OR_LABEL]
        if said.kind in ("present", "finding"):
            endings += [form.format_map(said.values) for form in words.BUT_NOT]
        if said.kind == "absent":
            endings += [form.format_map(said.values) for form in words.BUT_STILL]
    return written.with_said(number, place, ended(said, draw.choice(endings))).reply if endings else None


def _told(case: Case) -> set[str]:
    return {text for fact in case.facts for text in (fact.about, fact.answer)}


def _places(said: Said) -> set[str]:
    return {f"{{{name}}}" for name in said.values if f"{{{name}}}" in said.pattern}


def _labels(case: Case) -> Sequence[str]:
    names = [fact.about or fact.answer for fact in case.facts]
    return [*names, *(said for name in names for said in [_label(case, name)] if said)]


def _label(case: Case, name: str) -> str:
    try:
        return str(case.tongue.label(name, case.modality))
    except Exception:  # a fact of another kind has no label
        return ""


def _overlaps(one: str, two: str) -> bool:
    one, two = one.casefold(), two.casefold()
    return one in two or two in one


def ended(said: Said, ending: str) -> Said:
    """A sentence with something before its full stop."""
    text = said.text
    end = text[-1] if text[-1] in ENDS else ""
    return replace(said, pattern=plain(text.rstrip(ENDS) + ending + end))


def plain(text: str) -> str:
    """A text as a pattern without places."""
    return text.replace("{", "{{").replace("}", "}}")
