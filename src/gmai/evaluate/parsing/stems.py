"""Options named in other words of the same root: "psoriatic", "effusion of the pleura", "a cyst of the kidney"."""

import re
from collections.abc import Sequence
from functools import lru_cache

from gmai.bench import fold
from gmai.evaluate.parsing.forms import CODE

_ENDINGS = sorted(
    "s es al ial eal ar ular ary ic tic atic ical ous tous atous ed d ing ion ions ation ations ition e y ies ied ive "
    "ative atory us um a ae is sis ses ia ium i t cy ly ity ped ping ine ian an as "
    "ate ated ates ment age able x geal le osis osing oses".split(),
    key=len,
    reverse=True,
)
_END = "(?:" + "|".join(_ENDINGS) + ")?"
NO_CONTENT = {"the", "a", "an", "of", "in", "and", "or", "with", "for", "to", "on", "by", "disease", "syndrome"}
_COMMON = {"chronic", "benign", "malignant", "bilateral", "primary", "secondary", "normal", "severe", "moderate"}
AMBIGUOUS = {"down", "still", "best", "well", "wells", "graves", "grave", "bell", "ray"}
"""Names of people that are words: they name nothing alone."""
DENIALS = {"no", "non", "not", "none", "without", "neither", "never"}
_ROOTS = (
    ("liver", "hepatic"),
    ("kidney", "renal"),
    ("lung", "pulmonary"),
    ("heart", "cardiac"),
    ("brain", "cerebral"),
    ("stomach", "gastric"),
    ("bowel", "intestinal", "intestine"),
    ("eye", "ocular"),
    ("skin", "cutaneous"),
    ("bone", "osseous", "bony"),
    ("spleen", "splenic"),
    ("femur", "femoral"),
    ("vein", "venous"),
    ("mouth", "oral"),
    ("chest", "thoracic"),
    ("breast", "mammary"),
    ("skull", "cranial"),
    ("nose", "nasal"),
    ("tooth", "dental", "teeth"),
    ("testis", "testicular"),
    ("pons", "pontine"),
    ("joint", "articular"),
    ("bladder", "vesical"),
    ("tumour", "tumor", "neoplasm"),
    ("stone", "calculus", "calculi"),
    ("child", "children", "paediatric", "pediatric"),
    ("neoplasm", "neoplastic"),
    ("steroid", "steroids", "corticosteroid", "corticosteroids"),
    ("metastasis", "metastases", "metastatic"),
    ("meniscus", "menisci", "meniscal"),
    ("ulcer", "ulceration", "ulcerative"),
    ("gout", "gouty"),
    ("ovary", "ovarian", "ovaries"),
    ("uterus", "uterine"),
    ("pelvis", "pelvic"),
    ("aorta", "aortic"),
    ("abdomen", "abdominal"),
    ("spine", "spinal", "vertebral"),
    ("tear", "torn"),
    ("bleed", "bled", "bleeding", "haemorrhage", "hemorrhage", "haematoma", "hematoma"),
    ("swelling", "swollen"),
    ("photograph", "photo", "photography"),
)


NO_NOUN = re.compile(
    r"(?:'s?)?\s*(?:$|[^\w\s\0'-]|\n|[-–—]\s|\0)|"
    r"(?:'s?)?\s+(?:is|are|was|were|be|has|have|had|would|should|must|will|could|can|may|might|cannot|does|do|did|"
    r"not|goes?|"
    r"comes?|remains?|fits?|explains?|matches|shows?|wins?|stands?|makes?|seems?|looks?|appears?|accounts?|"
    r"and|or|nor|but|so|then|than|rather|instead|over|with|without|in|on|of|at|to|for|from|by|as|due|because|since|"
    r"given|after|before|which|that|while|whereas|here|there|now|first|alone|only|too|also|it|this|the|most|best|"
    r"likely|likeliest|needs?|requires?|wh\w+|just|really|being|as|have|both|best|either|again|seen|visible|present|"
    r"[a-z]+ly|"
    r"diseases?|syndrome|infections?|tumou?rs?|lesions?|views?|slices?|images?|scans?|planes?|sections?)\b"
)
"""What may come after the telling words: no noun, which would make another thing of them."""


@lru_cache(maxsize=512)
def _words(options: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """For each option the words that name it: all, or what tells it from others that end as it does ("subdural")."""
    words = [tuple(word for word in fold(option).split() if word not in NO_CONTENT) for option in options]
    named = []
    for n, option in enumerate(options):
        sets = [words[n]] if _is_plain(option) and words[n] and not AMBIGUOUS >= set(words[n]) else []
        others = [word for k, one in enumerate(words) if k != n for word in one]
        same_end = any(one[-1:] == words[n][-1:] for k, one in enumerate(words) if k != n)
        if sets and same_end and len(words[n]) == 2 and len(words[n][0]) > 5 and words[n][0] not in {*others, *_COMMON}:
            sets.append(words[n][:1])
        named.append(tuple(sets))
    return tuple(named)


def may_stand(word: str, folded: str) -> bool:
    """True if a word of the root may stand in a text: before its pattern is compiled."""
    return any(one[:4] in folded for one in family_of(word))


@lru_cache(maxsize=8192)
def family_of(word: str) -> tuple[str, ...]:
    """A word, or the words of its root where they are spelled otherwise ("renal", "kidney")."""
    return next((group for group in _ROOTS if word in group or word.removesuffix("s") in group), (word,))


def _is_plain(option: str) -> bool:
    """True of words alone: a code or a number is not read by its root."""
    words = re.split(r"[\s-]+", option.strip())
    coded = any(CODE.fullmatch(word) or word.casefold() in DENIALS for word in words)
    return bool(re.fullmatch(r"[A-Za-z\s'-]+", option)) and not coded and max(map(len, words)) > 3


@lru_cache(maxsize=4096)
def root_of(word: str) -> re.Pattern[str]:
    """All words of the root of a word."""
    family = family_of(word)
    stems = set()
    for one in family:
        stems |= {one.removesuffix(end) for end in ("", *_ENDINGS) if one.endswith(end)}
    kept = sorted((stem for stem in stems if len(stem) >= (5 if len(word) > 5 else 4) or stem in family), key=len)
    return re.compile(rf"(?<![a-z0-9])(?<!non )(?:{'|'.join(kept)}){_END}(?![a-z0-9])")


@lru_cache(maxsize=1024)
def whole_word(word: str) -> re.Pattern[str]:
    """A word as it is."""
    return re.compile(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])")


def find_roots(folded: str, options: Sequence[str]) -> list[tuple[int, int, int]]:
    """Start, end and option where all words of an option stand close together, in any order and form."""
    hits = []
    named = ((i, one) for i, sets in enumerate(_words(tuple(options))) for one in sets)
    for i, one in named:
        if not all(may_stand(word, folded) for word in one):
            continue
        alone = len(one) == 1 and fold(options[i]) != one[0]
        words = [whole_word(word) if alone else root_of(word) for word in one]
        together = find_together(folded, words)
        hits += [(start, end, i) for start, end in together if not alone or NO_NOUN.match(folded, end)]
    return sorted(hits)


_PARTS = re.compile(r"[.;:!?,\n\0]|\b(?:may|might|can|could|would|not|no|without|if|or|nor|than|versus|vs)\b")
"""What keeps words apart that stand close together."""


def find_together(folded: str, words: Sequence[re.Pattern[str]], further: int = 3) -> list[tuple[int, int]]:
    """Every stretch of a sentence in which all of the words stand close together, so many ``further`` ones between."""
    hits = []
    first = words[0].search(folded)
    while first:
        spans = [first.span()]
        for word in words[1:]:
            near = min(
                (match.span() for match in word.finditer(folded)),
                key=lambda span: abs(span[0] - spans[0][0]),
                default=None,
            )
            spans += [near] if near else []
        start, end = min(span[0] for span in spans), max(span[1] for span in spans)
        between = folded[start:end]
        close = len(between.split()) <= len(words) + further and not _PARTS.search(between)
        if len(set(spans)) == len(words) and close:
            hits.append((start, end))
        first = words[0].search(folded, first.end())
    return hits
