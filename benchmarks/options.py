"""Four options in one row, beside a row for each, by the plain model, and beside generation; the largest difference.

``python -m benchmarks options [--models tiny wide] [--questions N] [--repeats N]``. Models are of random weights. Each
figure is the best of the repeats, in processor time of one thread; reading pictures is not in it, scaling them is. Rows
of ``four passes`` hold the whole prompt and one option each, and go through transformers' own forward pass of the whole
model, as many in one batch as questions.
"""

import argparse
import random
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch

from gmai.models import (
    LoadedModel,
    OptionItem,
    TinyShape,
    faster_attention,
    generate,
    make_tiny,
    score_letters,
    score_options,
)

SHAPES = {
    "tiny": TinyShape(),
    "wide": TinyShape(
        image_px=448,
        patch_px=14,
        vision_width=256,
        vision_layers=4,
        vision_mlp=1024,
        language_width=512,
        language_layers=4,
        language_mlp=1536,
        heads=8,
    ),
}
BATCH = 8
WORDS = (
    "nodule effusion mass opacity fracture upper lower left right lobe of the lung in this picture shows normal tissue "
    "which finding is there benign malignant mild moderate severe disease no yes drusen optic disc vessel"
).split()
Scores = list[tuple[float, ...]]


def draw(count: int, per_picture: int, side_px: int, seed: int = 0) -> list[OptionItem]:
    """Questions of about 40 words with four options of 1 to 8 words; so many follow one another on one picture."""
    drawn, rng = random.Random(seed), np.random.default_rng(seed)

    def text(low: int, high: int) -> str:
        return " ".join(drawn.choice(WORDS) for _ in range(drawn.randint(low, high)))

    items = []
    for number in range(count):
        if number % per_picture == 0:
            picture = rng.integers(0, 256, (side_px, side_px, 3), dtype=np.uint8)
        options = tuple(text(1, 8) for _ in range(4))
        items.append(OptionItem((picture,), f"{text(10, 20)}?\n" + "\n".join(options), options))
    return items


def four_passes(loaded: LoadedModel, items: Sequence[OptionItem], rows: int) -> Scores:
    """Each option in a row of its own, after the whole prompt and the picture; ``rows`` at once."""
    flat = [(place, option) for place, item in enumerate(items) for option in item.options]
    found: list[list[float]] = [[] for _ in items]
    for start in range(0, len(flat), rows):
        group = flat[start : start + rows]
        for (place, _), value in zip(group, _plain(loaded, items, group), strict=True):
            found[place].append(value)
    return [tuple(values) for values in found]


def _plain(loaded: LoadedModel, items: Sequence[OptionItem], group: Sequence[tuple[int, str]]) -> list[float]:
    scaffold, pad = loaded.scaffold, loaded.tokenizer.pad_token_id
    prompts = [scaffold.prompt(items[place].prompt, [loaded.contract.tokens_per_image]) for place, _ in group]
    answers = [(*scaffold.text(option), scaffold.end) for _, option in group]
    width = max(len(prompt) + len(answer) for prompt, answer in zip(prompts, answers, strict=True))
    tokens = torch.full((len(group), width), pad)
    mask = torch.zeros_like(tokens)
    for row, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        whole = torch.tensor([*prompt, *answer])
        tokens[row, : len(whole)], mask[row, : len(whole)] = whole, 1
    pixels = loaded.contract.pixels([items[place].pictures[0] for place, _ in group])
    with torch.inference_mode():
        logits = loaded.model(input_ids=tokens, attention_mask=mask, **pixels, use_cache=False).logits
    sums = []
    for row, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        chances = logits[row, len(prompt) - 1 : len(prompt) + len(answer) - 1].log_softmax(-1)
        sums.append(float(chances[range(len(answer)), list(answer)].sum()))
    return sums


def measure(tasks: dict[str, Callable[[], object]], repeats: int) -> dict[str, tuple[float, object]]:
    """Least processor seconds of each task, taken in turns, and what it returned."""
    best: dict[str, tuple[float, object]] = {}
    for _ in range(repeats):
        for name, task in tasks.items():
            start = time.process_time()
            result = task()
            seconds = time.process_time() - start
            if name not in best or seconds < best[name][0]:
                best[name] = seconds, result
    return best


def difference(one: Scores, other: Scores) -> float:
    return max(abs(a - b) for x, y in zip(one, other, strict=True) for a, b in zip(x, y, strict=True))


def _tasks(loaded: LoadedModel, items: list[OptionItem]) -> dict[str, Callable[[], object]]:
    letters = [OptionItem(item.pictures, item.prompt, tuple("ABCD")) for item in items]
    return {
        "options as a tree": lambda: score_options(loaded, items, batch_rows=BATCH),
        "letters": lambda: score_letters(loaded, letters, batch_rows=BATCH),
        "four passes": lambda: four_passes(loaded, items, BATCH),
        "four passes, a row at a time": lambda: four_passes(loaded, items, 1),
        "generation of 2 tokens": lambda: generate(loaded, items, 2, batch_rows=BATCH),
        "generation of 8 tokens": lambda: generate(loaded, items, 8, batch_rows=BATCH),
    }


def compare(name: str, count: int, repeats: int) -> None:
    shape = SHAPES[name]
    loaded = make_tiny(shape, [" ".join(WORDS), *(item.prompt for item in draw(50, 1, 8))] * 2)
    loaded.model.set_attn_implementation(faster_attention(loaded.contract, "cpu"))
    for per_picture in (1, 4):
        items = draw(count, per_picture, shape.image_px)
        tasks = _tasks(loaded, items)
        found = measure(tasks, repeats)
        tree_s, tree = found["options as a tree"]
        exact = found["four passes, a row at a time"][1]
        alone = score_options(loaded, items, batch_rows=1)
        print(f"\n{name}: {shape.visual_tokens} visual tokens, {count} questions, {per_picture} on each picture\n")
        print("| | processor ms a question | tree is faster by |\n|---|---|---|")
        for task, (seconds, _) in found.items():
            print(f"| {task} | {1000 * seconds / count:.1f} | {seconds / tree_s:.2f} |")
        apart, sums = difference(tree, exact), [value for values in alone for value in values]  # type: ignore[arg-type]
        print(
            f"\nLargest difference to a row at a time: {apart:.1e}, of sums from {min(sums):.0f} to {max(sums):.0f}; "
        )
        print(f"of batches of {BATCH} to single questions: {difference(tree, alone):.1e}")  # type: ignore[arg-type]


def run(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks options")
    parser.add_argument("--models", nargs="*", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--questions", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    for name in given.models:
        compare(name, given.questions, given.repeats)
