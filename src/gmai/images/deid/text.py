"""What of a text stays: nothing that names the patient, and of descriptions only words of a closed vocabulary."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gmai.images.deid.keep import read_words

WITHHELD = "withheld"
"""Stands for a label of which no word could be kept."""
STANDARD_SCHEMES = frozenset(
    ("SCT SRT SNM3 SNM 99SDM DCM UCUM FMA RADLEX LN MDC UMLS NCIt NCIT I9C I10 I11 ICDO3 ACR BI BARI RADELEMENT "
     "UBERON NEU IBSI CADSR CD99 CDT CPT4 HPC HL7 IANA ISO ISO639_1 ISO639_2 MA MGI RFC3066 RFC5646 PATHLEX HGNC "
     "ITIS_TSN PUBCHEM_CID PUBCHEM_SID NCDR POS DCMUID C4 C5").split()
)  # fmt: skip
_TERM = re.compile(r"[A-Za-z0-9 ._,:;/\\+*()%#=\-\[\]<>|&'^{}@!~?]*")
_TOKEN = re.compile(r"[A-Za-z0-9&+]+|[^A-Za-z0-9&+]+")
_WORD = re.compile(r"[^\W_]+")
_LONG_NUMBER = re.compile(r"\d{6}")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}(?!\d)|(?<!\d)\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d")
_MEASURE = re.compile(
    r"(?:te|tr|ti|fa|series|ser|roi|seg|phase|echo|kv|kvp|ma|mm)\d{1,2}|\d|b\d{1,4}|\d{1,4}(?:mm|ms|kv|kvp)"
    r"|\d{1,2}(?:cm|s|min|sec|t|x|st|nd|rd|th|pct)"
)
_MOST_CHARACTERS = 64
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What one file says of its patient, staff and hospital, in lower case."""

    words: frozenset[str] = frozenset()
    """Parts of persons' names, two letters and more."""
    wholes: frozenset[str] = frozenset()
    """Numbers and names without their separators, four characters and more."""

    def inside(self, text: str) -> bool:
        """True if the text holds one of them."""
        words = {word.lower() for word in _WORD.findall(text)}
        if any(len(word) >= _SHORTEST_NAME for word in words & self.words):
            return True
        squeezed = "".join(_WORD.findall(text)).lower()
        return any(whole in squeezed for whole in self.wholes)


def find_identifiers(names: Iterable[str], others: Iterable[str]) -> Identifiers:
    """Gather the identifiers of a file.

    Args:
        names: of persons.
        others: numbers, addresses and names of places.
    """
    words = {word.lower() for name in names for word in _WORD.findall(name) if len(word) > 1 and not word.isdigit()}
    squeezed = ("".join(_WORD.findall(text)).lower() for text in (*names, *others))
    return Identifiers(frozenset(words), frozenset(each for each in squeezed if len(each) > _SHORTEST_NAME))


def keep_term(text: str, known: Identifiers) -> str | None:
    """A short technical text as it is; None if it may name anybody, or holds a date or a long number."""
    if len(text) > _MOST_CHARACTERS * 4 or not _TERM.fullmatch(text) or known.inside(text):
        return None
    return None if _LONG_NUMBER.search(text) or _DATE.search(text) else text


def keep_words(text: str, known: Identifiers, more: frozenset[str]) -> str:
    """The text reduced to words of the vocabulary, and to short numbers that stand for measures."""
    kept = []
    number = False
    for token in _TOKEN.findall(text):
        word = token.lower()
        if not word[0].isalnum() and word[0] not in "&+":
            kept.append("_" if "_" in token else " ")
            continue
        measure = not number and _MEASURE.fullmatch(word)  # numbers in a row are dates and telephone numbers
        if word not in known.words and (word in read_words() or word in more or measure):
            kept.append(token)
        number = word.isdigit()
    return re.sub(r"[ _]*( |_)[ _]*", r"\1", "".join(kept)).strip(" _")


def keep_meaning(text: str, scheme: str, known: Identifiers, more: frozenset[str]) -> str:
    """The meaning of a code: of a standard coding scheme as it is, of any other as a label."""
    if scheme in STANDARD_SCHEMES and keep_term(text, known) is not None:
        return text
    return keep_words(text, known, more) or WITHHELD
