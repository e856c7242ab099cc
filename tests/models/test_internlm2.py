"""InternLM2's published weights become a Llama with equal logits; the reference here follows its description alone."""

import json
import math
import struct

import pytest
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from gmai.errors import ModelError
from gmai.models import AssembleConfig, InternLM2Config, assemble_model, convert_internlm2, load_model
from gmai.models.pieces import build_backend, read_pieces
from model_parts import write_part

HIDDEN, HEADS, GROUPS, LAYERS, INNER, MOST = 32, 4, 2, 2, 48, 16
PIECES = ["<unk>", "<s>", "</s>", "▁", "t", "h", "e", "▁t", "he", "▁the", "a", "▁a", "[UNUSED_TOKEN_1]"]
PIECES += [f"<0x{byte:02X}>" for byte in range(256)]
CONFIG = {
    "model_type": "internlm2",
    "auto_map": {"AutoModel": "modeling_internlm2.InternLM2ForCausalLM"},
    "hidden_size": HIDDEN,
    "num_attention_heads": HEADS,
    "num_key_value_heads": GROUPS,
    "num_hidden_layers": LAYERS,
    "intermediate_size": INNER,
    "hidden_act": "silu",
    "max_position_embeddings": MOST,
    "rms_norm_eps": 1e-5,
    "vocab_size": len(PIECES),
    "tie_word_embeddings": False,
    "rope_theta": 1000000,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 2,
    "torch_dtype": "float32",
}


def field(number: int, data: bytes | int | float) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(data, bytes):
        return varint(number << 3 | 2) + varint(len(data)) + data
    if isinstance(data, float):
        return varint(number << 3 | 5) + struct.pack("<f", data)
    return varint(number << 3) + varint(data)


def varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def sentencepiece(pieces: list[str], *, prefix: bool = False, kind: int = 2) -> bytes:
    """A model file: special pieces first, every later piece with a lower score."""
    kinds = {"<unk>": 2, "<s>": 3, "</s>": 3}
    made = b""
    for number, text in enumerate(pieces):
        inside = (
            field(1, text.encode())
            + field(2, -float(number))
            + field(3, kinds.get(text, 6 if text.startswith("<0x") else 1))
        )
        made += field(1, inside)
    norm = field(1, b"identity") + field(3, int(prefix)) + field(4, 0)
    return made + field(2, field(3, kind)) + field(3, norm)


def make_weights(*, bias: bool) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    size = HIDDEN // HEADS
    shapes = {"model.tok_embeddings.weight": (len(PIECES), HIDDEN), "output.weight": (len(PIECES), HIDDEN)}
    for layer in range(LAYERS):
        below = f"model.layers.{layer}"
        shapes |= {
            f"{below}.attention.wqkv.weight": (GROUPS * (HEADS // GROUPS + 2) * size, HIDDEN),
            f"{below}.attention.wo.weight": (HIDDEN, HIDDEN),
            f"{below}.feed_forward.w1.weight": (INNER, HIDDEN),
            f"{below}.feed_forward.w3.weight": (INNER, HIDDEN),
            f"{below}.feed_forward.w2.weight": (HIDDEN, INNER),
            f"{below}.attention_norm.weight": (HIDDEN,),
            f"{below}.ffn_norm.weight": (HIDDEN,),
        }
        if bias:
            shapes |= {
                f"{below}.attention.wqkv.bias": (GROUPS * (HEADS // GROUPS + 2) * size,),
                f"{below}.attention.wo.bias": (HIDDEN,),
            }
    shapes["model.norm.weight"] = (HIDDEN,)
    return {name: torch.randn(shape, generator=generator) / math.sqrt(shape[-1]) for name, shape in shapes.items()}


def norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + CONFIG["rms_norm_eps"])


def turn(x: torch.Tensor, theta: float, stretch: float) -> torch.Tensor:
    """Rotary positions on (tokens, heads, size)."""
    size = x.shape[-1]
    rates = theta ** -(torch.arange(0, size, 2) / size)
    angles = torch.outer(torch.arange(len(x)) / stretch, rates)[:, None].repeat(1, 1, 2)
    swapped = torch.cat([-x[..., size // 2 :], x[..., : size // 2]], dim=-1)
    return x * angles.cos() + swapped * angles.sin()


def reference(weights: dict[str, torch.Tensor], tokens: torch.Tensor, theta: float, stretch: float) -> torch.Tensor:
    """InternLM2's forward pass from its description: fused queries, keys and values in groups."""
    size, shared = HIDDEN // HEADS, HEADS // GROUPS

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return torch.nn.functional.linear(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"))

    x = weights["model.tok_embeddings.weight"][tokens]
    for layer in range(LAYERS):
        below = f"model.layers.{layer}"
        fused = linear(norm(x, weights[f"{below}.attention_norm.weight"]), f"{below}.attention.wqkv")
        fused = fused.view(len(tokens), GROUPS, shared + 2, size)
        queries = turn(fused[:, :, :shared].reshape(len(tokens), HEADS, size), theta, stretch)
        keys = turn(fused[:, :, shared], theta, stretch).repeat_interleave(shared, dim=1)
        values = fused[:, :, shared + 1].repeat_interleave(shared, dim=1)
        scores = torch.einsum("qhd,khd->hqk", queries, keys) / math.sqrt(size)
        scores = scores.masked_fill(torch.ones(len(tokens), len(tokens)).triu(1).bool(), -torch.inf)
        seen = torch.einsum("hqk,khd->qhd", scores.softmax(-1), values).reshape(len(tokens), HIDDEN)
        x = x + linear(seen, f"{below}.attention.wo")
        inner = norm(x, weights[f"{below}.ffn_norm.weight"])
        gate = torch.nn.functional.silu(linear(inner, f"{below}.feed_forward.w1"))
        x = x + linear(gate * linear(inner, f"{below}.feed_forward.w3"), f"{below}.feed_forward.w2")
    return norm(x, weights["model.norm.weight"]) @ weights["output.weight"].T


def write_folder(folder, weights, *, prefix=False, **changes) -> None:
    """The folder as it is published: two shards, a SentencePiece model, tokens renamed in its config."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG | changes))
    names = sorted(weights)
    for number, part in enumerate((names[::2], names[1::2]), 1):
        save_file({name: weights[name] for name in part}, folder / f"model-{number:05d}-of-00002.safetensors")
    (folder / "tokenizer.model").write_bytes(sentencepiece(PIECES, prefix=prefix))
    named = {"0": "<unk>", "1": "<s>", "2": "</s>", "12": "<|im_end|>"}
    said = {
        "added_tokens_decoder": {number: {"content": text, "special": True} for number, text in named.items()},
        "bos_token": "<s>",
        "eos_token": "</s>",
        "pad_token": "</s>",
        "unk_token": "<unk>",
        "chat_template": "{% for message in messages %}{{ message['content'] }}<|im_end|>{% endfor %}",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(said))


@pytest.mark.parametrize(
    "bias, scaling, beyond, stretch",
    [
        (False, None, 1e6, 1.0),
        (True, {"type": "linear", "factor": 2.0}, 1e6, 2.0),
        (False, {"type": "dynamic", "factor": 2.0}, 1e6 * (2.0 * 24 / MOST - 1.0) ** (8 / 6), 1.0),
    ],
)
def test_the_converted_model_has_equal_logits_below_and_beyond_its_length(tmp_path, bias, scaling, beyond, stretch):
    weights = make_weights(bias=bias)
    write_folder(tmp_path / "published", weights, bias=bias, rope_scaling=scaling)
    stats = convert_internlm2(InternLM2Config(model=tmp_path / "published", out=tmp_path / "llama"))
    assert stats["tensors"] == len(weights) + LAYERS * (4 if bias else 2)
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "llama/model").eval()
    assert type(model).__name__ == "LlamaForCausalLM"
    for length, theta in ((12, 1e6), (24, beyond), (10, 1e6)):
        tokens = torch.randint(0, len(PIECES), (length,), generator=torch.Generator().manual_seed(length))
        with torch.inference_mode():
            found = model(tokens[None]).logits[0]
        assert (found - reference(weights, tokens, theta, stretch)).abs().max() < 1e-5
    shards = sorted(path.name for path in (tmp_path / "llama/model").glob("*.safetensors"))
    assert shards == ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]


def test_the_tokenizer_spells_as_sentencepiece_and_has_its_renamed_tokens(tmp_path):
    write_folder(tmp_path / "published", make_weights(bias=False), bias=False)
    convert_internlm2(InternLM2Config(model=tmp_path / "published", out=tmp_path / "llama"))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "llama/model")
    ids = tokenizer.encode("the a<|im_end|> the")
    assert tokenizer.convert_ids_to_tokens(ids) == ["<s>", "t", "he", "▁a", "<|im_end|>", "▁the"]
    assert ids == [1, 4, 8, 11, 12, 9] and len(tokenizer) == len(PIECES)
    assert tokenizer.decode(ids[1:]) == "the a<|im_end|> the"
    assert tokenizer.apply_chat_template([{"role": "user", "content": "a"}], tokenize=False) == "a<|im_end|>"


def test_what_is_not_internlm2_is_an_error(tmp_path):
    weights = make_weights(bias=False)
    cases = {
        "another": ({"model_type": "llama"}, weights, "not an 'internlm2'"),
        "scaled": ({"rope_scaling": {"type": "yarn"}}, weights, "scaling of positions 'yarn'"),
        "heads": ({"num_key_value_heads": 4}, weights, "does not fit the heads"),
        "missing": ({}, {name: weights[name] for name in weights if name != "output.weight"}, "the weights None"),
        "unknown": ({}, {**weights, "model.layers.0.attention.rope.weight": torch.zeros(1)}, "does not have"),
    }
    for name, (changes, given, message) in cases.items():
        write_folder(tmp_path / name, given, **({"bias": False} | changes))
        with pytest.raises(ModelError, match=message):
            convert_internlm2(InternLM2Config(model=tmp_path / name, out=tmp_path / f"{name}-out"))
    write_folder(tmp_path / "pickled", weights, bias=False)
    for path in (tmp_path / "pickled").glob("*.safetensors"):
        path.unlink()
    with pytest.raises(ModelError, match="safetensors"):
        convert_internlm2(InternLM2Config(model=tmp_path / "pickled", out=tmp_path / "pickled-out"))
    write_folder(tmp_path / "damaged", weights, bias=False)
    (tmp_path / "damaged/model-00002-of-00002.safetensors").write_bytes(b"\xff" * 40)
    with pytest.raises(ModelError, match="no file of weights"):
        convert_internlm2(InternLM2Config(model=tmp_path / "damaged", out=tmp_path / "damaged-out"))


def test_a_damaged_sentencepiece_model_is_an_error_and_asks_for_no_memory(tmp_path):
    whole = sentencepiece(PIECES)
    path = tmp_path / "tokenizer.model"
    for data in (b"", whole[:40], b"\x0a\xff\xff\xff\xff\x0f", b"\xff" * 30, sentencepiece(PIECES, kind=1), b"{}"):
        path.write_bytes(data)
        with pytest.raises(ModelError, match="SentencePiece"):
            read_pieces(path)


def test_a_blank_is_put_before_a_text_where_the_model_says_so(tmp_path):
    path = tmp_path / "tokenizer.model"
    for prefix, expected in ((True, ["▁the"]), (False, ["t", "he"])):
        path.write_bytes(sentencepiece(PIECES, prefix=prefix))
        backend = build_backend(read_pieces(path))
        assert backend.encode("the").tokens == expected
        assert backend.decode(backend.encode("the").ids) == "the"


@pytest.mark.parametrize("prefix", [False, True])
def test_pieces_of_a_conversation_are_spelled_as_the_whole_of_it(tmp_path, prefix):
    """Also where the tokenizer puts a blank before whatever it is given."""
    write_folder(tmp_path / "published", make_weights(bias=False), prefix=prefix, bias=False)
    path = tmp_path / "published/tokenizer_config.json"
    turns = (
        "{{ bos_token }}{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    )
    asked = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"chat_template": turns + asked}))
    convert_internlm2(InternLM2Config(model=tmp_path / "published", out=tmp_path / "llama"))
    vision = write_part("clip", tmp_path / "clip")
    assemble_model(AssembleConfig(vision=vision, language=tmp_path / "llama", out=tmp_path / "out", dtype="float32"))
    loaded = load_model(tmp_path / "out")
    assert loaded.tokenizer.eos_token == "<|im_end|>"
    assert (loaded.tokenizer.tokenize("the") == ["▁the"]) is prefix
    for pictures in (0, 1, 2):
        content = [*[{"type": "image"}] * pictures, {"type": "text", "text": " the a"}]
        turns = [{"role": "user", "content": content}]
        whole = loaded.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        ids = loaded.tokenizer(whole, add_special_tokens=False).input_ids
        assert tuple(ids) == loaded.scaffold.prompt(" the a", [1] * pictures)
