"""The house rules about imports: floors, a light package, and the environment read in one place."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/gmai"


def test_a_room_imports_only_lower_floors():
    result = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=SOURCE.parents[1],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("command", ["import gmai", "from click.testing import CliRunner; from gmai.cli import main; "
                                     "assert CliRunner().invoke(main, ['--help']).exit_code == 0"])  # fmt: skip
def test_the_package_and_its_help_load_nothing_heavy(command):
    heavy = ("torch", "transformers", "pydicom", "nibabel", "sklearn", "pyarrow", "cv2")
    code = f"{command}\nimport sys\nprint([name for name in {heavy!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_only_the_config_reads_the_environment():
    readers = [
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert set(readers) == {"base/config.py"}
