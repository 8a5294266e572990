"""Email addresses: which can be written to, and when two are the same."""

import unicodedata

import idna
from email_validator import EmailNotValidError, validate_email

from app.core.errors import DomainError


class BadAddress(DomainError):
    """An address that no letter could be sent to."""


def address_key(address: str) -> str:
    """Two addresses with one key are one mailbox to us.

    Case, spaces, invisible characters, compatibility forms (full-width letters) and the two ways
    of writing an international domain do not count. A plus tag does: `a+x@b` may be another
    person's mailbox. To compare without tags, use `without_tag`.
    """
    plain = unicodedata.normalize("NFKC", address)
    kept = "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Cf")
    local, at, domain = kept.lower().rpartition("@")
    return f"{local}{at}{_ascii(domain)}"


def without_tag(key: str) -> str:
    """The key of the mailbox that `name+tag@` most likely ends up in."""
    local, at, domain = key.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def mailbox(key: str) -> str:
    """Two addresses with one mailbox most likely reach one reader: tags and dots do not count."""
    local, at, domain = without_tag(key).rpartition("@")
    return f"{local.replace('.', '')}{at}{domain}"


def checked_address(text: str) -> str:
    """The address as it should be kept; refuses what no server could be asked to deliver."""
    kept = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
    local = kept.rpartition("@")[0]
    if not local.isascii():
        raise BadAddress(
            f"“{kept}” has an accented or non-Latin letter before the @, which Liaise cannot send "
            "to. Ask for an address in plain letters."
        )
    try:
        # `.test` is allowed: it can reach nobody, and made-up people have addresses there.
        found = validate_email(
            kept, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError as refusal:
        if not kept:
            raise BadAddress("Enter an email address, such as name@example.org.") from refusal
        raise BadAddress(f"“{kept}” is not an email address: {_why_not(kept)}.") from refusal
    return found.normalized


def _why_not(text: str) -> str:
    """What to look at, in our own words: the library's are for programmers."""
    local, at, domain = text.rpartition("@")
    reasons = (
        (any(sign in text for sign in ",;"), "give one address here"),
        (not at, "there is no @ in it"),
        (text.count("@") > 1, "there is more than one @ in it"),
        (any(sign.isspace() for sign in text), "there is a space in it"),
        (not local, "there is nothing before the @"),
        (not domain, "there is nothing after the @"),
        ("." not in domain, "there is no dot after the @"),
        (".." in text or ".@" in text or "@." in text, "there is a dot too many in it"),
        (text.startswith(".") or text.endswith("."), "it begins or ends with a dot"),
    )
    usual = "check it for a sign that does not belong there"
    return next((why for is_so, why in reasons if is_so), usual)


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain
