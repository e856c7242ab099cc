"""Files by glob: the same as pathlib finds, without hidden ones, however the folders lie."""

import pytest

from gmai.annotations import iter_files, list_files

FILES = [
    "a.png", "b.PNG", ".hidden.png", "x/a.png", "x/y/a.png", "x/y/b.txt", "x/y/z/a.png", "x/[1].png", "x-1/a.png",
    "images/train/a b.jpg", "images/train/图.jpg", "images/val/c.jpg", ".git/a.png",
]  # fmt: skip
PATTERNS = [
    "*.png", "**/*.png", "x/*.png", "x/**/*.png", "*/*.png", "*/*/*", "**/y/**/*.png", "**/**/a.png", "a.png", "x/y",
    "images/*/*.jpg", "images/t*/?*.jpg", "x/[[]1].png", "**/a.png", "nothing/*.png", "**", "x/y/b.txt", "[ab].png",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_pathlib_finds_is_found_once(tmp_path, pattern):
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    found = list(iter_files(tmp_path, pattern))
    true = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob(pattern) if path.is_file()}
    assert sorted(found) == sorted(name for name in true if not name.rpartition("/")[2].startswith("."))
    assert list_files(tmp_path, pattern) == sorted(found)


def test_a_link_to_a_folder_above_is_walked_only_by_name(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x.png").write_text("")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert list_files(tmp_path, "**/*.png") == ["a/x.png"]
    assert list_files(tmp_path, "*/*.png") == ["a/x.png", "b/x.png"]


def test_a_name_with_marks_of_a_pattern_is_found_by_its_own_name(tmp_path):
    (tmp_path / "scan [1]").mkdir()
    (tmp_path / "scan [1]/a.png").write_text("")
    assert list_files(tmp_path, "scan [[]1]/a.png") == ["scan [1]/a.png"]
