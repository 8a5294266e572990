"""How long notes may be."""

from app.core.errors import DomainError

LONGEST = 500_000  # bytes of UTF-8


class TooLong(DomainError):
    """More than a page can carry."""


def refuse_too_long(text: str) -> None:
    if (size := len(text.encode("utf-8", "surrogatepass"))) > LONGEST:
        raise TooLong(
            f"This text takes {size // 1000 + 1:,} kB; the most is {LONGEST // 1000:,} kB. "
            "Shorten it, or split it into two notes."
        )
