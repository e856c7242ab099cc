"""Long words of a reply that are one slip of the pen away from a word of an option: "hepatocelular", "ptyerigium"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from gmai.evaluate.parsing.cleaning import Reply

_LEAST = 7
"""Shorter words are too often words of their own."""
_SURE = 9
"""From this length on another letter may stand in place of one."""
_LONG = re.compile(r"(?<![\w'-])[A-Za-z]{7,30}(?![\w'-])")
_ALIKE = ("aeiouy", "sz", "ck", "cs", "mn")
_OWN = frozenset(
    "macrocytic microcytic nephrotic nephritic dysphagia dysphasia entropion ectropion esotropia exotropia esophoria "
    "exophoria afferent efferent adduction abduction carotid parotid papillary capillary pupillary perineal peroneal "
    "prostate prostrate arthritis arteritis hepatoma hematoma humoral humeral femoral tumoral alveolar areolar "
    "thoracotomy thoracostomy tracheotomy tracheostomy gastrotomy gastrostomy cystotomy cystostomy colotomy colostomy "
    "ureteral urethral ureteric inferior interior anterior exterior superior central ventral neuroma neurinoma "
    "myelitis myositis microscopic macroscopic macrosomia microsomia lactose lactase sucrose sucrase maltose maltase "
    "monocytic monoclonal polyclonal dermatitis dermatosis fibrosis fibroids melanosis melanoma thiamine thymine "
    "digoxin digitoxin guanine guanidine adenine adenosine prednisone prednisolone median medial macula macular "
    "macule palatal palatine palmar plantar cerebral cerebellar systolic systemic endogenous exogenous reduction "
    "seduction induction deduction extension intension inversion eversion infection injection inflection affection "
    "effusion infusion perfusion profusion diffusion fusion suffusion ligament filament ablation oblation relation "
    "radiation radiating eruption irruption".split()
)
"""Words that look like others and are none of them misspelt."""


def correct(reply: Reply, options: Sequence[str]) -> Reply:
    """The reply with the words of the options where one slip alone keeps a long word from being one of them."""
    known = _known(tuple(options))
    if not known:
        return reply
    text, at, done = [], list[int](), 0
    for match in _LONG.finditer(reply.text):
        word = _meant(match[0].lower(), known)
        if word is None:
            continue
        start, end = match.span()
        text += [reply.text[done:start], word if match[0][0].islower() else word.capitalize()]
        at += [*reply.at[done:start], *reply.at[start : end - 1][: len(word) - 1]]
        at += [reply.at[end - 1]] * (len(word) - min(len(word) - 1, end - 1 - start))
        done = end
    return replace(reply, text="".join([*text, reply.text[done:]]), at=(*at, *reply.at[done:])) if done else reply


@lru_cache(maxsize=512)
def _known(options: tuple[str, ...]) -> frozenset[str]:
    """The long words of the options."""
    return frozenset(word for option in options for word in re.findall(r"[a-z]{4,}", option.lower()))


def _meant(word: str, known: frozenset[str]) -> str | None:
    """The one word of the options that a word is a slip of."""
    if word in known or word in _OWN:
        return None
    near = [one for one in known if one[0] == word[0] and len(one) >= _LEAST and abs(len(one) - len(word)) < 2]
    meant = [one for one in near if _is_slip(word, one)]
    return meant[0] if len(meant) == 1 else None


def _is_slip(word: str, right: str) -> bool:
    """One letter doubled or not, left out or put in, two that changed places, or one for another like it."""
    first = next((i for i, (a, b) in enumerate(zip(word, right, strict=False)) if a != b), min(len(word), len(right)))
    if first >= len(right) - 2:  # the end of a word is its form
        return False
    if len(word) == len(right):
        if word[first + 2 :] == right[first + 2 :] and word[first : first + 2] == right[first + 1] + right[first]:
            return True
        alike = any(word[first] in letters and right[first] in letters for letters in _ALIKE)
        return alike and len(right) >= _SURE and first > 2 and word[first + 1 :] == right[first + 1 :]
    longer, shorter = (word, right) if len(word) > len(right) else (right, word)
    if longer[first + 1 :] != shorter[first:]:
        return False
    return longer[first] == longer[first - 1] or first > 1 and "ostomy" not in longer[first - 2 : first + 5]
