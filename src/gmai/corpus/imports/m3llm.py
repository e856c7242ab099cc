"""M3LLM-PMC: lines of image, caption and pairs of question and answer; captions and contexts become annotations."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from gmai.corpus.imports.foreign import Foreign, ForeignRow, ImportConfig, ImportFormat
from gmai.corpus.imports.rows import Turns, data_files, iter_rows, iter_samples, read_row
from gmai.errors import FormatError
from gmai.types import Annotation, Reject, Report

_TEXT_ONLY = "puretext"
_CONTEXTS = ("context", "improved context")


def _read(config: ImportConfig) -> Iterator[Foreign]:
    yield from iter_samples(config.path)
    for path in data_files(config.path):
        no_picture = _TEXT_ONLY in path.stem.lower()
        for where, row in iter_rows(path):
            found = row if isinstance(row, Reject) else read_row(where, row, _turns, lambda row: row.get("image"))
            if isinstance(found, ForeignRow) and isinstance(row, dict) and not found.record:
                subset = "text" if no_picture else "instruct"
                found = replace(
                    found,
                    pictures=() if no_picture else found.pictures,
                    told={"subset": subset, **found.told},
                    annotations=tuple(_annotations(row, where)),
                )
            yield found


def _turns(row: Mapping[str, Any]) -> Turns:
    pairs = row.get("qa_pairs")
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
        raise FormatError("no qa_pairs", reason="import.turns")
    said = []
    for pair in pairs:
        question, answer = pair.get("question"), pair.get("answer")
        if not isinstance(question, str) or not isinstance(answer, str):
            raise FormatError("a pair without question and answer", reason="import.turns")
        options = pair.get("option")
        said += [("user", f"{question}\n{options}" if isinstance(options, str) else question), ("assistant", answer)]
    return tuple(said)


def _annotations(row: Mapping[str, Any], where: str) -> Iterator[Annotation]:
    if row.get("caption"):
        yield Report(text=str(row["caption"]), record=f"{where}#caption", section="caption")
    for number, pair in enumerate(row["qa_pairs"]):
        for key in _CONTEXTS:
            if pair.get(key):
                yield Report(text=str(pair[key]), record=f"{where}#qa_pairs.{number}.{key}", section=key)


FORMAT = ImportFormat(_read)
