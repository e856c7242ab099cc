"""ms-swift's `sft` on the same rows, in an environment of its own: ``python -m benchmarks.train.peer_swift TASK.json``.

Its command line as a user would write it; counting is added, and the line end that its template has after the answer
is taken away, so that rows are the same tokens for all. It refuses packing and padding-free training without flash
attention, so it pads; it groups the rows of a forward pass by length, not those of an update.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

from benchmarks.train.peer import after_step, count
from benchmarks.train.stamps import Stamps

TEMPLATE = "internvl_hf"


def main() -> None:
    task = json.loads(Path(sys.argv[1]).read_text())
    stamps = Stamps(task["launched"])
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(task["threads"])
    from swift import sft_main

    end_answers_alike()
    watch(stamps)
    sft_main(arguments(task))
    versions = ("ms-swift", "trl", "accelerate", "datasets", "torchvision")
    stamps.write_peer(Path(task["out"]), task["peer"], versions)


def arguments(task: dict[str, Any]) -> list[str]:
    """What stands behind ``swift sft``."""
    settings, optim = task["peer"], task["optim"]
    folder = Path(task["out"]).parent / "swift"
    told = {
        "model": task["model"],
        "model_type": "internvl",
        "template": TEMPLATE,
        "system": "",
        "dataset": conversations(Path(task["rows"]), folder.with_suffix(".jsonl")),
        "split_dataset_ratio": 0,
        "load_from_cache_file": False,
        "tuner_type": "full",
        "freeze_vit": False,
        "freeze_aligner": False,
        "torch_dtype": {"fp32": "float32", "bf16": "bfloat16"}[task["precision"]],
        "attn_impl": settings["attention"],
        "output_dir": folder,
        "max_steps": task["steps"],
        "per_device_train_batch_size": settings["rows"],
        "gradient_accumulation_steps": settings["accumulate"],
        "dataset_shuffle": settings["order"] != "sequential",
        "train_dataloader_shuffle": settings["order"] != "sequential",
        "group_by_length": settings["order"] == "group_by_length",
        "dataloader_num_workers": settings["workers"],
        "gradient_checkpointing": False,
        "optim": "adamw_torch_fused",
        "learning_rate": optim["lr"],
        "adam_beta1": optim["betas"][0],
        "adam_beta2": optim["betas"][1],
        "weight_decay": optim["weight_decay"],
        "max_grad_norm": optim["clip"],
        "lr_scheduler_type": "constant",
        "save_strategy": "no",
        "report_to": "none",
        "check_model": False,
        "use_hf": True,
        "seed": task["seed"],
        **settings.get("also", {}),
    }
    return [part for name, value in told.items() for part in (f"--{name}", str(value))]


def conversations(rows: Path, path: Path) -> Path:
    """The rows as the messages that it renders with its own template."""
    lines = []
    for line in rows.read_text().splitlines():
        row = json.loads(line)
        said = zip(("user", "assistant"), (f"<image>{row['question']}", row["answer"]), strict=True)
        messages = [{"role": role, "content": text} for role, text in said]
        lines.append(json.dumps({"messages": messages, "images": row["images"]}))
    path.write_text("\n".join(lines) + "\n")
    return path


def end_answers_alike() -> None:
    """Nothing after the answer's end token; by itself it learns a line end, too."""
    from swift.template import TEMPLATE_MAPPING

    TEMPLATE_MAPPING[TEMPLATE].suffix = ["<|im_end|>"]


def watch(stamps: Stamps) -> None:
    """Count what each step is given, and stamp it when its weights have moved."""
    from swift.trainers import Seq2SeqTrainer

    start, step = Seq2SeqTrainer.__init__, Seq2SeqTrainer.training_step

    def started(self: Any, *args: Any, **kwargs: Any) -> None:
        start(self, *args, **kwargs)
        after = after_step(stamps)
        self.counted, after.trainer = [], self
        self.add_callback(after)

    def counted(self: Any, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        counts = count(inputs)
        loss = step(self, model, inputs, *args, **kwargs)
        self.counted.append((float(loss), *counts))
        return loss

    Seq2SeqTrainer.__init__, Seq2SeqTrainer.training_step = started, counted


if __name__ == "__main__":
    main()
