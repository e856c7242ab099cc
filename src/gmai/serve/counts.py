"""What a server has done since it began, as Prometheus reads it."""

import threading
from collections import Counter

_HELP = {
    "gmai_requests_total": "Requests by what became of them.",
    "gmai_prompt_text_tokens_total": "Tokens of questions that stand for text.",
    "gmai_prompt_image_tokens_total": "Tokens of questions that stand for pictures.",
    "gmai_answer_tokens_total": "Tokens of answers.",
    "gmai_images_total": "Pictures of questions.",
    "gmai_batches_total": "Batches begun.",
    "gmai_batch_rows_total": "Questions in them.",
    "gmai_batch_seconds_total": "Seconds they took.",
}


class Counts:
    """Counters that any thread may add to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: Counter[str] = Counter()
        self._outcomes: Counter[str] = Counter()
        self._seconds = 0.0

    def add_outcome(self, outcome: str) -> None:
        """A request is over: ``answered``, ``cancelled``, or the code of its refusal."""
        with self._lock:
            self._outcomes[outcome] += 1

    def add_question(self, text_tokens: int, image_tokens: int, images: int) -> None:
        """A question is put to the model."""
        with self._lock:
            self._values["gmai_prompt_text_tokens_total"] += text_tokens
            self._values["gmai_prompt_image_tokens_total"] += image_tokens
            self._values["gmai_images_total"] += images

    def add_answer(self, tokens: int) -> None:
        """A question is answered."""
        with self._lock:
            self._values["gmai_answer_tokens_total"] += tokens

    def add_batch(self, rows: int) -> None:
        """A batch is begun."""
        with self._lock:
            self._values["gmai_batches_total"] += 1
            self._values["gmai_batch_rows_total"] += rows

    def add_seconds(self, seconds: float) -> None:
        """A batch is over."""
        with self._lock:
            self._seconds += seconds

    def write(self, waiting: int) -> str:
        """All counts in Prometheus' text format."""
        with self._lock:
            values, outcomes, seconds = dict(self._values), dict(self._outcomes), self._seconds
        lines = []
        for name, text in _HELP.items():
            lines += [f"# HELP {name} {text}", f"# TYPE {name} counter"]
            if name == "gmai_requests_total":
                lines += [f'{name}{{outcome="{outcome}"}} {count}' for outcome, count in sorted(outcomes.items())]
            else:
                lines.append(f"{name} {round(seconds, 3) if name.endswith('seconds_total') else values.get(name, 0)}")
        gauge = "gmai_waiting"
        lines += [f"# HELP {gauge} Questions that wait.", f"# TYPE {gauge} gauge", f"{gauge} {waiting}"]
        return "\n".join(lines) + "\n"
