"""Which option a generated reply names; a pure function that says how it knows, or why it abstains, and never guesses.

Rules go from the most to the least explicit: the whole reply, a tagged answer, a statement ("answer: C", "答案是B"), a
leading or closing letter, the text of an option. The first rule that finds something decides: one letter is the choice,
several are an abstention. An article ("A polyp is visible") or a term ("vitamin D") is no answer.
"""

import re
import unicodedata
from collections.abc import Sequence

from gmai.bench import LETTERS, fold
from gmai.evaluate.mentions import find_mentions, find_start
from gmai.types import record

_DISAGREES = "?"
_REFUSAL = re.compile(
    r"\b(?:cannot|can't|can not|could not|unable to|not able to|impossible to)\s+(?:\w+\s+){0,2}?"
    r"(?:determine|answer|tell|say|identify|provide|assist|help|diagnose|view|interpret|analy[sz]e|judge|give)\b"
    r"|\bi(?:'m| am) sorry\b|\bas an ai\b|\bnone of the (?:above|options)\b|\b(?:do not|don't) know\b"
    r"|无法|不能确定|不知道|以上都不",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"(?P<final>final\s+)?\b(?:answer|ans|choice|option|selection)\b(?:\s+(?:here|to the question))?\s*"
    r"(?:(?:is|would be|should be|must be)\b\s*:?|[:=]|-\s)\s*(?:(?:option|choice|letter)\s+)?"
    r"|\b(?:i|i'd|i'll|would|will)\s+(?:choose|select|pick|go with|say)\s+(?:(?:option|choice|letter)\s+)?"
    r"|(?P<zh>最终答案|答案|(?<!不)选项|认为|(?<!不)(?<!未)选择|(?<!不)(?<!未)选)\s*(?:应该|应)?\s*(?:是|为|选)?\s*:?\s*(?:选项)?\s*",
    re.IGNORECASE,
)
_LETTER = re.compile(r"(?P<open>[(\[\"'<]*)(?P<letter>[A-Ea-e])(?![A-Za-z0-9'’])(?P<close>[)\]\"'>]*)")
_MORE = re.compile(r"\s*(?:,|、|/|&|\band\b|\bor\b|和|或)\s*[(\[]?([A-E])(?![A-Za-z'])")
_LEADING = re.compile(
    r"(?:option\s+)?(?:[(\[]([A-Ea-e])[)\]]|([A-Ea-e])[).:\]]|([A-E])(?:,|\s[-–—]\s|\s*\n|\s+(?=(?:because|since|due)\b)))",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?:(?<=^)|(?<=[\s(\[]))([A-E])[).:\]](?=\s|$)")
_CORRECT = re.compile(
    r"(?<![\w-])[(\[]?([A-E])[)\]]?\s+(?:is|seems|looks)\s+(?:the\s+)?(?:most\s+)?(?:correct|right|best|likely)"
)
_CLOSING = re.compile(
    r"(?:\bi (?:think|believe|guess)(?: that)?(?: it is| it's)?|\b(?:it is|it's|must be|would be|so|thus|hence|"
    r"therefore|option|choice|choose|select|pick|go with))[\s,:]+(?:option\s+)?[(\[]?([A-E])[)\]]?[.!。]*$"
    r"|[(\[]([A-E])[)\]][.!。]*$",
    re.IGNORECASE,
)


@record
class Extraction:
    """What was read from a reply."""

    letter: str | None
    """The option named, or None for an abstention."""
    reason: str
    """The rule that read it (``whole``, ``tagged``, ``statement``, ``leading``, ``closing``, ``text``), or why none
    could (``empty``, ``refusal``, ``several``, ``no_such_option``, ``disagrees``, ``negated``, ``nothing_named``)."""


def extract_choice(reply: str, options: Sequence[str]) -> Extraction:
    """Read the option that a reply names.

    Args:
        reply: what the model generated, as it is.
        options: texts of the options A, B, C … in order, two to five.
    """
    text = _clean(reply)
    if not text:
        return Extraction(letter=None, reason="empty")
    for rule, read in _RULES.items():
        if found := read(text, options):
            return _decide(rule, found, options)
    if _REFUSAL.search(text):
        return Extraction(letter=None, reason="refusal")
    affirmed, negated = find_mentions(text, options)
    if affirmed:
        return _decide("text", {LETTERS[i] for i in affirmed}, options)
    return Extraction(letter=None, reason="negated" if negated else "nothing_named")


def _clean(reply: str) -> str:
    text = unicodedata.normalize("NFKC", reply).replace("’", "'")
    text = re.sub(r"<think>.*?(?:</think>|$)", " ", text, flags=re.DOTALL)
    text = re.sub(r"\\(?:boxed|fbox)\{(?:\\(?:text|textbf|mathrm)\{)?([^{}]*)\}+", r"<answer>\1</answer>", text)
    text = re.sub(r"[*`$]+|__|^#+\s*", "", text, flags=re.MULTILINE).strip()
    return re.sub(r"^(?:assistant|model|response)\s*(?::|\n)\s*", "", text, flags=re.IGNORECASE)


def _decide(rule: str, found: set[str], options: Sequence[str]) -> Extraction:
    if len(found) > 1:
        return Extraction(letter=None, reason="several")
    (letter,) = found
    if letter == _DISAGREES:
        return Extraction(letter=None, reason="disagrees")
    if LETTERS.index(letter) >= len(options):
        return Extraction(letter=None, reason="no_such_option")
    return Extraction(letter=letter, reason=rule)


def _read_whole(text: str, options: Sequence[str]) -> set[str]:
    """The reply is a letter, an option's text, or a list of letters, and nothing else."""
    same = {LETTERS[i] for i, option in enumerate(options) if fold(option) == fold(text)}
    letters: set[str] = set()
    if bare := re.fullmatch(
        r"(?:option|choice|letter)?[\s\"'(\[{<]*([A-E])[\"')\]}>.,:;!。、\s]*(?:选项。?)?", text, re.IGNORECASE
    ):
        letters = {bare[1].upper()}
    elif re.fullmatch(
        r"[(\[]?[A-E][)\].]?(?:(?:\s*[,、/&;]\s*|\s+(?:and|or)\s+|\s*[和或]\s*|\s+)[(\[]?[A-E][)\].]?)+", text
    ):
        letters = set(re.findall(r"[A-E]", text))
    elif re.fullmatch(r"[A-E]{2,5}", text) and not same:
        letters = set(text)
    return same | letters


def _read_tagged(text: str, options: Sequence[str]) -> set[str]:
    """Read ``<answer>C</answer>`` or ``{"answer": "C"}``; the last one counts."""
    tags = re.findall(r"<(?:answer|final_answer|choice)>(.*?)</", text, flags=re.DOTALL | re.IGNORECASE)
    keys = re.findall(r"[\"'](?:answer|choice|option|prediction)[\"']\s*:\s*[\"']([^\"']*)[\"']", text, re.IGNORECASE)
    if not (tags or keys):
        return set()
    inner = (tags or keys)[-1].strip()
    found = _read_whole(inner, options) or _read_leading(inner, options) if inner else set()
    return found or {LETTERS[i] for i in find_mentions(inner, options)[0]} or {_DISAGREES}


def _read_statement(text: str, options: Sequence[str]) -> set[str]:
    """Read "the answer is (B)", "Answer: polyp", "I choose C", "答案是B", "D is correct"; final answers win."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for head in _HEAD.finditer(text):
        final = bool(head["final"]) or (head["zh"] or "").startswith("最终")
        found[final] |= _read_after(text[head.end() :], options)
    found[False] |= {match[1].upper() for match in _CORRECT.finditer(text)}
    return found[True] or found[False]


def _read_after(rest: str, options: Sequence[str]) -> set[str]:
    """The letter or the option text that a statement's head is followed by."""
    by_text = find_start(re.sub(r"^(?:an?|the)\s+", "", rest, flags=re.IGNORECASE), options)
    match = _LETTER.match(rest)
    if by_text and rest.startswith("A "):  # an article, or the letter and another option's text
        return {_DISAGREES}
    if not match or not _is_letter(match, rest[match.end() :], options):
        return {LETTERS[by_text]} if by_text is not None else set()
    letter = match["letter"].upper()
    if by_text is not None:
        return (
            {letter}
            if fold(options[by_text]) != letter.lower() and _follows(rest, match)
            else {LETTERS[by_text], letter}
        )
    also = _MORE.match(rest, match.end())
    return {_agree(letter, rest[match.end() :], options)} | ({also[1]} if also else set())


def _follows(rest: str, match: re.Match[str]) -> bool:
    return bool(match["close"]) or rest[match.end() : match.end() + 1] in {")", "\n"}


def _is_letter(match: re.Match[str], rest: str, options: Sequence[str]) -> bool:
    """A letter, not an article or the first of a term: bracketed, closed by punctuation, or upper case and no "A"."""
    if match["close"] or re.match(r"\s*(?:$|[,:;!)\]。、，\n]|\.(?!\s+[a-z]))", rest):
        return True
    if re.match(r"\.\s+[a-z]", rest):
        return not _is_term(rest, options)
    return match["letter"] in "BCDE" or (
        match["letter"] == "A" and bool(re.match(r"\s+(?:because|since|as|and|or)\b", rest))
    )


def _is_term(rest: str, options: Sequence[str]) -> bool:
    """An abbreviated genus, as in "E. coli": a lower-case word after the dot that begins no option and no clause."""
    word = rest.lstrip(". ")
    clause = re.match(r"(?:because|since|as|due|the|this|it|there|which|is)\b", word)
    return find_start(word, options) is None and not clause


def _agree(letter: str, rest: str, options: Sequence[str]) -> str:
    """The letter, unless what follows it is the text of another option."""
    named = find_start(rest.lstrip(" ).:,]-–—\"'>"), options)
    return letter if named is None or LETTERS[named] == letter else _DISAGREES


def _read_leading(text: str, options: Sequence[str]) -> set[str]:
    """Read "B. polyp", "(b) polyp", "E because …" at the start; a list of several lettered options names none."""
    match = _LEADING.match(text)
    if not match:
        return set()
    letter = next(group for group in match.groups() if group)
    rest = text[match.end() :]
    if re.match(r".*\.$", match[0]) and re.match(r"\s+[a-z]", rest) and _is_term(rest, options):
        return set()
    others = rest
    for option in options:
        others = re.sub(re.escape(option), " ", others, flags=re.IGNORECASE)
    return {_agree(letter.upper(), rest, options)} | set(_LISTED.findall(others))


def _read_closing(text: str, options: Sequence[str]) -> set[str]:
    """Read "I think it is B.", "… therefore C", "… a polyp (B)" at the end."""
    match = _CLOSING.search(text)
    return {(match[1] or match[2]).upper()} if match else set()


_RULES = {
    "whole": _read_whole,
    "tagged": _read_tagged,
    "statement": _read_statement,
    "leading": _read_leading,
    "closing": _read_closing,
}
