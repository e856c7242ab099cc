"""What every reader tells of an export: counts that must be those of the export, as one line of JSON."""

import json
import re
import sys
from importlib import metadata

CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Told:
    """Counts what a consumer was given."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(("rows", "pictures", "several", "text_only", "turns", "chinese"), 0)

    def add(self, texts: list[str], pictures: int) -> None:
        """One conversation: the texts of its turns, and how many pictures were decoded for it."""
        self.counts["rows"] += 1
        self.counts["pictures"] += pictures
        self.counts["several"] += pictures > 1
        self.counts["text_only"] += pictures == 0
        self.counts["turns"] += len(texts)
        self.counts["chinese"] += any(CHINESE.search(text) for text in texts)

    def tell(self, *packages: str, note: str = "", **more: object) -> None:
        """Print the counts with the versions of the packages that did it."""
        versions = {name: metadata.version(name) for name in packages}
        sys.stdout.write("\n" + json.dumps({**self.counts, **more, "versions": versions, "note": note}) + "\n")


def byte_tokenizer(length: int = 1 << 20, begins: bool = False):
    """A tokenizer of bytes, made on the spot: loaders want one, and no vocabulary has to be fetched.

    ``begins`` puts ``<s>`` before every text, as the tokenizers of Llama do.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={letter: place for place, letter in enumerate(letters)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    if begins:
        made.add_special_tokens(["<s>"])
        made.post_processor = processors.TemplateProcessing(
            single="<s> $A", special_tokens=[("<s>", made.token_to_id("<s>"))]
        )
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=length, **special)


def admit_torchvision():
    """Let torchvision be imported beside a torch for CPUs that its compiled part was not built for.

    Its Python transforms are what loaders use; the names of its compiled operators must merely be known. The library
    returned has to be kept.
    """
    from importlib.util import find_spec
    from pathlib import Path

    import torch

    places = (find_spec("torchvision") or sys.exit("no torchvision")).submodule_search_locations or []
    names = re.findall(r'register_fake\("torchvision::(\w+)"\)', Path(places[0], "_meta_registrations.py").read_text())
    library = torch.library.Library("torchvision", "DEF")
    for name in names:
        library.define(f"{name}(Tensor x) -> Tensor")
    return library


def stand_in(*names: str) -> None:
    """Put empty modules in place of those of GPUs, sound, films and preferences, which pictures do not need."""
    import types
    from importlib.machinery import ModuleSpec

    for name in names:
        module = types.ModuleType(name)
        module.__file__, module.__spec__ = __file__, ModuleSpec(name, None)
        module.__getattr__ = lambda attribute: _Unused
        sys.modules[name] = module


class _Unused:
    def __init__(self, *arguments: object, **named: object) -> None:
        raise RuntimeError("a stand-in was used")
