"""What a letter is recognised by, whatever happens to it on its way: the same on every attempt."""

import hashlib

from app.core.mail import mime_message
from app.letters.content.fields import House

# Without 0, 1, I, L, O and U: read out on the telephone, none is taken for another.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def reference_for(installation: str, mailing_id: int, addressee_key: str, series: int) -> str:
    """The visible reference: "7K3M9-QX2PV"."""
    said = "\x1f".join((installation, str(mailing_id), addressee_key, str(series)))
    number = int.from_bytes(hashlib.sha256(said.encode()).digest(), "big")
    digits = []
    for _ in range(10):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return f"{''.join(digits[:5])}-{''.join(digits[5:])}"


def message_id_for(
    installation: str, mailing_id: int, addressee_key: str, series: int, from_email: str
) -> str:
    domain = from_email.rpartition("@")[2]
    return mime_message.message_id(domain, installation, mailing_id, addressee_key, series)


def reply_address(house: House, reference: str) -> str:
    """The reply address with the reference in it: an answer finds its letter by this alone.

    Not every mailbox takes mail with a plus sign, so the group can do without.
    """
    local, at, domain = house.reply_to.strip().rpartition("@")
    if not (local and house.replies_carry_reference):
        return house.reply_to
    token = reference.replace("-", "").lower()
    return f"{local}+{token}{at}{domain}"
