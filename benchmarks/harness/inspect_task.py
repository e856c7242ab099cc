"""The same questions through inspect-ai, in its own environment; nothing of gmai is imported."""

import csv
import json
import os
import sys

tsv, url, out = sys.argv[1:]
os.environ["FAKE_API_KEY"], os.environ["FAKE_BASE_URL"] = "none", url

from inspect_ai import Task, eval  # noqa: E402
from inspect_ai.dataset import MemoryDataset, Sample  # noqa: E402
from inspect_ai.model import ChatMessageUser, ContentImage, ContentText  # noqa: E402
from inspect_ai.scorer import choice  # noqa: E402
from inspect_ai.solver import multiple_choice  # noqa: E402

csv.field_size_limit(1 << 30)
with open(tsv, newline="") as lines:
    rows = list(csv.DictReader(lines, delimiter="\t"))
samples = [
    Sample(
        input=[
            ChatMessageUser(
                content=[
                    ContentImage(image=f"data:image/jpeg;base64,{row['image']}"),
                    ContentText(text=row["question"]),
                ]
            )
        ],
        choices=[row[letter] for letter in "ABCD"],
        target=row["answer"],
    )
    for row in rows
]
task = Task(dataset=MemoryDataset(samples), solver=multiple_choice(), scorer=choice())
(log,) = eval(
    task, model="openai-api/fake/fake", max_connections=32, max_samples=64, display="none", log_dir=f"{out}/logs"
)
assert log.status == "success", log.error
with open(f"{out}/accuracy.json", "w") as file:
    json.dump(log.results.scores[0].metrics["accuracy"].value, file)
