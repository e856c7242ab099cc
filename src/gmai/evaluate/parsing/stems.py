"""Options named in other words of the same root: "psoriatic", "effusion of the pleura", "a cyst of the kidney"."""

import re
from collections.abc import Sequence
from functools import lru_cache

from gmai.bench import fold
from gmai.evaluate.parsing.forms import CODE

_ENDINGS = sorted(
    "s es al ial eal ar ular ary ic tic atic ical ous tous atous ed d ing ion ions ation ations ition e y ies ied ive "
    "ative atory us um a ae is sis ses ia ium i t cy ly ity ine ian an as "
    "ate ated ates ment age able x geal le".split(),
    key=len,
    reverse=True,
)
_END = "(?:" + "|".join(_ENDINGS) + ")?"
_NO_CONTENT = {"the", "a", "an", "of", "in", "and", "or", "with", "for", "to", "on", "by", "disease", "syndrome"}
_DENIALS = {"no", "non", "not", "none", "without", "neither", "never"}
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
)


@lru_cache(maxsize=512)
def _words(options: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(word for word in fold(option).split() if word not in _NO_CONTENT) if _is_plain(option) else ()
        for option in options
    )


def _may_stand(word: str, folded: str) -> bool:
    """True if a word of the root may stand in a text: before its pattern is compiled."""
    return any(one[:4] in folded for one in _family(word))


@lru_cache(maxsize=8192)
def _family(word: str) -> tuple[str, ...]:
    return next((group for group in _ROOTS if word in group or word.removesuffix("s") in group), (word,))


def _is_plain(option: str) -> bool:
    """True of words alone: a code or a number is not read by its root."""
    words = re.split(r"[\s-]+", option.strip())
    coded = any(CODE.fullmatch(word) or word.casefold() in _DENIALS for word in words)
    return bool(re.fullmatch(r"[A-Za-z\s'-]+", option)) and not coded and max(map(len, words)) > 3


@lru_cache(maxsize=4096)
def _root(word: str) -> re.Pattern[str]:
    """All words of the root of a word."""
    family = _family(word)
    stems = set()
    for one in family:
        stems |= {one.removesuffix(end) for end in ("", *_ENDINGS) if one.endswith(end)}
    kept = sorted((stem for stem in stems if len(stem) >= (5 if len(word) > 5 else 4) or stem in family), key=len)
    return re.compile(rf"(?<![a-z0-9])(?<!non )(?:{'|'.join(kept)}){_END}(?![a-z0-9])")


def find_roots(folded: str, options: Sequence[str]) -> list[tuple[int, int, int]]:
    """Start, end and option where all words of an option stand close together, in any order and form."""
    hits = []
    for i, named in enumerate(_words(tuple(options))):
        words = [_root(word) for word in named] if all(_may_stand(word, folded) for word in named) else []
        first = words[0].search(folded) if words else None
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
            close = len(between.split()) <= len(words) + 3 and not re.search(r"[.;:!?,\n\0]", between)
            if len(set(spans)) == len(words) and close:
                hits.append((start, end, i))
            first = words[0].search(folded, first.end())
    return sorted(hits)
