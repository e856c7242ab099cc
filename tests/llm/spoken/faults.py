"""Known mistakes put into clean answers. Each function returns the spoilt reply, or None where it cannot be put in."""

import json
from dataclasses import replace
from random import Random

from spoken import chinese, english
from spoken.contents import (
    Fault,
    Reply,
    contradiction,
    ended,
    invented_attribute,
    invented_finding,
    plain,
    rest_denied,
    swapped_side,
    unfounded_claim,
    value_of_another,
    wrong_label,
    wrong_name,
    wrong_negation,
    wrong_number,
)
from spoken.writer import LETTERS, Case, Said, Turn, Written


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


def other_language(written: Written, draw: Random) -> Reply | None:
    """One sentence, the question or everything in the other language, or a foreign clause at the end of one."""
    case = written.case
    others = [_foreign(case, said, draw) for _, _, said in written.sentences()]
    way = draw.randrange(4)
    if way == 0:
        number, place, said = draw.choice(list(written.sentences()))
        ending = "，图像清晰" if case.language == "en" else ", as shown in this picture"
        return written.with_said(number, place, ended(said, ending)).reply
    spoilt, left = written, iter(others)
    only = draw.randrange(len(others)) if way == 1 else None
    for index, (number, place, said) in enumerate(written.sentences()):
        text = next(left)
        if only in (None, index):
            spoilt = spoilt.with_said(number, place, replace(said, pattern=plain(text)))
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
    return written.with_said(number, place, replace(said, pattern=plain(text))).reply


def prompt_echo(written: Written, draw: Random) -> Reply:
    """Words about the list of facts instead of the picture."""
    begun = {
        "en": ("According to the annotations, ", "Based on the provided facts, ", "As stated in f1, ",
               "According to the information given, ", "The facts state that "),
        "zh": ("根据标注，", "根据提供的信息，", "根据事实f1，", "依据给定的事实，", "标注信息显示，"),
    }[written.case.language]  # fmt: skip
    number, place, said = draw.choice(list(written.sentences()))
    text = draw.choice(begun) + said.text[:1].lower() + said.text[1:]
    return written.with_said(number, place, replace(said, pattern=plain(text))).reply


def _told(case: Case, said: Said) -> set[str]:
    facts = [case.fact(name) for name in said.facts]
    return {text for fact in facts for text in (fact.about, fact.answer) if text}


FAULTS: dict[str, Fault] = {
    "bad JSON": bad_json,
    "wrong shape": wrong_shape,
    "truncated": truncated,
    "wrong letter": wrong_letter,
    "left for right": swapped_side,
    "wrong number": wrong_number,
    "invented finding": invented_finding,
    "invented attribute": invented_attribute,
    "unfounded claim": unfounded_claim,
    "rest denied": rest_denied,
    "wrong label": wrong_label,
    "wrong modality or class": wrong_name,
    "value of another finding": value_of_another,
    "wrong negation": wrong_negation,
    "contradiction beside it": contradiction,
    "other language": other_language,
    "wrong reference": wrong_reference,
    "answer in the question": answer_in_question,
    "refusal": refusal,
    "prompt echoed": prompt_echo,
}
