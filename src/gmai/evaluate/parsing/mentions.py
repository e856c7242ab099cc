"""Where a text mentions an option by its words, and whether it affirms it, denies it, or only speaks of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gmai.bench import LETTERS, fold
from gmai.evaluate.parsing.cleaning import plain
from gmai.evaluate.parsing.denials import denied_together, is_missing_cause
from gmai.evaluate.parsing.forms import find_forms, iter_forms, match_form, write

Span = tuple[int, int]

_SAYS = re.compile(
    r"\b(?:show|demonstrat|depict|reveal|display|indicat|suggest|consistent|compatible|diagnos|"
    r"there (?:is|are)|there's|seen?\b|"
    r"visib|present|favou?r|represent|look|appear|likely|probabl|suffer|due to|caused by|confirm|"
    r"identif|evidence of|impression|"
    r"finding|answer|correspond|fits?\b|match|grew|lies\b|located|has\b|have\b|having|point|"
    r"support|characteristic|typical|"
    r"in keeping|classif|labell?ed|stain|observ|detect|note|evident|think|believe|suspect|conclude|"
    r"contain|highlight|count|name|arises?|"
    r"compris|develop|results? from|comes? from|(?:suspicious|concerning|worrisome) for|leads? to|means|made|"
    r"regard|mark|featur|focus|captur|(?:view|"
    r"image|picture|"
    r"photo\w*|scan|slice|case|radiograph|x ray|film|sonogram|ultrasound|micrograph|mri|ct) of)"
    r"|\bleav(?:es|ing)\s+(?:us\s+)?(?:with\s+)?(?:only\s+|just\s+)?(?:an?\s+|the\s+)?$|\bits\s+(?:in|an?|the|"
    r"at|on)\s+(?:the\s+)?$"
    r"|(?:\b(?:is|are|was|be|am|were)|'s|\bit|\bto be)\s+(?:[\w'\0,-]+\s+){0,5}$|[:→=>]\s*(?:[\w'\0,-]+\s+){0,3}$"
)
_SAID = re.compile(
    r"[\s\"')\]]*(?:\([^)]*\)\s*)?(?:(?:is|are|was|were|can be|could be|seems?|appears?|looks?|"
    r"remains?|would be|may be)\s+(?:\w+ly\s+)?"
    r"(?:the\s+|my\s+|to be\s+|also\s+|well\s+|more\s+)*(?:seen|visible|present|noted|identified|"
    r"evident|found|confirmed|likely|depicted|shown|observed|"
    r"detected|highlighted|outlined|marked|labell?ed|circled|affected|involved|correct|right|"
    r"best|most|first (?:test|step|line|choice)|answer|treatment of choice|drug of choice|test of choice|next|"
    r"appropriate|one i would|probable|"
    r"demonstrated|suspected|favou?red|here|displayed|apparent|suggested|"
    r"indicated)"
    r"|(?:is|are|was) the \w+ (?:shown|used|seen|depicted|displayed|pictured|demonstrated)\b"
    r"|(?:has|have) been\s+(?:exposed|dissected|opened|isolated|found|seen|identified|visuali[sz]ed|shown)\b"
    r"|(?:is|are)\s+(?:being|about to)\b|(?:is|are)\s+(?:therefore\s+|clearly\s+|urgently\s+)?(?:needed|required|"
    r"warranted|"
    r"called for)(?!\s+(?:only|if|when|unless|before|after|to))"
    r"|(?:comes|goes|is done) first\b|\s*[:=–—-]+\s*(?:yes|present|likely|most likely|correct|seen)\b|"
    r"most likely|(?:causes?|explains?|fits?|matches|accounts for)\s+(?:this|"
    r"the|best)\b|\s*[✅✓✔])"
)
_PICTURE_OF = re.compile(r"\b(?:radiograph|x ray|film|sonogram|ultrasound|micrograph|mri|ct) of\b")
_WOULD = re.compile(
    r"[^.;\n]{0,80}?\b(?:would|should|could|might|may|can|will|is (?:needed|required|recommended|obtained|"
    r"advised|useful))\b"
)
_GRADED = re.compile(
    r"\b(?:i|we)(?:'d| would)?\s+(?:grade|rate|classify|call|describe|read)\s+(?:this|it)\s+(?:as\s+)?(?:an?\s+)?$"
)
_DONE = re.compile(
    r"\b(?:i|we)(?:'d|'ll| would| will)\s+(?:now\s+|first\s+)?(?:put in|place|insert|perform|order|give|"
    r"start(?: with)?|begin with|use|prescribe|administer)"
    r"\s+(?:an?\s+)?$"
)
_MADE = re.compile(r"\bmak(?:e|es|ing)\s+(?:[\w'-]+\s+){0,3}$")
_LIKELIEST = re.compile(
    r"\s+(?:the|our|my)\s+(?:most likely|likeliest|best|correct|right|leading|most probable|only)\b"
)
_STRAIN = re.compile(r"\s+[a-z]{0,3}\d[\w:.]*\W*$")
"""A strain or type after a name that is the whole reply: "E. coli O157:H7"."""
_PHRASE = re.compile(
    r"[\s\"')\]]*(?:$|[.!\n,;:(。]|-\s|–|—|(?:with|without|in|on|of|at|because|since|due|as|extending|"
    r"(?:deficiency|plane|view|section|slice)(?=\s*(?:$|[.,;]))|"
    r"involving|measuring|image|scan|lesion|"
    r"seen|visible|noted|right|left|rather|but|not|instead|unlike|infection|disease|on|most likely|only|alone)\b)"
)
_NO_PHRASE = re.compile(r"\b(?:i|we|you|to|for|by|if|when|they|patients?|that|count|from|with|than)\b")
_HEDGED = re.compile(r"\b(?:could|might|may|possibly|perhaps|maybe|at first)\b[^.;,\n]{0,40}$")
_TURN = re.compile(r"\b(?:but|however|though|although|yet|more likely|rather)\b")
_ADJECTIVES = {
    "normal",
    "abnormal",
    "benign",
    "malignant",
    "positive",
    "negative",
    "left",
    "right",
    "present",
    "absent",
}
_WHOLE_PICTURE = re.compile(
    r"(?:image|picture|chest|x ray|radiograph|scan|fundus|study|film|everything|findings?|lungs?|"
    r"appearance|exam\w*|slide|tissue|"
    r"brain|eye|lesion|tumou?r|mass|result|test|it|this|that|side|kidney|lobe|mucosa|case)\s+(?:is|"
    r"are|appears?|looks?|seems?|was)\s+"
    r"(?:\w+ly\s+)?(?:to be\s+)?(?:an?\s+)?$|(?:shows?|demonstrates?|of|is|as|with|:|depicts?|"
    r"are|to be)\s+(?:an?\s+|the\s+|\w+ly\s+)*$"
)
YES_NO = {"yes", "no", "none", "not", "是", "否", "有", "无", "没有", "对", "错"}


@dataclass
class Mentions:
    """Options by position, with the first place where each is affirmed."""

    affirmed: dict[int, Span] = field(default_factory=dict)
    denied: set[int] = field(default_factory=set)
    """Options that are denied, asked about, or spoken of in general, and affirmed nowhere."""


def find_start(text: str, options: Sequence[str]) -> tuple[int, int] | None:
    """Position of the longest option whose words begin ``text``, and where they end; or None."""
    folded = plain(text)
    begin = len(folded) - len(folded.lstrip(" \t\n\r\"'(["))
    written = find_forms(options)
    for i in _longest_first(options):
        if (end := match_form(written[i], folded, begin)) is not None:
            return i, end
    return None


def find_end(text: str, options: Sequence[str]) -> int | None:
    """Position of the longest option whose words end ``text``, or None."""
    folded = plain(text).rstrip(" .,:;-\"'([")
    written = find_forms(options)
    for i in _longest_first(options):
        if any(end == len(folded) for _, end in iter_forms(written[i], folded)):
            return i
    return None


def find_mentions(text: str, options: Sequence[str]) -> Mentions:
    """The options that a text affirms, and those it only denies or speaks of.

    Longer options are found first, so "non glaucoma" is no mention of "glaucoma". Words such as "no" that are also part
    of speech count only where the text begins with them, and one-letter
    options only as a capital that is the letter of none.
    """
    folded, spans = find_spans(text, options)
    found = Mentions()
    said = [is_said(folded, start, end, fold(options[i])) for start, end, i in spans]
    for j in (*range(1, len(spans)), *range(len(spans) - 1, 0, -1)):
        if re.fullmatch(
            r"\s*(?:,|/|\bor\b|\band\b|、|或|和|\s)+(?:an?\s+|the\s+)?", folded[spans[j - 1][1] : spans[j][0]]
        ):
            said[j] = said[j - 1] = said[j] or said[j - 1]
    denied = denied_together(folded, [(start, end) for start, end, _ in spans], plain(text))
    for (start, end, i), affirms, denies in zip(spans, said, denied, strict=True):
        if not affirms and not denies:
            continue
        if denies:
            found.denied.add(i)
        else:
            found.affirmed.setdefault(i, (start, end))
    _prefer_unhedged(folded, found)
    found.denied -= set(found.affirmed)
    return found


def find_spans(text: str, options: Sequence[str]) -> tuple[str, list[tuple[int, int, int]]]:
    """The plain text with every option blanked, and where which option stood, in order."""
    folded, written = plain(text), find_forms(options)
    spans: list[tuple[int, int, int]] = []
    for i in _longest_first(options):
        option = fold(options[i])
        if option in YES_NO:
            match = re.match(write(option) + r"(?!\s+of\b|\s*(?:/|or\b|and\b|或|和))", folded)
            spans += [(match.start(), match.end(), i)] if match else []
        elif re.fullmatch(r"[a-z]", option):
            if LETTERS.index(option.upper()) >= len(options) if option.upper() in LETTERS else True:
                whole = rf"(?<![A-Za-z0-9'-]){option.upper()}(?![A-Za-z0-9'-])"
                spans += [(match.start(), match.end(), i) for match in re.finditer(whole, text)]
        else:
            for start, end in iter_forms(written[i], folded):
                spans.append((start, end, i))
                folded = folded[:start] + "\0" * (end - start) + folded[end:]
    return folded, sorted(spans)


def _prefer_unhedged(folded: str, found: Mentions) -> None:
    """Read "It could be a cyst, but the wall argues for a tumour": what is said after the turn counts."""
    hedged = {i: span for i, span in found.affirmed.items() if _HEDGED.search(folded[: span[0]])}
    plain_ones = {i: span for i, span in found.affirmed.items() if i not in hedged}
    for i, (_, end) in hedged.items():
        if plain_ones and all(start > end and _TURN.search(folded[end:start]) for start, _ in plain_ones.values()):
            del found.affirmed[i]
            found.denied.add(i)


_IF_SO = re.compile(
    r"(?<!\bi )(?<!\bwe )\b(?:would|might|could)\s+(?:\w+ly\s+)?(?:point|suggest|indicat|favou?r|support|mean|show|"
    r"imply|"
    r"demonstrat|reveal|have|present|give|lead)\w*\b[^,.;:\n]{0,30}$"
)
"""What something else would point to."""


def is_said(folded: str, start: int, end: int, option: str) -> bool:
    """True if the sentence says that the option is there, or is no more than the option with what describes it."""
    if re.search(r"[\u4e00-\u9fff]", option + folded[max(0, start - 1) : end + 1]):
        return True
    before = re.split(r"[.!?;\n。](?:\s|$)", folded[:start])[-1]
    if option in {"left", "right"} and re.search(r"\b(?:on|to|in) (?:the|her|his|its) $", before):
        return True
    if option in _ADJECTIVES and before.strip():
        return bool(_WHOLE_PICTURE.search(before))
    if option in _ADJECTIVES and re.match(
        r"(?:\s+[\w-]+){0,3}\s*(?:$|[.;:!\n]|,(?!\s*(?:but|however|though)))", folded[end:]
    ):
        return True
    if option.isdigit() and (noun := re.match(r"\s+[a-z]+(?=\s+(?:is|are|can|were)\b|[.,]|$)", folded[end:])):
        end += noun.end()
    if _PICTURE_OF.search(before) and _WOULD.match(folded, end) or _IF_SO.search(before):
        return False
    if (
        _SAYS.search(before)
        or _GRADED.search(before)
        or _DONE.search(before)
        or _SAID.match(folded, end)
        or _MADE.search(before)
        and _LIKELIEST.match(folded, end)
    ):
        return True
    if is_missing_cause(before, option):
        return True
    if not before.strip() and _STRAIN.match(folded, end):
        return True
    clause = re.split(r"[,;]|\bbut\b", before)[-1]
    return len(clause.split()) <= 4 and not _NO_PHRASE.search(clause) and bool(_PHRASE.match(folded, end))


def _longest_first(options: Sequence[str]) -> list[int]:
    return sorted(range(len(options)), key=lambda i: (-len(fold(options[i])), i))
