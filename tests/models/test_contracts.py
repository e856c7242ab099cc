"""Visual contracts: what is said of a picture's size is what becomes of the picture, and both are transformers' own."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gmai.errors import ImageError, ModelError
from gmai.models import VisualContract, read_contract, write_contract

SQUARE = VisualContract(image_px=28, tokens_per_image=4, patch_px=7)
CONTRACTS = {
    "stretch": SQUARE,
    "pad": replace(SQUARE, squaring="pad", mean=(0.48, 0.45, 0.4), std=(0.26, 0.26, 0.27)),
    "crop": replace(SQUARE, squaring="crop", resample="bilinear"),
    "tiles": replace(SQUARE, kind="tiles", max_tiles=12),
    "six tiles, three at least": replace(SQUARE, kind="tiles", max_tiles=6, min_tiles=3, thumbnail=False),
    "native": VisualContract(kind="native", patch_px=7, min_pixels=28 * 28, max_pixels=140 * 140),
}
SIZES = [(28, 28), (200, 100), (31, 400), (1, 9), (13, 13), (300, 299), (57, 84), (1000, 10)]


def picture(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(width * height).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", CONTRACTS)
@pytest.mark.parametrize("pictures", [1, 3, 40])
def test_a_layout_tells_what_fitting_makes(name, pictures):
    contract = CONTRACTS[name]
    for size in SIZES:
        layout = contract.layout(*size, pictures)
        fitted = contract.fit(picture(*size), pictures)
        inputs = contract.normalise([fitted])
        assert fitted.dtype == np.uint8 and fitted.shape[0] == layout.tiles
        assert layout.patches == layout.tiles * fitted.shape[1] * fitted.shape[2] // 49
        assert layout.tokens <= contract.most_tokens and layout.tokens * 4 == layout.patches
        if layout.grid is None:
            assert inputs["pixel_values"].shape == (layout.tiles, 3, 28, 28)
        else:
            assert inputs["image_grid_thw"].tolist() == [list(layout.grid)]
            assert inputs["pixel_values"].shape == (layout.patches, 3 * 2 * 49)


def test_tiles_are_chosen_as_transformers_chooses_them():
    from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import get_optimal_tiled_canvas

    drawn = np.random.default_rng(0).integers(1, 2000, (400, 2))
    for most, fewest in ((12, 1), (6, 1), (7, 3)):
        contract = VisualContract(
            kind="tiles", image_px=448, tokens_per_image=256, max_tiles=most, min_tiles=fewest, patch_px=14
        )
        for width, height in [*drawn.tolist(), (448, 448), (896, 448), (448, 1344), (224, 224)]:
            columns, rows = get_optimal_tiled_canvas((height, width), (448, 448), fewest, most)
            tiles = columns * rows + (columns * rows > 1)
            assert contract.layout(width, height).tiles == tiles
            if width * height < 40_000:
                assert contract.fit(np.zeros((height, width, 3), np.uint8)).shape[0] == tiles


def test_native_sizes_are_those_of_transformers():
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

    drawn = np.random.default_rng(1).integers(1, 3000, (2000, 2))
    contract = VisualContract(kind="native", patch_px=14)
    for width, height in drawn.tolist():
        if max(width, height) > 200 * min(width, height):
            continue
        high, wide = smart_resize(height, width, 28, contract.min_pixels, contract.max_pixels)
        assert contract.layout(width, height).grid == (1, high // 14, wide // 14)


def test_pixels_are_those_of_transformers_where_nothing_is_resized():
    from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
    from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    from gmai.models import find_family

    makers = {
        "internvl": (GotOcr2ImageProcessorPil, CONTRACTS["tiles"], (28, 28)),
        "llava": (LlavaImageProcessorPil, CONTRACTS["pad"], (28, 16)),
        "qwen2_5_vl": (Qwen2VLImageProcessorPil, CONTRACTS["native"], (70, 42)),
    }
    for name, (make, contract, size) in makers.items():
        if name == "llava":
            contract = replace(contract, image_px=28)
        said = {
            key: value for key, value in find_family(name).processor(contract).items() if key != "image_processor_type"
        }
        expected = make(**said)(picture(*size), return_tensors="pt")
        found = contract.pixels([picture(*size)])
        assert torch.allclose(found["pixel_values"], expected["pixel_values"], atol=1e-6)
        if "image_grid_thw" in found:
            assert torch.equal(found["image_grid_thw"], expected["image_grid_thw"])


def test_no_picture_gives_tensors_without_a_row():
    for contract in CONTRACTS.values():
        assert all(len(tensor) == 0 for tensor in contract.normalise([]).values())
    assert CONTRACTS["native"].normalise([])["image_grid_thw"].shape == (0, 3)


def test_tiles_are_cut_row_by_row_and_the_whole_comes_last():
    contract = replace(CONTRACTS["tiles"], max_tiles=6)
    whole = picture(84, 56)
    fitted = contract.fit(whole)
    assert np.array_equal(fitted[1], whole[:28, 28:56]) and np.array_equal(fitted[3], whole[28:, :28])
    assert fitted.shape[0] == 7 and np.array_equal(fitted[6], SQUARE.fit(whole)[0])


def test_the_hash_is_of_what_can_change_a_number(tmp_path):
    old = "the square contract's hash is that of its six settings"
    assert SQUARE.hash == replace(SQUARE, patch_px=0, max_tiles=3, merge=4).hash, old
    native = CONTRACTS["native"]
    assert native.hash == replace(native, image_px=9, shared_tiles=True).hash
    hashes = {contract.hash for contract in CONTRACTS.values()}
    changed = [
        replace(CONTRACTS["tiles"], max_tiles=11),
        replace(native, max_pixels=139 * 140),
        replace(native, merge=1),
    ]
    assert len(hashes | {contract.hash for contract in changed}) == len(CONTRACTS) + 3
    for number, contract in enumerate(CONTRACTS.values()):
        (tmp_path / str(number)).mkdir()
        write_contract(contract, tmp_path / str(number))
        assert read_contract(tmp_path / str(number)) == contract


def test_a_contract_that_says_too_little_is_refused(tmp_path):
    for contract in (VisualContract(image_px=28), VisualContract(kind="native"), VisualContract(kind="tiles")):
        write_contract(contract, tmp_path)
        with pytest.raises(ModelError, match=f"kind {contract.kind} without"):
            read_contract(tmp_path)


def test_a_picture_that_may_not_be_written_is_left_alone():
    for size in ((28, 28), (40, 30)):
        fixed = picture(*size)
        fixed.flags.writeable = False
        for contract in CONTRACTS.values():
            inputs = contract.pixels([fixed])
            assert torch.equal(inputs["pixel_values"], contract.pixels([fixed.copy()])["pixel_values"])
        assert np.array_equal(fixed, picture(*size))


def test_a_picture_of_no_shape_is_an_error():
    for contract in (CONTRACTS["native"],):
        with pytest.raises(ImageError, match="more than 200 times"):
            contract.layout(1000, 4)
        with pytest.raises(ImageError, match="more than 200 times"):
            contract.fit(picture(1000, 4))
