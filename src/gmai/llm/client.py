"""Questions to any OpenAI-compatible server: many at a time, in order, each answer kept the moment it comes.

``ask_all`` reads questions as they are needed and yields outcomes in the same order, so that a run's output does not
depend on which answer came first. Refusals for lack of room (429, 503) lower the number of questions under way; other
faults are tried again after a growing wait; what cannot succeed (a wrong key, an unknown model) stops the run at once.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from gmai.base import environment, hash_bytes, hash_unit
from gmai.errors import ConfigError, MissingExtra, RemoteError
from gmai.llm.encoded import EncodedPictures
from gmai.llm.journal import Journal
from gmai.llm.ledger import Ledger
from gmai.llm.limiter import Limiter
from gmai.llm.messages import Answer, Failure, Message, Outcome, Picture, Request
from gmai.llm.wire import encode_request, read_answer
from gmai.types import record

T = TypeVar("T")
A = TypeVar("A")
WINDOW = 4
"""Questions read ahead of the oldest open one, as a multiple of those under way."""
_TERMINAL = {401: "the server refuses the key", 403: "the server refuses access", 404: "no such model or address"}
_FULL = {429, 503, 529}
_AGAIN = {408, 425, 500, 502, 504}
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
MOST_REPLY = 64 << 20


@record
class EndpointConfig:
    """A server that speaks the chat-completions protocol, and how it is to be treated."""

    model: str
    """Name the server knows the model by."""
    url: str = "http://127.0.0.1:8000/v1"
    """Address up to and including the version."""
    key_variable: str = "OPENAI_API_KEY"
    """Environment variable that holds the key; sent only where it is set."""
    in_flight: int = 64
    """Most questions under way at a time."""
    timeout_s: float = 300.0
    """For one answer."""
    attempts: int = 6
    """How often a question is put before it counts as failed."""
    structured: Literal["json_schema", "json_object", "text"] = "json_schema"
    """How a server is told the schema of an answer; it is checked here in any case."""
    price_prompt: float = 0.0
    """Money for a million tokens of questions."""
    price_completion: float = 0.0
    """Money for a million tokens of answers."""
    picture_cache_mb: int = 32
    """Memory for encoded pictures, so that questions about the same picture, one after another, encode it once."""

    def __post_init__(self) -> None:
        """Refuse what no question could be put with.

        Raises:
            ConfigError: an address that is none of HTTP, or a number out of its range.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            fix = "such as http://127.0.0.1:8000/v1"
            raise ConfigError("an address of a server begins with http:// or https://", where=self.url, fix=fix)
        for name in ("in_flight", "attempts", "timeout_s"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} cannot be {getattr(self, name)}", where=self.url)


class Client:
    """A connection to one server, with journal and ledger; its loop runs in a thread of its own."""

    def __init__(self, config: EndpointConfig, journal: Journal | None = None) -> None:
        self.config = config
        self.journal = journal
        self.ledger = Ledger(config.price_prompt, config.price_completion)
        self._limiter = Limiter(config.in_flight)
        self._pictures = EncodedPictures(config.picture_cache_mb)
        self._open: dict[str, asyncio.Future[Outcome | None]] = {}
        self._session: Any = None
        self._address = f"{config.url.rstrip('/')}/chat/completions"
        self._models = f"{config.url.rstrip('/')}/models"
        self._stopped: RemoteError | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="llm", daemon=True)
        self._thread.start()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; answers under way are lost, answers that came are in the journal."""
        if not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
        if self.journal is not None:
            self.journal.flush()

    def map(self, work: Callable[[A], Awaitable[T]], items: Iterable[A]) -> Iterator[T]:
        """Do ``work`` (which awaits :meth:`ask`) for each item, many at a time; results come in the items' order.

        Raises:
            RemoteError: the server cannot be used at all.
        """
        waiting: deque[Future[T]] = deque()

        async def run(item: A) -> T:
            return await work(item)

        try:
            for item in items:
                waiting.append(asyncio.run_coroutine_threadsafe(run(item), self._loop))
                if len(waiting) >= WINDOW * self.config.in_flight:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def do(self, work: Coroutine[Any, Any, T]) -> "asyncio.Future[T]":
        """Have work done in this client's loop, awaited from the loop of another client."""
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def ask_all(self, requests: Iterable[Request]) -> Iterator[Outcome]:
        """Ask many questions; outcomes come in the questions' order.

        Raises:
            RemoteError: the server cannot be used at all (wrong key, unknown model).
        """
        return self.map(self.ask, requests)

    async def ask(self, request: Request) -> Outcome:
        """Ask one question, unless the journal knows its answer or the same question is under way.

        Raises:
            RemoteError: as :meth:`ask_all`.
        """
        key = request.key(self.config.model)
        found = None if self.journal is None else self.journal.find(key)
        if found is not None:
            outcome: Outcome = replace(found, reused=True, tag=request.tag)
        else:
            outcome = await self._share(request, key)
        self.ledger.count(outcome)
        return outcome

    async def _share(self, request: Request, key: str) -> Outcome:
        """Put a question, or wait for the same one that is under way, and put it where that one is given up."""
        while (other := self._open.get(key)) is not None:
            outcome = await asyncio.shield(other)
            if outcome is not None:
                outcome = replace(outcome, tag=request.tag)
                return replace(outcome, reused=True) if isinstance(outcome, Answer) else outcome
        self._open[key] = mine = asyncio.get_running_loop().create_future()
        outcome = None
        try:
            outcome = await self._put(request, key)
            return outcome
        finally:
            del self._open[key]
            mine.set_result(outcome)

    async def _put(self, request: Request, key: str) -> Outcome:
        problem = RemoteError("never asked")
        for attempt in range(self.config.attempts):
            if attempt:
                self.ledger.retries[problem.reason] += 1
                await asyncio.sleep(_wait(key, attempt))
            try:
                answer = read_answer(await self._send(request), request, key)
                if self.journal is not None:
                    self.journal.add(answer)
                return answer
            except RemoteError as error:
                problem = error
                if error.reason in ("llm.stopped", "llm.refused_request"):
                    break
        if problem.reason == "llm.stopped":
            raise problem
        return Failure(key=key, reason=problem.reason, detail=problem.message, attempts=attempt + 1, tag=request.tag)

    def is_there(self) -> bool:
        """True if the server gives any sign of life: it is asked for its models, which costs nothing."""
        return asyncio.run_coroutine_threadsafe(self._ping(), self._loop).result()

    async def _ping(self) -> bool:
        aiohttp = _aiohttp()
        for attempt in range(self.config.attempts):
            if attempt:
                await asyncio.sleep(_wait(self._models, attempt))
            try:
                if self._session is None:
                    self._session = self._new_session()
                async with self._session.get(self._models) as reply:
                    if reply.status < 500:
                        return True
            except (TimeoutError, aiohttp.ClientError):
                continue
        return False

    async def _send(self, request: Request) -> bytes:
        """Put a question once there is room; its pictures are encoded only then, not while it waits."""
        await self._limiter.enter()
        started = time.monotonic()
        try:
            if self._stopped is not None:
                raise self._stopped
            body = encode_request(request, self.config.model, self._pictures, self.config.structured)
            status, data, retry_after = await self._post(body)
            if status in _FULL:
                self._limiter.refused(started, retry_after)
        finally:
            self._limiter.leave()
        if status == 200:
            self._limiter.coped()
            return data
        said = data[:200].decode("utf-8", "replace")
        if status in _FULL:
            raise RemoteError(f"the server has no room: {status} {said}", reason="llm.rate_limited")
        if status in _AGAIN:
            raise RemoteError(f"the server failed: {status} {said}", reason="llm.server")
        if status in _TERMINAL:
            fix = f"check the address, the model and {self.config.key_variable}"
            what = f"{_TERMINAL[status]}: {status} {said}"
            self._stopped = RemoteError(what, where=self.config.url, fix=fix, reason="llm.stopped")
            raise self._stopped
        raise RemoteError(f"the server refuses the question: {status} {said}", reason="llm.refused_request")

    async def _post(self, body: bytes) -> tuple[int, bytes, float]:
        aiohttp = _aiohttp()
        if self._session is None:
            self._session = self._new_session()
        try:
            async with self._session.post(self._address, data=body) as reply:
                return reply.status, await _read(reply), _seconds(reply.headers.get("Retry-After"))
        except TimeoutError:
            what = f"no answer within {self.config.timeout_s:g} s"
            raise RemoteError(what, where=self.config.url, reason="llm.timeout") from None
        except aiohttp.ClientError as error:
            what = f"the connection failed: {type(error).__name__} {error}"
            raise RemoteError(what, where=self.config.url, reason="llm.connection") from None

    def _new_session(self) -> Any:
        aiohttp = _aiohttp()
        headers = {"Content-Type": "application/json"}
        if secret := environment(self.config.key_variable):
            headers["Authorization"] = f"Bearer {secret}"
        return aiohttp.ClientSession(
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=self.config.timeout_s),
            connector=aiohttp.TCPConnector(limit=0),
        )

    async def _end(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


@contextmanager
def open_client(config: EndpointConfig, journal: Path | None = None) -> Iterator[Client]:
    """A client with its journal, both closed at the end.

    Raises:
        FormatError: the journal's file is something else.
    """
    if journal is None:
        with Client(config) as client:
            yield client
        return
    with Journal(journal) as opened, Client(config, opened) as client:
        yield client


def ask_once(config: EndpointConfig, question: str, picture: Path | None = None) -> Answer:
    """Put one question, perhaps with a picture, and return the answer.

    Raises:
        RemoteError: there is none.
    """
    parts: tuple[str | Picture, ...] = (question,)
    if picture is not None:
        data = picture.read_bytes()
        parts = (Picture(hash_bytes(data), lambda: data), question)
    with Client(config) as client:
        outcome = next(client.ask_all([Request(messages=(Message("user", parts),))]))
    if isinstance(outcome, Answer):
        return outcome
    raise RemoteError(outcome.detail, where=config.url, reason=outcome.reason)


def _wait(key: str, attempt: int) -> float:
    """Doubling waits, spread by the question's key so that a burst does not come back as one."""
    longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempt - 1))
    spread: float = longest * (0.5 + hash_unit(key, attempt) / 2)
    return spread


async def _read(reply: Any) -> bytes:
    """A reply's body, which comes in one piece as a rule.

    Raises:
        RemoteError: ``llm.malformed``: it is longer than any answer.
    """
    pieces, size = [], 0
    async for piece in reply.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > MOST_REPLY:
            raise RemoteError(f"a reply of more than {MOST_REPLY >> 20} MiB", reason="llm.malformed")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _seconds(retry_after: str | None) -> float:
    try:
        return min(max(float(retry_after or 0), 0.0), LONGEST_WAIT_S)
    except ValueError:
        return 0.0


def _aiohttp() -> Any:
    try:
        import aiohttp
    except ModuleNotFoundError:
        raise MissingExtra("asking a server needs aiohttp", fix="pip install 'gmai[llm]'") from None
    return aiohttp
