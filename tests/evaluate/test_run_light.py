"""Asking a server loads nothing that only local models, baselines or spreadsheets need."""

import json
import subprocess
import sys

from gmai.llm import FakeScript, FakeServer, Rule

HEAVY = ("cv2", "openpyxl", "pandas", "pydicom", "sklearn", "torch", "transformers")
CODE = f"""
import json, sys
from gmai.cli import main
main(sys.argv[1:], standalone_mode=False)
print(json.dumps([name for name in {HEAVY} if name in sys.modules]))
"""


def test_nothing_heavy_is_loaded_to_ask_and_to_score(bench, tmp_path):
    with FakeServer(FakeScript(rules=(Rule(match="(?s).*", answer="B"),))) as server:
        arguments = ["eval", "run", "--data", str(bench), "--model", f"openai:fake@{server.url}", "-o", str(tmp_path)]
        command = [sys.executable, "-c", CODE, *arguments, "--quiet"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(shown.splitlines()[-1]) == []
