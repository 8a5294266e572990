"""Whether a file is a picture and nothing else, and one that can be drawn.

Runs in a process of its own (`checking`), so it imports nothing that takes long.
"""

import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from app.core.errors import DomainError

LARGEST_PICTURE = 500 * 1024
MOST_PIXELS_A_SIDE = 4_000
ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}
# The parts of a JPEG that say how large it is: every kind of frame, but no table.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
_JPEG_BEGINS, _JPEG_ENDS = b"\xff\xd8\xff", b"\xff\xd9"


class UnusablePicture(DomainError):
    """The picture is not kept; the sentence says what to do."""


def media_type_of(content: bytes) -> str:
    """What kind of picture this is, all of it looked at and drawn once."""
    if len(content) > LARGEST_PICTURE:
        raise UnusablePicture("The picture is larger than 500 kB. Save it smaller and try again.")
    kind = _kind(content)
    size = _size(content) if kind else None
    if kind is None or size is None:
        raise UnusablePicture(
            "This file is not a PNG or JPEG picture. Save it as PNG or JPEG and try again."
        )
    if not 0 < max(size) <= MOST_PIXELS_A_SIDE:
        raise UnusablePicture(
            f"The picture is {size[0]:,} by {size[1]:,} pixels. Save it with at most "
            f"{MOST_PIXELS_A_SIDE:,} on each side and try again."
        )
    if not _ends_where_it_should(content) or not _can_be_drawn(content, f"picture.{ENDINGS[kind]}"):
        raise UnusablePicture(
            "The picture is damaged or cut off, or something else is in the file behind it. Open"
            " it in a picture program, save it as a new PNG or JPEG and try that."
        )
    return kind


def _kind(content: bytes) -> str | None:
    if content.startswith(_PNG_BEGINS) and content[12:16] == b"IHDR":
        return "image/png"
    return "image/jpeg" if content.startswith(_JPEG_BEGINS) else None


def _size(content: bytes) -> tuple[int, int] | None:
    """Width and height as the file itself says, before anything decodes it."""
    if content.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", content[16:24].ljust(8, b"\0"))
        return width, height
    place = 2
    while place + 9 < len(content) and content[place] == 0xFF:
        marker, length = struct.unpack(">xBH", content[place : place + 4])
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return None


def _ends_where_it_should(content: bytes) -> bool:
    """Nothing comes after the picture but a filling of zeros, which some programs write."""
    if content.startswith(_JPEG_BEGINS):
        return content.rstrip(b"\0").endswith(_JPEG_ENDS)
    place = len(_PNG_BEGINS)
    while place + 12 <= len(content):
        length, name = struct.unpack(">I4s", content[place : place + 8])
        place += 12 + length
        if name == b"IEND":
            return not content[place:].strip(b"\0")
    return False


def _can_be_drawn(content: bytes, file_name: str) -> bool:
    """As letters are drawn, so that what is kept can be printed."""
    with TemporaryDirectory() as folder:
        (Path(folder) / file_name).write_bytes(content)
        page = Path(folder) / "page.typ"
        page.write_text("#image(sys.inputs.name, width: 5cm)", encoding="utf-8")
        try:
            typst.compile(
                str(page),
                root=folder,
                format="png",
                sys_inputs={"name": file_name},
                ignore_system_fonts=True,
            )
        except typst.TypstError:
            return False
    return True
