"""The exceptions of gmai; the text of each says what is wrong, where, and what to do.

    GmaiError                     anything the user can put right; the command line prints it without a traceback
    ├── ConfigError               a config file, a flag or an output folder that does not fit
    ├── CardError                 a source card that is wrong, or whose files are missing
    ├── FormatError               an annotation file that cannot be read as what it claims to be
    ├── ImageError                a picture or volume that cannot be read whole
    ├── MissingExtra              an optional package is not installed; carries the install line
    ├── RemoteError               a server that did not answer as agreed
    ├── RejectLimit               more rejects than --max-rejects allows
    ├── LeakageError              training and benchmark share what they must not share
    ├── ModelError                a checkpoint or model that does not fit what is asked of it
    └── ScoreError                predictions and keys that do not belong together

Any other exception is a bug and shows its traceback.
"""


class GmaiError(Exception):
    """Base of all errors a user can put right.

    Args:
        message: what is wrong, in one sentence.
        where: the place, such as ``labels.csv:12`` or ``annotations.0.box.xyxy.3``.
        fix: what to do about it.
        reason: short dotted slug used when the error becomes a counted reject, such as ``image.truncated``.
    """

    default_reason = "error"

    def __init__(self, message: str, *, where: str = "", fix: str = "", reason: str = "") -> None:
        self.message = message
        self.where = where
        self.fix = fix
        self.reason = reason or self.default_reason
        super().__init__(message)

    def __str__(self) -> str:
        return " · ".join(part for part in (self.message, self.where, self.fix) if part)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.where, self.fix, self.reason)


def _rebuild(kind: type[GmaiError], message: str, where: str, fix: str, reason: str) -> GmaiError:
    return kind(message, where=where, fix=fix, reason=reason)


class ConfigError(GmaiError):
    """A config file, a flag or an output folder that does not fit."""

    default_reason = "config"


class CardError(GmaiError):
    """A source card that is wrong, or whose files are missing."""

    default_reason = "card"


class FormatError(GmaiError):
    """An annotation file or record that cannot be read as what it claims to be."""

    default_reason = "format"


class ImageError(GmaiError):
    """A picture or volume that cannot be read whole."""

    default_reason = "image"


class MissingExtra(GmaiError):
    """An optional package is not installed; ``fix`` is the install line."""

    default_reason = "missing_extra"


class RemoteError(GmaiError):
    """A server that did not answer as agreed."""

    default_reason = "remote"


class RejectLimit(GmaiError):
    """More rejects than ``--max-rejects`` allows."""

    default_reason = "reject_limit"


class LeakageError(GmaiError):
    """Training and benchmark share what they must not share."""

    default_reason = "leakage"


class ModelError(GmaiError):
    """A checkpoint or model that does not fit what is asked of it."""

    default_reason = "model"


class ScoreError(GmaiError):
    """Predictions and keys that do not belong together."""

    default_reason = "score"
