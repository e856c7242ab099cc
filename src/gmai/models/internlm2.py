"""InternLM2 weights, published for code of their own, as a Llama that transformers has: a shard at a time."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gmai.base import open_run, output_files, read_json, write_json
from gmai.errors import ModelError
from gmai.models.loaded import find_model_folder, model_key
from gmai.models.pieces import build_backend, read_pieces
from gmai.models.weights import INDEX, Weights
from gmai.types import record

logger = logging.getLogger(__name__)
_LAYER = re.compile(r"model\.layers\.(\d+)\.(.+)\.(weight|bias)")
_TOP = {
    "model.tok_embeddings.weight": "model.embed_tokens.weight",
    "model.norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_INNER = {
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w3": "mlp.up_proj",
    "feed_forward.w2": "mlp.down_proj",
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
_SAME = (
    "hidden_act hidden_size initializer_range intermediate_size max_position_embeddings num_attention_heads "
    "num_hidden_layers num_key_value_heads rms_norm_eps tie_word_embeddings vocab_size bos_token_id eos_token_id "
    "pad_token_id"
).split()


@record
class InternLM2Config:
    """How ``gmai model convert-internlm2`` converts a language model."""

    model: Path
    """Folder of InternLM2 or InternLM2.5 with weights in safetensors."""
    out: Path
    """Run folder to write; the Llama is in ``model``."""
    resume: bool = True
    """Keep a finished conversion; False makes it anew."""


def convert_internlm2(config: InternLM2Config) -> dict[str, Any]:
    """Convert weights, config and tokenizer; nothing of the folder's own code is run.

    Raises:
        ModelError: another model, a weight that has no place or a place that gets no weight.
    """
    place = find_model_folder(config.model)
    inputs = {"model": model_key(config.model)}
    run = open_run(config.out, "model convert-internlm2", config, inputs, resume=config.resume, same={})
    if run.done:
        return run.stats()
    out = run.path / "model"
    out.mkdir(parents=True, exist_ok=True)
    llama = llama_config(read_json(place / "config.json"), str(place))
    tokenizer = convert_tokenizer(place)
    llama.save_pretrained(out)
    tokenizer.save_pretrained(out)
    _write_generation(place, out)
    stats = {**_convert_weights(place, out, llama), "vocabulary": len(tokenizer)}
    run.finish(stats, output_files(run))
    logger.info("model convert-internlm2: %d tensors, %d bytes", stats["tensors"], stats["bytes"])
    return run.stats()


def llama_config(data: dict[str, Any], where: str = "") -> Any:
    """The Llama that computes what InternLM2's config describes.

    Raises:
        ModelError: it describes another model.
    """
    from transformers import LlamaConfig

    if data.get("model_type") != "internlm2":
        what = f"the folder holds a {data.get('model_type')!r}, not an 'internlm2'"
        raise ModelError(what, where=where, reason="model.family")
    scaling = dict(data.get("rope_scaling") or {})
    kind = scaling.pop("type", scaling.pop("rope_type", "default"))
    if kind not in ("default", "linear", "dynamic"):
        raise ModelError(f"unknown scaling of positions {kind!r}", where=where, reason="model.config")
    rope = {"rope_type": kind, "rope_theta": data.get("rope_theta", 10000), **scaling}
    same = {name: data[name] for name in _SAME if name in data}
    config = LlamaConfig(**same, attention_bias=data.get("bias", True), mlp_bias=False, rope_parameters=rope)
    config.architectures = ["LlamaForCausalLM"]
    config.dtype = data.get("torch_dtype", data.get("dtype", "bfloat16"))
    return config


def convert_weight(name: str, weight: Any, config: Any) -> Iterator[tuple[str, Any]]:
    """Yield the Llama's weights that one of InternLM2 becomes; its table of positions becomes none.

    Query, key and value lie in one matrix: for each key head the queries that share it, the key, the value.

    Raises:
        ModelError: a weight of no known name.
    """
    if name in _TOP:
        yield _TOP[name], weight
        return
    found = _LAYER.fullmatch(name)
    if name.endswith("rotary_emb.inv_freq"):
        return
    if not found or found[2] not in {*_INNER, "attention.wqkv"}:
        raise ModelError("a weight that InternLM2 does not have", where=name, reason="model.weight")
    layer, inner, kind = found.groups()
    if inner in _INNER:
        yield f"model.layers.{layer}.{_INNER[inner]}.{kind}", weight
        return
    groups, size = config.num_key_value_heads, config.head_dim
    shared = config.num_attention_heads // groups
    if weight.shape[0] != groups * (shared + 2) * size:
        raise ModelError(f"{tuple(weight.shape)} does not fit the heads", where=name, reason="model.shape")
    parts = weight.reshape(groups, shared + 2, size, *weight.shape[1:])
    for letter, part in (("q", parts[:, :shared]), ("k", parts[:, shared]), ("v", parts[:, shared + 1])):
        yield f"model.layers.{layer}.self_attn.{letter}_proj.{kind}", part.reshape(-1, *weight.shape[1:]).contiguous()


def convert_tokenizer(folder: Path) -> Any:
    """The folder's tokenizer, from ``tokenizer.json`` where there is one, else from the SentencePiece model."""
    from tokenizers import AddedToken, Tokenizer
    from transformers import PreTrainedTokenizerFast

    own = folder / "tokenizer_config.json"
    said = read_json(own) if own.exists() else {}
    backend = (
        Tokenizer.from_file(str(folder / "tokenizer.json"))
        if (folder / "tokenizer.json").exists()
        else build_backend(read_pieces(folder / "tokenizer.model"))
    )
    names = {name: _text(said[name]) for name in ("unk_token", "bos_token", "eos_token", "pad_token") if said.get(name)}
    added = sorted((int(number), entry) for number, entry in said.get("added_tokens_decoder", {}).items())
    _rename(backend, {number: entry["content"] for number, entry in added})
    backend.add_special_tokens([AddedToken(entry["content"], normalized=False, special=True) for _, entry in added])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=_with_start(backend, names.get("bos_token", "<s>"), bool(said.get("add_bos_token", True))),
        model_max_length=said.get("model_max_length", int(1e30)),
        padding_side="left",
        clean_up_tokenization_spaces=False,
        **{"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>", **names},
    )
    tokenizer.chat_template = said.get("chat_template")
    for number, entry in added:
        if tokenizer.convert_tokens_to_ids(entry["content"]) != number:
            what = f"token {entry['content']!r} got another number than {number}"
            raise ModelError(what, where=str(own), reason="model.tokenizer")
    return tokenizer


def _rename(backend: Any, names: dict[int, str]) -> None:
    """Give places that the model keeps free, such as ``[UNUSED_TOKEN_145]``, the texts that are said to stand there."""
    from tokenizers import models

    vocabulary = backend.get_vocab(with_added_tokens=False)
    texts = {number: text for text, number in vocabulary.items()}
    wrong = {number: text for number, text in names.items() if number in texts and texts[number] != text}
    if not wrong:
        return
    state = json.loads(backend.to_str())["model"]
    for number, text in wrong.items():
        del vocabulary[texts[number]]
        vocabulary[text] = number
    merges = [tuple(pair) if isinstance(pair, list) else tuple(pair.split(" ")) for pair in state["merges"]]
    kept = [pair for pair in merges if pair[0] in vocabulary and pair[1] in vocabulary and "".join(pair) in vocabulary]
    backend.model = models.BPE(vocabulary, kept, unk_token=state["unk_token"], fuse_unk=True, byte_fallback=True)


def _with_start(backend: Any, start: str, wanted: bool) -> Any:
    """Let every text begin with the start token, as InternLM2's tokenizer does."""
    from tokenizers import processors

    if wanted:
        pieces = [(start, backend.token_to_id(start))]
        backend.post_processor = processors.TemplateProcessing(f"{start} $A", f"{start} $A $B", pieces)
    return backend


def _text(token: Any) -> str:
    return str(token["content"] if isinstance(token, dict) else token)


def _convert_weights(place: Path, out: Path, config: Any) -> dict[str, int]:
    """Convert file by file, so that never more than one is in memory."""
    from safetensors.torch import save_file

    source = Weights(place)
    where: dict[str, str] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    total = 0
    count = len(source.files)
    for number, file in enumerate(source.files, 1):
        name = "model.safetensors" if count == 1 else f"model-{number:05d}-of-{count:05d}.safetensors"
        made: dict[str, Any] = {}
        for old, weight in source.iter_file(file):
            made.update(convert_weight(old, weight, config))
        save_file(made, out / name, metadata={"format": "pt"})
        where |= dict.fromkeys(made, name)
        shapes |= {key: tuple(weight.shape) for key, weight in made.items()}
        total += sum(weight.nbytes for weight in made.values())
        logger.info("model convert-internlm2: %s", name)
    _check_whole(shapes, config)
    if count > 1:
        index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(where.items()))}
        write_json(out / INDEX, index)
    return {"tensors": len(shapes), "bytes": total}


def _check_whole(shapes: dict[str, tuple[int, ...]], config: Any) -> None:
    import torch
    from transformers import LlamaForCausalLM

    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    expected = {name: tuple(weight.shape) for name, weight in model.named_parameters()}
    if config.tie_word_embeddings:
        shapes = {name: shape for name, shape in shapes.items() if name != "lm_head.weight"}
    for name in sorted(expected.keys() | shapes.keys()):
        if expected.get(name) != shapes.get(name):
            what = f"the Llama has {expected.get(name)} here, the weights {shapes.get(name)}"
            raise ModelError(what, where=name, reason="model.shape")


def _write_generation(place: Path, out: Path) -> None:
    if (place / "generation_config.json").exists():
        write_json(out / "generation_config.json", read_json(place / "generation_config.json"))
