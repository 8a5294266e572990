"""The one door for a picture from outside: it is decoded in a process of its own."""

from dataclasses import dataclass
from functools import lru_cache

from app.core.disposable.process import Failed, Limits, Refused, opened
from app.core.pictures.decoding import ENDINGS, UnusablePicture, media_type_of

# What is drawn here may be drawn in our own process afterwards, so it has to be content with less.
LIMITS = Limits(memory=512 * 1024 * 1024, cpu_seconds=10, seconds=20)


@dataclass(frozen=True)
class Picture:
    """One that can be shown and printed."""

    media_type: str
    content: bytes

    def file_name(self, name: str) -> str:
        return f"{name}.{ENDINGS[self.media_type]}"


@lru_cache(maxsize=4)  # the same logo goes on one letter after another
def checked(content: bytes) -> Picture:
    try:
        return Picture(opened(media_type_of, content, LIMITS), content)
    except Refused as refusal:
        raise UnusablePicture(str(refusal)) from None
    except Failed:
        raise UnusablePicture(
            "The picture takes more time or memory than Liaise gives to one. Save it smaller, as a"
            " plain PNG or JPEG, and try that."
        ) from None
