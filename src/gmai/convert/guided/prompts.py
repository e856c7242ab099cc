"""Prompts: data in Markdown with a head that names them, and the requests that are put together with them."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml

from gmai.base import from_dict, hash_bytes
from gmai.convert.guided.ground import Ground
from gmai.convert.guided.replies import REPLIES, VerifyReply
from gmai.errors import ConfigError
from gmai.lexicon import LETTERS, Language
from gmai.types import Fact, record

_HEAD = re.compile(r"\A---\n(.*?\n)---\n(.*)\Z", re.DOTALL)
HEADINGS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "facts": "Facts",
        "ask": "Ask for",
        "ways": "One way to ask",
        "options": "Options",
        "view": "Drawn on the image",
        "claims": "Claims",
        "again": "That text cannot be used: {problem}\nWrite all of it again, as JSON of the same shape.",
    },
    "zh": {
        "facts": "事实",
        "ask": "所问事实",
        "ways": "一种问法",
        "options": "选项",
        "view": "图上画有",
        "claims": "陈述",
        "again": "这段文字不能使用：{problem}\n请以相同形状的 JSON 重新完整作答。",
    },
}
"""What stands above the parts of a request, and what a model is told whose text was refused."""
LEVELS: Mapping[Language, Mapping[str, tuple[str, str]]] = {
    "en": {
        "box": ("here it is a box", "boxed region"),
        "mask": ("here it is a shaded mask", "shaded region"),
        "contour": ("here it is a contour", "outlined region"),
    },
    "zh": {
        "box": ("此处为方框", "方框区域"),
        "mask": ("此处为着色掩膜", "着色区域"),
        "contour": ("此处为轮廓线", "勾画区域"),
    },
}
"""How a drawn region is spoken of, by level."""


@record
class PromptHead:
    """What a prompt's file says of itself."""

    name: str
    version: int
    language: Language
    schema: str
    """The record that answers it."""
    facts: tuple[str, ...]
    """Kinds of fact it takes; ``*`` takes all others too."""


@record
class Prompt:
    """One prompt as it was read."""

    head: PromptHead
    body: str
    hash: str
    """SHA-256 of the whole file."""

    @property
    def name(self) -> str:
        """Its name, language and version, such as ``caption.en@1``."""
        return f"{self.head.name}.{self.head.language}@{self.head.version}"

    def takes(self, fact: Fact) -> bool:
        """True if it can do with a fact."""
        return fact.kind in self.head.facts or ("*" in self.head.facts and fact.kind != "qa")

    def step(self) -> dict[str, str]:
        """What a conversation keeps of it."""
        return {"prompt": self.name, "prompt_hash": self.hash}


def check_prompts(folder: Path) -> None:
    """See that a folder has prompts, and no files that would be taken for none.

    Raises:
        ConfigError: it has none, or one of an unknown name.
    """
    known = {f"{name}.{language}.md" for name in (*REPLIES, "verify") for language in ("en", "zh")}
    found = {path.name for path in folder.glob("*.md")}
    if not found or (found - known):
        what = f"no prompt is called {min(found - known)}" if found else "no folder with prompts"
        raise ConfigError(what, where=str(folder), fix=f"a prompt is one of {', '.join(sorted(known))}")


def read_prompt(name: str, language: Language, folder: Path | None = None) -> Prompt:
    """Read a prompt: of a folder if it has one of this name, else the one that ships.

    Raises:
        ConfigError: a file without a head, or whose head is not that of this prompt.
    """
    own = folder / f"{name}.{language}.md" if folder else None
    if own is not None and own.exists():
        return _parse(own.read_text(encoding="utf-8"), name, language, str(own))
    return _shipped(name, language)


@cache
def _shipped(name: str, language: Language) -> Prompt:
    text = (files("gmai.convert") / "prompts" / f"{name}.{language}.md").read_text(encoding="utf-8")
    return _parse(text, name, language, f"{name}.{language}.md")


def _parse(text: str, name: str, language: Language, where: str) -> Prompt:
    found = _HEAD.match(text)
    if found is None:
        fix = "begin it with --- name, version, language, schema, facts ---"
        raise ConfigError("a prompt without a head", where=where, fix=fix)
    try:
        said = yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        raise ConfigError("the head is not valid YAML", where=where, fix=str(error).replace("\n", " ")) from None
    head = from_dict(PromptHead, said, where=where, error=ConfigError)
    if (head.name, head.language) != (name, language):
        what = f"the prompt of {head.name}.{head.language}, in the place of {name}.{language}"
        raise ConfigError(what, where=where, fix="name the file and its head alike")
    answered = next((cls.__name__ for task, cls in REPLIES.items() if task == name), VerifyReply.__name__)
    if head.schema != answered:
        raise ConfigError(f"{name} is answered by {answered}, not {head.schema}", where=where, fix="mend its schema")
    return Prompt(head=head, body=found[2].strip(), hash=hash_bytes(text.encode()))


def system_text(prompt: Prompt, level: str) -> str:
    """The prompt's body, with the words for the level of a drawn region."""
    here, region = LEVELS[prompt.head.language].get(level, ("", ""))
    return prompt.body.replace("{level}", here).replace("{region}", region)


def tell_view(level: str, language: Language) -> str:
    """What is drawn on the picture; empty for a clean one."""
    if level not in LEVELS[language]:
        return ""
    here, region = LEVELS[language][level]
    return f"{HEADINGS[language]['view']}: {here}, {region}"


def list_facts(ground: Ground) -> str:
    """The numbered facts: number, kind, the words that state it, and a sentence that does.

    Raises:
        CardError: ``convert.no_name``: something has no name in the language.
    """
    lines = [f"{HEADINGS[ground.language]['facts']}:"]
    lines += [f"{number} | {_line(fact, ground)}" for number, fact in ground.by_id.items()]
    return "\n".join(lines)


def _line(fact: Fact, ground: Ground) -> str:
    if fact.kind == "qa":
        return " | ".join(("qa", *(" ".join(text.split()) for text in (fact.about, fact.answer))))
    said = ground.tongue.answer(fact, ground.modality) if fact.kind == "presence" else ground.forms(fact)[0]
    about = f"{ground.tongue.label(fact.about, ground.modality)}: " if fact.about else ""
    return f"{ground.tongue.kind(fact.kind)} | {about}{said} | {ground.statement(fact)}"


def list_asked(ground: Ground, asked: Mapping[str, str]) -> str:
    """Which facts are to be asked for, and one way to ask for each."""
    if not asked:
        return ""
    words = HEADINGS[ground.language]
    ways = "\n".join(f"{number} | {question}" for number, question in asked.items())
    return f"{words['ask']}: {', '.join(asked)}\n{words['ways']}:\n{ways}"


def list_options(ground: Ground) -> str:
    """The lettered options."""
    if not ground.ask.options:
        return ""
    lettered = zip(LETTERS, ground.ask.options, strict=False)
    return "\n".join((f"{HEADINGS[ground.language]['options']}:", *(f"{letter}. {text}" for letter, text in lettered)))


def list_claims(claims: Sequence[str], language: Language) -> str:
    """Numbered claims."""
    return "\n".join((f"{HEADINGS[language]['claims']}:", *(f"{n}. {claim}" for n, claim in enumerate(claims, 1))))
