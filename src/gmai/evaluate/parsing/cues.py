"""Words around a mention of an option: what ends a clause, sets a mention aside, denies it or chooses it."""

import re

SENTENCE = re.compile(r"[!?;\n。；！？]|\.(?=\s|$)")
BOUND = re.compile(
    r"[!?;\n。；！？]|\.(?=\s|$)|(?=\b(?:but|however|whereas|nevertheless|nonetheless|yet|instead)\b)|"
    r",(?=\s*(?:so|and (?:so|thus|therefore)|while|although|though)\s)|[,，](?=而|但|所以|因此|故)"
)
IF = re.compile(r"\b(?:if|unless|had there|were there|were it|had it)\b|如果|若", re.IGNORECASE)
FORCED = re.compile(r"\bif (?:i|we|you|forced|pressed)\b|\b(?:(?:had|have) to|can only|can but)\b", re.IGNORECASE)
CONCEDED = re.compile(
    r"^\W*(?:(?:and|but|so)\s+)?(?:while|although|though|even though|even if|whereas|despite|in spite of|unlike|"
    r"if|had|were|unless|suppose|assuming|at first|initially|originally|first)\b[^,]*$"
    r"|^\W*(?:when|in|for|with)\s+(?:[\w'-]+\s+){0,2}[\W]*$"
    r"|^\W*(?:虽然|尽管|如果|若)",
    re.IGNORECASE,
)
SUPPOSED = re.compile(
    r"\b(?:(?<!i )(?<!we )(?<!answer )would|could|might|may|can|cannot|can't|if|whether|unless|tempting|possib\w+|"
    r"plausible|initial(?:ly)?|at first|first (?:impression|guess|thought|answer|choice|pick|idea|instinct)|used to|"
    r"(?:(?<!most )(?<!more )(?:usually|typical(?:ly)?|commonly|often))|"
    r"generally|normally|alternative\w*|distractor|differential|mimic\w*|(?<!what you'd )(?<!what we )"
    r"(?<!what one would )(?<!what you would )expect\w*|asked|question|family|mother|father|history|screening|"
    r"previous\w*|versus|vs|compar\w+|between|neither|nor|some|others|textbooks?|people|students?|colleagues?|"
    r"nobody|no one|exclud\w+|rul(?:e|es|ed|ing) out|eliminat\w+|dismiss\w*|reject\w*|discard\w*|drop|skip|"
    r"avoid\w*|consider|start with|better (?:seen|shown|visible|assessed))\b|\bsays?\W*[\"']$|"
    r"可能|(?<!综上)(?<!综上,)考虑(?!为|是)|既往|如果|若|排除",
    re.IGNORECASE,
)
EXCEPT = re.compile(r"\b(?:any|every|all)\w*(?:\s+of\s+\w+)?\s+(?:but|except)(?:\s+for)?\s+(?:the\s+)?$", re.IGNORECASE)
NOT = re.compile(
    r"\b(?:not|no|never|without|nothing|neither|nor|\w+n't|dont|doesnt|least|wrong|incorrect|less|leave out|"
    r"(?:absent|missing)(?!\s+\w+\s+\w)|unlikely|rarer|doubt|(?:take|took|taking) back|retract|withdraw)\b|"
    r"不|未|无|非",
    re.IGNORECASE,
)
NO_DENIAL = re.compile(
    r"\bnot only\b|\bno (?:doubt|question)\b|\bwithout (?:a )?doubt\b|\bnothing but\b", re.IGNORECASE
)
NEXT_DENIED = re.compile(
    r",?\s*(?:and |but )?(?:(?:it's |it is )?not|rather than|no|instead of|over|unlike)\s*(?:the\s|an?\s)?$",
    re.IGNORECASE,
)
CHOSEN = re.compile(
    r"\b(?:so|therefore|thus|hence|leav(?:es?|ing)|left with|remain(?:s|ing)|must be|has to be|diagnos[ie]s|answer|"
    r"most likely|likeliest|best|correct|right|final(?:ly)?|conclud\w+|mak(?:es?|ing)|go(?:ing)? with|choos\w+|pick|"
    r"select|settle\w*|in favou?r of|favou?r\w*|towards|speaks? for|argues? for|fits?|match(?:es)?|i'd say|i say|"
    r"i would say|needs?|requires?|should|treat(?! \w+ as)\w*|means?|points? to|"
    r"due to|caused by|called for|indicat\w+|confirm\w*|definitely|clearly|obviously|certainly|in fact|actually|"
    r"first line|preferred|of choice|this is|these are|it's|it is|that is|in other words|what you'd expect|"
    r"chang\w+ (?:it |my answer )?to|switch\w* to|only(?=\s+(?:an?\s|the\s)?$))\b|"
    r"\bi(?:'d|'ll| would| will)\s+(?:now |first |then )?$|[=→:]\s*(?:an?\s+|the\s+)?$|[=→]|"
    r"所以|因此|故|应",
    re.IGNORECASE,
)
CHOSEN_AFTER = re.compile(
    r"\b(?:(?:right|correct|best|better|likeliest|likely|preferred|indicated|needed|required|appropriate|warranted|"
    r"confirmed|diagnostic|first line|remains|left|fits?|match(?:es)?|explains?|works|wins|edges it|stands|it (?:is|"
    r"must be|"
    r"has to be)|"
    r"applies|apply|enough|sufficient|suffices|i (?:think|guess|believe|suppose|would say)|imo|for sure|present|"
    r"characteristic|typical|classic(?:al)?|"
    r"(?:is|are|was|were) what(?! (?:\w+ )?\w+ "
    r"(?:takes|took|has|had|gets|got|uses|used|was|already)\b)|is it$|is the one|first|(?:should|must|has to|have to|"
    r"needs to) be (?:given|offered|"
    r"started|used|"
    r"performed|done|chosen|"
    r"preferred|placed|added|stopped)|is (?:recommended|advised|given)(?= (?:here|now|first|in this|for this)))\b|"
    r"(?:the|my|our)\s+(?:\w+\s+){0,2}(?:answer|choice|option|diagnosis|pick|one|cause|explanation)\b)"
    r"|正确|最|正しい",
    re.IGNORECASE,
)
COPULA = re.compile(r"\b(?:is|are|was|be|it's|its)\s+(?:an?\s+|the\s+)?$", re.IGNORECASE)
LEADS = re.compile(r"(?!A:)\W*[A-Ja-j]\s*(?:[.,):\]\n]|[-–—]\s|$)")
ASIDE_AFTER = re.compile(
    r"^[\s,)–—-]*(?:(?:is|are|was|were|can be|seems?|looks?)\s+)?(?:\w+ly\s+)?(?:also\s+|less\s+|only\s+|too\s+)?"
    r"(?:tempting|possible|plausible|wrong|incorrect|out\b|excluded|eliminated|considered|rejected|attractive|"
    r"unlikely|less|rare|a\s+(?:distractor|common|possib)|would(?!\s+be\s+(?:the\s+|my\s+|an?\s+)?(?:best|first|most|"
    r"right|correct|\w+ of choice|answer|next|appropriate|preferred|ideal|one)\b)|could|might|may|can\b|usually|"
    r"typically|often|"
    r"commonly|generally|should\s+(?:be\s+)?(?:not|exclu|avoid)|lacks?\b|does\s*n|do\s*n|never|no\b(?=\W*$)|not\b)",
    re.IGNORECASE,
)
VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|does|do|did|will|would|can|could|may|might|must|should|i|we|you|he|"
    r"she|"
    r"they|it|who|that|which|when|if|for|to|by|than|from|include\w*|patients?|history|measure\w*|order\w*)\b|"
    r"\b\w+(?:[^s]s|ed)\s+(?:the|an?|by|no|on)\b",
    re.IGNORECASE,
)
TAIL = re.compile(
    r"(?:\s+(?!(?:or|and|than|before|vs|versus|nor|but|with|without|in|on|of|at)\b)\w+){0,2}[\s)]*(?:$|[,;:.(]|"
    r"\b(?:with|without|in|on|of|at|due|as|after|following|\w+ing)\b)",
    re.IGNORECASE,
)
ADVERBS = re.compile(
    r"\W*(?:(?:but|rather|so|then|thus|therefore|hence|now|ok|okay|yes|well|definitely|finally|just|"
    r"(?:after|on|upon)\s+(?:\w+\s+){1,4}|in the end|of (?:the|these|those) \w+),?\W*)*",
    re.IGNORECASE,
)
SAME = re.compile(r"\W*(?:likewise|as well|too|also|similarly|either)\b")
REASON = re.compile(r"[,;:(–—]|\b(?:because|since|as|given|due|although|while|when|with|without|if|provided|by)\b")
CONTRAST = re.compile(
    r"^\W*(?:(?:in|by) contrast|conversely|on the other hand|unlike|compared|whereas|for comparison)\b", re.IGNORECASE
)
OUT = re.compile(r"\b(?:exclud\w+|rul\w+ out|eliminat\w+|drop|avoid|dismiss|reject|discard)\b", re.IGNORECASE)
ENDS = re.compile(r"[\s.,)]*(?:and|or|&)?\s*")
REPLIED = re.compile(
    r"[\s)]*[?？]\W*(?:(?P<yes>yes|yep|exactly|correct|indeed|是|对)|(?P<no>no|nope|not|never|否|不))\b", re.I
)
REASON = re.compile(r"[,;:(–—]|\b(?:because|since|as|given|due|although|while|when|with|without|if|provided|by)\b")
CONTRAST = re.compile(
    r"^\W*(?:(?:in|by) contrast|conversely|on the other hand|unlike|compared|whereas|for comparison)\b", re.IGNORECASE
)
PREFERRED = re.compile(
    r"(?<!not )(?<!n't )(?<!never )(?<!hardly )(?<!rarely )\b(?:means?|meant|indicates?|favou?rs?|supports?|suggests?|"
    r"points? to|speaks? for|argues? for|makes? it|gives?|leaves?|needs?|requires?|in favou?r of|so|therefore|"
    r"hence|thus)\s+(?:option\s+)?$",
    re.IGNORECASE,
)
OVER = re.compile(r"\s*,?\s*(?:and |but )?(?:not|rather than|over|instead of)\s+(?:option\s+)?\0", re.IGNORECASE)
"""What chooses a letter, and what sets the next one behind it: whatever is absent, it "means B, not C"."""
UNSAID = re.compile(
    r"\b(?:not|never|nothing|would|could|might|may|can|cannot|can't|who|none|neither|to)\s+(?:\w+ly\s+)?$|\b(?:whether|"
    r"some|others|people|students?|colleagues?|textbooks?|nobody|no one|no (?:reason|way|doubt)|doubt|wrong(?:ly)?|"
    r"would|could|might|tempting|at first|initially|usually|typically|often|normally)\b",
    re.IGNORECASE,
)
"""What keeps a sentence from saying anything of its own."""
ARE_OUT = re.compile(
    r"\s*(?:are|is|can be|have been|were)\s+(?:all\s+)?(?:wrong|incorrect|excluded|ruled|eliminated|out)\b"
)
LISTED = re.compile(r"[\s)]*(?:$|[,.;:!)\n]|and\b|or\b|are\b|[&/+\0])")
MINE = re.compile(r"\b(?:i|we|i'd|i'll|i'm|we'd|my|let's)\b", re.IGNORECASE)
INVERTED = re.compile(r"^\W*(?:so\s+)?(?:is|are|must|could|would|does|can|might)\s+(?:(?:it|this|that)\s+(?:be\s+)?)?$")
WITH = re.compile(
    r"\s*,?\s*(?:\band\b|\bto\b|\bor\b|\bthen\b|\bas well as\b|\bfollowed by\b|&|/|\+|>|和|或|、|及|与|,)+\s*"
    r"(?:then\s+)?(?:an?\s+|the\s+|options?\s+)*"
)
REJECTED = re.compile(
    r"^[^\n]*\b(?:not|others?|wrong|incorrect|exclu\w+|ruled out|rejected|eliminated|unlikely|less likely|against)\b"
    r"[^\n]*[:?]\W*\n(?P<items>(?:\s*(?:[-–—•*+]|\(?\d{1,2}[.)]|[(\[]?[A-Ja-j][).:\]])[^\n]*(?:\n|$))+)",
    re.MULTILINE | re.IGNORECASE,
)
"""A list under a line that says why not."""
