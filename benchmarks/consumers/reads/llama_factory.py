"""LLaMA-Factory's own loader on the export: parsed, checked, tokenized, and every picture collated: FOLDER."""

import os
import sys
from tempfile import TemporaryDirectory

from told import Told, admit_torchvision, byte_tokenizer, stand_in

os.environ |= {"HF_HUB_OFFLINE": "1", "DISABLE_VERSION_CHECK": "1"}
KEPT = admit_torchvision()
from transformers import LlavaProcessor, Trainer  # noqa: E402, F401  it looks for torchaudio and must find none

stand_in("torchaudio")


def main(folder: str) -> None:
    """Read the export as `llamafactory-cli train` does up to the first batch."""
    from llamafactory.data import MultiModalDataCollatorForSeq2Seq, get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import DataArguments, ModelArguments
    from transformers import CLIPImageProcessor, Seq2SeqTrainingArguments

    tokenizer = byte_tokenizer()
    tokenizer.add_tokens("<image>", special_tokens=True)
    size = {"height": 28, "width": 28}
    images = CLIPImageProcessor(size={"shortest_edge": 28}, crop_size=size)
    processor = LlavaProcessor(
        images, tokenizer, patch_size=14, vision_feature_select_strategy="default", num_additional_image_tokens=1
    )
    told = Told()
    with TemporaryDirectory() as out:
        model = ModelArguments(model_name_or_path="none", cache_dir=f"{out}/cache")
        data = DataArguments(
            template="llava",
            dataset="gmai",
            dataset_dir=folder,
            media_dir=folder,
            cutoff_len=100_000,
            overwrite_cache=True,
        )
        for name in ("image_max_pixels", "image_min_pixels"):  # what the loader hands to a processor it made itself
            setattr(processor, name, getattr(model, name))
        training = Seq2SeqTrainingArguments(output_dir=out, report_to="none", use_cpu=True)
        template = get_template_and_fix_tokenizer(tokenizer, data)
        rows = get_dataset(template, model, data, training, "sft", tokenizer, processor)["train_dataset"]
        collate = MultiModalDataCollatorForSeq2Seq(template=template, processor=processor, tokenizer=tokenizer)
        for row in rows:
            batch = collate([{name: row[name] for name in row}])
            shown = row["images"] or []
            pixels = batch["pixel_values"] if "pixel_values" in batch else ()
            assert len(pixels) == len(shown) or not shown, (len(pixels), shown)
            words = [tokenizer.decode([token for token in row["labels"] if token >= 0])]
            asked = tokenizer.decode(row["input_ids"])
            answers = words[0].count("</s>")
            told.add([asked, *[""] * (2 * answers - 1)], len(shown))
    told.tell("llamafactory", "transformers", "torch")


if __name__ == "__main__":
    main(sys.argv[1])
