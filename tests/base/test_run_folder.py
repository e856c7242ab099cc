"""A run killed while it wrote its very first file can be run again."""

import pytest

from gmai.base import open_run
from gmai.errors import ConfigError


def test_the_beginning_of_a_first_file_does_not_block_the_folder(tmp_path):
    (tmp_path / ".run.json.123.part").write_text("{")
    open_run(tmp_path, "double", {"n": 1}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_a_file_of_somebody_else_does(tmp_path):
    (tmp_path / ".notes.part").write_text("mine")
    with pytest.raises(ConfigError, match="holds no run of gmai"):
        open_run(tmp_path, "double", {"n": 1}, {})
    assert (tmp_path / ".notes.part").exists()
