"""Known mistakes put into clean answers. Each function returns the spoilt reply, or None where it cannot be put in."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from spoken import chinese, english
from spoken.writer import LETTERS, WORDS, Case, Said, Turn, Writer, Written

Reply = dict[str, Any] | str
Fault = Callable[[Written, Random], Reply | None]
SWAPPED = {"en": (("left", "right"),), "zh": (("左", "右"),)}
ENDS = ".。！!"


def bad_json(written: Written, draw: Random) -> Reply:
    """The right answer as text that is almost JSON."""
    text = json.dumps(written.reply, ensure_ascii=False)
    spoil = (
        lambda: repr(written.reply),
        lambda: text.replace('"sentences"', "sentences", 1),
        lambda: text[: text.rindex("}")] + ",}",
        lambda: text.replace('"}', "}", 1) if '"}' in text else text[1:],
        lambda: text.replace('": ', '" ', 1),
        lambda: text.replace('"', "“"),
        lambda: text.replace("[", "(").replace("]", ")"),
        lambda: text[1:],
        lambda: text.replace('"text": "', '"text": "He said "no" and ', 1),
        lambda: text.replace("], ", "]; ", 1) if "], " in text else text[1:],
    )
    return draw.choice(spoil)()


def wrong_shape(written: Written, draw: Random) -> Reply:
    """JSON, but not of the record that was asked for."""
    reply = written.reply
    key = draw.choice(sorted(reply))
    spoil = (
        lambda: {name: value for name, value in reply.items() if name != key},
        lambda: {**reply, "confidence": 0.9},
        lambda: {**reply, key: None},
        lambda: {**reply, key: 3},
        lambda: {"answer": reply},
        lambda: [reply],
        lambda: {**reply, key: {"value": reply[key]}},
    )
    return json.dumps(draw.choice(spoil)(), ensure_ascii=False)


def truncated(written: Written, draw: Random) -> Reply:
    """The right answer, cut anywhere."""
    text = json.dumps(written.reply, ensure_ascii=False)
    return text[: draw.randrange(len(text) - 1)]


def wrong_letter(written: Written, draw: Random) -> Reply | None:
    """Another letter than that of the right option: one of the others, one too far, none, or the option's words."""
    if not written.letter:
        return None
    options = written.case.options
    others = [letter for letter in LETTERS[: len(options) + 1] if letter != written.letter]
    others += ["", options[(LETTERS.index(written.letter) + 1) % len(options)]]
    return replace(written, letter=draw.choice(others[:-2] * 3 + others[-2:])).reply


def swapped_side(written: Written, draw: Random) -> Reply | None:
    """Left for right in the place of a finding, or in the name of one."""
    one, two = SWAPPED[written.case.language][0]
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
    return written.with_said(number, place, _ended(said, ending)).reply


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
        return written.with_said(number, place, _ended(turn.said[place], ending)).reply
    pattern = draw.choice(words.INVENTED_SENTENCES)
    text = pattern.format(finding=finding, Finding=finding[:1].upper() + finding[1:])
    facts = draw.choice([turn.said[-1].facts, ()])
    place = draw.randrange(len(turn.said) + 1)
    added = Said(_plain(text), {}, facts, "invented")
    return written.with_sentences(number, [*turn.said[:place], added, *turn.said[place:]]).reply


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


def other_language(written: Written, draw: Random) -> Reply | None:
    """One sentence, the question or everything in the other language, or a foreign clause at the end of one."""
    case = written.case
    others = [_foreign(case, said, draw) for _, _, said in written.sentences()]
    way = draw.randrange(4)
    if way == 0:
        number, place, said = draw.choice(list(written.sentences()))
        ending = "，图像清晰" if case.language == "en" else ", as shown in this picture"
        return written.with_said(number, place, _ended(said, ending)).reply
    spoilt, left = written, iter(others)
    only = draw.randrange(len(others)) if way == 1 else None
    for index, (number, place, said) in enumerate(written.sentences()):
        text = next(left)
        if only in (None, index):
            spoilt = spoilt.with_said(number, place, replace(said, pattern=_plain(text)))
    if way == 3 and written.turns[0].question:
        question = "图中显示了什么？" if case.language == "en" else "What does the image show?"
        return replace(written, turns=(replace(written.turns[0], question=question), *written.turns[1:])).reply
    return spoilt.reply


def _foreign(case: Case, said: Said, draw: Random) -> str:
    """The same kind of sentence in the other language, with this language's names: as models do when they slip."""
    words = chinese if case.language == "en" else english
    kind = said.kind.upper().replace("+", "_").replace("PRESENT_ABSENT", "PRESENT").replace("LOCATION_SIZE", "LOCATION")
    pattern = draw.choice(getattr(words, kind, words.FINDING))
    return pattern.format_map({"measure": "个", "class": "", **said.values})


def wrong_reference(written: Written, draw: Random) -> Reply | None:
    """A sentence with the number of no fact, of another fact, or of none."""
    number, place, said = draw.choice(list(written.sentences()))
    case = written.case
    others = [
        f"f{n}"
        for n, fact in enumerate(case.facts, start=1)
        if f"f{n}" not in said.facts and not {fact.about, fact.answer} & _told(case, said)
    ]
    wrong = draw.choice([(), (f"f{len(case.facts) + 1}",), ("f0",), ("1",), *[(name,) for name in others]])
    return written.with_said(number, place, replace(said, facts=wrong)).reply


def answer_in_question(written: Written, draw: Random) -> Reply | None:
    """A question that tells what it asks for."""
    found = [
        (number, turn) for number, turn in enumerate(written.turns)
        if turn.question and turn.said[0].kind in ("finding", "location", "count", "size", "grade", "modality")
    ]  # fmt: skip
    if not found:
        return None
    number, turn = draw.choice(found)
    values, kind = turn.said[0].values, turn.said[0].kind
    told = {"finding": "label", "location": "place", "count": "n", "size": "mm"}.get(kind, kind)
    en, zh = f"{turn.question[:-1]}, given that it is {values[told]}?", f"已知为{values[told]}，{turn.question}"
    question = en if written.case.language == "en" else zh
    turns = list(written.turns)
    turns[number] = Turn(turn.fact, question, turn.said)
    return replace(written, turns=tuple(turns)).reply


def refusal(written: Written, draw: Random) -> Reply:
    """A refusal, as text or within the record."""
    sorry = {
        "en": ("I'm sorry, but I can't help with medical images.", "I cannot assist with this request.",
               "As an AI language model I am unable to interpret this image.", "Please consult a doctor."),
        "zh": ("抱歉，我无法提供医学诊断。", "对不起，我不能回答这个问题。", "作为人工智能，我无法解读该图像。",
               "请咨询医生。"),
    }[written.case.language]  # fmt: skip
    text = draw.choice(sorry)
    if draw.random() < 0.5:
        return text
    number, place, said = draw.choice(list(written.sentences()))
    return written.with_said(number, place, replace(said, pattern=_plain(text))).reply


def prompt_echo(written: Written, draw: Random) -> Reply:
    """Words about the list of facts instead of the picture."""
    begun = {
        "en": ("According to the annotations, ", "Based on the provided facts, ", "As stated in f1, ",
               "According to the information given, ", "The facts state that "),
        "zh": ("根据标注，", "根据提供的信息，", "根据事实f1，", "依据给定的事实，", "标注信息显示，"),
    }[written.case.language]  # fmt: skip
    number, place, said = draw.choice(list(written.sentences()))
    text = draw.choice(begun) + said.text[:1].lower() + said.text[1:]
    return written.with_said(number, place, replace(said, pattern=_plain(text))).reply


FAULTS: dict[str, Fault] = {
    "bad JSON": bad_json,
    "wrong shape": wrong_shape,
    "truncated": truncated,
    "wrong letter": wrong_letter,
    "left for right": swapped_side,
    "wrong number": wrong_number,
    "invented finding": invented_finding,
    "wrong label": wrong_label,
    "wrong negation": wrong_negation,
    "other language": other_language,
    "wrong reference": wrong_reference,
    "answer in the question": answer_in_question,
    "refusal": refusal,
    "prompt echoed": prompt_echo,
}


def _ended(said: Said, ending: str) -> Said:
    text = said.text
    end = text[-1] if text[-1] in ENDS else ""
    return replace(said, pattern=_plain(text.rstrip(ENDS) + ending + end))


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _places(said: Said) -> set[str]:
    return {f"{{{name}}}" for name in said.values if f"{{{name}}}" in said.pattern}


def _told(case: Case, said: Said) -> set[str]:
    facts = [case.fact(name) for name in said.facts]
    return {text for fact in facts for text in (fact.about, fact.answer) if text}


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
