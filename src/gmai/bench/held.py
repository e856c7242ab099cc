"""What is held out: one walk over a split corpus that keeps records only, and finds what training must not share."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappush, heapreplace

from gmai.base import hash_unit
from gmai.bench.alike import find_near
from gmai.bench.answers import QUESTION, STAGE, choose_answers, find_answers
from gmai.bench.candidate import FINDINGS, Candidate
from gmai.bench.config import BenchConfig
from gmai.bench.facets import find_facets
from gmai.bench.multiple import find_several
from gmai.bench.options import LOST_BY_PANDAS, find_true, find_wrong
from gmai.bench.pools import Pools
from gmai.corpus import Corpus, iter_records
from gmai.lexicon import read_lexicon
from gmai.types import Fact, Reject, Sample, View

MOST_TRAINING = 4000
SPLITS = {"test": "TEST", "val": "VAL"}


@dataclass
class Held:
    """The held-out samples of a corpus without their pixels, and what its training part consists of."""

    samples: dict[str, list[Sample]] = field(default_factory=lambda: {split: [] for split in SPLITS.values()})
    train_subjects: set[tuple[str, str]] = field(default_factory=set)
    train_assets: set[str] = field(default_factory=set)
    modalities: set[str] = field(default_factory=set)
    asked_assets: set[str] = field(default_factory=set)
    rejects: list[Reject] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Questions that could have been asked and were not, by reason."""
    pools: Pools = field(default_factory=Pools)
    looks_like: dict[str, str] = field(default_factory=dict)
    """Held-out pictures that look like one of ``training``, and those of VAL that look like one of ``TEST``."""
    training: list[tuple[float, str, Sample]] = field(default_factory=list)
    """Some samples of training, drawn by hash, for the baselines."""
    train_looks: set[int] = field(default_factory=set)


def read_held(corpus: Corpus, limit: int | None = None) -> Held:
    """Walk over the corpus once.

    Args:
        corpus: a split corpus.
        limit: keep only the first held-out samples of each split.

    Raises:
        ConfigError: the corpus is not split.
    """
    held = Held()
    for sample in iter_records(corpus.folder):
        split = corpus.split_of(sample)
        held.pools.add(sample)
        if sample.images:
            held.modalities.add(sample.modality)
        if split == "train":
            held.train_subjects.add((sample.source, sample.subject))
            _keep_some(held.training, sample)
            held.train_assets.update(image.asset for image in sample.images)
            held.train_looks.update(int(image.phash, 16) for image in sample.images if image.phash)
        elif limit is None or len(held.samples[SPLITS[split]]) < limit:
            held.samples[SPLITS[split]].append(sample)
    test, val = _hashes(held.samples["TEST"]), _hashes(held.samples["VAL"])
    for mine, theirs, name in (
        (val, list(test.values()), "TEST"),
        ({**test, **val}, sorted(held.train_looks), "training"),
    ):
        near = find_near(list(mine.values()), theirs)
        held.looks_like |= {asset: name for asset, is_near in zip(mine, near, strict=True) if is_near}
    return held


def _hashes(samples: Sequence[Sample]) -> dict[str, int]:
    """Perceptual hash of each picture that has one."""
    images = (image for sample in samples for image in sample.images)
    return {image.asset: int(image.phash, 16) for image in images if image.phash}


def _keep_some(kept: list[tuple[float, str, Sample]], sample: Sample) -> None:
    """Keep those with the lowest hashes, as a heap with the highest first."""
    rank = -hash_unit("training", sample.id)
    if len(kept) < MOST_TRAINING:
        heappush(kept, (rank, sample.id, sample))
    elif rank > kept[0][0]:
        heapreplace(kept, (rank, sample.id, sample))


def find_candidates(held: Held, split: str, config: BenchConfig) -> Iterator[Candidate]:
    """Yield every question to ask about a split before balancing; whatever is not asked is counted in ``held``.

    A picture that training holds too, or that was asked about as another sample, is not asked about: ask TEST first.
    """
    known = read_lexicon()
    named = {*known.modalities, *known.other_modalities}
    modalities = known.modality_pool([name for name in held.modalities if name in named], config.options)
    for sample in held.samples[split]:
        facts = _find_asked(held, sample, config)
        why = _unfit(held, sample, facts)
        if why:
            held.rejects += [_reject(sample.id, *why, count=len(facts))] if facts else []
            continue
        held.asked_assets.update(image.asset for image in sample.images)
        chosen = choose_answers(sample.id, facts, config.seed, config.granularities)
        held.left_out["another_answer_of_the_sample"] += len(facts) - len(chosen)
        for fact in chosen:
            result = _candidate(held, sample, fact, find_wrong(sample, fact, modalities), split, config)
            if isinstance(result, Reject):
                held.rejects.append(result)
            else:
                yield replace(result, views=_views(fact, facts, config))


def _views(fact: Fact, facts: Sequence[Fact], config: BenchConfig) -> tuple[View, ...]:
    """The drawings of one region, where it is asked about at every level."""
    if config.twins == "one" or not fact.view.regions:
        return (fact.view,)
    same = (fact.kind, fact.about, fact.answer, fact.view.regions)
    return tuple(f.view for f in facts if (f.kind, f.about, f.answer, f.view.regions) == same)


def _find_asked(held: Held, sample: Sample, config: BenchConfig) -> list[Fact]:
    facts: list[Fact] = []
    several = find_several(sample) if config.multiple else None
    for answer in (*find_answers(sample), *([several] if several else [])):
        if isinstance(answer, Reject):
            held.rejects.append(answer)
        elif answer.kind == QUESTION and not config.closed_questions:
            held.rejects.append(_reject(answer.records[0], "closed_question", "closed questions are switched off"))
        elif config.kinds and answer.kind not in config.kinds:
            held.left_out["kind_not_asked"] += 1
        elif answer.view.granularity not in config.granularities:
            held.left_out["granularity_not_asked"] += 1
        else:
            facts.append(answer)
    return facts


def _unfit(held: Held, sample: Sample, facts: list[Fact]) -> tuple[str, str] | None:
    if not sample.images:
        return "no_picture", "there is nothing to look at"
    if len(sample.images) > 1:
        asked = [fact for fact in facts if fact.kind == QUESTION]
        held.left_out["of_several_pictures"] += len(facts) - len(asked)
        facts[:] = asked
    for asset in (image.asset for image in sample.images):
        if asset in held.train_assets:
            return "shared_with_training", f"training holds the same picture {asset[:16]}"
        if asset in held.looks_like:
            name = held.looks_like[asset]
            return f"looks_like_{name.lower()}", f"{name} holds a picture that looks like {asset[:16]}"
        if asset in held.asked_assets:
            return "duplicate_picture", f"another held-out sample has the same picture {asset[:16]}"
    return None


def _candidate(
    held: Held, sample: Sample, fact: Fact, wrong: tuple[str, ...], split: str, config: BenchConfig
) -> Candidate | Reject:
    name = fact.records[0]
    if fact.answer in LOST_BY_PANDAS:
        return _reject(name, "unreadable_answer", f"readers that use pandas lose the option {fact.answer!r}")
    spare: tuple[str, ...] = ()
    if config.shared and fact.view.regions and len(wrong) < config.options - 1:
        spare = held.pools.others(sample, fact, find_true(sample, fact))
    if not wrong and not spare:
        return _reject(
            name, "no_wrong_answer", f"{fact.kind}: nothing of the data set can stand beside {fact.answer!r}"
        )
    return Candidate(
        sample=sample.id,
        source=sample.source,
        subject=sample.subject,
        split=split,
        modality=sample.modality,
        department=sample.department,
        fact=fact,
        wrong=wrong,
        spare=spare,
        right=tuple(fact.values["names"]) if fact.kind == FINDINGS else (),
        assets=tuple(image.asset for image in sample.images),
        facets=find_facets(sample),
    )


def _reject(name: str, reason: str, detail: str, count: int = 1) -> Reject:
    return Reject(id=name, stage=STAGE, reason=f"bench.{reason}", detail=detail, unit="question", count=count)
