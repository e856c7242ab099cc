"""A benchmark to hand out: public rows that tell nothing, the key apart, and a commitment that binds the key.

Each question's commitment is ``sha256(tag || salt || index || answer)`` with 256 bits of salt of its own. Salts lie
with the key. One salt for all would not do: whoever learnt it, from a single opened question, could try the few options
of every other one. Publishing the root before anybody is scored binds the key holder; opening a question (its salt and
answer) proves that one answer and tells nothing of the others.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gmai.base import (
    Summary,
    from_dict,
    hash_file,
    input_key,
    iter_jsonl,
    open_run,
    output_files,
    read_json,
    summary_dict,
    to_dict,
    write_json,
    write_jsonl,
)
from gmai.bench.layout import LETTERS
from gmai.bench.padding import Sizes
from gmai.bench.question import PublicQuestion
from gmai.bench.sealing import find_sizes, picture_cell
from gmai.bench.splits import Split, find_splits
from gmai.bench.tsv import write_tsv
from gmai.errors import ConfigError, LeakageError
from gmai.types import Question, record

STAGE = "bench seal"
SCHEME = "gmai-seal-1"
SALT_BYTES = 32
COLUMNS = ("clinical vqa task", "department", "perceptual granularity", "modality", "form", "language")
"""What is shown beside index, picture, question and options."""


@record
class SealConfig:
    """What ``gmai bench seal`` hands out."""

    bench: Path
    """Benchmark folder with its keys."""
    out: Path
    """Run folder to write: ``public`` to hand out, ``key`` to keep."""
    splits: tuple[str, ...] = ("TEST",)
    """Splits to seal."""
    salt_file: Path | None = None
    """File of 32 bytes in hex that all salts come from; without it they come from the system's source of secrets."""
    without: tuple[str, ...] = ()
    """Columns that are not shown either."""
    largest_growth: float = 2.0
    """How many times as large the pictures may become together, padded so that their sizes tell nothing: all to one
    size, or to a few by width and height where one would cost more than this; 1 leaves their sizes as they are."""
    resume: bool = True
    """Reuse a finished run; False starts over, with other salts."""


@record
class Salted:
    """A line of the salts, which lie with the key."""

    index: int
    salt: str
    was: int
    """The question's index in the benchmark that was sealed."""


@record
class Commitment:
    """What is published beside a sealed file: ``commitment.json``."""

    scheme: str
    split: str
    public: str
    """SHA-256 of the public file."""
    questions: int
    root: str
    """Root of the hash tree (RFC 6962) over the leaves."""
    leaves: tuple[str, ...]
    """Commitment of each question, in order of their indices, from 0."""


def seal_bench(config: SealConfig) -> Summary:
    """Write ``public/SPLIT.tsv``, ``public/SPLIT.commitment.json``, ``key/SPLIT.jsonl`` and ``key/SPLIT.salts.jsonl``.

    Raises:
        ConfigError: a split that is not there or has no key, a column that cannot be left out, no salt in the file.
        LeakageError: a column that is shown tells answers, or what was written does not agree with its key.
    """
    unknown = set(config.without) - set(COLUMNS)
    if unknown:
        fix = f"columns: {', '.join(COLUMNS)}"
        raise ConfigError(f"no column {', '.join(sorted(unknown))} to leave out", where="without", fix=fix)
    salt = _read_salt(config.salt_file)
    inputs = {"bench": input_key(config.bench)}
    same = {
        **{"splits": config.splits, "without": config.without, "largest_growth": config.largest_growth},
        "salt": salt and hashlib.sha256(salt).hexdigest(),
    }
    run = open_run(config.out, STAGE, config, inputs, resume=config.resume, same=same)
    if run.done:
        stats = run.stats()
        return from_dict(Summary, {name: stats[name] for name in Summary.__dataclass_fields__})
    found = {split.name: split for split in find_splits(config.bench)}
    counts: dict[str, int] = {}
    left: dict[str, list[str]] = {}
    sizes: dict[str, Sizes] = {}
    for name in config.splits:
        if name not in found or not found[name].keys:
            raise ConfigError(f"no split {name} with its key", where=str(config.bench), fix="see public/ and key/")
        sizes[name] = find_sizes(found[name].table, config.largest_growth)
        counts[name] = _seal_split(found[name], config, salt or secrets.token_bytes(SALT_BYTES), sizes[name])
        verify_key(config.out / "public", config.out / "key", (name,))
        left[name] = _check_columns(config.out, name)
    summary = Summary(
        name=STAGE, items=sum(counts.values()), accepted={"question": sum(counts.values())}, rejected={}, reasons={}
    )
    told = {"splits": counts, "leaks_left": left, "sizes": {name: to_dict(one) for name, one in sizes.items()}}
    run.finish({**summary_dict(summary), **told}, output_files(run))
    return summary


def _check_columns(folder: Path, split: str) -> list[str]:
    """Refuse columns that tell; return what sealing cannot mend, such as options that are right too often."""
    from gmai.bench.leaks import CheckConfig, check_files

    public, key = folder / "public" / f"{split}.tsv", folder / "key" / f"{split}.jsonl"
    leaks = check_files(CheckConfig(files=(public,), key=key, pictures=False)).leaks
    columns = sorted({finding.column for finding in leaks} & set(COLUMNS))
    if columns:
        told = "; ".join(finding.detail for finding in leaks if finding.column in columns)
        fix = "seal again with " + " ".join(f"--without '{column}'" for column in columns) + " --no-resume"
        raise LeakageError(told, where=str(public), fix=fix)
    return [f"{finding.check}: {finding.detail}" for finding in leaks]


def verify_key(public: Path, key: Path, splits: Sequence[str] = ()) -> int:
    """Check that a key is the one that was committed to, and return its number of questions.

    Args:
        public: folder of the sealed files and their commitments.
        key: folder of keys and salts.
        splits: which of them; all that have a commitment.

    Raises:
        ConfigError: nothing to verify.
        LeakageError: the public file, an answer, a salt or the order was changed since.
    """
    names = splits or [path.name.removesuffix(_ENDING) for path in sorted(public.glob(f"*{_ENDING}"))]
    if not names:
        raise ConfigError("no commitment", where=str(public), fix="give the public folder of gmai bench seal")
    return sum(_verify_split(public, key, name) for name in names)


_ENDING = ".commitment.json"


def _verify_split(public: Path, key: Path, name: str) -> int:
    where = str(public / f"{name}{_ENDING}")
    told = from_dict(Commitment, read_json(public / f"{name}{_ENDING}"), where=where)
    if told.scheme != SCHEME or told.root != tree_root(told.leaves) or told.questions != len(told.leaves):
        raise LeakageError("the commitment contradicts itself", where=where)
    if hash_file(public / f"{name}.tsv") != told.public:
        raise LeakageError("the public file is not the one committed to", where=str(public / f"{name}.tsv"))
    keys = list(iter_jsonl(key / f"{name}.jsonl", Question))
    salts = list(iter_jsonl(key / f"{name}.salts.jsonl", Salted))
    indices = list(range(told.questions))
    if [item.index for item in keys] != indices or [item.index for item in salts] != indices:
        raise LeakageError("the key has other questions than were committed to", where=str(key))
    for item, salted, leaf in zip(keys, salts, told.leaves, strict=True):
        if commit(bytes.fromhex(salted.salt), item.index, item.answer) != leaf:
            raise LeakageError("the answer or its salt is not the one committed to", where=f"{key}, index {item.index}")
    return told.questions


def commit(salt: bytes, index: int, answer: str) -> str:
    """The commitment to one answer, as hex."""
    parts = (SCHEME.encode(), salt, str(index).encode(), answer.encode())
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()


def tree_root(leaves: Sequence[str]) -> str:
    """Root of the hash tree over leaves given as hex (RFC 6962: leaves and inner nodes hashed apart)."""
    level = [hashlib.sha256(b"\0" + bytes.fromhex(leaf)).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        paired = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = paired + level[len(paired) * 2 :]
    return level[0].hex()


def _seal_split(split: Split, config: SealConfig, salt: bytes, sizes: Sizes) -> int:
    keys = split.keys or {}
    missing = [index for index in split.table.indices if index not in keys]
    if missing:
        what = f"{len(missing)} questions without a key"
        raise ConfigError(what, where=str(split.key), fix="cut the file to those with one, and seal the cut's bench")
    order = sorted(split.table.indices, key=lambda index: _derive(salt, "order", split.name, index))
    columns = ("index", "image", "question", *_letters(split), *(c for c in COLUMNS if c not in config.without))
    target = config.out / "public" / f"{split.name}.tsv"
    write_tsv(target, _rows(split, order, sizes), columns)
    salts = [
        Salted(index=new, salt=_derive(salt, "salt", split.name, old).hex(), was=old) for new, old in enumerate(order)
    ]
    sealed = [_renumber(keys[old], new) for new, old in enumerate(order)]
    write_jsonl(config.out / "key" / f"{split.name}.jsonl", sealed)
    write_jsonl(config.out / "key" / f"{split.name}.salts.jsonl", salts)
    os.chmod(config.out / "key", 0o700)
    leaves = tuple(commit(bytes.fromhex(s.salt), s.index, q.answer) for s, q in zip(salts, sealed, strict=True))
    told = Commitment(
        scheme=SCHEME,
        split=split.name,
        public=hash_file(target),
        questions=len(leaves),
        root=tree_root(leaves),
        leaves=leaves,
    )
    write_json(config.out / "public" / f"{split.name}{_ENDING}", told)
    return len(leaves)


def _renumber(key: Question, index: int) -> Question:
    return replace(key, index=index)


def _letters(split: Split) -> tuple[str, ...]:
    most = max((len(key.options) for key in (split.keys or {}).values()), default=0)
    return tuple(LETTERS[: max(5, most)])


def _rows(split: Split, order: Sequence[int], sizes: Sizes) -> Iterator[dict[str, Any]]:
    keys = split.keys or {}
    for new, old in enumerate(order):
        question = split.table.find(old)
        yield {"image": picture_cell(question, sizes), **_row(question, keys[old], new)}


def _row(question: PublicQuestion, key: Question, index: int) -> dict[str, Any]:
    """One public row but for its pictures; where the modality is asked for, neither it nor the department is shown."""
    told = key.kind != "modality"
    return {
        "index": index,
        "question": question.question,
        **dict(zip(LETTERS, question.options, strict=False)),
        "clinical vqa task": question.task,
        "department": question.department if told else "",
        "perceptual granularity": question.granularity,
        "modality": question.modality if told else "",
        "form": question.form,
        "language": key.language,
    }


def _derive(salt: bytes, use: str, split: str, index: int) -> bytes:
    """Secret bytes of one use, split and question: from one nobody can tell another."""
    return hmac.new(salt, f"{SCHEME}|{use}|{split}|{index}".encode(), hashlib.sha256).digest()


def _read_salt(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        salt = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        salt = b""
    if len(salt) != SALT_BYTES:
        fix = f"{SALT_BYTES} random bytes in hex, such as of: openssl rand -hex {SALT_BYTES}"
        raise ConfigError("no salt", where=str(path), fix=fix)
    return salt
