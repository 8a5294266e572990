"""Passwords at rest: Argon2id, 19 MiB, two passes, one lane."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 1024  # bytes; more would only be a way to keep the processor busy

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# One at a time in each process, so that a rush of sign-ins cannot starve the other pages.
_one_at_a_time = threading.Lock()

# The hash of a random text nobody kept. Whoever has no password is checked against it, and a
# stranger cannot tell from the time taken whether an address is known.
_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$QiaUezmMS3roo0xugB7S2Q"
    "$vF9QCCd5QVFU9yKZC8JFDrOyiwPSIu0zHt+AQgT8qT4"
)


def hash_password(password: str) -> str:
    with _one_at_a_time:
        return _hasher.hash(_bytes(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; always takes as long, also when there is none to compare."""
    typed = _bytes(password)
    with _one_at_a_time:
        try:
            _hasher.verify(password_hash or _NOBODY, typed[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None and len(typed) <= LONGEST


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other settings than today's and should be made again."""
    return _hasher.check_needs_rehash(password_hash)


def _bytes(password: str) -> bytes:
    """The same letters typed on different keyboards are the same password."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
