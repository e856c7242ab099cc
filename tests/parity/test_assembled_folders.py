"""A model put together of parts opens in AutoProcessor, and becomes the same prompts and pixels there."""

import pytest
from test_model_folders import ROWS, hold

from gmai.models import AssembleConfig, assemble_model
from model_parts import PAIRS, write_part

pytestmark = pytest.mark.parity


@pytest.mark.parametrize("vision, language", PAIRS)
def test_prompt_and_pixels_are_the_processor_s(tmp_path, vision, language):
    parts = {"vision": write_part(vision, tmp_path / "vision"), "language": write_part(language, tmp_path / "language")}
    assemble_model(AssembleConfig(**parts, out=tmp_path / "out", max_tiles=4))
    for sizes in ROWS.values():
        hold(tmp_path / "out/model", sizes, ["Where is the cyst?", "upper-left", "Describe this image."])
