"""Names that were met before, on disk, so that memory stays flat."""

import sqlite3
from pathlib import Path

from gmai.base import hash_bytes


class Known:
    """Names with what is known of each, by their hashes, in a file that is thrown away afterwards."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.execute("PRAGMA synchronous = OFF")
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("CREATE TABLE known (name INTEGER PRIMARY KEY, told TEXT)")

    def __contains__(self, name: str) -> bool:
        return self.find(name) is not None

    def find(self, name: str) -> str | None:
        """What was told of a name, None if it was never met."""
        found = self._base.execute("SELECT told FROM known WHERE name = ?", (_key(name),)).fetchone()
        return None if found is None else str(found[0])

    def add(self, name: str, told: str = "") -> bool:
        """Add a name; returns False if it was there."""
        return self._base.execute("INSERT OR IGNORE INTO known VALUES (?, ?)", (_key(name), told)).rowcount == 1

    def close(self) -> None:
        """Close the file."""
        self._base.close()


def _key(name: str) -> int:
    return int(hash_bytes(name.encode("utf-8", "surrogatepass"))[:15], 16)
