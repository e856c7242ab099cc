"""BERTScore of open answers (arXiv 1904.09675): how near their tokens are in a language model's eyes.

Every token of one text is held against the nearest of the other by the cosine of their embeddings in context; the mean
over the reply's tokens is precision, over the right text's recall. As in the authors' program, marks such as [CLS] may
be nearest but are not counted themselves. No weights by rarity, no rescaling. Nothing is fetched.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gmai.base import digest, hash_file
from gmai.errors import ConfigError, MissingExtra
from gmai.evaluate.grading import Graded, answers_of
from gmai.evaluate.scorers import Found, Scorer, mean

VERSION = "1"
_LENGTH = 512
_NOTE = "of the best right text; no rarity weights, no rescaling"
Triple = tuple[float, float, float]
"""Precision, recall, F1."""


def open_bertscore(folder: Path, layer: int | None = None) -> Scorer:
    """A scorer by the model in a folder.

    Args:
        folder: an encoder and its tokenizer as ``transformers`` saves them.
        layer: whose output is compared, 0 for the embeddings before the first; by default the last.

    Raises:
        MissingExtra: torch or transformers is not installed.
        ConfigError: no model there that can be used, or no such layer.
    """
    if not (folder / "config.json").is_file():
        raise ConfigError("no model of BERTScore", where=str(folder), fix="give a folder that has a config.json")
    try:
        import torch
        import transformers
    except ModuleNotFoundError as error:
        raise MissingExtra(f"BERTScore needs {error.name}", fix="pip install 'gmai[train]'") from None
    model, tokenizer = _load(folder)
    layers = int(model.config.num_hidden_layers)
    chosen = layers if layer is None else layer
    if not 0 <= chosen <= layers:
        raise ConfigError(f"no layer {layer}", where=str(folder), fix=f"a number from 0 to {layers}")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    key = digest({path.relative_to(folder).as_posix(): hash_file(path) for path in files})
    told = f"{VERSION} model {key} layer {chosen} transformers {transformers.__version__} torch {torch.__version__}"
    compare = _comparer(model, tokenizer, chosen)

    def measure(answers: Sequence[Graded]) -> Iterator[Found]:
        best = [max((compare(a.said or "", text) for text in answers_of(a.question)), key=_f1) for a in answers]
        for place, name in enumerate(("precision", "recall", "f1")):
            yield mean(f"bertscore.{name}", answers, [min(1.0, max(0.0, one[place])) for one in best], _NOTE)

    return Scorer(version=told, fits=_fits, measure=measure)


def _fits(answer: Graded) -> bool:
    return answer.question.form == "open"


def _f1(found: Triple) -> float:
    return found[2]


def _load(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModel, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model, told = AutoModel.from_pretrained(folder, local_files_only=True, output_loading_info=True)
    except (OSError, ValueError) as error:
        raise ConfigError(f"the model of BERTScore cannot be read: {error}", where=str(folder)) from None
    missing = sorted(name for name in told["missing_keys"] if "pooler" not in name)
    if missing or model.config.is_encoder_decoder:
        what = f"weights are missing, such as {missing[0]}" if missing else "BERTScore needs an encoder alone"
        raise ConfigError(what, where=str(folder), fix="give an encoder such as BERT, whole")
    return model.float().eval(), tokenizer


def _comparer(model: Any, tokenizer: Any, layer: int) -> Callable[[str, str], Triple]:
    """Compares two texts, each pair once; each text is read by itself, so that no other changes its embeddings."""
    import torch

    length = min(tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", _LENGTH), _LENGTH)
    marks = torch.tensor(sorted(set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}), dtype=torch.long)

    @cache
    def embed(text: str) -> tuple[Any, Any]:
        numbers = tokenizer(text.strip(), truncation=True, max_length=length, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            states = model(input_ids=numbers, output_hidden_states=True).hidden_states[layer][0]
        return torch.nn.functional.normalize(states, dim=-1), ~torch.isin(numbers[0], marks)

    @cache
    def compare(said: str, truth: str) -> Triple:
        (ours, counted), (theirs, wanted) = embed(said), embed(truth)
        if not counted.any() or not wanted.any():
            return 0.0, 0.0, 0.0
        near = ours @ theirs.T
        precision = float(near.max(1).values[counted].mean())
        recall = float(near.max(0).values[wanted].mean())
        whole = precision + recall
        return precision, recall, 2 * precision * recall / whole if whole > 0 else 0.0

    return compare
