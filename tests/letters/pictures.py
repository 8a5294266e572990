"""Pictures made of nothing but their size and one colour, and files that are no such thing."""

import struct
import zlib


def png(width: int = 40, height: int = 20, colour: tuple[int, int, int] = (11, 92, 102)) -> bytes:
    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, content) for name, content in parts)


def _part(name: bytes, content: bytes) -> bytes:
    whole = name + content
    return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))


def far_too_wide() -> bytes:
    """It says it is 60,000 by 60,000, which would be 10 GB of colours; sound in all else."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, content) for name, content in parts)


# What nobody can use as a logo or a signature, and what its refusal says.
UNUSABLE = [
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a PNG or"),
    (b"<html><script>alert(1)</script>", "not a PNG or JPEG"),
    (b"GIF89a", "not a PNG or JPEG"),
    (b"\x89PNG\r\n\x1a\nnot a picture", "not a PNG or JPEG"),
    (b"\xff\xd8\xff\xe0" + b"\0" * 20 + b"\xff\xd9", "not a PNG or JPEG"),
    (far_too_wide(), "60,000 by 60,000 pixels. Save it with at most 4,000"),
    (png(4001, 1), "4,001 by 1 pixels"),
    (png(100, 100)[:60], "damaged or cut off"),
    (png(100, 100)[:-12], "damaged or cut off"),
    (png()[:40] + b"\0" * 30, "damaged or cut off"),
    (png() + b"<html><script>alert(1)</script>", "something else is in the file behind it"),
]
