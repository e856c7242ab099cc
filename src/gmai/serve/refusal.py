"""Errors as clients of OpenAI's protocol know them: a status, and a body with message, type, parameter and code."""

from collections.abc import Sequence
from typing import Any

_TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


class Refusal(Exception):
    """A request that is not answered.

    Args:
        status: of HTTP.
        code: short slug, such as ``too_many_images``.
        message: what is wrong, in one sentence.
        param: place in the request, such as ``messages.0.content.1``.
        headers: further headers.
    """

    def __init__(
        self, status: int, code: str, message: str, param: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.param = status, code, message, param
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """The reply's body."""
        kind = _TYPES.get(self.status, "server_error" if self.status >= 500 else "invalid_request_error")
        return {"error": {"message": self.message, "type": kind, "param": self.param or None, "code": self.code}}


def place_of(parts: Sequence[int | str]) -> str:
    """A place in the request, written with points."""
    return ".".join(str(part) for part in parts)
