"""The house rules about sizes: guards for the tail. The exception lists may only shrink."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src/gmai"
MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_PARAMETERS = 400, 60, 7
LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()
WIDE_FUNCTIONS: set[str] = set()


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(SOURCE).as_posix()}:{node.name}", node


def test_no_file_is_too_long():
    long = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if len(path.read_text().splitlines()) > MAX_FILE_LINES
    }
    assert long == LONG_FILES


def test_no_function_is_too_long():
    long = {name for name, node in functions() if (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES}
    assert long == LONG_FUNCTIONS


def is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Click hands a command each flag as a parameter; those are counted by the reader of ``--help``, not here."""
    return any("command" in ast.unparse(mark) or "option" in ast.unparse(mark) for mark in node.decorator_list)


def test_no_function_takes_too_many_parameters():
    wide = set()
    for name, node in functions():
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        if len([n for n in names if n not in {"self", "cls"}]) > MAX_PARAMETERS and not is_command(node):
            wide.add(name)
    assert wide == WIDE_FUNCTIONS


def test_a_command_only_parses_calls_and_shows():
    long = set()
    for name, node in functions():
        if name.startswith("cli/") and is_command(node):
            body = [
                part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
            ]
            if body and (body[-1].end_lineno or 0) - body[0].lineno + 1 > 25:
                long.add(name)
    assert long == set()
