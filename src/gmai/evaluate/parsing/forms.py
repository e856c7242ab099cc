"""How an option's text may be written: in the plural, without its article, in British spelling, by its initials."""

import re
from collections.abc import Sequence
from functools import lru_cache

from gmai.bench import fold

_QUALIFIERS = {"left", "right", "upper", "lower", "acute", "chronic", "benign", "malignant", "bilateral"}
_NO_ANSWER_AFTER = {"right": r"(?!\s+(?:answer|option|choice|diagnosis|one\b))", "left": r"(?!\s+(?:with|over|to\b))"}
_SPELLED = (
    (r"h(?:a?e)(?=m[aeio])", "ha?e"),
    (r"(?<=\w)a?emia\b", "a?emia"),
    (r"(?<=\w)a?emic\b", "a?emic"),
    (r"\bo?edema", "o?edema"),
    (r"\bo?esoph", "o?esoph"),
    (r"\bo?estr(?=o)", "o?estr"),
    (r"\bf(?:o?e)t(?=al|us)", "fo?et"),
    (r"rrho?ea", "rrho?ea"),
    (r"\bc(?:a?e)(?=cum|cal|sarean)", "ca?e"),
    (r"\bp(?:a?e)diatr", "pa?ediatr"),
    (r"\bgyn(?:a?e)c", "gyna?ec"),
    (r"\borthop(?:a?e)d", "orthopa?ed"),
    (r"tumou?r", "tumou?r"),
    (r"colou?r", "colou?r"),
    (r"fib(?:er|re)\b", "fib(?:er|re)"),
    (r"i[sz](?=ation|ing\b|ed\b|e\b)", "i[sz]"),
)
CODE = re.compile(r"(?:[A-Z]|\d{1,3}[A-Za-z]?|[A-Z]\d{1,2}|[IVX]+[A-Ca-c]?|AB)")
"""What tells apart the members of a family: a letter, a number, a numeral."""
_ROMAN = dict(zip(("I", "II", "III", "IV", "V", "VI"), "123456", strict=True))
_ARABIC = {arabic: roman for roman, arabic in _ROMAN.items()}
_PICTURES = (
    ("x ray", "radiograph", "radiography"),
    ("ultrasound", "ultrasonography", "sonography", "sonogram"),
    ("ct", "computed tomography"),
    ("mri", "magnetic resonance imaging"),
    ("mammogram", "mammography"),
)
_LINKS = {"of", "the", "and", "in", "with", "for", "to", "a", "an", "or", "by"}


@lru_cache(maxsize=1024)
def forms(options: tuple[str, ...]) -> tuple[re.Pattern[str] | None, ...]:
    """For each option a pattern of all ways to write it in plain text; None of an empty one."""
    folded = [fold(option) for option in options]
    return tuple(
        re.compile("|".join([write(text), *_others(n, options, folded)])) if text else None
        for n, text in enumerate(folded)
    )


def find_forms(options: Sequence[str]) -> tuple[re.Pattern[str] | None, ...]:
    """:func:`forms` of any sequence."""
    return forms(tuple(options))


@lru_cache(maxsize=4096)
def write(option: str) -> str:
    """The option as whole words, plural or singular; a number only whole, not as part of a longer one.

    Terms of two words may stand in the order of an index: "MRI, T1", "kidney, left".
    """
    before = r"(?<![a-z0-9])(?<!\d[.,])" if re.match(r"[a-z0-9]", option) else ""
    after = r"(?![a-z0-9])(?![.,]\d)" if re.search(r"[a-z0-9]$", option) else ""
    words = [re.escape(word) for word in option.split()]
    if len(words) > 1 and words[0] in {"an", "the"}:
        words = words[1:]
    words = [_spell(word) for word in words[:-1]] + [_either_number(_spell(words[-1]))] if words else words
    if len(words) == 2 and re.search(r"\d", option.split()[1]) and not re.search(r"\d", words[0]):
        if len(option.split()[1]) > 1:
            last = words[1]
            return before + rf"(?:{words[0]},?\s+{last}|{last}\s+(?:weighted\s+)?{words[0]})" + after
    if len(words) == 2 and words[0] in _QUALIFIERS:
        return before + rf"(?:{words[0]}\s+{words[1]}|{words[1]},\s+{words[0]}(?!\s+[a-z]))" + after
    return before + r"(?:\s*/\s*|\s+(?:the\s+)?)".join(words) + after + _NO_ANSWER_AFTER.get(option, "")


def _spell(word: str) -> str:
    for spelled, either in _SPELLED:
        word = re.sub(spelled, lambda _, either=either: either, word)
    return word


def _either_number(word: str) -> str:
    if re.search(r"[a-z]{3}s$", word) and not re.search(r"(?:ss|us|is|as)$", word):
        return word[:-3] + "(?:y|ies)" if word.endswith("ies") else word + "?"
    if re.search(r"[a-z]{3}is$", word):
        return word[:-2] + "[ie]s"
    if re.search(r"[a-z]{2}[^aeiou]y$", word):
        return word[:-1] + "(?:y|ies)"
    return word + "(?:e?s)?" if re.search(r"[a-z0-9]$", word) else word


def _others(n: int, options: Sequence[str], folded: list[str]) -> list[str]:
    """Other ways that no other option shares: without what stands in brackets, initials, a part with its code."""
    ways = [*_of_genus(options[n]), *_of_pictures(folded[n]), *_of_numbers(options[n], n), *_of_brackets(options[n]), *_of_initials(options[n], folded[n]), *_of_parts(options[n]), *_turned(folded[n])]
    rest = [text for k, text in enumerate(folded) if k != n]
    return [write(way) if "\\" not in way else way for way in ways if not any(_is_in(way, text) for text in rest)]


def _is_in(way: str, text: str) -> bool:
    body = way if "\\" in way else rf"(?<![a-z0-9]){re.escape(way)}(?![a-z0-9])"
    return bool(re.search(body, text))


def _of_genus(option: str) -> list[str]:
    """ "S. aureus" for "Staphylococcus aureus"."""
    match = re.fullmatch(r"\s*([A-Z])[a-z]{4,} ([a-z]{4,})\s*", option)
    return [rf"(?<![a-z]){match[1].lower()}\.?\s+{match[2]}(?![a-z])"] if match else []


def _of_numbers(option: str, n: int) -> list[str]:
    """ "Stage 3" for "Stage III", "type II" for "type 2", where the number is also the option's place."""
    words = option.split()
    swapped = [_ROMAN.get(word, word) for word in words]
    if len(words) > 1 and swapped == words:
        swapped = [_ARABIC.get(word, word) for word in words]
    own = any(_ROMAN.get(word, word) == str(n + 1) for word in words)
    return [fold(" ".join(swapped))] if len(words) > 1 and swapped != words and own else []


def _of_pictures(folded: str) -> list[str]:
    """The other names of a kind of picture."""
    return [
        re.sub(rf"(?<![a-z]){name}(?![a-z])", other, folded)
        for group in _PICTURES
        for name in group
        if re.search(rf"(?<![a-z]){name}(?![a-z])", folded)
        for other in group
        if other != name
    ]


def _of_brackets(option: str) -> list[str]:
    match = re.fullmatch(r"\s*([^()]{3,}?)\s*\(([^()]{2,})\)\s*", option)
    return [fold(match[1]), fold(match[2])] if match else []


def _of_initials(option: str, folded: str) -> list[str]:
    words = [word for word in folded.split() if word not in _LINKS]
    whole = 3 <= len(words) <= 5 and all(len(word) > 2 and word[0].isalpha() for word in words)
    ways = ["".join(word[0] for word in words)] if whole else []
    if re.fullmatch(r"[A-Z]{3,5}", option.strip()):
        ways.append(r"(?<![a-z])" + r"\s+(?:of\s+|and\s+|the\s+)?".join(rf"{letter.lower()}[a-z]{{3,}}" for letter in option.strip()) + r"(?![a-z])")
    return ways


def _of_parts(option: str) -> list[str]:
    """Two words of three, one of them a code: "grade d" of "Los Angeles grade D"."""
    words = re.sub(r"[^\w\s]", " ", option).split()
    if len(words) < 3:
        return []
    return [
        fold(" ".join(pair))
        for pair in zip(words, words[1:], strict=False)
        if any(CODE.fullmatch(word) for word in pair) and not _LINKS & set(pair)
    ]


def _turned(folded: str) -> list[str]:
    """ "Deficiency of vitamin A" for "vitamin A deficiency"."""
    words = folded.split()
    if len(words) < 2 or len(words[-1]) < 5:
        return []
    first, last = " ".join(words[:-1]), words[-1]
    nouns = rf"(?:{last}|lack)" if last == "deficiency" else re.escape(last)
    return [rf"(?<![a-z]){nouns}\s+(?:of|in)\s+(?:the\s+)?{re.escape(first)}(?![a-z0-9])"]
