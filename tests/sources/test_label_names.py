"""What the lexicon knows for certain is filled into a card's labels, and nothing else."""

import re

import make
from gmai.sources import card_names, read_card

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_names_are_filled_in_where_the_lexicon_is_certain(tmp_path):
    labels = {
        "A": {"name": "red blood cell"},
        "B": {"name": "left lung"},
        "C": {"name": "lung nodule"},
        "D": {"name": "effusion"},
        "E": {"name": "buldging disc"},
        "F": {"name": "metastasis", "zh": "转移", "plural": "mets"},
        "G": {"name": "no tumor"},
    }
    card = read_card(make.write_card(tmp_path / "card.yaml", modality="CT", labels=labels))
    said = {raw: (label.name, label.zh, label.plural) for raw, label in card.labels.items()}
    assert said == {
        "A": ("red blood cell", "红细胞", "red blood cells"),
        "B": ("left lung", "左侧肺", None),
        "C": ("lung nodule", "肺结节", None),
        "D": ("effusion", None, None),
        "E": ("buldging disc", None, None),
        "F": ("metastasis", "转移", "mets"),
        "G": ("no tumor", "无肿瘤", None),
    }


def test_a_short_form_is_filled_in_only_where_the_tree_has_its_term(tmp_path):
    said = {}
    for department in ("Pulmonary Medicine", "Orthopedic Surgery"):
        card = make.write_card(
            tmp_path / "card.yaml", modality="X-ray", department=department, labels={"0": {"name": "effusion"}}
        )
        said[department] = read_card(card).labels["0"].zh
    assert said == {"Pulmonary Medicine": "胸腔积液", "Orthopedic Surgery": None}
    card = make.write_card(tmp_path / "card.yaml", modality="Mammography", labels={"0": {"name": "mass"}})
    assert read_card(card).labels["0"].zh == "乳腺肿块"


def test_every_label_of_the_shipped_cards_has_a_chinese_name():
    bare = [
        f"{name}: {label.name}"
        for name in card_names()
        for label in read_card(name).labels.values()
        if not (label.zh and HAN.search(label.zh))
    ]
    assert bare == [], "give the label a zh in its card, or the name a line in lexicon/terms.tsv"
