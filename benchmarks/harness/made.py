"""Questions with pictures, their key, and what the server answers: all by hash, so that everybody sees the same."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from gmai.bench import write_tsv
from gmai.llm.fake.script import last_words

SIDE_PX = 448
COLUMNS = ("index", "image", "question", "A", "B", "C", "D", "answer", "category")


def write_questions(path: Path, count: int) -> Path:
    rows = []
    for number in range(count):
        letter = _letter(f"key {number}")
        options = {name: f"finding {name.lower()}{number}" for name in "ABCD"}
        row = {"index": number, "image": _picture(number), "question": _question(number), "answer": letter, **options}
        rows.append({**row, "category": options[letter]})
    write_tsv(path, rows, COLUMNS)
    return path


def answer(body: dict[str, Any]) -> str:
    """A clean letter, whatever prompt the question stands in; after the word that a prompt wants before it."""
    words = last_words(body)
    found = re.search(r"case number (\d+)", words)
    letter = _letter(f"reply {found[1]}") if found else "A"
    return f"ANSWER: {letter}" if "ANSWER:" in words else letter


def _question(number: int) -> str:
    return f"Which finding is seen in this radiograph of case number {number}?"


def _letter(text: str) -> str:
    return "ABCD"[hashlib.sha256(text.encode()).digest()[0] % 4]


def _picture(number: int) -> str:
    noise = np.random.default_rng(number).normal(128, 60, (SIDE_PX // 8, SIDE_PX // 8))
    smooth = cv2.resize(noise, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC)
    fine = np.random.default_rng(number + 10**6).normal(0, 12, smooth.shape)
    grey = np.clip(smooth + fine, 0, 255).astype(np.uint8)
    ok, data = cv2.imencode(".jpg", np.stack([grey] * 3, axis=2), [cv2.IMWRITE_JPEG_QUALITY, 90])
    assert ok
    return base64.b64encode(data.tobytes()).decode()
