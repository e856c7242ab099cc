"""The pictures of a question as files: as they are stored, or in another format where the file's ending asks for it."""

from io import BytesIO
from pathlib import Path

from gmai.base import write_bytes
from gmai.bench.question import PublicQuestion
from gmai.errors import ImageError

_ENDINGS = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif", b"BM": ".bmp", b"RIFF": ".webp"}
_SAME = {".jpeg": ".jpg", ".jpe": ".jpg"}


def write_pictures(question: PublicQuestion, out: Path) -> list[Path]:
    """Write the pictures of a question: the one to ``out``, several to ``NAME-1.png`` and so on.

    Bytes stay as they are, unless the ending is that of another format.

    Raises:
        ImageError: a picture that is to be written anew cannot be read, or the ending is no format of pictures.
    """
    pictures = question.pictures()
    names = [out] if len(pictures) == 1 else [out.with_stem(f"{out.stem}-{n}") for n in range(1, len(pictures) + 1)]
    for name, data in zip(names, pictures, strict=True):
        write_bytes(name, _as(data, name))
    return names


def _as(data: bytes, name: Path) -> bytes:
    from PIL import Image

    wanted = _SAME.get(name.suffix.lower(), name.suffix.lower())
    stored = next((ending for begin, ending in _ENDINGS.items() if data.startswith(begin)), "")
    if wanted in ("", stored):
        return data
    formats = Image.registered_extensions()
    if wanted not in formats:
        raise ImageError(f"no format of pictures is called {name.suffix!r}", where=str(name), reason="image.format")
    out = BytesIO()
    try:
        with Image.open(BytesIO(data)) as image:
            shown = image.convert("RGB") if wanted == ".jpg" and image.mode not in ("L", "RGB", "CMYK") else image
            shown.save(out, format=formats[wanted])
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageError(f"no whole picture: {error}", where=str(name), reason="image.broken") from None
    return out.getvalue()
