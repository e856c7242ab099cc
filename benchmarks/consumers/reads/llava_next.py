"""LLaVA-NeXT's own dataset class on the export, in a checkout of its repository: FOLDER CHECKOUT."""

import os
import sys
from pathlib import Path

from told import Told, admit_torchvision, byte_tokenizer, stand_in

FOLDER, CHECKOUT = (Path(argument).resolve() for argument in sys.argv[1:3])
sys.path = [str(CHECKOUT), *sys.path]
KEPT = admit_torchvision()
from transformers import CLIPImageProcessor, Trainer  # noqa: E402, F401  it looks for what is stood in for

stand_in("decord", "deepspeed", "flash_attn", "flash_attn.bert_padding", "flash_attn.flash_attn_interface", "av")
stand_in("trl", "trl.trainer", "trl.trainer.utils")


def main() -> None:
    """Read the export as `llava/train/train.py --data_path` does up to the collator."""
    from llava import conversation
    from llava.constants import IMAGE_TOKEN_INDEX
    from llava.train.train import DataArguments, LazySupervisedDataset

    conversation.default_conversation = conversation.conv_templates["v1"]
    tokenizer = byte_tokenizer(1 << 14, begins=True)
    tokenizer.legacy = True
    size = {"height": 28, "width": 28}
    given = DataArguments(image_folder=str(FOLDER), image_aspect_ratio="pad", is_multimodal=True)
    given.image_processor = CLIPImageProcessor(size={"shortest_edge": 28}, crop_size=size)
    given.mm_use_im_start_end = False
    rows = LazySupervisedDataset(str(FOLDER / "conversations.json"), tokenizer, given)
    told = Told()
    for place in range(len(rows)):
        made = rows._get_item(place)  # __getitem__ would put the next row in place of a bad one
        pictures = [image for image in made["image"] if image[2] == "image"]
        assert len(pictures) == int((made["input_ids"] == IMAGE_TOKEN_INDEX).sum())
        assert bool((made["labels"] >= 0).any())
        text = tokenizer.decode([token for token in made["input_ids"] if token >= 0], skip_special_tokens=True)
        asked = text.partition("USER:")[2]
        told.add([asked, *[""] * (2 * asked.count("ASSISTANT:") - 1)], len(pictures))
    commit = os.popen(f"git -C {CHECKOUT} rev-parse --short HEAD").read().strip()
    told.tell("transformers", "torch", note=f"LLaVA-NeXT {commit}")


if __name__ == "__main__":
    main()
