"""ms-swift's own loader on the export: rows preprocessed, inputs standardised, every picture opened by it: FOLDER."""

import os
import sys

from told import Told

FOLDER = sys.argv[1]
os.environ |= {"ROOT_IMAGE_DIR": FOLDER, "USE_HF": "1", "HF_HUB_OFFLINE": "1"}


def main() -> None:
    """Read the export as `swift sft` does up to the template."""
    from swift.dataset import load_dataset
    from swift.template.template_inputs import StdTemplateInputs
    from swift.template.vision_utils import load_image

    told = Told()
    rows, _ = load_dataset([f"{FOLDER}/conversations.jsonl"], strict=True, load_from_cache_file=False)
    for row in rows:
        inputs = StdTemplateInputs.from_dict(row)
        pictures = [load_image(image if isinstance(image, str) else image["path"]) for image in inputs.images]
        texts = [message["content"] for message in inputs.messages]
        assert sum(text.count("<image>") for text in texts) == len(pictures), row
        told.add(texts, len([picture.convert("RGB") for picture in pictures]))
    told.tell("ms-swift", "transformers", "torch")


if __name__ == "__main__":
    main()
