"""Vision-language models: the tiny one made on the spot, the visual contract, masks, likelihoods, generation, folders.

The door is light: torch and transformers are loaded when a name that needs them is used.
"""

from typing import TYPE_CHECKING

from gmai.base.door import lazy_door

if TYPE_CHECKING:
    from gmai.models.adapters import Adapter, merge_adapter, read_adapter
    from gmai.models.answering import Answered, Chat, Prompt, TokenChance, Wish, answer_prompts, prompt_chat, spell_chat
    from gmai.models.assemble import AssembleConfig, assemble_model
    from gmai.models.attention import PATHS, find_kernel, paths_attention, use_paths
    from gmai.models.chat import Scaffold
    from gmai.models.contract import VisualContract, read_contract, write_contract
    from gmai.models.cost import Costs, Work, count_pairs, peak_tflops, read_costs
    from gmai.models.export import ExportConfig, export_model, vllm_command
    from gmai.models.families import FAMILIES, family_of, find_family
    from gmai.models.families.family import Family, Features, Part
    from gmai.models.fitting import Fitted
    from gmai.models.forward import Precision, autocast, hidden_states, picture_features, token_losses
    from gmai.models.generation import generate
    from gmai.models.info import ModelInfo, describe_model
    from gmai.models.internlm2 import InternLM2Config, convert_internlm2
    from gmai.models.layouts import PictureLayout
    from gmai.models.loaded import (
        LoadedModel,
        faster_attention,
        find_contract,
        find_model_folder,
        load_model,
        model_key,
        save_model,
        write_processors,
    )
    from gmai.models.masks import tree_mask
    from gmai.models.outline import read_outline
    from gmai.models.packed import PackedBatch, Paths, pack_rows
    from gmai.models.parts import PARTS, count_parameters, iter_weights, part_of
    from gmai.models.scoring import Normalise, OptionItem, pick_option, score_letters, score_options
    from gmai.models.talking import Talk
    from gmai.models.threads import use_threads
    from gmai.models.tiny import TinyConfig, TinyShape, build_tiny, make_tiny
    from gmai.models.tree import Block, TreeBatch, lay_out

__all__ = [
    "Adapter",
    "Answered",
    "AssembleConfig",
    "Block",
    "Chat",
    "Costs",
    "ExportConfig",
    "FAMILIES",
    "Family",
    "Features",
    "Fitted",
    "InternLM2Config",
    "LoadedModel",
    "ModelInfo",
    "Normalise",
    "OptionItem",
    "PARTS",
    "PATHS",
    "PackedBatch",
    "Part",
    "Paths",
    "PictureLayout",
    "Precision",
    "Prompt",
    "Scaffold",
    "Talk",
    "TinyConfig",
    "TinyShape",
    "TokenChance",
    "TreeBatch",
    "VisualContract",
    "Wish",
    "Work",
    "answer_prompts",
    "assemble_model",
    "autocast",
    "build_tiny",
    "convert_internlm2",
    "count_pairs",
    "count_parameters",
    "describe_model",
    "export_model",
    "family_of",
    "faster_attention",
    "find_contract",
    "find_family",
    "find_kernel",
    "find_model_folder",
    "generate",
    "hidden_states",
    "iter_weights",
    "lay_out",
    "load_model",
    "make_tiny",
    "merge_adapter",
    "model_key",
    "pack_rows",
    "part_of",
    "paths_attention",
    "peak_tflops",
    "pick_option",
    "picture_features",
    "prompt_chat",
    "read_adapter",
    "read_contract",
    "read_costs",
    "read_outline",
    "save_model",
    "score_letters",
    "score_options",
    "spell_chat",
    "token_losses",
    "tree_mask",
    "use_paths",
    "use_threads",
    "vllm_command",
    "write_contract",
    "write_processors",
]

_FILES = {
    "adapters": ["Adapter", "merge_adapter", "read_adapter"],
    "answering": ["Answered", "Chat", "Prompt", "TokenChance", "Wish", "answer_prompts", "prompt_chat", "spell_chat"],
    "assemble": ["AssembleConfig", "assemble_model"],
    "attention": ["PATHS", "find_kernel", "paths_attention", "use_paths"],
    "chat": ["Scaffold"],
    "contract": ["VisualContract", "read_contract", "write_contract"],
    "cost": ["Costs", "Work", "count_pairs", "peak_tflops", "read_costs"],
    "export": ["ExportConfig", "export_model", "vllm_command"],
    "families": ["FAMILIES", "family_of", "find_family"],
    "families.family": ["Family", "Features", "Part"],
    "fitting": ["Fitted"],
    "forward": ["Precision", "autocast", "hidden_states", "picture_features", "token_losses"],
    "generation": ["generate"],
    "info": ["ModelInfo", "describe_model"],
    "internlm2": ["InternLM2Config", "convert_internlm2"],
    "layouts": ["PictureLayout"],
    "loaded": [
        "LoadedModel",
        "faster_attention",
        "find_contract",
        "find_model_folder",
        "load_model",
        "model_key",
        "save_model",
        "write_processors",
    ],
    "masks": ["tree_mask"],
    "outline": ["read_outline"],
    "packed": ["PackedBatch", "Paths", "pack_rows"],
    "parts": ["PARTS", "count_parameters", "iter_weights", "part_of"],
    "scoring": ["Normalise", "OptionItem", "pick_option", "score_letters", "score_options"],
    "talking": ["Talk"],
    "threads": ["use_threads"],
    "tiny": ["TinyConfig", "TinyShape", "build_tiny", "make_tiny"],
    "tree": ["Block", "TreeBatch", "lay_out"],
}
__getattr__ = lazy_door(__name__, {name: file for file, names in _FILES.items() for name in names})
