"""InternVL's own dataset class on the export, in a checkout of its repository: FOLDER CHECKOUT."""

import json
import os
import sys
from pathlib import Path

from told import Told, admit_torchvision, byte_tokenizer, stand_in

FOLDER, CHECKOUT = (Path(argument).resolve() for argument in sys.argv[1:3])
sys.path = [str(CHECKOUT / "internvl_chat"), *sys.path[1:]]  # this file is called internvl too
KEPT = admit_torchvision()
from transformers import Trainer  # noqa: E402, F401  it looks for what is stood in for, and must find none

stand_in("decord", "deepspeed", "flash_attn", "flash_attn.bert_padding", "flash_attn.flash_attn_interface")


def main() -> None:
    """Read the export as `internvl_chat_finetune.py --meta_path` does up to the collator."""
    from internvl.train.constants import (
        BOX_END_TOKEN,
        BOX_START_TOKEN,
        IMG_CONTEXT_TOKEN,
        IMG_END_TOKEN,
        IMG_START_TOKEN,
        REF_END_TOKEN,
        REF_START_TOKEN,
    )
    from internvl.train.internvl_chat_finetune import LazySupervisedDataset

    tokenizer = byte_tokenizer(1 << 14)
    marks = [IMG_START_TOKEN, IMG_END_TOKEN, IMG_CONTEXT_TOKEN, BOX_START_TOKEN, BOX_END_TOKEN, REF_START_TOKEN]
    tokenizer.add_tokens([*marks, REF_END_TOKEN, "<|im_start|>", "<|im_end|>"], special_tokens=True)
    os.chdir(FOLDER)
    meta = json.loads(Path("meta.json").read_text())["gmai"]
    rows = LazySupervisedDataset(
        *("internvl2_5", meta, tokenizer, None, "gmai"),
        **{"num_image_token": 4, "image_size": 56, "is_train": meta["data_augment"], "dynamic_image_size": True},
        **{"use_thumbnail": True, "max_dynamic_patch": meta["max_dynamic_patch"], "repeat_time": meta["repeat_time"]},
        group_by_length=True,
    )
    first, end = tokenizer.convert_tokens_to_ids([IMG_START_TOKEN, "<|im_start|>"])
    told = Told()
    for place in range(len(rows)):
        read = rows.multi_modal_multi_image_get_item  # __getitem__ would put another row in place of a bad one
        item = json.loads(rows.raw_data[place])
        if not item.get("image"):
            read = rows.pure_text_get_item
        elif isinstance(item["image"], str):
            read = rows.multi_modal_get_item
        made = read(item)
        assert made["pixel_values"].ndim == 4 and bool((made["labels"] >= 0).any())
        pictures = int((made["input_ids"] == first).sum())
        turns = int((made["input_ids"] == end).sum()) - 1  # one is the system's
        told.add(
            [
                tokenizer.decode(made["input_ids"], skip_special_tokens=True).partition("\nuser\n")[2],
                *[""] * (turns - 1),
            ],
            pictures,
        )
    assert len(rows) == meta["length"]
    commit = (CHECKOUT / ".git").exists() and os.popen(f"git -C {CHECKOUT} rev-parse --short HEAD").read().strip()
    told.tell("transformers", "torch", note=f"InternVL {commit}")


if __name__ == "__main__":
    main()
