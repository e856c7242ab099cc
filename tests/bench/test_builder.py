"""What a builder must hold: several right answers, twins, two languages, evenness, labels of other data sets."""

from collections import Counter
from dataclasses import replace

import pytest
from bench_corpus import COLOURS, make_corpus, make_sample, make_samples, mask, picture
from click.testing import CliRunner

from gmai.base import JobConfig, hash_unit
from gmai.bench import BenchConfig, build_bench, open_table, read_keys
from gmai.bench.facets import find_facets
from gmai.bench.held import Held
from gmai.bench.plan import plan_questions
from gmai.cli import main
from gmai.corpus import StoredSample
from gmai.errors import LeakageError
from gmai.lexicon import age_band, may_be_related
from gmai.types import QA, Box, ImageRef, Label, Question, Sample, Step

JOB = JobConfig(workers=0)
NAMES = ("cyst", "kidney stone", "tumor", "scar", "abscess", "polyp", "hernia", "fracture")


def plan(samples: list[Sample], where, split: str = "TEST", **settings) -> list[Question]:
    held = Held()
    for number, sample in enumerate(samples):
        images = tuple(replace(image, asset=f"{number}.{n}") for n, image in enumerate(sample.images))
        mine = replace(sample, subject=str(number), images=images)
        held.samples[split].append(mine)
        held.pools.add(mine)
        held.modalities.add(mine.modality)
    return plan_questions(held, BenchConfig(corpus=where, out=where, **settings))


def sample(number: int, *annotations, source: str = "s", modality: str = "X-ray", names=NAMES, **tasks: str) -> Sample:
    made = make_sample(source, number, modality, annotations, b"").sample
    return replace(made, classes={"finding": names}, tasks={**made.tasks, **tasks})


def labels(*names: str) -> list[Label]:
    return [Label(name=name, record=f"r.{name}") for name in names]


def right(question: Question) -> list[str]:
    return [question.options["ABCDE".index(letter)] for letter in question.answer]


def several(count: int = 240) -> list[Sample]:
    made = []
    for n in range(count):
        size = 2 + n % 3
        found = [NAMES[(n * 5 + step * (1 + n % 2)) % len(NAMES)] for step in range(size)]
        made.append(sample(n, *labels(*dict.fromkeys(found))))
    return made


def test_several_right_options_are_balanced_over_numbers_letters_and_texts(tmp_path):
    questions = plan(several(), tmp_path, kinds=("findings",), multiple=True, per_label=1000)
    truth = {s.id: {item.name for item in s.annotations} for s in several()}
    assert len(questions) > 200
    for q in questions:
        assert q.form == "multiple" and "More than one option may be right" in q.question
        assert set(right(q)) == truth[q.sample] & set(q.options) and 0 < len(q.answer) < len(q.options)
    numbers = Counter(len(q.answer) for q in questions)
    assert max(numbers.values()) - min(numbers.values()) <= 1
    letters = Counter(letter for q in questions for letter in q.answer)
    assert max(letters.values()) - min(letters.values()) <= 1
    shown, hits = Counter(o for q in questions for o in q.options), Counter(o for q in questions for o in right(q))
    assert all(abs(hits[name] / shown[name] - 0.5) < 0.06 for name in NAMES)


def test_pictures_with_gaps_in_their_annotation_are_not_asked_for_all(tmp_path):
    gaps = [sample(n, *labels("cyst", "scar"), presence="none") for n in range(20)]
    assert not plan(gaps, tmp_path, kinds=("findings",), multiple=True)


def test_no_text_is_likelier_to_be_right_for_being_shown(tmp_path):
    asked = [sample(n, *labels(NAMES[min(n % 9, 7)])) for n in range(450)]
    questions = plan(asked, tmp_path, kinds=("finding",), per_label=90)
    shown, hits = Counter(o for q in questions for o in q.options), Counter(o for q in questions for o in right(q))
    assert len(questions) > 300
    assert all(abs(hits[name] / shown[name] - 0.25) < 0.06 for name in NAMES)


def test_yes_is_right_as_often_as_no_for_every_label(tmp_path):
    asked = [sample(n, *labels("cyst" if n % 4 else "scar")) for n in range(1200)]
    questions = plan(asked, tmp_path, kinds=("presence",), per_label=1000)
    named = Counter((next(name for name in NAMES if name in q.question), right(q)[0]) for q in questions)
    assert sum(named.values()) > 100
    assert all(named[name, "yes"] == named[name, "no"] for name in NAMES)


def regions(count: int = 24) -> list[Sample]:
    return [
        sample(n, mask(NAMES[n % 4], 2, 2, f"m{n}"), mask(NAMES[(n + 1) % 4], 18, 14, f"k{n}"), modality="CT")
        for n in range(count)
    ]


def test_twins_are_one_group_with_the_same_options_in_the_same_order(tmp_path):
    one = plan(regions(), tmp_path, kinds=("finding",))
    assert not any(q.twin for q in one)
    groups: dict[str, list[Question]] = {}
    for q in plan(regions(), tmp_path, kinds=("finding",), twins="group"):
        groups.setdefault(q.twin, []).append(q)
    assert "" not in groups and len(groups) == len(one)
    for twins in groups.values():
        assert sorted(q.view.granularity for q in twins) == ["box", "contour", "mask"]
        assert len({(q.options, q.answer, q.view.regions) for q in twins}) == 1


def test_questions_in_two_languages_are_twins_with_names_in_both(tmp_path):
    questions = plan(regions(), tmp_path, kinds=("finding",), languages=("en", "zh"))
    pairs: dict[str, dict[str, Question]] = {}
    for q in questions:
        pairs.setdefault(q.twin, {})[q.language] = q
    assert pairs and all(set(pair) == {"en", "zh"} for pair in pairs.values())
    for pair in pairs.values():
        assert pair["en"].answer == pair["zh"].answer and "CT" in pair["zh"].question
        assert not any(option.isascii() for option in pair["zh"].options)


def test_a_label_without_a_chinese_name_is_counted_and_not_asked(tmp_path):
    names = ("zzgruff", *NAMES)
    asked = [sample(n, *labels(names[n % 9]), names=names) for n in range(90)]
    held = Held()
    for n, one in enumerate(asked):
        held.samples["TEST"].append(replace(one, subject=str(n), images=(replace(one.images[0], asset=str(n)),)))
    config = BenchConfig(corpus=tmp_path, out=tmp_path, kinds=("finding",), languages=("zh",), options=3)
    questions = plan_questions(held, config)
    assert 0 < len(questions) < 90 and held.left_out["no_name_in_zh"] == 90 - len(questions)


def organs(source: str, names: tuple[str, ...], count: int = 12) -> list[Sample]:
    made = []
    for n in range(count):
        box = Box(label=names[n % len(names)], xyxy=(1, 1, 9, 9), record=f"{source}{n}")
        task = "Organ Recognition - Abdomen"
        made.append(sample(n, box, source=source, modality="CT", names=names, finding=task))
    return made


def test_options_of_regions_are_filled_up_from_other_data_sets_that_exclude_the_truth(tmp_path):
    two = organs("a", ("liver", "spleen")) + organs("b", ("pancreas", "stomach", "liver", "renal tumor", "left kidney"))
    questions = [q for q in plan(two, tmp_path, kinds=("finding",), granularities=("box",)) if q.source == "a"]
    assert questions
    for q in questions:
        assert {"liver", "spleen"} <= set(q.options) and len(q.options) == 4
        assert set(q.options) - {"liver", "spleen"} <= {"pancreas", "stomach", "left kidney"}
        assert not any(may_be_related(option, right(q)[0], "CT") for option in q.options if option != right(q)[0])
        assert "abdominal organ" in q.question
    alone = [q for q in plan(two, tmp_path, granularities=("box",), shared=False) if q.source == "a"]
    assert {len(q.options) for q in alone} == {2}


def test_two_names_of_one_thing_never_stand_beside_each_other(tmp_path):
    names = ("lung nodule", "pulmonary nodule", "effusion", "pleural effusion", "cardiomegaly", "pneumothorax")
    asked = [sample(n, *labels(names[n % 6]), names=names) for n in range(120)]
    for q in plan(asked, tmp_path, kinds=("finding",), per_label=100):
        assert len({"lung nodule", "pulmonary nodule"} & set(q.options)) < 2
        assert len({"effusion", "pleural effusion"} & set(q.options)) < 2


def test_one_answer_is_not_asked_for_at_two_levels_of_one_picture(tmp_path):
    asked = [sample(n, *labels(NAMES[n % 6]), mask(NAMES[n % 6], 2, 2, f"m{n}"), modality="CT") for n in range(60)]
    asked = plan(asked, tmp_path, kinds=("finding",))
    assert max(Counter(q.sample for q in asked).values()) == 1
    assert len({q.granularity for q in asked}) > 1


def test_a_sample_of_two_pictures_is_asked_what_people_asked(tmp_path):
    stored = make_samples(16)
    for n in range(24):
        data = (picture(COLOURS["cyst"], 3000 + 2 * n), picture(COLOURS["stone"], 3001 + 2 * n))
        question = QA(question="Are they alike?", answer="yes" if n % 2 else "no", record=f"q{n}")
        made = make_sample("pairs", n, "CT", (question,), data[0]).sample
        other = make_sample("pairs", n, "CT", (), data[1]).sample.images[0]
        stored.append(StoredSample(sample=replace(made, images=(made.images[0], other)), pictures=data))
    build_bench(BenchConfig(corpus=make_corpus(tmp_path / "c", stored), out=tmp_path / "b", job=JOB))
    pairs = {q.index: q for q in read_keys(tmp_path / "b/key/TEST.jsonl") if q.source == "pairs"}
    table = open_table(tmp_path / "b/public/TEST.tsv")
    assert pairs
    for index, key in pairs.items():
        assert len(table.find(index).pictures()) == 2 == len(key.assets)
    assert len({picture for index in pairs for picture in table.find(index).pictures()}) == 2 * len(pairs)


def test_pictures_that_look_like_one_of_training_or_test_are_left_out(tmp_path):
    looks = {"test": 0xF0F0F0F0F0F0F0F0, "train": 0xFF00FF00FF00FF00}
    samples = []
    for n, stored in enumerate(make_samples(40)):
        own = int(hash_unit("look", n) * 2**64)
        if stored.sample.subject == "p0":  # test
            own = looks["train"] ^ 1
        if stored.sample.subject == "p2":  # training
            own = looks["train"]
        if stored.sample.subject == "p4":  # test
            own = looks["test"]
        if stored.sample.subject == "p5":  # val
            own = looks["test"] ^ 3
        image = replace(stored.sample.images[0], phash=f"{own:016x}")
        samples.append(replace(stored, sample=replace(stored.sample, images=(image,))))
    summary = build_bench(BenchConfig(corpus=make_corpus(tmp_path / "c", samples), out=tmp_path / "b", job=JOB))
    assert summary.reasons["bench.looks_like_training"] > 0 and summary.reasons["bench.looks_like_test"] > 0
    asked = {key.subject for split in ("TEST", "VAL") for key in read_keys(tmp_path / f"b/key/{split}.jsonl")}
    assert "p4" in asked and not {"p0", "p5"} & asked


def test_a_question_without_its_cues_stops_the_build(tmp_path, monkeypatch):
    monkeypatch.setattr("gmai.bench.plan.word_question", lambda *_: "What is it?")
    corpus = make_corpus(tmp_path / "c", make_samples())
    with pytest.raises(LeakageError, match="cues modality, task, granularity"):
        build_bench(BenchConfig(corpus=corpus, out=tmp_path / "b", kinds=("finding",), job=JOB))


def test_facets_are_what_the_sample_tells():
    one = sample(0)
    told = replace(one.provenance, steps=(Step(name="read", parameters={"sex": "F", "Age": "063Y", "window": [1, 2]}),))
    assert find_facets(replace(one, provenance=told)) == {"sex": "F", "age": "60-69"}
    assert find_facets(one) == {}
    asked = replace(one, facets={"sex": "M", "site": "north"}, provenance=told)
    assert find_facets(asked) == {"sex": "M", "site": "north", "age": "60-69"}
    assert [age_band(text) for text in ("9", "102Y", "6 weeks", "old")] == ["0-9", "90+", "0-9", ""]
    assert isinstance(one.images[0], ImageRef)


def test_the_command_takes_languages_twins_and_several_answers(tmp_path):
    corpus, out = make_corpus(tmp_path / "c", make_samples(40)), tmp_path / "b"
    flags = ["--languages", "en", "--languages", "zh", "--twins", "group", "--multiple", "--workers", "0", "--quiet"]
    done = CliRunner().invoke(main, ["bench", "build", str(corpus), "-o", str(out), *flags])
    assert done.exit_code == 0, done.output
    keys = [key for split in ("TEST", "VAL") for key in read_keys(out / f"key/{split}.jsonl")]
    assert {key.language for key in keys} == {"en", "zh"} and {key.form for key in keys} == {"choice", "multiple"}
    assert max(Counter(key.twin for key in keys if key.twin).values()) >= 3
    row = open_table(out / "public/TEST.tsv").find(next(key.index for key in keys if key.language == "zh"))
    assert "图像" in row.question and row.extra["language"] == "zh"
