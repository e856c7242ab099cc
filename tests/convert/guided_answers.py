"""Answers of the fake server in tests of the guided engine: mostly honest, sometimes not."""

import json

from gmai.base import hash_unit
from gmai.convert.guided.honest import answer as honest

LIE = {"text": "A pneumothorax is seen.", "facts": ["f1"]}


def is_again(body):
    return len(body["messages"]) > 2


def lying_at_first(body):
    """A lie, until it is told so."""
    return honest(body) if is_again(body) else _with_lie(honest(body))


def lying(body):
    """A lie whenever it is asked to write."""
    return _with_lie(honest(body))


def lying_sometimes(body):
    """A lie to a third of the questions, at first to most of them and to some for good."""
    text = json.dumps(body["messages"][:2], ensure_ascii=False)
    share = hash_unit("lie", text)
    return _with_lie(honest(body)) if share < 0.1 or (share < 0.33 and not is_again(body)) else honest(body)


def _with_lie(said):
    made = json.loads(said)
    told = made["turns"][0] if "turns" in made else made
    if "sentences" in told:
        told["sentences"].append(LIE)
    return json.dumps(made, ensure_ascii=False)


def _judged(body, verdict):
    made = json.loads(honest(body))
    for claim in made.get("claims", [])[:1]:
        claim["verdict"] = verdict
        claim["why"] = "so it is"
    return json.dumps(made, ensure_ascii=False)


def contradicting(body):
    """Honest texts; a verifier that contradicts the first claim."""
    return _judged(body, "contradicted")


def doubting(body):
    """Honest texts; a verifier that cannot tell of the first claim."""
    return _judged(body, "unknown")


def one_claim_less(body):
    """Honest texts; a verifier that leaves a claim out."""
    made = json.loads(honest(body))
    if "claims" in made:
        made["claims"] = made["claims"][1:]
    return json.dumps(made, ensure_ascii=False)


def contradicting_once(body):
    """Honest texts; a verifier that contradicts the first claim of what was written for the first time."""
    made = json.loads(honest(body))
    if "claims" in made:
        return contradicting(body) if "wording" not in json.dumps(body, ensure_ascii=False) else honest(body)
    if is_again(body) and "sentences" in made:
        made["sentences"][0]["text"] = made["sentences"][0]["text"].rstrip(".") + " in the wording of the text."
    return json.dumps(made, ensure_ascii=False)
