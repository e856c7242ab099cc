"""Statements of an answer ("the answer is (B)", "I would choose C", "答案是B") and what follows them."""

import re

from gmai.bench import LETTERS
from gmai.evaluate.parsing.denials import is_denied
from gmai.evaluate.parsing.mentions import find_end, find_mentions, find_start
from gmai.evaluate.parsing.pointing import iter_pointed
from gmai.evaluate.parsing.scope import DISAGREES, ORDINALS, Found, Scope, found, pattern, read_ordinal

_NOUN = (
    r"(?:answer|ans|choice|option|selection|response|letter|pick|solution|result|output|diagnosis|"
    r"finding|verdict|prediction|conclusion|impression|"
    r"match|candidate|interpretation|one|explanation|guess)"
)
_HEAD = re.compile(
    rf"(?P<final>\b(?:final|corrected|revised|updated|amended|definitive|new)\s+)?\b(?<!differential )(?:(?:correct|"
    rf"right|best|likely|probable|final)"
    rf"(?=\s+(?:is|would be)\b|\s*:)|{_NOUN}\b|"
    r"(?:correct|right|best|likely|true)\s+(?:answers|options|choices|letters|findings|statements)\b|answers\b)"
    r"(?:\s+(?:choice|option|letter|here|to\s+(?:the|this|your)\s+(?:[\w-]+\s+){0,3}question|"
    r"for\s+this\s+\w+|in\s+this\s+\w+|is\s+option"
    r"|among\s+[\w\s]{1,24}?|given|based\s+on\s+[\w\s]{1,30}?|from\s+[\w\s]{1,24}?))*"
    r"(?P<lead>\s*\(?s?\)?\s*(?:(?:(?<=r)'s|is|are|would be|should be|must be|must therefore be|should therefore be|"
    r"has to be|can only be|remains|seems to be|appears to be|will be|was|=>|->|→)"
    r"\s*(?:therefore|thus|most likely|likely|probably|clearly|indeed|definitely|simply|then)"
    r"?\s*:?|[:=]+|-+\s|-(?=[A-J]\b)|–\s|—\s))\s*"
    r"(?:(?:option|choice|letter|answer|number|no\.)s?\s+(?!#?\d|[ivx]{2,}\b|(?:one|two|three|four|five)\b))?"
    r"|\b(?:respuesta|antwort|réponse|risposta|resposta|ответ|정답|答え|正解)(?:\s+(?:correcta|"
    r"correct[ae]|richtige|juste|corretta|correta))?"
    r"\s*(?:(?:est|ist|lautet|es|è|é)\b|:|は|은|—|-)\s*(?:(?:la|die|opción|option)\s+)*",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:i|we|i'd|i'll|let's|let us|would|will|i'm|i am|me|us)\s+(?:(?:would|will|still|therefore|"
    r"also|to|had|have to|must|"
    r"should|can|confidently|now|strongly)\s+)*"
    r"(?:choose|chose|select(?:ed)?|pick(?:ed)?|go(?:ing)? (?:with|for)|say|answer|opt(?:ing)? for|vote for|"
    r"lean(?:ing)? (?:towards?|to)|favou?r|settle (?:on|for)|conclude)\s+(?:that\s+(?:it\s+is|it's|this\s+is)\s+)?"
    r"(?:(?:an?\s+|the\s+)?(?:option|choice|letter|answer)s?\s+)?"
    r"|\b(?:corresponds? to|match(?:es)?|consistent with|compatible with|points? to|supports?|"
    r"suggests?|indicates?|best fits|"
    r"fits|described by|leads? to|select|choose|pick|mark(?:ing)?|is)\s+(?:the\s+)?(?:option|"
    r"choice|answer|letter)\s+",
    re.IGNORECASE,
)
_COPULA = (
    r"\b(?:it's|it is|that's|that is|this is|that would be|must be|has to be|it would be|got to be|"
    r"looks like|i think|i believe|"
    r"i guess|i say|definitely|probably|likely|clearly|certainly|obviously|going with|selecting|"
    r"choosing|choose|pick|select|"
    r"correspond(?:s|ing)? to|consistent with|points? to|hence|therefore|thus|so|answer|ans\.?|"
    r"solution|describes|matches)"
    r"(?:\s+|:\s*|,\s*)(?:(?:that\s+)?(?:it's|it is|is|the answer is|most likely|likely|probably|"
    r"definitely|clearly|therefore|option|letter)\s+)*"
    r"(?P<letter>[(\[\"']?@[)\]\"']?)(?![A-Za-z0-9]|['-][A-Za-z]|\s*\?)"
    r"(?=\s*(?:$|[,:;!)\n。，]|[-–—]\s|\.(?!\s*[a-z])|\(|\s(?:because|since|due|given|for|based)"
    r"\b|\s*(?:and|or|&|/)\s*[(\[]?@(?![A-Za-z])))"
)
_ZH = re.compile(
    r"(?P<final>最终|更正后的?|修正后的?|修改后的?)?(?:答案|(?<!不)回答(?=是|为|:)|答(?=:)|结果(?=是|为|:)|(?<!不)符合(?=[A-J])"
    r"|(?<!不)属于(?=[A-J])|倾向于?|(?<!不)(?<!该)(?<!各)(?<!个)选项|(?<!不)认为|(?<!不)(?<!未)"
    r"(?<!以)选择|(?<!不)(?<!未)选|结论|"
    r"最可能的?(?:诊断|结果)?|最符合的?|最佳|正确的?(?=是|为|:)|诊断(?=是|为|:)|"
    r"(?<!不)(?<!应该)应为|(?<!不)考虑(?=为|是|[A-J])|指向|(?<!不)(?<!不太)支持(?=[A-J])|"
    r"(?<!不)(?<!不太)像(?=[A-J])|(?<!不)提示(?=[A-J])|应该(?=是[A-Ja-j])|"
    r"判断(?=为|是))"
    r"\s*(?:应该|应当|应|就|只能|可能)?\s*(?:是|为|选择|选|:)?\s*:?\s*(?:选项|答案)?\s*"
)
_NEGATED_HEAD = re.compile(
    r"\b(?:each|every|any|following|per|which (?:of|option|choice|answer|one)|these|those|don't|"
    r"do not|doesn't|does not|cannot|can't|wouldn't|would not|not|never|isn't|n't|wrong|incorrect|distractor|"
    r"if|had|were|"
    r"may think|might think|(?:some|others?|many|one|people|you) (?:might|may|would|could|will|people)|"
    r"colleagues?|textbooks?|students?|some|many|others|less|tempting|nobody|no one|dont|doubt|usually|typically|"
    r"generally|worst|least|first(?![ -]line)|initially|second|other|"
    r"another|alternative|"
    r"previous|whether)\b[^.;!?\n,]{0,40}$"
    r"|(?:不|并非|没有|未|不能|如果|若|错误)[^。;,，\n]{0,6}$",
    re.IGNORECASE,
)
_NOT_THESE = re.compile(r"\b(?:not|none|never|neither|no|which|only if|if)\b[^.;!\n]{0,40}$", re.IGNORECASE)
_MANY = re.compile(
    r"\b(?:correct|right|true|present|apply|seen|visible)\s*(?:(?:are|is)\s*:?|"
    r":)\s*(?:options?\s+)?(?=[(\[]?[A-J]\b)",
    re.IGNORECASE,
)
_WRONG_AFTER = re.compile(r"\s*[-–—,]\s*(?:is|was|are)\s+(?:wrong|incorrect|out\b|excluded|not\b)", re.IGNORECASE)
_ELSE = re.compile(
    r"\s*,?\s*(?:if|when|unless|provided)\b(?! (?:i|we)\b)[^.;\n]{0,60}\b(?:otherwise|else)\b", re.IGNORECASE
)
_IF_SO = re.compile(r"would\s+(?:also\s+)?favou?r\b", re.IGNORECASE)
_I = re.compile(r"\b(?:i|we)\s+$", re.IGNORECASE)
_LETTER = r"(?P<open>[(\[\"'<{]*)(?P<letter>~)(?![A-Za-z0-9]|['-][A-Za-z])(?P<close>[)\]\"'>}]*)"
_MORE = (
    r"(?:\s*,?\s*(?P<sep>,|、|/|&|;|\+|\band\b|\bor\b|\bas well as\b|\balso\b|和|还是|或|与|及|以及)"
    r"\s*|(?<=[)\]])\s*|\s+(?=@(?:\s|$|[.,])))"
    r"(?:(?:also|both|maybe|possibly|and|or|option)\s+)*(?P<no>(?:but\s+)?not\s+)?[(\[\"']?(?P<letter>@)"
    r"(?![A-Za-z0-9]|['-][A-Za-z])[)\]\"']?"
    r"(?!(?:(?:\s*,\s*|\s+)(?:and\s+|or\s+)?[(\[]?@[)\]]?)*\s+(?:are\s+(?:all\s+|both\s+)?(?:not|wrong|"
    r"incorrect|absent|excluded|out)\b|"
    r"(?:do|does|is|can)\s*(?:not|n't)|aren't|don't|cannot|lack\b))"
    r"(?!\s+(?:is|was|can|would|could|does|has|shows|seems|looks|fits|describes|refers)\b)"
)
_ALL_CORRECT = (
    r"(?<![A-Za-z])[(\[]?@[)\]]?(?:\s*(?:,|and|&|、|和)+\s*[(\[]?@[)\]]?)+\s+(?:(?:both\s+|all\s+)?apply\b|(?:are|"
    r"is)\s*(?:all\s+|both\s+)?"
    r"(?:correct|right|true|present|seen|visible|applicable)\b)"
)
_CORRECT = (
    r"(?<![\w-])(?:option\s+|choice\s+|answer\s+)?[(\[\"']?(?P<letter>@)(?![A-Za-z0-9])(?!(?<=[AI])"
    r"\s+(?!(?:is|was|seems|looks|appears|would|must|remains|fits|matches|"
    r"best|suits|it|stands|comes|emerges)\b)[a-z])[)\]\"'.:]?(?:\s*[(,:-]?\s*(?P<words>[^.\n;:()]{0,60}?)[),]?)?\s+"
    r"(?:(?:is|was|seems?(?: to be)?|looks|appears(?: to be)?|would be|must be|remains)\s+(?:clearly\s+|"
    r"therefore\s+|indeed\s+)?(?:the\s+|my\s+)?"
    r"(?:single\s+|most\s+|only\s+|best\s+|final\s+)?"
    r"(?:correct|right|best|likely|plausible|appropriate|accurate|answer|choice|fit|match|guess|pick|"
    r"(?:option|one)(?=\s+(?:that|which|to|left|remaining|consistent|compatible)\b))(?!\w)|"
    r"(?:fits|matches|suits)\s+best|it is(?=[.!,\s]*$)|stands out|comes closest|emerges"
    r"|best\s+(?:fits|matches|describes|explains|answers|corresponds))"
    r"|(?<![A-Za-z])(?P<zh>@)\s*(?:选项|项)?[^。;,，\n]{0,12}?(?:是|为)?\s*(?<!不)(?:正确|最符合|"
    r"最合适|最佳|最可能|最恰当|对的)(?!的是|答案是)"
)


def read_statement(scope: Scope) -> Found | None:
    """Every statement of an answer; final ones win over others."""
    text = scope.text
    hits: dict[bool, list[Found]] = {True: [], False: []}
    listed = _find_listed(scope)
    for form in (_HEAD, _VERB, _ZH, *((_MANY,) if scope.several else ())):
        for head in form.finditer(text):
            if head.start() in listed:
                continue
            negated = _NOT_THESE.search(text[: head.start()]) if form is _MANY else is_negated(text, head.start())
            if negated or _IF_SO.match(text, head.start()) and not _I.search(text[: head.start()]):
                continue
            after = read_after(scope.at(head.end()), strong=True)
            if (
                after
                and not _WRONG_AFTER.match(text, head.end() + after.end)
                and not _is_supposed(text, head.end() + after.end, head[0])
            ):
                final = bool(head.groupdict().get("final")) or head[0].casefold().startswith("final")
                hits[final].append(Found(after.letters, head.start(), head.end() + after.end))
    for match in pattern(_COPULA, scope.count, re.IGNORECASE).finditer(text):
        letter = match["letter"].strip("()[]\"'")
        if letter.isupper() and not is_negated(text, match.start()):
            after = read_after(scope.at(match.start("letter")))
            agreed = after.letters if after else frozenset({agree(letter, text[match.end() :], scope)})
            hits[False].append(Found(agreed, *match.span()))
    for match in pattern(_CORRECT, scope.count).finditer(text):
        letter = match["letter"] or match["zh"]
        if is_negated(text, match.start()) or _is_article(match, scope):
            continue
        named = _named_in(match["words"] or "", scope)
        hits[False].append(Found(frozenset({letter} if named in {None, letter} else {DISAGREES}), *match.span()))
    hits[False] += iter_pointed(scope)
    for match in pattern(_ALL_CORRECT, scope.count).finditer(text) if scope.several else ():
        letters = pattern(r"(?<![A-Za-z])@(?![A-Za-z])", scope.count).findall(match[0])
        hits[False] = [Found(frozenset(letters), *match.span())]
    return _join(hits[True][-1:] or hits[False], scope)


def _find_listed(scope: Scope) -> set[int]:
    """Where a reply goes through the options ("选项A: …", "Answer B: …" on lines of their own) and states none."""
    if scope.several:
        return set()
    form = r"(?mi)^[^\w\n]*(?P<head>(?:选项|option|choice|answer)\s*)[(\[]?(?P<letter>@)[)\]]?\s*[:、.,]"
    heads = list(pattern(form, scope.count).finditer(scope.text))
    return {head.start("head") for head in heads} if len({head["letter"] for head in heads}) > 2 else set()


def _is_supposed(text: str, end: int, head: str) -> bool:
    """Read "The answer would be C if there were a shadow": what would be is not said to be."""
    would = re.search(r"\bwould\b", head, re.IGNORECASE)
    return bool(
        _WRONG_AFTER.match(text, end)
        or _ELSE.match(text, end)
        or would
        and re.match(
            r"[^.;!\n]{0,40}?\b(?:(?:if|unless)\b(?!\s+(?:i|we)\b)|had there\b|were there\b)", text[end:], re.I
        )
    )


def _named_in(words: str, scope: Scope) -> str | None:
    affirmed = find_mentions(words, scope.options).affirmed
    return LETTERS[next(iter(affirmed))] if len(affirmed) == 1 else None


def _is_article(match: re.Match[str], scope: Scope) -> bool:
    """True of "A polyp is the most likely finding": the words are read by the rule of texts."""
    words = match["words"] or ""
    plain_a = match["letter"] in {"A", "I"} and match[0][:2] in {"A ", "I "}
    return bool(words.strip()) and (plain_a or find_start(words, scope.options) is None)


def is_negated(text: str, start: int) -> bool:
    """True if what comes before in the sentence denies, sets aside or only supposes what is then stated."""
    before = text[max(0, start - 60) : start]
    sentence = re.split(r"[.!?。\n]", text[:start])[-1]
    return bool(_NEGATED_HEAD.search(before) or is_conditional(sentence))


def is_conditional(sentence: str) -> bool:
    """Read "If the angle were blunted, …" says what would be; "if I had to choose" does not."""
    match = re.match(
        r"\W*(?:but |and |or )?(?:if|had|were|suppose|assuming|unless)\b|\W*(?:如果|若|假如)", sentence, re.IGNORECASE
    )
    forced = re.match(r"\W*if (?:i|we|you)(?:'m| am|'d| had| have| must| were| ask| want)", sentence, re.IGNORECASE)
    return bool(match and not forced)


def _join(hits: list[Found], scope: Scope) -> Found | None:
    if not hits:
        return None
    if scope.several and len({hit.letters for hit in hits}) > 1:
        widest = max(hits, key=lambda hit: len(hit.letters))
        if not all(hit.letters <= widest.letters for hit in hits):
            return found({DISAGREES}, hits[0].start, hits[-1].end)
        return widest
    letters = frozenset[str]().union(*(hit.letters for hit in hits))
    first = next(hit for hit in hits if hit.letters)
    return Found(letters, first.start, first.end if len(hits) == 1 else max(hit.end for hit in hits))


def read_after(scope: Scope, *, strong: bool = False) -> Found | None:
    """What a statement's head is followed by: letters, an ordinal, or an option's text.

    Args:
        scope: text after the head.
        strong: a bare capital letter is enough; else it must be closed by punctuation.
    """
    rest = scope.text
    lead = re.match(
        r"(?:both\s+|either\s+|most likely\s+|probably\s+|likely\s+|:\s*|\s*\n\s*|[-–—•]\s+)*", rest, re.IGNORECASE
    )
    skip = lead.end() if lead else 0
    rest = rest[skip:]
    if place := _read_ordinal_after(rest, scope):
        return Found(place.letters, place.start + skip, place.end + skip)
    article = re.match(r"(?:an?|the|that of an?|that of)\s+", rest, re.IGNORECASE)
    offset = article.end() if article else 0
    by_text = find_start(rest[offset:], scope.options)
    match = pattern(_LETTER, scope.count).match(rest)
    if by_text is not None and rest.startswith("A "):  # an article, or the letter and another option's text
        own = LETTERS[by_text[0]]
        return found({DISAGREES if own != "A" else "A"}, skip, skip + offset + by_text[1])
    if scope.several and (run := pattern(r"[(\[\"']*(@{2,})(?![A-Za-z0-9])", scope.count).match(rest)):
        return found(set(run[1]), skip, skip + run.end())
    if not match or not _is_letter(match, rest[match.end() :], scope):
        return _read_texts(rest, offset, by_text, skip, scope)
    letter = match["letter"].upper()
    if by_text is not None and by_text[1] + offset > match.end():
        own = LETTERS[by_text[0]]
        closed = bool(match["close"]) or rest[match.end() : match.end() + 1] in {")", "\n"}
        same = scope.folded[by_text[0]] != letter.lower() and closed
        return found({letter} if same else {own, letter}, skip, skip + match.end())
    if by_text is not None and LETTERS[by_text[0]] != letter and not match["close"]:
        return found({LETTERS[by_text[0]], letter}, skip, skip + match.end())
    return _read_list(match, rest, skip, scope)


def _read_texts(rest: str, offset: int, by_text: tuple[int, int] | None, skip: int, scope: Scope) -> Found | None:
    """An option's text and those joined to it by "or", "and", "/"."""
    if by_text is None:
        return _read_part(rest, offset, skip, scope)
    if is_denied(rest, offset, offset + by_text[1]):
        return None
    letters, end = {LETTERS[by_text[0]]}, offset + by_text[1]
    while joined := re.match(
        r"\s*(?:,\s*(?:and|or)\b|,|/|\bor\b|\band\b|\+|或|和|、)\s*(?:(?:an?|the|possibly|maybe|perhaps|also)\s+)*",
        rest[end:],
    ):
        further = find_start(rest[end + joined.end() :], scope.options)
        if further is None:
            break
        start = end + joined.end()
        if joined[0].strip() == "," and not re.match(
            r"\s*(?:$|[,.;:!。、)\n]|(?:and|or)\b|[和或及])", rest[start + further[1] :]
        ):
            break
        if not is_denied(rest, start, start + further[1]):
            letters.add(LETTERS[further[0]])
        end = start + further[1]
    tail = pattern(r"[\s,]*[(\[](?:option\s+)?(~)[)\]]", scope.count).match(rest, end)
    if tail and {tail[1].upper()} != letters:
        letters = {DISAGREES}
    return found(letters, skip, skip + end)


def _read_part(rest: str, offset: int, skip: int, scope: Scope) -> Found | None:
    """What tells one option from the others, as "upper" of upper, middle and lower lobe; never a letter."""
    for i, part in enumerate(scope.parts):
        if len(part) > 1 or part.isdigit():
            match = re.match(re.escape(part) + r"\s*(?:$|[.,;\n。])", rest[offset:], re.IGNORECASE)
            if match:
                return found({LETTERS[i]}, skip, skip + offset + match.end())
    return None


def _read_ordinal_after(rest: str, scope: Scope) -> Found | None:
    match = re.match(
        rf"(?:the\s+)?(?P<word>{'|'.join(ORDINALS)}|last)\s+(?:one\b|option\b|choice\b|answer\b)"
        r"|(?:option|choice|number|no\.)\s*(?:number\s*|no\.?\s*)?#?\s*(?P<number>\d\b|10\b|[ivx]+\b|"
        r"(?:one|two|three|four|five)\b)"
        r"|#\s*(?P<hash>\d)\b|第(?P<han>[一二三四五六七八九十]|\d)(?:个|项)?(?:选项|答案|项|个)",
        rest,
        re.IGNORECASE,
    )
    if not match:
        return None
    word = next(group for group in match.groups() if group)
    if word.casefold() == "i" and scope.count >= 9:
        return found({DISAGREES}, 0, match.end())
    letter = read_ordinal(word, scope)
    return found({letter}, 0, match.end()) if letter else None


def _read_list(match: re.Match[str], rest: str, skip: int, scope: Scope) -> Found | None:
    """A letter and those that follow it by commas or "and"."""
    first, end = match["letter"].upper(), match.end()
    letters = {agree(first, rest[end:], scope)}
    more = pattern(_MORE, scope.count)
    if thru := pattern(r"\s*(?:through|thru|至|到)\s*[(\[]?(@)(?![A-Za-z])", scope.count).match(rest, end):
        places = LETTERS[LETTERS.index(first) : LETTERS.index(thru[1]) + 1]
        return found(set(places), skip, skip + thru.end())
    refused = False
    while also := more.match(rest, end):
        refused = refused or bool(also["no"])
        loose = also["letter"] in {"A", "I"} and re.match(r"\s+[a-z]", rest[also.end() :])
        if loose and not re.match(r"\s+(?:because|since|as|and|or|but|not)\b", rest[also.end() :]):
            break
        if not refused:
            letters.add(also["letter"])
        elif also["letter"] in letters:
            letters.add(DISAGREES)
        end = also.end()
    if scope.several:
        letters |= _read_lettered(rest[end : end + 400].partition("\n\n")[0], scope)
    return found(letters, skip, skip + end)


def _read_lettered(text: str, scope: Scope) -> set[str]:
    """Further letters that stand before their option's text: ", C. stone and (D) normal mucosa"."""
    hits = pattern(r"(?:,|;|\n|\band\b|&|、|和)\s*[(\[]?(@)[).\]:]?\s+", scope.count).finditer(text)
    named = ((hit, find_start(text[hit.end() :], scope.options)) for hit in hits)
    return {
        hit[1]
        for hit, start in named
        if start and LETTERS[start[0]] == hit[1] and not is_denied(text, hit.end(), hit.end() + start[1])
    }


def agree(letter: str, rest: str, scope: Scope) -> str:
    """The letter, unless what follows it is the text of another option."""
    lead = re.match(r"[\s).:,、，。\]\-–—\"'>]*(?:(?:an?|the)\s+)?", rest, re.IGNORECASE)
    begin = lead.end() if lead else 0
    named = find_start(rest[begin:], scope.options)
    if named is None or LETTERS[named[0]] == letter or is_denied(rest, begin, begin + named[1]):
        return letter
    return DISAGREES


def agree_before(letter: str, text: str, scope: Scope) -> str:
    """The letter in brackets, unless what stands before it is the text of another option."""
    named = find_end(text, scope.options)
    return letter if named is None or LETTERS[named] == letter else DISAGREES


def _is_letter(match: re.Match[str], rest: str, scope: Scope) -> bool:
    """A letter, not an article or the first of a term: bracketed, closed by punctuation, or upper case and no "A"."""
    if re.match(r"\s*\?", rest):
        return False
    if match["close"] or re.match(r"\s*(?:$|[,:;!)\]。、，\n\-–—=/&+]|\.(?!\s+[a-z]))", rest):
        return True
    if re.match(r"\.\s+[a-z]", rest):
        return not is_term(rest, scope)
    if match["letter"].islower():
        return False
    follows = r"\s+(?:because|since|as|and|or|through|but|due|given|for|with|at|,)\b"
    return match["letter"] not in {"A", "I"} or bool(re.match(follows, rest)) or bool(re.match(r"[^\x00-\x7f]", rest))


def is_term(rest: str, scope: Scope) -> bool:
    """An abbreviated genus, as in "E. coli": a lower-case word after the dot that begins no option and no clause."""
    word = rest.lstrip(". ")
    clause = re.match(
        r"(?:because|since|as|due|the|this|it|there|which|is|image|in|no|we|given|that|an?|with|"
        r"but|and|so|all|both)\b",
        word,
    )
    return find_start(word, scope.options) is None and not clause
