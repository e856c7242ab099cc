"""How an option's text may be written: in the plural, without its article, in British spelling, by its initials."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from gmai.bench import fold

_QUALIFIERS = {"left", "right", "upper", "lower", "acute", "chronic", "benign", "malignant", "bilateral"}
_NO_ANSWER_AFTER = {"right": r"(?!\s+(?:answer|option|choice|diagnosis|one\b))", "left": r"(?!\s+(?:with|over|to\b))"}
_SPELLED = (
    (r"ha?e(?=m[aeio])", "ha?e"),
    (r"(?<=\w)a?emia\b", "a?emia"),
    (r"(?<=\w)a?emic\b", "a?emic"),
    (r"\bo?edema", "o?edema"),
    (r"\bo?esoph", "o?esoph"),
    (r"\bo?estr(?=o)", "o?estr"),
    (r"\bfo?et(?=al|us)", "fo?et"),
    (r"rrho?ea", "rrho?ea"),
    (r"\bca?e(?=cum|cal|sarean)", "ca?e"),
    (r"\bpa?ediatr", "pa?ediatr"),
    (r"\bgyna?ec", "gyna?ec"),
    (r"\borthopa?ed", "orthopa?ed"),
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
    ("x ray", "radiograph", "radiography", "x线", "x光"),
    ("ultrasound", "超声", "b超", "ultrasonography", "sonography", "sonogram"),
    ("ct", "computed tomography"),
    ("mri", "magnetic resonance imaging", "磁共振", "磁共振成像", "核磁共振"),
    ("mammogram", "mammography"),
    ("igg", "immunoglobulin g"),
    ("iga", "immunoglobulin a"),
    ("igm", "immunoglobulin m"),
    ("ige", "immunoglobulin e"),
    ("hypotension", "low blood pressure"),
    ("hypertension", "high blood pressure"),
    ("ecg", "ekg", "electrocardiogram", "electrocardiography"),
    ("eeg", "electroencephalogram", "electroencephalography"),
    ("echocardiogram", "echocardiography"),
    ("angiogram", "angiography"),
    ("splenomegaly", "enlarged spleen"),
    ("hepatomegaly", "enlarged liver"),
    ("cardiomegaly", "enlarged heart"),
    ("goiter", "goitre", "enlarged thyroid"),
    ("myocardial infarction", "heart attack"),
    ("tuberculosis", "tb"),
    ("scurvy", "vitamin c deficiency"),
    ("nephrolithiasis", "renal stone", "kidney stone", "renal calculus"),
    ("cholelithiasis", "gallstone"),
    ("甲状腺功能亢进", "甲状腺功能亢进症", "甲亢"),
    ("甲状腺功能减退", "甲状腺功能减退症", "甲减"),
    ("心肌梗死", "急性心肌梗死", "心梗"),
    ("脑梗死", "脑梗"),
    ("心房颤动", "心房纤颤", "房颤"),
    ("慢性阻塞性肺疾病", "慢阻肺"),
    ("photograph", "photo", "photography"),
)
_ANY_PICTURE = re.compile(" (?:" + "|".join(name for group in _PICTURES for name in group) + ") ")
_PLUS = r"(?:plus|and|with|\+|&)"
_LINKS = {"of", "the", "and", "in", "with", "for", "to", "a", "an", "or", "by"}


@dataclass(frozen=True)
class Way:
    """One way to write an option, compiled only for texts that may hold it."""

    keys: tuple[str, ...]
    """Parts that stand in every text written so."""
    source: str

    def may_stand(self, folded: str) -> bool:
        """False of a text that cannot hold it."""
        return all(key in folded for key in self.keys)

    def stands_in(self, folded: str) -> bool:
        """True of a text that holds it."""
        return self.may_stand(folded) and bool(self.pattern.search(folded))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What matches it in plain text."""
        return _compile(self.source)


@lru_cache(maxsize=4096)
def _compile(source: str) -> re.Pattern[str]:
    return re.compile(source)


@lru_cache(maxsize=512)
def _forms(options: tuple[str, ...]) -> tuple[tuple[Way, ...], ...]:
    folded = [fold(option) for option in options]
    return tuple(
        (Way(_keys(text), write(text)), *_others(n, options, folded)) if text else () for n, text in enumerate(folded)
    )


def find_forms(options: Sequence[str]) -> tuple[tuple[Way, ...], ...]:
    """For each option all ways to write it in plain text, the plainest first; none of an empty one."""
    return _forms(tuple(options))


def match_form(ways: tuple[Way, ...], folded: str, start: int) -> int | None:
    """Where an option ends that is written at a place of a plain text, in the longest way."""
    ends = [match.end() for way in ways if way.may_stand(folded) and (match := way.pattern.match(folded, start))]
    return max(ends, default=None)


def iter_forms(ways: tuple[Way, ...], folded: str) -> list[tuple[int, int]]:
    """Every stretch of a plain text that an option is written at; of those that overlap the first and longest."""
    spans = [match.span() for way in ways if way.may_stand(folded) for match in way.pattern.finditer(folded)]
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


@lru_cache(maxsize=4096)
def _keys(text: str) -> tuple[str, ...]:
    """The first letters of every word whose spelling is the same everywhere."""
    same = [word for word in text.split() if word.isalnum() and _spell(re.escape(word)) == word]
    long = tuple(word[:4] for word in same if len(word) > 3 and word not in {"plus", "with"})
    return long or tuple(word for word in same if len(word) == 3 and word[-1] not in "sy" and word != "and")


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
    words = [_PLUS if word in {"plus", "and", "\\+", "\\&"} else word for word in words]
    words = [_spell(word) for word in words[:-1]] + [_either_number(_spell(words[-1]))] if words else words
    if len(words) == 2 and re.search(r"\d", option.split()[1]) and not re.search(r"\d", words[0]):
        if len(option.split()[1]) > 1:
            last = words[1]
            return before + rf"(?:{words[0]},?\s+{last}|{last}\s+(?:weighted\s+)?{words[0]})" + after
    if len(words) == 2 and words[0] in _QUALIFIERS:
        return before + rf"(?:{words[0]}\s+{words[1]}|{words[1]},\s+{words[0]}(?!\s+[a-z]))" + after
    if len(words) > 1 and words[0] == "no":
        words[:2] = [rf"(?:no|without)(?:\s+(?:an?y?|evidence\s+of|signs?\s+of|visible|obvious))*\s+{words[1]}"]
    kind = r"(?:(?:class|grade|stage|type|score|category)\s+)?" if CODE.fullmatch(option.split()[-1].upper()) else ""
    gap = r"(?:\s*/\s*|'?s?\s+(?:of )?(?:the )?)"
    body, joint = gap.join(words[:-1]), gap + kind if len(words) > 1 else ""
    return before + body + joint + words[-1] + after + _NO_ANSWER_AFTER.get(option, "")


@lru_cache(maxsize=8192)
def _spell(word: str) -> str:
    for spelled, either in _SPELLED:
        word = either.join(re.split(spelled, word))
    return word


def _either_number(word: str) -> str:
    if re.search(r"[a-z]{3}s$", word) and not re.search(r"(?:ss|us|is|as)$", word):
        return word[:-3] + "(?:y|ies)" if word.endswith("ies") else word + "?"
    if re.search(r"[a-z]{3}is$", word):
        return word[:-2] + "[ie]s"
    if re.search(r"[a-z]{2}[^aeiou]y$", word):
        return word[:-1] + "(?:y|ies)"
    return word + "(?:e?s)?" if re.search(r"[a-z0-9]$", word) else word


def _others(n: int, options: Sequence[str], folded: list[str]) -> list[Way]:
    """Other ways that no other option shares."""
    option, text = options[n], folded[n]
    rest = [f" {other} " for k, other in enumerate(folded) if k != n]
    plain = [*_of_numbers(option, n), *_of_pictures(text), *_of_brackets(option), *_of_parts(option), *_initials(text)]
    ways = [Way(_keys(way), write(way)) for way in plain if way and not any(f" {way} " in other for other in rest)]
    spelt = [*_swapped(text), *_of_genus(option), *_of_capitals(option), *_turned(text)]
    return ways + [way for way in spelt if not any(way.stands_in(other) for other in rest)]


def _swapped(folded: str) -> list[Way]:
    """Write "azithromycin plus ceftriaxone" for "ceftriaxone plus azithromycin"."""
    first, plus, last = folded.partition(" plus ") if " plus " in folded else folded.partition(" and ")
    if not plus or not (first + last).replace(" ", "").isalnum():
        return []
    return [Way(_keys(first), rf"(?<![a-z0-9]){last}\s*{_PLUS}\s*{first}(?![a-z0-9])")]


def _of_genus(option: str) -> list[Way]:
    """Write "S. aureus" for "Staphylococcus aureus"."""
    if short := re.fullmatch(r"\s*([A-Z])\. ([a-z]{4})[a-z]{3,}\s*", option):
        return [Way((short[2],), rf"(?<![a-z]){short[1].lower()}\.?\s+{short[2]}(?![a-z])")]
    match = re.fullmatch(r"\s*([A-Z])[a-z]{4,} ([a-z]{4,})\s*", option)
    return [Way((match[2],), rf"(?<![a-z]){match[1].lower()}\.?\s+{match[2]}(?![a-z])")] if match else []


def _of_numbers(option: str, n: int) -> list[str]:
    """Write "stage 3" for "Stage III", "type II" for "type 2", where the number is also the option's place."""
    words = option.split()
    swapped = [_ROMAN.get(word, word) for word in words]
    if len(words) > 1 and swapped == words:
        swapped = [_ARABIC.get(word, word) for word in words]
    own = any(_ROMAN.get(word, word) == str(n + 1) for word in words)
    return [fold(" ".join(swapped))] if len(words) > 1 and swapped != words and own else []


def _of_pictures(folded: str) -> list[str]:
    """The other names of a kind of picture."""
    padded = f" {folded} "
    if not _ANY_PICTURE.search(padded):
        return []
    return [
        padded.replace(f" {name} ", f" {other} ").strip()
        for group in _PICTURES
        for name in group
        if f" {name} " in padded
        for other in group
        if other != name
    ]


def _of_brackets(option: str) -> list[str]:
    match = re.fullmatch(r"\s*([^()]{3,}?)\s*\(([^()]{2,})\)\s*", option)
    return [fold(match[1]), fold(match[2])] if match else []


def _initials(folded: str) -> list[str]:
    """The first letters of three words or more."""
    words = [word for word in folded.split() if word not in _LINKS]
    whole = 3 <= len(words) <= 5 and all(len(word) > 2 and word[0].isalpha() for word in words)
    described = whole and words[0] in _QUALIFIERS and len(words) > 3
    return ["".join(word[0] for word in words), *_initials_after(words, described)] if whole else []


def _initials_after(words: list[str], described: bool) -> list[str]:
    """Write "left mca" for "left middle cerebral artery"."""
    return [f"{words[0]} {''.join(word[0] for word in words[1:])}"] if described else []


def _of_capitals(option: str) -> list[Way]:
    """The words that initials stand for."""
    if not re.fullmatch(r"[A-Z]{3,5}", option.strip()):
        return []
    words = (rf"{letter.lower()}[a-z]{{3,}}" for letter in option.strip())
    return [Way((), r"(?<![a-z])" + r"\s+(?:of\s+|and\s+|the\s+)?".join(words) + r"(?![a-z])")]


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


def _turned(folded: str) -> list[Way]:
    """Write "deficiency of vitamin A" for "vitamin A deficiency"."""
    words = folded.split()
    if len(words) < 2 or len(words[-1]) < 5 or not folded.replace(" ", "").isalpha():
        return []
    first, last = " ".join(words[:-1]), words[-1]
    nouns = rf"(?:{last}|lack)" if last == "deficiency" else last
    turned = rf"{nouns}\s+(?:of|in)\s+(?:the\s+)?{first}(?![a-z0-9])"
    if last == "deficiency":
        turned += rf"|{first}\s+(?:is\s+)?(?:lacking|deficient)\b"
    return [Way((first,), rf"(?<![a-z])(?:{turned})")]
