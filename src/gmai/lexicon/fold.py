"""Folding: what two spellings of a name have in common, and words said about a name that are no part of it."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

Side = Literal["left", "right", "both"]

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z]|[A-Z]{2,}\b)")
_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_MINUS = re.compile(r"(?<=\w)-(?=\s|$|\))")
_OTHER = re.compile(r"[\W_]+")
_HAN_SPACE = re.compile(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])")
_SIGNS = {"+": " plus ", ">": " over ", "<": " under ", "≥": " from ", "≤": " to ", "&": " and "}
_SPELLINGS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"haem", "hem"),
        (r"(?<=[lncv])aemi", "emi"),
        (r"oedem", "edem"),
        (r"oesoph", "esoph"),
        (r"oestr", "estr"),
        (r"^foet", "fet"),
        (r"^faec", "fec"),
        (r"^caec", "cec"),
        (r"coelia", "celia"),
        (r"rrhoe", "rrhe"),
        (r"paed", "ped"),
        (r"gynaec", "gynec"),
        (r"anaesth", "anesth"),
        (r"naev", "nev"),
        (r"chaet", "chet"),
        (r"isch?aem", "ischem"),
        (r"tumour", "tumor"),
        (r"fibre", "fiber"),
        (r"centre", "center"),
        (r"calibre", "caliber"),
        (r"colour", "color"),
        (r"^grey", "gray"),
        (r"isation", "ization"),
        (r"ised$", "ized"),
        (r"^leuco", "leuko"),
        (r"sulph", "sulf"),
        (r"artefact", "artifact"),
        (r"disk", "disc"),
    )
)
_ARTICLES = {"the", "a", "an"}
_SIDES: dict[str, Side] = {"left": "left", "right": "right", "bilateral": "both", "both": "both"}
_SHORT_SIDES: dict[str, Side] = {"l": "left", "r": "right", "lt": "left", "rt": "right"}
_HAN_SIDES: dict[str, Side] = {
    "左侧": "left",
    "右侧": "right",
    "双侧": "both",
    "左": "left",
    "右": "right",
    "双": "both",
}
_ABSENT_FIRST = (
    "absence of ",
    "negative for ",
    "no evidence of ",
    "without ",
    "not ",
    "no ",
    "absent ",
    "未见",
    "没有",
    "无",
)
_ABSENT_LAST = (" absent", " negative", "阴性")


def fold(text: str) -> str:
    """The name without case, punctuation, plural, articles, camel case, and differences of British spelling.

    ``Optic-Discs``, ``optic_disc`` and ``OpticDisk`` fold to one text. Signs that change the meaning become words:
    ``ER+`` and ``ER-`` stay apart.
    """
    plain = _CAMEL.sub(" ", unicodedata.normalize("NFKC", text)).casefold()
    for sign, word in _SIGNS.items():
        plain = plain.replace(sign, word)
    plain = re.sub(r"['’`]", "", _MINUS.sub(" minus", plain))
    words = _OTHER.sub(" ", _DIGITS.sub(" ", plain)).split()
    kept = [word for n, word in enumerate(words) if word not in _ARTICLES or n == len(words) - 1]
    joined = re.sub(r"\bnon (?=\w)", "non", " ".join(_fold_word(word) for word in kept))
    return _HAN_SPACE.sub("", joined)


def split_side(folded: str) -> tuple[str, Side] | None:
    """A folded name without its side, and the side; None if it says none or more than one."""
    words = folded.split()
    at = [n for n, word in enumerate(words) if word in _SIDES]
    if not at:
        at = [n for n in sorted({0, len(words) - 1}) if words and words[n] in _SHORT_SIDES]
    if len(at) == 1 and len(words) > 1:
        side = {**_SIDES, **_SHORT_SIDES}[words[at[0]]]
        return " ".join(words[: at[0]] + words[at[0] + 1 :]), side
    for han, side in _HAN_SIDES.items():
        if folded.startswith(han) and len(folded) > len(han):
            return folded.removeprefix(han), side
        if folded.endswith(han) and len(folded) > len(han):
            return folded.removesuffix(han), side
    return None


def split_absent(folded: str) -> str | None:
    """What a folded name says is absent, such as ``tumor`` for ``no tumor``; None if it says nothing of the kind.

    ``non`` is no such word: non-proliferative retinopathy is a disease.
    """
    for word in _ABSENT_FIRST:
        if folded.startswith(word) and len(folded) > len(word):
            return folded.removeprefix(word)
    for word in _ABSENT_LAST:
        if folded.endswith(word) and len(folded) > len(word):
            return folded.removesuffix(word)
    return None


@lru_cache(maxsize=16384)
def _fold_word(word: str) -> str:
    for pattern, replacement in _SPELLINGS:
        word = pattern.sub(replacement, word)
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes", "zes")) else word[:-1]
