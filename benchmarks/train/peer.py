"""TRL's SFTTrainer on the exported rows, in an environment of its own: ``python -m benchmarks.train.peer TASK.json``.

Its best settings, by measurement: see :data:`benchmarks.train.table.PEER`.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

from benchmarks.train.stamps import Stamps, Step


def main() -> None:
    task = json.loads(Path(sys.argv[1]).read_text())
    stamps = Stamps(task["launched"])
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(task["threads"])
    trainer = build(task, stamps)
    trainer.train()
    stamps.write_peer(Path(task["out"]), task["peer"], ("trl", "accelerate", "datasets", "torchvision"))


def build(task: dict[str, Any], stamps: Stamps) -> Any:
    """The trainer, with its tokens counted as they come to the model."""
    import torch
    from datasets import Dataset, Features, Image, List, Value
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from trl import SFTConfig, SFTTrainer

    class Counted(SFTTrainer):
        """The trainer as it is, and what each step was given."""

        def training_step(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> torch.Tensor:
            counts = count(inputs)
            loss = super().training_step(model, inputs, *args, **kwargs)
            self.counted.append((float(loss), *counts))
            return loss

    settings = task["peer"]
    optim = task["optim"]
    config = SFTConfig(
        output_dir=str(Path(task["out"]).parent / "trl"),
        max_length=None,
        max_steps=task["steps"],
        per_device_train_batch_size=settings["rows"],
        gradient_accumulation_steps=settings["accumulate"],
        train_sampling_strategy=settings["order"],
        length_column_name="length",
        dataloader_num_workers=settings["workers"],
        gradient_checkpointing=False,
        optim="adamw_torch_fused",
        learning_rate=optim["lr"],
        adam_beta1=optim["betas"][0],
        adam_beta2=optim["betas"][1],
        weight_decay=optim["weight_decay"],
        max_grad_norm=optim["clip"],
        lr_scheduler_type="constant",
        bf16=task["precision"] == "bf16",
        logging_strategy="no",
        save_strategy="no",
        report_to="none",
        use_cpu=True,
        disable_tqdm=True,
        remove_unused_columns=False,
        seed=task["seed"],
    )
    features = Features(
        {"prompt": Value("string"), "completion": Value("string"), "images": List(Image()), "length": Value("int64")}
    )
    rows = [json.loads(line) for line in Path(task["rows"]).read_text().splitlines()]
    columns = {name: [row[name] for row in rows] for name in features}
    model = AutoModelForImageTextToText.from_pretrained(
        task["model"], dtype=torch.float32, attn_implementation=settings["attention"]
    )
    after = after_step(stamps)
    trainer = Counted(
        model=model,
        args=config,
        train_dataset=Dataset.from_dict(columns, features=features),
        processing_class=AutoProcessor.from_pretrained(task["model"]),
        callbacks=[after],
    )
    trainer.counted, after.trainer = [], trainer
    return trainer


def count(inputs: dict[str, Any]) -> tuple[int, int, int]:
    """Tokens, places and labels of a batch as the model gets it."""
    mask, labels = inputs["attention_mask"], inputs["labels"][:, 1:]
    return int(mask.sum()), mask.numel(), int((labels != -100).sum())


def after_step(stamps: Stamps) -> Any:
    """A callback for a trainer that keeps what its steps were given in ``counted``."""
    from transformers import TrainerCallback

    class AfterStep(TrainerCallback):
        """Stamps a step when its weights have moved."""

        trainer: Any = None

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            counted, self.trainer.counted = self.trainer.counted, []
            losses, tokens, slots, labels = zip(*counted, strict=True)
            stamps.end(Step(sum(losses), sum(tokens), sum(slots), sum(labels)))

    return AfterStep()


if __name__ == "__main__":
    main()
