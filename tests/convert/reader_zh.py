"""Chinese, for the reader."""

import re

from reader import Words

from gmai.lexicon import find_terms, names_in, read_terms
from gmai.types import LabelName

GRADES = {"absent": "无", "minimal": "极轻度", "mild": "轻度", "moderate": "中度", "severe": "重度"}
QUADRANTS = {
    "左上": "upper left",
    "右上": "upper right",
    "左下": "lower left",
    "右下": "lower right",
    "左前": "left anterior",
    "左后": "left posterior",
    "右前": "right anterior",
    "右后": "right posterior",
    "左上（患者方位）": "left superior",
    "左下（患者方位）": "left inferior",
    "右上（患者方位）": "right superior",
    "右下（患者方位）": "right inferior",
    "前上": "anterior superior",
    "前下": "anterior inferior",
    "后上": "posterior superior",
    "后下": "posterior inferior",
    "上前": "superior anterior",
    "上后": "superior posterior",
    "下前": "inferior anterior",
    "下后": "inferior posterior",
}


def chinese(known: set[str], card: dict[str, LabelName], modality: str) -> Words:
    labels: dict[str, str] = {}
    for label in known:
        term = find_terms(label, modality=modality)
        name = (card[label].zh if label in card else None) or GRADES.get(label)
        name = name or (term.called("zh") if term.term else None)
        if name:
            labels.setdefault(name.lower(), label)
    for term in read_terms().values():
        if term.kind == "finding" and len(term.zh) > 1:
            labels.setdefault(term.zh.lower(), term.name)
    return Words(
        labels=labels,
        modalities={names["zh"].lower(): name for name, names in names_in("modality").items()},
        sides=re.compile("|".join(sorted(QUADRANTS, key=len, reverse=True))),
        quadrants=QUADRANTS,
        left_over=re.compile("[左右]"),
        absent=re.compile("没有|未见|未显示|未发现|不存在|缺如|无|不"),
        yes=re.compile(r"是(?:[，。]|$)"),
        no=re.compile(r"否(?:[，。]|$)"),
        sentence=re.compile(r"(?<=[。？！])"),
        size=re.compile(
            r"小于 ?(?P<under>\d+) ?mm|大于 ?(?P<over>\d+) ?mm"
            r"|(?P<low>\d+)–(?P<high>\d+) ?mm|(?P<exact>\d+(?:\.\d+)?) ?mm"
        ),
        chinese=True,
        bounds=(r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"),
    )
