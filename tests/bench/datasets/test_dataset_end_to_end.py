"""Published benchmarks go through `gmai eval run` by their names, answered and scored, whoever answers."""

import re
from pathlib import Path

import pytest
from published import ALL

from gmai.bench import DatasetConfig, dataset_names, import_dataset, read_keys
from gmai.evaluate import MatrixConfig, find_recipe, read_matrix, run_matrix
from gmai.llm import FakeScript, FakeServer, Rule
from gmai.models import make_tiny, save_model
from tiny_model import SHAPE

NAMES = tuple(sorted(ALL))


@pytest.fixture(scope="module")
def benches(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    for name in NAMES:
        ALL[name](folder / "files" / name)
        import_dataset(DatasetConfig(name=name, root=folder / "files" / name, out=folder / "benches" / name))
    return folder / "benches"


def reply_of(key):
    return f"The answer is ({key.answer}) {key.options['ABCDEF'.index(key.answer)]}." if key.options else key.answer


def test_a_server_that_knows_the_answers_gets_them_all_and_one_that_never_does_gets_none(benches, tmp_path):
    names = tuple(name for name in NAMES if name != "gmai-mmbench")
    keys = {name: [key for file in (benches / name / "key").iterdir() for key in read_keys(file)] for name in names}
    known = {key.question: reply_of(key) for name in names for key in keys[name]}
    right = tuple(Rule(match=re.escape(question), answer=answer) for question, answer in known.items())
    wrong = (Rule(match="", answer="I cannot tell."),)
    for rules, accuracy in ((right, 1.0), (wrong, 0.0)):
        with FakeServer(FakeScript(rules=rules)) as server:
            model = (f"openai:fake@{server.url}",)
            found = run_matrix(MatrixConfig(data=names, model=model, out=tmp_path / str(accuracy), benches=benches))
            sent = [body["messages"][-1]["content"] for body in server.bodies]
        assert [(one.state, one.questions) for one in found] == [("scored", len(keys[name])) for name in names]
        assert [one.accuracy for one in found] == [accuracy] * len(names)
        parts = [content if isinstance(content, list) else [] for content in sent]
        assert {sum(part["type"] == "image_url" for part in each) for each in parts} == {0, 1, 2, 3}


def test_a_model_answers_questions_of_every_form_with_all_their_pictures(benches, tmp_path):
    names = ("ms-cxr-t", "pmc-mi-bench", "vqa-rad")
    texts = [key.question for name in names for key in read_keys(benches / name / "key/TEST.jsonl")]
    save_model(make_tiny(SHAPE, texts), tmp_path / "tiny/model")
    run = {"runner": "generate", "max_new_tokens": 3}
    model = (str(tmp_path / "tiny/model"),)
    found = run_matrix(MatrixConfig(data=names, model=model, out=tmp_path / "out", benches=benches, run=run))
    assert [(one.state, one.questions, one.errors) for one in found] == [("scored", n, 0) for n in (2, 6, 3)]


def test_recipes_name_data_sets_that_can_be_imported():
    for recipe in ("eval-gmai-vl", "eval-m3llm"):
        config = read_matrix(find_recipe(recipe), {"out": Path("out"), "model": ("majority",)}, {})
        assert {name.partition(":")[0] for name in config.data} <= set(dataset_names())
