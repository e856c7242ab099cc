"""A folder that we save opens in AutoProcessor, and becomes the same prompts and pixels there."""

import pytest
import torch
from transformers import AutoProcessor

from gmai.models import TinyShape, find_model_folder, load_model, make_tiny, save_model
from processors import as_pillow, draw
from tiny_model import SHAPE

pytestmark = pytest.mark.parity
TEXTS = ["Where is the cyst?", "upper-left", "Describe this image.", "The cyst is upper-left. 左上"]
ROWS = {
    "no picture": [],
    "one": [(40, 30)],
    "wide": [(150, 30)],
    "two": [(32, 32), (64, 20)],
    "three": [(300, 200), (20, 90), (20, 90)],
}
FOLDERS = {
    "internvl": ("internvl", {}),
    "internvl, tiles": ("internvl", {"max_tiles": 6}),
    "llava": ("llava", {}),
    "qwen2_5_vl": ("qwen2_5_vl", {}),
    "qwen3_vl": ("qwen3_vl", {}),
}


@pytest.fixture(scope="module", params=list(FOLDERS))
def folder(request, tmp_path_factory):
    family, more = FOLDERS[request.param]
    shape = {name: getattr(SHAPE, name) for name in SHAPE.__dataclass_fields__}
    place = tmp_path_factory.mktemp("models") / "model"
    save_model(make_tiny(TinyShape(**{**shape, **more}), TEXTS * 3, family=family), place)
    return place


def hold(folder, sizes, turns):
    """Prompt ids and inputs of a conversation, from our loading of a folder and from the folder's own processor."""
    loaded, processor = load_model(folder), AutoProcessor.from_pretrained(find_model_folder(folder))
    pictures = [draw(*size, seed=number) for number, size in enumerate(sizes)]
    first, *further = turns
    content = [*({"type": "image", "image": each} for each in as_pillow(pictures)), {"type": "text", "text": first}]
    messages = [{"role": "user", "content": content}]
    for number, text in enumerate(further):
        role = ("assistant", "user")[number % 2]
        messages.append({"role": role, "content": [{"type": "text", "text": text}]})
    theirs = processor.apply_chat_template(
        messages, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
    )
    scaffold = loaded.scaffold
    ids = [*loaded.prefix(loaded.layouts(pictures)).tokens, *scaffold.text(first), *scaffold.ask]
    for said, asked in zip(further[::2], further[1::2], strict=True):
        ids += [*scaffold.text(said), scaffold.end, *scaffold.next_user, *scaffold.text(asked), *scaffold.ask]
    assert theirs["input_ids"][0].tolist() == ids
    if pictures:
        ours = loaded.contract.pixels(pictures)
        for name, tensor in ours.items():
            assert torch.equal(theirs[name], tensor), name


@pytest.mark.parametrize("row", list(ROWS))
def test_prompt_and_pixels_are_the_processor_s(folder, row):
    hold(folder, ROWS[row], ["Where is the cyst?"])


def test_a_conversation_of_several_turns_is_the_processor_s(folder):
    hold(folder, [(50, 40)], ["Where is the cyst?", "upper-left", "Describe this image."])


def test_a_model_folder_given_is_the_processor_s(model_folder):
    for sizes in ROWS.values():
        hold(model_folder, sizes, ["Where is the lesion?", "left", "Which modality is shown?"])
