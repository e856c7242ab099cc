"""Our pixels are those of transformers' own picture processors, bit for bit."""

import pytest
import torch
import transformers

from gmai.errors import ImageError
from gmai.models import FAMILIES
from processors import PUBLISHED, SIZES, as_pillow, draw, draw_sizes

pytestmark = pytest.mark.parity


@pytest.fixture(scope="module", params=list(PUBLISHED))
def pair(request):
    """A published processor, what it is called with, and our contract read from its file."""
    told = PUBLISHED[request.param]
    processor = getattr(transformers, told.processor)(**told.settings)
    assert processor.backend == "torchvision"
    config = getattr(transformers, told.config)()
    contract = FAMILIES.get(told.family).contract(config, processor.to_dict())
    return processor, told.call, contract


def compare(pair, pictures):
    processor, call, contract = pair
    theirs = processor(images=as_pillow(pictures), return_tensors="pt", **call)
    ours = contract.pixels(pictures)
    layouts = [contract.layout(picture.shape[1], picture.shape[0], len(pictures)) for picture in pictures]
    for name in ("pixel_values", "image_grid_thw"):
        assert (name in theirs) == (name in ours)
    assert torch.equal(ours["pixel_values"], theirs["pixel_values"])
    if "image_grid_thw" in ours:
        assert torch.equal(ours["image_grid_thw"], theirs["image_grid_thw"])
        assert [layout.grid for layout in layouts] == [tuple(grid) for grid in theirs["image_grid_thw"].tolist()]
        assert sum(layout.patches for layout in layouts) == len(theirs["pixel_values"])
    else:
        assert sum(layout.tiles for layout in layouts) == len(theirs["pixel_values"])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_one_picture_becomes_the_same_numbers(pair, size):
    compare(pair, [draw(*size)])


def test_several_pictures_become_the_same_numbers(pair):
    compare(pair, [draw(640, 480), draw(100, 333, seed=1), draw(100, 333, seed=2), draw(30, 30)])


@pytest.mark.parametrize("seed", range(3))
def test_any_sizes_become_the_same_numbers(pair, seed):
    for size in draw_sizes(seed, 8):
        if max(size) > 200 * min(size) and pair[2].kind == "native":
            continue
        compare(pair, [draw(*size)])


def test_pictures_without_a_size_that_keeps_their_shape_are_refused_by_both(pair):
    processor, call, contract = pair
    if contract.kind != "native":
        pytest.skip("a processor that changes shapes")
    picture = draw(2, 402)
    with pytest.raises(ValueError, match="aspect ratio"):
        processor(images=as_pillow([picture]), return_tensors="pt", **call)
    with pytest.raises(ImageError, match="402"):
        contract.pixels([picture])


def test_tile_counts_are_the_processor_s_own(pair):
    processor, call, contract = pair
    if not hasattr(processor, "get_number_of_image_patches"):
        pytest.skip("a processor of one tile")
    for width, height in draw_sizes(11, 2000):
        if max(width, height) > 200 * min(width, height):
            continue
        layout = contract.layout(width, height)
        counted = layout.patches if layout.grid else layout.tiles
        assert processor.get_number_of_image_patches(height, width, dict(call)) == counted, (width, height)
