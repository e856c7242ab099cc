"""The feed: packs as planned, the same for any number of workers, from any step; what cannot be read is named."""

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from fatal_reader import Fatal
from squares import draw, make_sample, make_text_sample, talk, write_corpus

from gmai.corpus import open_corpus, write_conversations
from gmai.errors import RejectLimit
from gmai.models import VisualContract, load_model
from gmai.train import BatchConfig, FeedConfig, PictureConfig, RowConfig, SetConfig, train
from gmai.train.indexing import open_index
from gmai.train.lesson import show
from gmai.train.loop import Pupil
from gmai.train.material import gather
from gmai.train.pack import Pack, StepBatch
from gmai.train.parallel import World
from gmai.train.workers import PictureReader, Wanted, shift
from gmai.types import View

ONE = World()
ALL = RowConfig(questions=None, chances={}, weights={})
BUDGET = BatchConfig(tokens=300, tiles=6, packs=2)


@pytest.fixture(scope="module")
def loaded(model):
    return load_model(model)


@pytest.fixture
def material(recipe, loaded, tmp_path):
    """Gather a run's material with one index for all of a test's runs."""

    def make(stage: str = "projector", **settings):
        given = {"rows": ALL, "batch": BUDGET, "steps": None, "epochs": 1.0}
        return gather(replace(recipe(stage), **{**given, **settings}), loaded, tmp_path / "index", ONE)

    return make


def said(pack: Pack) -> list:
    """Everything of a pack, to be compared."""
    blocks = [[(b.tokens, b.weights, b.parent, b.gap, b.pictures) for b in row] for row in pack.rows]
    pictures = [picture.tobytes() for picture in pack.fitted]
    return [pack.number, blocks, pack.samples, pictures, pack.tones, pack.weight, pack.counts, pack.work, pack.tiles]


def told(batches: list[StepBatch]) -> list:
    return [(batch.step, [said(pack) for pack in batch.packs], batch.rejects) for batch in batches]


def test_packs_are_as_planned(material, loaded):
    made = material()
    plan = made.plan
    samples = []
    for batch in made.batches(0, 1, 0):
        for pack in batch.packs:
            entries = plan.packs(batch.step)[pack.number]
            assert pack.work.tokens == plan.tokens[entries].sum() == loaded.pack(pack.rows).num_tokens <= 300
            assert pack.tiles == plan.tiles[entries].sum() == sum(len(picture) for picture in pack.fitted) <= 6
            assert pack.work.labels == plan.labels[entries].sum()
            assert pack.weight == sum(weight for row in pack.rows for block in row for weight in block.weights)
            assert pack.counts["tokens.read"] == pack.work.tokens
            samples += pack.samples
    assert len(samples) == made.plan.epoch_rows and made.plan.epochs == 1.0
    assert len(set(samples)) > 15


@pytest.mark.parametrize("stage", ["projector", "text", pytest.param("vision", marks=pytest.mark.slow)])
def test_the_number_of_workers_changes_no_byte(material, stage):
    settings = {"epochs": 1.5, "batch": BUDGET if stage == "projector" else BatchConfig(rows=5)}
    runs = []
    for workers in (0, 2):
        made = material(stage, feed=FeedConfig(workers=workers), **settings)
        runs.append(told(list(made.batches(0, 1, 0))))
    assert runs[0] == runs[1] and len(runs[0]) > 3


@pytest.mark.parametrize("workers", [0, 1])
def test_copies_of_samples_change_no_byte(material, workers):
    settings = {"pictures": PictureConfig(cache_mb=0)}
    plain = told(list(material(**settings).batches(0, 1, 0)))
    made = material(feed=FeedConfig(workers=workers, copies=True), **settings)
    assert told(list(made.batches(0, 1, 0))) == plain


def test_copies_that_are_cut_short_are_rejects(material, tmp_path):
    material(feed=FeedConfig(copies=True))
    (data,) = (tmp_path / "index").rglob("samples.bin")
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    made = material(feed=FeedConfig(copies=True), pictures=PictureConfig(cache_mb=0))
    rejects = [reject for batch in made.batches(0, 1, 0) for reject in batch.rejects]
    assert {reject.reason for reject in rejects} == {"store.sample"} and "cut short" in rejects[0].detail


def test_any_step_begins_as_if_nothing_had_stopped(material):
    made = material(epochs=2.0)
    whole = told(list(made.batches(0, 1, 0)))
    for start in (1, made.steps // 2, made.steps - 1, made.steps):
        assert told(list(made.batches(0, 1, start))) == whole[start:]


@pytest.mark.parametrize("batch", [BUDGET, BatchConfig(rows=5), BatchConfig(rows=5, packs=3)])
def test_processes_together_have_the_same_rows(material, batch):
    made = material(batch=batch)
    alone = list(made.batches(0, 1, 0))
    for ranks in (2, 3):
        parts = [list(made.batches(rank, ranks, 0)) for rank in range(ranks)]
        for step, batches in enumerate(zip(*parts, strict=True)):
            assert len({len(batch.packs) for batch in batches}) == 1
            rows = sorted(row_bytes(pack) for batch in batches for pack in batch.packs)
            assert sum(rows, []) and sorted(sum(rows, [])) == sorted(sum(map(row_bytes, alone[step].packs), []))
            assert sum(p.weight for b in batches for p in b.packs) == sum(p.weight for p in alone[step].packs)


def row_bytes(pack: Pack) -> list[str]:
    """Rows of a pack with their pictures."""
    pictures = iter(zip(pack.fitted, pack.tones, strict=True))
    shown = [[next(pictures) for block in row for _ in block.pictures] for row in pack.rows]
    pairs = zip(pack.samples, pack.rows, shown, strict=True)
    return [repr((s, row, [(f.tobytes(), tone) for f, tone in own])) for s, row, own in pairs]


def test_the_same_row_is_varied_otherwise_at_its_next_turn(material):
    made = material(epochs=2.0, batch=BatchConfig(rows=100))
    seen: dict[str, set] = {}
    for batch in made.batches(0, 1, 0):
        for pack in batch.packs:
            for row in row_bytes(pack):
                seen.setdefault(row[:40], set()).add(row)
    assert any(len(versions) > 1 for versions in seen.values())
    still = PictureConfig(gain=0.0, level=0.0, shift_px=0)
    made = material(batch=BatchConfig(rows=100), pictures=still)
    packs = [pack for batch in made.batches(0, 1, 0) for pack in batch.packs]
    assert not any(pack.tones for pack in packs)
    assert all(np.array_equal(picture, same) for picture, same in pictures_beside_originals(packs))


def pictures_beside_originals(packs):
    for pack in packs:
        seen = [sample for sample, row in zip(pack.samples, pack.rows, strict=True) if row[0].pictures]
        boxed = [len(row) == 2 for row in pack.rows if row[0].pictures]
        for picture, sample, box in zip(pack.fitted, seen, boxed, strict=True):
            if not box:
                data = make_sample(int(sample.split("/")[1])).pictures[0]
                yield picture[0], cv2.imdecode(np.frombuffer(data, np.uint8), 1)[..., ::-1]


def test_an_earlier_samples_pictures_come_first_and_clean(recipe, loaded, tmp_path):
    first, second = make_sample(0), make_sample(1)
    boxed = View(granularity="box", regions=(0,))
    change = talk(second.sample, "change", ["Any change?", "none"], subset="percept", kind="change", view=boxed)
    folder = write_corpus(tmp_path / "pairs", [first, second])
    (folder / "conversations/00000.parquet").unlink()
    write_conversations(folder / "conversations/00000.parquet", [replace(change, prior="squares/0")])
    still = PictureConfig(gain=0.0, level=0.0, shift_px=0)
    split = open_corpus(folder).split_of_id("squares/1")
    config = replace(recipe("projector", steps=1), corpus=folder, split=split, pictures=still)
    (batch,) = gather(config, loaded, tmp_path / "index", ONE).batches(0, 1, 0)
    before, after = (cv2.imdecode(np.frombuffer(draw(number), np.uint8), 1)[..., ::-1] for number in (0, 1))
    fitted = batch.packs[0].fitted
    assert len(fitted) == 8, "four times the same row of two pictures"
    assert np.array_equal(fitted[0][0], before)
    assert np.array_equal(fitted[1][0][:, :15], after[:, :15]), "outside the box"
    assert not np.array_equal(fitted[1][0], after), "the box is drawn on its own picture"
    (row, *_) = batch.packs[0].rows
    assert len(row[0].pictures) == 2 and loaded.pack(batch.packs[0].rows).num_tokens == batch.packs[0].work.tokens


def test_moved_pictures_show_the_same(loaded):
    picture = np.zeros((1, 32, 32, 3), np.uint8)
    picture[0, 10:14, 20:24] = 255
    moved = shift(picture, (2, -1))
    rows, columns = np.nonzero(moved[0, :, :, 0])
    assert (rows.min(), columns.min(), len(rows)) == (12, 19, 16)
    pack = Pack(number=0, fitted=[picture], tones=[(1.2, 0.1)])
    plain = show(loaded.contract, replace(pack, tones=[]), "cpu")["pixel_values"]
    assert np.allclose(show(loaded.contract, pack, "cpu")["pixel_values"], plain * 1.2 + 0.1)


def broken_corpus(folder: Path) -> Path:
    samples = [make_sample(number) for number in range(12)]
    samples[3] = replace(samples[3], pictures=(samples[3].pictures[0][:60],))
    wrong = samples[5].sample
    samples[5] = replace(samples[5], sample=replace(wrong, images=(replace(wrong.images[0], width=64),)))
    return write_corpus(folder, samples)


@pytest.mark.parametrize("workers", [0, 1])
def test_what_cannot_be_read_is_left_out_and_named(material, tmp_path, workers):
    made = material(corpus=broken_corpus(tmp_path / "broken"), feed=FeedConfig(workers=workers))
    batches = list(made.batches(0, 1, 0))
    rejects = [reject for batch in batches for reject in batch.rejects]
    lost = {reject.id for reject in rejects}
    assert {"squares/3#image", "squares/3#box0"} <= lost and not lost - {"squares/3#image", "squares/3#box0"}
    assert {reject.reason for reject in rejects} == {"image.broken"}
    samples = [sample for batch in batches for pack in batch.packs for sample in pack.samples]
    assert "squares/3" not in samples and len(samples) == made.plan.epoch_rows - len(rejects)


def test_a_picture_that_is_cut_otherwise_than_its_record_says_is_left_out(loaded, tmp_path):
    corpus = open_corpus(broken_corpus(tmp_path / "broken"))
    tiles = VisualContract(kind="tiles", image_px=16, tokens_per_image=4, max_tiles=4, patch_px=4)
    index = open_index(corpus, corpus.split_of_id("squares/5"), loaded.scaffold, tiles, tmp_path / "index")
    row = next(row for row in range(len(index)) if index.text(row).name == "squares/5#image")
    (result,) = PictureReader((corpus,), (index,), tiles, 0)([Wanted(0, row, ((0, 0),))], lambda position: None)
    assert (result.id, result.reason) == ("squares/5#image", "image.size") and "32 x 32" in result.detail


def test_a_row_that_ends_its_process_is_left_out_and_named(material, monkeypatch):
    from gmai.train import feed

    monkeypatch.setattr(feed, "PictureReader", Fatal)
    made = material(feed=FeedConfig(workers=1))
    batches = list(made.batches(0, 1, 0))
    rejects = [reject for batch in batches for reject in batch.rejects]
    assert [(reject.id, reject.reason) for reject in rejects] == [("squares/2#image", "image.fatal")]
    assert sum(len(pack.samples) for batch in batches for pack in batch.packs) == made.plan.epoch_rows - 1


def test_a_data_file_that_goes_while_training_is_said(recipe, corpus, tmp_path, monkeypatch):
    folder = tmp_path / "corpus"
    shutil.copytree(corpus, folder)
    step = Pupil.step

    def losing(self, number, *rest):
        if number == 2:
            for path in (folder / "samples").iterdir():
                path.unlink()
        return step(self, number, *rest)

    monkeypatch.setattr(Pupil, "step", losing)
    monkeypatch.setattr("gmai.corpus.corpus._GROUPS_KEPT", 0)
    config = replace(recipe("projector", steps=20), corpus=folder, pictures=PictureConfig(cache_mb=0), max_rejects=3)
    with pytest.raises(RejectLimit, match="more than the 3 allowed.*cannot be read as Parquet"):
        train(config)
    lines = (config.out / "log.jsonl").read_bytes().splitlines()
    assert len(lines) >= 2, "what was learned before is told"


@pytest.mark.slow
def test_workers_change_nothing_of_what_is_learned(recipe):
    alone = recipe("projector", "alone")
    helped = recipe("projector", "helped", feed=FeedConfig(workers=2, copies=True))
    train(alone)
    train(helped)
    name = "model/model.safetensors"
    assert (alone.out / name).read_bytes() == (helped.out / name).read_bytes()


def test_sets_have_their_ratios_and_their_names(recipe, corpus, tmp_path):
    texts = write_corpus(tmp_path / "texts", [make_text_sample(number) for number in range(10)])
    data = (
        SetConfig(name="pictures", corpus=corpus, ratio=0.5, subsets=("percept",), category="seen"),
        SetConfig(name="words", corpus=texts, ratio=2.0),
    )
    settings = {"steps": None, "epochs": 3.0, "batch": BUDGET, "rows": ALL}
    config = replace(recipe("projector", **settings), corpus=None, data=data)
    stats = train(config)
    learned = stats["learned"]
    for one in stats["mixture"]:
        assert learned["sets"][one["name"]] == one["rows"]
        assert one["passes"] == pytest.approx(one["ratio"], abs=0.51 / one["available"])
    assert set(learned["rows"]) == {"squares", "texts"}
    assert all(name.startswith(("percept", "text")) for name in learned["conversations"])
    assert [one["category"] for one in stats["mixture"]] == ["seen", ""]
