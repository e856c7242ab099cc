"""BERTScore, by a tiny random encoder made on the spot."""

import sys

import numpy as np
import pytest
from answered import ask, reply

from gmai.base import from_dict, read_json, write_jsonl
from gmai.errors import ConfigError, MissingExtra
from gmai.evaluate import ScoreConfig, grade, score
from gmai.evaluate.scorers.bert import open_bertscore
from gmai.types import Measure

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the a of lung liver left right mass nodule kidney cyst small with ##s ,".split()


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    out = tmp_path_factory.mktemp("bertscore") / "encoder"
    BertTokenizer(vocab={word: n for n, word in enumerate(WORDS)}).save_pretrained(out)
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **shape)).save_pretrained(out)
    return out


def measured(scorer, said, *truths):
    key = ask(0, form="open", options=(), answer=truths[0], answers=truths)
    (answer,) = grade([reply(0, said)], [key])
    return [found.value for found in scorer.measure([answer])]


def by_hand(folder, layer, said, truth):
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    with torch.no_grad():
        a, b = (
            model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states[layer][0].numpy()
            for text in (said, truth)
        )
    near = np.array([[x @ y / np.linalg.norm(x) / np.linalg.norm(y) for y in b] for x in a])
    precision, recall = near.max(1)[1:-1].mean(), near.max(0)[1:-1].mean()
    return [precision, recall, 2 * precision * recall / (precision + recall)]


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_numbers_are_those_of_the_definition(encoder, layer):
    texts = "small mass of the left lung", "nodules, right lung"
    found = measured(open_bertscore(encoder, layer), *texts)
    assert found == pytest.approx(by_hand(encoder, layer, *texts), abs=1e-5)
    assert found[0] != pytest.approx(found[1], abs=1e-3)


def test_the_same_text_is_one_nothing_is_none_and_the_best_right_text_counts(encoder):
    scorer = open_bertscore(encoder)
    assert measured(scorer, "cyst of the kidney", "cyst of the kidney") == pytest.approx([1, 1, 1], abs=1e-5)
    assert measured(scorer, "", "cyst") == [0, 0, 0]
    assert measured(scorer, "liver mass", "cyst", "liver mass") == pytest.approx([1, 1, 1], abs=1e-5)
    assert measured(scorer, "lung " * 500, "lung")[2] > 0  # longer than the model reads


def test_it_is_measured_only_if_asked_for_and_its_model_is_part_of_the_identity(encoder, tmp_path):
    keys = [ask(n, form="open", options=(), answer="cyst", subject=f"p{n // 2}") for n in range(8)]
    write_jsonl(tmp_path / "key.jsonl", keys)
    write_jsonl(tmp_path / "m/predictions.jsonl", [reply(n, "cyst" if n < 4 else "liver mass") for n in range(8)])
    known = {"predictions": tmp_path / "m/predictions.jsonl", "key": tmp_path / "key.jsonl"}
    assert "bertscore" not in score(ScoreConfig(**known, out=tmp_path / "plain")).versions
    settings = {**known, "out": tmp_path / "s", "bertscore_model": encoder}
    told = score(ScoreConfig(**settings)).versions["bertscore"]
    assert "layer 2" in told and "transformers" in told
    measures = from_dict(tuple[Measure, ...], read_json(tmp_path / "s/measures.json"))
    whole = {one.metric: one for one in measures if one.axis == "overall"}
    for name in ("precision", "recall", "f1"):
        one = whole[f"bertscore.{name}"]
        assert (one.n, one.clusters) == (8, 4) and one.low < one.value < one.high
    with pytest.raises(ConfigError, match="another run"):
        score(ScoreConfig(**settings, bertscore_layer=1))


def test_what_cannot_be_used_is_told(encoder, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="no model of BERTScore"):
        open_bertscore(tmp_path)
    with pytest.raises(ConfigError, match="no layer 3"):
        open_bertscore(encoder, 3)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtra, match="BERTScore needs transformers") as told:
        open_bertscore(encoder)
    assert "gmai[train]" in told.value.fix
