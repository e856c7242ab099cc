"""One file over HTTP(S), bounded in size and time, tried again where the server only has no time."""

import http.client
import time
import urllib.error
import urllib.request

from gmai.errors import RemoteError

_AGAIN = frozenset((429, 500, 502, 503, 504))
_WAITS_S = (0.5, 2.0, 8.0)
_PIECE = 1 << 20


def fetch(address: str, most: int, timeout_s: float) -> bytes:
    """Read a file of at most ``most`` bytes.

    Raises:
        RemoteError: ``remote.missing`` (404, 410), ``remote.status``, ``remote.too_large`` or ``remote.unreachable``.
    """
    for wait in (*_WAITS_S, None):
        try:
            return _fetch(address, most, timeout_s)
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
            if wait is None or status not in _AGAIN:
                reason = "remote.missing" if status in (404, 410) else "remote.status"
                raise RemoteError(f"the server answers {status}", where=address, reason=reason) from None
        except (OSError, http.client.HTTPException) as error:
            if wait is None:
                raise RemoteError(f"cannot be read: {error}", where=address, reason="remote.unreachable") from None
        time.sleep(wait)
    raise AssertionError("unreachable")


def _fetch(address: str, most: int, timeout_s: float) -> bytes:
    request = urllib.request.Request(address, headers={"User-Agent": "gmai"})
    with urllib.request.urlopen(request, timeout=timeout_s) as answer:
        pieces, size = [], 0
        while piece := answer.read(_PIECE):
            size += len(piece)
            if size > most:
                raise RemoteError(f"more than {most} bytes", where=address, reason="remote.too_large")
            pieces.append(piece)
        due = answer.headers.get("Content-Length")
        if due is not None and int(due) != size:
            raise http.client.IncompleteRead(b"", int(due) - size)
        return b"".join(pieces)
