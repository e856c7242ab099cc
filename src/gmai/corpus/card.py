"""The card of a corpus, README.md as Hugging Face reads it, in English and Chinese, and its Croissant metadata."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from gmai.base import write_json, write_text
from gmai.corpus.croissant import croissant
from gmai.corpus.survey import Survey, survey_corpus

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGER = ((10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"))
CONFIGS: tuple[dict[str, Any], ...] = (
    {"config_name": "conversations", "data_files": "conversations/*.parquet", "default": True},
    {"config_name": "samples", "data_files": "samples/*.parquet"},
)
"""What ``datasets.load_dataset`` finds in a corpus folder."""
_WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "title": "Medical image-text corpus",
        "intro": "{conversations} conversations about {samples} samples with {images} pictures, from {sources} "
        "sources. Made by gmai {version}; the way back of every row is in its column `record`.",
        "load": 'Open it with `datasets`: `load_dataset(FOLDER, "conversations")` and `load_dataset(FOLDER, '
        '"samples")`; `sample` of a conversation is `id` of a sample.',
        "size": "What is inside",
        "licences": "Licences",
        "terms": "Each source keeps its own licence. Not for commercial use: {closed}. Pictures not to be passed on: "
        "{restricted}.",
        "columns": ("source", "samples", "conversations", "licence"),
        "axes": {
            **{"subset": "Subsets", "task": "Clinical tasks", "modality": "Modalities"},
            **{"department": "Departments", "language": "Languages"},
        },
        "count": "conversations",
        "citations": "Citations",
        "limits": "Limits",
        "limit": "No medical device: for research on models and data. Statements are no better than the annotations of "
        "the sources.",
        "none": "none",
        "list": ", ",
    },
    "zh": {
        "title": "医学图文语料库",
        "intro": "共 {conversations} 段对话，涉及 {samples} 个样本、{images} 张图片，来自 {sources} 个"
        "数据来源。由 gmai {version} 生成；每一行的来龙去脉见 `record` 列。",
        "load": '用 `datasets` 打开：`load_dataset(FOLDER, "conversations")` 与 `load_dataset(FOLDER, "samples")`；'
        "对话的 `sample` 即样本的 `id`。",
        "size": "内容",
        "licences": "许可",
        "terms": "各来源保留各自的许可。不得用于商业用途：{closed}。图片不得再分发：{restricted}。",
        "columns": ("来源", "样本", "对话", "许可"),
        "axes": {
            **{"subset": "子集", "task": "临床任务", "modality": "模态"},
            **{"department": "科室", "language": "语言"},
        },
        "count": "对话",
        "citations": "引用",
        "limits": "局限",
        "limit": "并非医疗器械，仅供模型与数据研究。陈述的可靠性不会高于来源的标注。",
        "none": "无",
        "list": "、",
    },
}


def write_description(folder: Path, configs: Iterable[Mapping[str, Any]] = CONFIGS) -> list[Path]:
    """Write README.md, README.zh.md and croissant.json of a corpus whose other files are there; returns their paths."""
    survey = survey_corpus(folder)
    write_text(folder / "README.md", card_text(survey, "en", configs))
    write_text(folder / "README.zh.md", card_text(survey, "zh", configs))
    write_json(folder / "croissant.json", croissant(survey))
    return [folder / name for name in ("README.md", "README.zh.md", "croissant.json")]


def card_text(survey: Survey, language: str, configs: Iterable[Mapping[str, Any]] = CONFIGS) -> str:
    """The card in one language: a head in YAML, then counts, licences and citations."""
    from gmai import __version__

    words = _WORDS[language]
    head = yaml.safe_dump(_head(survey, configs), sort_keys=False, allow_unicode=True, width=120)
    numbers = {
        **{"conversations": survey.conversations, "samples": survey.samples, "images": survey.images},
        **{"sources": len(survey.sources), "version": __version__},
    }
    closed, restricted = (words["list"].join(sorted(names)) for names in (survey.not_commercial, survey.restricted))
    terms = words["terms"].format(closed=closed or words["none"], restricted=restricted or words["none"])
    parts = [
        f"---\n{head}---\n\n# {words['title']}",
        words["intro"].format(**numbers),
        words["load"],
        f"## {words['size']}",
        *(_axis_table(survey.axes[axis], title, words["count"]) for axis, title in words["axes"].items()),
        f"## {words['licences']}",
        terms,
        _table(words["columns"], _source_rows(survey)),
        f"## {words['citations']}",
        _citations(survey) or words["none"],
        f"## {words['limits']}",
        words["limit"],
    ]
    return "\n\n".join(parts) + "\n"


def _head(survey: Survey, configs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    licences = sorted(survey.licences)
    names = [_hub_licence(name) for name in licences]
    head: dict[str, Any] = {"pretty_name": "Medical image-text corpus"}
    if len(set(names)) == 1 and names[0] != "other":
        head["license"] = names[0]
    else:
        head |= {"license": "other", "license_name": "several-see-below"}
    categories = ["image-text-to-text", "visual-question-answering"] if survey.images else ["question-answering"]
    known = sorted(name for name in survey.axes["language"] if re.fullmatch("[a-z]{2,3}", name))
    return {
        **head,
        "licences_inside": {name: survey.licences[name] for name in licences},
        "task_categories": categories,
        "language": known,
        "tags": ["medical"],
        "size_categories": [_size(survey.conversations)],
        "configs": [dict(config) for config in configs],
    }


def _hub_licence(name: str) -> str:
    """The name Hugging Face has for an SPDX identifier, ``other`` where it has none."""
    lower = name.lower()
    if re.fullmatch(r"cc-by(-nc)?(-sa|-nd)?-\d\.\d|cc0-1\.0|mit|apache-2\.0|bsd-[23]-clause", lower):
        return lower
    return {"gpl-2.0-only": "gpl-2.0", "gpl-3.0-only": "gpl-3.0", "unlicense": "unlicense"}.get(lower, "other")


def _size(count: int) -> str:
    return next((name for bound, name in (*_SIZES, *_LARGER) if count < bound), "100M<n<1B")


def _source_rows(survey: Survey) -> Iterable[tuple[str, str, str, str]]:
    for source in sorted(survey.sources):
        licences = survey.sources[source]
        yield source, str(licences.total()), str(survey.talks[source]), ", ".join(sorted(licences))


def _axis_table(counts: Counter[str], title: str, count: str) -> str:
    rows = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return _table((title, count), ((name or "–", str(number)) for name, number in rows))


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(columns)
    cells = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(_cell(text) for text in row)} |" for row in cells)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _citations(survey: Survey) -> str:
    lines = []
    for source in sorted(survey.sources):
        card = survey.cards.get(source, {})
        told = [str(card[key]).strip() for key in ("title", "citation", "home") if card.get(key)]
        if told:
            lines.append(f"- **{source}**: {' · '.join(told)}")
    return "\n".join(lines)
