"""One text, from the question to a conversation or a reject: asked, judged, perhaps asked again, verified."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from gmai import __version__
from gmai.base import to_dict
from gmai.convert.checks import Problem
from gmai.convert.guided.assignments import Assignment
from gmai.convert.guided.config import GuidedConfig
from gmai.convert.guided.gates import GATES
from gmai.convert.guided.judge import Verdict, judge
from gmai.convert.guided.prompts import HEADINGS, read_prompt
from gmai.convert.guided.replies import REPLIES
from gmai.convert.guided.verify import find_unsupported, verify
from gmai.errors import GmaiError, RemoteError
from gmai.llm import Answer, Client, EndpointConfig, Failure, Message, Request, with_schema
from gmai.types import Conversation, Reject, Step

ENGINE = "guided-1"
"""Name and version of the engine, kept with every conversation; it changes when a gate or a request does."""
MOST_UNANSWERED = 16
"""Questions in a row without an answer after which the server counts as gone."""
_TRANSPORT = frozenset({"llm.timeout", "llm.rate_limited", "llm.server", "llm.connection"})


@dataclass
class Patience:
    """How many of the last questions to one server got no answer."""

    unanswered: int = 0
    last: str = ""
    """Why the last of them got none."""

    def note(self, outcome: Answer | Failure, client: Client) -> None:
        """Count one outcome; what the journal knew says nothing of the server.

        Raises:
            RemoteError: ``llm.gone``: too many in a row; what was answered is kept for the next run.
        """
        if isinstance(outcome, Answer):
            self.unanswered = self.unanswered if outcome.reused else 0
        elif outcome.reason in _TRANSPORT:
            self.unanswered, self.last = self.unanswered + 1, outcome.detail
            if self.unanswered >= MOST_UNANSWERED:
                raise self._gone(client)

    def end(self, client: Client) -> None:
        """See, before the texts of a shard are taken for final, that the server has not gone with its last questions.

        Raises:
            RemoteError: ``llm.gone``: it has.
        """
        if self.unanswered and not client.is_there():
            raise self._gone(client)

    def _gone(self, client: Client) -> RemoteError:
        what = f"{self.unanswered} questions in a row without an answer, the last: {self.last}"
        fix = "see to the server and give the same command again; what was answered is not asked again"
        return RemoteError(what, where=client.config.url, fix=fix, reason="llm.gone")


@dataclass(frozen=True, slots=True)
class Tried:
    """One reply and what became of it."""

    answer: Answer
    verdict: Verdict
    step: Step | None = None
    """The verifier's verdicts, if it was asked."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Whom to ask, and how."""

    config: GuidedConfig
    client: Client
    verifier: Client | None
    patience: Patience
    """With the model."""
    other_patience: Patience
    """With the verifier."""

    async def write(self, item: Assignment | Reject) -> Conversation | Reject:
        """Have one text written; what was rejected before passes through.

        Raises:
            RemoteError: a server that cannot be used at all.
        """
        if isinstance(item, Reject):
            return item
        try:
            return await self._write(item)
        except RemoteError:
            raise
        except GmaiError as error:
            return _reject(item, error.reason, str(error))

    async def _write(self, item: Assignment) -> Conversation | Reject:
        cls = REPLIES[item.ground.task]
        first = with_schema(item.request(self.config), cls, self.client.config.structured)
        asked, tried = first, list[Tried]()
        while len(tried) <= self.config.regenerate:
            outcome = await self.client.ask(replace(asked, tag=f"{first.tag} {len(tried) + 1}"))
            self.patience.note(outcome, self.client)
            if isinstance(outcome, Failure):
                return _reject(item, outcome.reason, f"{outcome.detail} (after {outcome.attempts} attempts)")
            tried.append(await self._judge(item, outcome))
            if tried[-1].verdict.accepted:
                return _keep(item, self.config, tried)
            asked = _again(first, outcome, tried[-1].verdict, item)
        last = tried[-1]
        reasons = " then ".join(", ".join(one.verdict.reasons) for one in tried)
        detail = f"{last.verdict.told} (attempts {len(tried)}: {reasons}; answer {last.answer.key}): {last.answer.text}"
        return _reject(item, last.verdict.reasons[0], detail)

    async def _judge(self, item: Assignment, answer: Answer) -> Tried:
        if answer.finish == "length":
            return Tried(answer, Verdict((Problem("truncated", "the answer was cut short; it must be shorter"),)))
        verdict = judge(answer.text, item.ground)
        if not verdict.accepted or self.verifier is None:
            return Tried(answer, verdict)
        found = await self.verifier.do(verify(self.verifier, self.config, item, verdict.exchanges))
        self.other_patience.note(found if isinstance(found, Failure) else found.answer, self.verifier)
        if isinstance(found, Failure):
            problem = Problem("verifier.failed", f"{found.reason}: {found.detail}")
            return Tried(answer, replace(verdict, problems=(problem,)))
        against = find_unsupported(found.value, self.config.unknown == "keep")
        problems = tuple(Problem(f"verifier.{c.verdict}", f"claim {c.number}: {c.why}") for c in against)
        step = _verify_step(item, self.config, found.answer, [to_dict(claim) for claim in found.value.claims])
        return Tried(answer, replace(verdict, problems=problems), step)


def _again(first: Request, answer: Answer, verdict: Verdict, item: Assignment) -> Request:
    """The first request with the reply it got, and why that cannot be used."""
    told = HEADINGS[item.language]["again"].format(problem=verdict.told)
    return replace(first, messages=(*first.messages, Message("assistant", (answer.text,)), Message("user", (told,))))


def _keep(item: Assignment, config: GuidedConfig, tried: Sequence[Tried]) -> Conversation:
    last = tried[-1]
    made, references = item.conversation(last.verdict.exchanges)
    written = Step(
        name="write",
        version=ENGINE,
        parameters={
            **item.prompt.step(),
            **_model(config.endpoint, last.answer),
            "sampling": to_dict(config.sampling),
            "structured": config.endpoint.structured,
            "attempts": len(tried),
            "refused": [list(one.verdict.reasons) for one in tried[:-1]],
            "gates": list(GATES),
            "references": references,
            "gmai": __version__,
        },
    )
    steps = (written, last.step) if last.step else (written,)
    return replace(made, template=f"{ENGINE}:{item.prompt.name}", steps=steps)


def _verify_step(item: Assignment, config: GuidedConfig, answer: Answer, claims: list[Any]) -> Step:
    assert config.verifier is not None
    prompt = read_prompt("verify", item.language, config.prompts)
    parameters = {**prompt.step(), **_model(config.verifier, answer), "claims": claims}
    return Step(name="verify", version=ENGINE, parameters={**parameters, "sampling": to_dict(config.verifier_sampling)})


def _model(endpoint: EndpointConfig, answer: Answer) -> dict[str, Any]:
    return {
        "model": endpoint.model,
        "served_as": answer.model,
        "host": host_class(endpoint.url),
        "answer": answer.key,
        "tokens": answer.usage.prompt + answer.usage.completion,
    }


def host_class(url: str) -> str:
    """Where an address leads: ``loopback``, ``private`` or ``remote``."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return "loopback"
    try:
        address = ip_address(host)
    except ValueError:
        return "remote"
    return "loopback" if address.is_loopback else "private" if address.is_private else "remote"


def _reject(item: Assignment, reason: str, detail: str) -> Reject:
    return Reject(id=item.id, stage="convert", reason=reason, detail=detail, unit="conversation")
