"""How published sets of questions about pictures call their keys, and which of them a folder holds.

Layouts as the sets' own descriptions and other readers of them give them: VQA-RAD (osf.io/89kps), SLAKE
(med-vqa.com/slake), PMC-VQA (github.com/xiaoman-zhang/PMC-VQA), OmniMedVQA (github.com/OpenGVLab/Multi-Modality-Arena),
VQA-Med (github.com/abachaa/VQA-Med-2019, -2020, -2021), PMC-MI-Bench (github.com/franciszchen/M3LLM), MMMU and
MedXpertQA (their cards at huggingface.co). PathVQA is published as a pickle, which is refused; conversions are read.
Files of VQA-RAD, VQA-Med 2019 and PMC-MI-Bench were at hand; keys of the others are as described, not checked by file.
"""

import re
from pathlib import Path
from typing import Any

from gmai.annotations.choices import split_question
from gmai.annotations.entries import find_split
from gmai.annotations.heads import Head, as_names, list_entry_files, name_files, read_heads
from gmai.annotations.item import Match
from gmai.annotations.picture_files import guess_images, index_names

QUESTION = ("question", "q", "query", "ask", "sent")
ANSWER = (
    *("answer_label", "answer_idx", "label", "gt_answer", "answer", "gt", "answers", "a", "response"),
    *("correct_option", "answerkey"),
)
"""Where a set has both, the letter of the answer comes before its text."""
IMAGE = (
    *("image_name", "img_name", "image_path", "figure_path", "images", "images_puretext", "image", "image_id"),
    *("img_id", "img_path", "image_file", "file_name", "filename", "figure", "path", "imgid", "img"),
)
KINDS = {
    "question_type": ("question_type", "content_type", "q_type", "medical_task", "category"),
    "answer_type": ("answer_type",),
    "language": ("q_lang", "language", "lang"),
    "modality": ("modality_type", "modality"),
    "split": ("split",),
}
KEPT = (
    *("location", "base_type", "image_organ", "dataset", "image_indices", "triple", "body_system"),
    *("qid", "question_id"),
)
MOST_NAMES = 40
_LISTED = re.compile(r"(?:option|choice)[_ ]?[a-j]|op[a-j]|[a-f]", re.IGNORECASE)
_LINE = re.compile(r"[\w.-]+\|[^|]+\|[^|]*(\|[^|]*)?")
_ID = re.compile(r"synpic\d+", re.IGNORECASE)


def detect(folder: Path) -> Match | None:
    """Files of entries that each have a question, an answer and a picture; or lines parted by bars, as in VQA-Med."""
    groups: dict[str, list[tuple[Head, dict[str, Any]]]] = {}
    for head in read_heads(folder):
        if keys := read_keys(head):
            groups.setdefault(f"{keys['question']} {keys['answer']} {keys.get('choices')}", []).append((head, keys))
    if not groups:
        return _detect_lines(folder)
    chosen = max(groups.values(), key=len)
    paths = [head.path for head, _ in chosen]
    options: dict[str, Any] = {}
    for _, found in chosen:
        options = {**found, **options}
    images = list(dict.fromkeys(key for _, found in chosen for key in found["image"]))
    names = [
        name for head, _ in chosen for entry in head.entries for key in images for name in as_names(entry.get(key))
    ]
    options |= {"image": images[0] if len(images) == 1 else tuple(images), "questions": name_files(folder, paths)}
    if "split" not in options and len(paths) > 1 and all(find_split(path) for path in paths):
        options["split"] = "@split"
    if "question_type" not in options:
        options["question_type"] = "@file" if len(paths) > 1 and "split" not in options else ""
    return Match(format="vqa", options={**options, **find_places(folder, names)}, evidence=paths[0])


def read_keys(head: Head) -> dict[str, Any] | None:
    """The options that fit a file's keys; None where it has no question, answer and picture."""
    images = tuple(key for key in numbered(head, "image") or (head.find(IMAGE),) if key)
    question, answer = head.find(QUESTION), head.find(ANSWER)
    if not images or not question or not answer or not head.texts(question):
        return None
    if answer in {head.find(("label",))} and head.find(("answer",)) and not _letters(head, answer):
        answer = head.find(("answer",))
    options: dict[str, Any] = {"question": question, "answer": answer, "image": images}
    options |= read_choice_keys(head, question)
    for option, names in KINDS.items():
        key = head.find(names)
        if key and (option != "language" or all(len(text) <= 5 for text in head.texts(key))):
            options[option] = key
    kept = tuple(key for name in KEPT if (key := head.find((name,))))
    return {**options, **({"keep": kept} if kept else {})}


def read_choice_keys(head: Head, question: str) -> dict[str, Any]:
    """The options that say where an entry's own options stand."""
    listed = tuple(sorted(key for key in head.keys if _LISTED.fullmatch(key.strip())))
    if len(listed) >= 2:
        return {"choices": listed}
    if key := head.find(("options", "choices")):
        return {"choices": (key,)}
    lettered = [bool(split_question(text)[1]) for text in head.texts(question)]
    return {"choices_in_question": True} if lettered and sum(lettered) * 2 > len(lettered) else {}


def numbered(head: Head, name: str) -> tuple[str, ...]:
    """Keys such as ``image_1``, ``image_2``, in order."""
    found = [key for key in head.keys if re.fullmatch(rf"{name}_?\d+", key, re.IGNORECASE)]
    return tuple(sorted(found, key=lambda key: int(re.sub(r"\D", "", key))))


def _letters(head: Head, key: str) -> bool:
    return all(re.fullmatch("[A-Ja-j]", text) for text in head.texts(key))


def find_places(folder: Path, names: list[str]) -> dict[str, str]:
    """The options that say where pictures of these names lie."""
    return guess_images(index_names(folder), names[:MOST_NAMES]) or {"images": "."}


def _detect_lines(folder: Path) -> Match | None:
    for path in list_entry_files(folder, frozenset({".txt"})):
        lines = _first_lines(folder / path)
        if len(lines) < 1 or not all(_LINE.fullmatch(line) for line in lines):
            continue
        names = [line.partition("|")[0] for line in lines]
        places = find_places(folder, names)
        if places == {"images": "."} and not all(_ID.fullmatch(name) for name in names):
            continue
        width = {line.count("|") for line in lines}
        columns = ("image", "question", "answer") if width == {2} else ("image", "question_type", "question", "answer")
        given = {"columns": columns, "separator": "|", "quoted": False, "image": "image", "several": "#"}
        return Match(format="vqa", options={"questions": path, **given, **places}, evidence=path)
    return None


def _first_lines(path: Path) -> list[str]:
    with path.open("rb") as file:
        text = file.read(4096).decode("utf-8", "replace")
    whole = text.splitlines()
    return [line for line in (whole[:-1] if len(text) == 4096 else whole)[:20] if line.strip()]
