"""Row indexes: one row per view, lengths without decoding, nothing lost, found again by key."""

from dataclasses import replace

import numpy as np
import pytest
from made_rows import made_index, made_row
from squares import make_sample, make_talks, make_text_sample, talk, write_corpus

from gmai.corpus import open_corpus, write_conversations
from gmai.models import VisualContract, load_model
from gmai.train.columns import spread
from gmai.train.index import RowIndex
from gmai.train.indexing import open_index
from gmai.types import Turn, View


@pytest.fixture(scope="module")
def loaded(model):
    return load_model(model)


def read_index(loaded, folder, home, contract: VisualContract | None = None) -> RowIndex:
    return open_index(open_corpus(folder), "train", loaded.scaffold, contract or loaded.contract, home)


def names(index: RowIndex, row: int) -> list[str]:
    return [index.conversation(segment) for segment in range(*index.part("row_segments", row).indices(1 << 30))]


def make_corpus(folder, samples, talks):
    made = write_corpus(folder, samples)
    (made / "conversations/00000.parquet").unlink()
    write_conversations(made / "conversations/00000.parquet", talks)
    return made


def everyone(folder):
    """Let all subjects be learned from."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / "split/splits.parquet"
    table = pq.read_table(path)
    pq.write_table(table.set_column(2, "split", pa.array(["train"] * len(table))), path)
    return folder


def test_one_row_per_view_with_all_its_conversations(loaded, tmp_path):
    samples = [make_sample(number) for number in range(4)]
    index = read_index(loaded, everyone(write_corpus(tmp_path / "corpus", samples)), tmp_path / "home")
    assert len(index) == 8
    text = index.text(2)
    assert (text.sample, text.view, text.name) == ("squares/1", View(), "squares/1#image")
    assert names(index, 2) == [f"squares/1#{name}" for name in ("caption", "where", "open", "turns")]
    assert index.caption(2, 0) == loaded.scaffold.text(" The cyst is upper-right.")
    assert index.text(3).view == View(granularity="box", regions=(0,)) and names(index, 3) == ["squares/1#box"]
    assert index["row_pool"][2:4].tolist() == [0, 1] and index.sources == ("squares",)
    assert index.layouts(2) == (loaded.contract.layout(32, 32),)
    assert index["row_prefix"][2] == len(loaded.scaffold.prefix([loaded.contract.layout(32, 32).tokens]))
    assert [place.row for place in index.places(2)] == [1]


def test_tokens_are_those_of_the_conversation(loaded, tmp_path):
    index = read_index(loaded, everyone(write_corpus(tmp_path / "corpus", [make_sample(0)])), tmp_path / "home")
    tokens, scored = index.segment(3)
    turns = [{"role": turn.role, "content": turn.text} for turn in make_talks(make_sample(0))[3].turns]
    rendered = loaded.tokenizer.apply_chat_template(turns, tokenize=False)
    assert rendered == "<|im_start|>user\n" + loaded.tokenizer.decode(tokens) + "\n"
    said = [token for token, told in zip(tokens, scored, strict=True) if told]
    scaffold = loaded.scaffold
    assert said == [*scaffold.text("a cyst"), scaffold.end, *scaffold.text("upper-left"), scaffold.end]
    assert index["segment_scored"][3] == len(said)


def test_conversations_that_came_apart_are_one_row(loaded, tmp_path):
    samples = [make_sample(number) for number in range(3)]
    talks = [make_talks(stored) for stored in samples]
    together = make_corpus(tmp_path / "one", samples, [talk for group in talks for talk in group])
    turned = [talk for group in talks for talk in group[:2]] + [talk for group in talks for talk in group[2:]]
    apart = make_corpus(tmp_path / "two", samples, turned)
    one = read_index(loaded, everyone(together), tmp_path / "home")
    two = read_index(loaded, everyone(apart), tmp_path / "home")
    assert len(one) == len(two) == 6
    rows = {two.text(row).name: row for row in range(6)}
    for row in range(6):
        other = rows[one.text(row).name]
        assert names(one, row) == names(two, other)
        for first, second in zip(names_at(one, row), names_at(two, other), strict=True):
            assert one.segment(first) == two.segment(second)
        assert one.layouts(row) == two.layouts(other) and one.places(row) == two.places(other)
        if one.text(row).view == View():
            assert one.caption(row, 0) == two.caption(other, 0)


def names_at(index: RowIndex, row: int) -> range:
    return range(*index.part("row_segments", row).indices(1 << 30))


def test_an_earlier_sample_and_several_pictures_come_before_the_words(loaded, tmp_path):
    first, second = make_sample(0), make_sample(1)
    pair = replace(second, sample=replace(second.sample, images=second.sample.images * 2), pictures=second.pictures * 2)
    compared = talk(pair.sample, "change", ["Any change?", "none"], subset="percept", kind="change")
    talks = [replace(compared, prior="squares/0"), replace(compared, id="squares/1#alone")]
    index = read_index(loaded, everyone(make_corpus(tmp_path / "corpus", [first, pair], talks)), tmp_path / "home")
    assert index["row_shown"].tolist() == [3, 2]
    assert index.text(0).prior == "squares/0" and index.text(0).name == "squares/0+squares/1#image"
    assert [place.row for place in index.places(0)] == [0, 1] and [place.row for place in index.places(1)] == [1]
    assert index["row_prefix"][0] == len(loaded.scaffold.prefix([layout.tokens for layout in index.layouts(0)]))


def test_what_cannot_be_a_row_is_rejected_by_name(loaded, tmp_path):
    stored, text = make_sample(0), make_text_sample(0)
    two = replace(stored, sample=replace(stored.sample, images=stored.sample.images * 2), pictures=stored.pictures * 2)
    good = make_talks(stored)[1]
    talks = [
        good,
        replace(good, id="no answer", turns=(Turn(role="user", text="?"),)),
        replace(good, id="which picture", view=View(granularity="box", regions=(0,))),
        talk(text.sample, "seen", ["What is it?", "a cyst"], subset="percept", kind="finding"),
    ]
    index = read_index(loaded, everyone(make_corpus(tmp_path / "corpus", [two, text], talks)), tmp_path / "home")
    assert len(index) == 1
    assert {reject.id: reject.reason for reject in index.rejects()} == {
        "no answer": "conversation.turns",
        "which picture": "row.view",
        "texts/0#seen": "row.no_picture",
    }


def test_an_index_is_found_again_and_depends_on_the_contract(loaded, corpus, tmp_path):
    index = read_index(loaded, corpus, tmp_path)
    written = (index.folder / "index.json").stat().st_mtime_ns
    assert (read_index(loaded, corpus, tmp_path).folder / "index.json").stat().st_mtime_ns == written
    tiles = VisualContract(kind="tiles", image_px=16, tokens_per_image=4, max_tiles=4, patch_px=4)
    other = read_index(loaded, corpus, tmp_path, tiles)
    assert other.key != index.key and len(list(tmp_path.iterdir())) == 2
    assert set(other["row_tiles"].tolist()) == {0, 5}, "a picture of 32 x 32 is four tiles and a thumbnail"


def test_an_index_that_was_not_finished_is_not_there(loaded, corpus, tmp_path, monkeypatch):
    from gmai.train.indexing import IndexWriter

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(IndexWriter, "_finish", stop)
        with pytest.raises(KeyboardInterrupt):
            read_index(loaded, corpus, tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_index_of_nothing(tmp_path):
    assert len(made_index(tmp_path / "empty", [])) == 0
    assert len(made_index(tmp_path / "one", [made_row("a", [])])) == 1


def test_runs_are_spread_into_positions():
    assert spread(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
    assert spread(np.zeros(0, np.int64), np.zeros(0, np.int64)).tolist() == []
