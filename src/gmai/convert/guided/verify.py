"""A second model's opinion of each claim of a text; what it does not support is not kept."""

from collections.abc import Sequence

from gmai.convert.guided.assignments import Assignment
from gmai.convert.guided.config import GuidedConfig
from gmai.convert.guided.prompts import list_claims, list_facts, read_prompt
from gmai.convert.guided.replies import Claim, Exchange, VerifyReply, texts_of
from gmai.llm import Client, Failure, Message, Request, Structured, ask_record


async def verify(
    verifier: Client, config: GuidedConfig, assignment: Assignment, exchanges: Sequence[Exchange]
) -> Structured[VerifyReply] | Failure:
    """Ask the verifier for a verdict on every claim; runs in the verifier's own loop."""
    claims = list(texts_of(exchanges))
    prompt = read_prompt("verify", assignment.language, config.prompts)
    text = f"{list_facts(assignment.ground)}\n\n{list_claims(claims, assignment.language)}"
    messages = Message("system", (prompt.body,)), Message("user", (*assignment.pictures, text))
    request = Request(messages=messages, sampling=config.verifier_sampling, tag=f"verify {prompt.name}")

    def check(reply: VerifyReply) -> str | None:
        wanted = list(range(1, len(claims) + 1))
        given = sorted(claim.number for claim in reply.claims)
        return None if given == wanted else f"give one verdict for each of the claims 1 to {len(claims)}, not {given}"

    return await ask_record(verifier, request, VerifyReply, check=check)


def find_unsupported(reply: VerifyReply, keep_unknown: bool) -> list[Claim]:
    """The claims that speak against a text, contradicted ones first."""
    refused = [claim for claim in reply.claims if claim.verdict == "contradicted"]
    return refused + [claim for claim in reply.claims if claim.verdict == "unknown" and not keep_unknown]
