"""What the settings mean: may mail go to outsiders, what is still to do."""

import enum
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from app.core.text.placeholders import gaps


class MailKind(enum.Enum):
    """Where external email goes at this moment."""

    CAUGHT = "caught"  # no mail server is configured: everything stays on this machine
    OFF = "off"
    WAITING = "waiting"  # for somebody to look at what people got
    LIVE = "live"


@dataclass(frozen=True)
class OutwardMail:
    """Whether letters may leave, in a word and in a sentence for the banner and the sender."""

    kind: MailKind
    sentence: str

    @property
    def may_send(self) -> bool:
        return self.kind in (MailKind.CAUGHT, MailKind.LIVE)


def outward_mail(
    *,
    mail_server: str,
    live_at: datetime | None,
    live_server: str,
    quiet_reason: str,
    look_first: str,
) -> OutwardMail:
    """A copy, and the quiet period, hold everything; then what matters is the server, and that it
    is live."""
    if look_first:
        return OutwardMail(MailKind.WAITING, look_first)
    if quiet_reason:
        return OutwardMail(MailKind.OFF, f"All external email is held: {quiet_reason}")
    if not mail_server:
        return OutwardMail(
            MailKind.CAUGHT,
            "No mail server is set up, so every email is caught here, not sent.",
        )
    if live_at is None:
        return OutwardMail(
            MailKind.OFF,
            "External email is switched off. "
            "An administrator can switch it on after the checklist.",
        )
    if live_server != mail_server:
        return OutwardMail(
            MailKind.OFF,
            f"External email was switched on for {live_server}, but the mail server is now "
            f"{mail_server}. An administrator has to go through the checklist again.",
        )
    return OutwardMail(MailKind.LIVE, "Letters go to the people they are addressed to.")


@dataclass(frozen=True)
class Check:
    """One line of the checklist before external email is switched on."""

    name: str
    label: str
    how: str
    depends_on: frozenset[str]  # a change of one of these settings takes the tick away


CHECKS = (
    Check(
        "spf_dkim",
        "SPF and DKIM seen",
        "Open the headers of the test mail where it arrived. Both must say “pass” for the domain "
        "of our From address; if not, ask whoever looks after the domain.",
        frozenset({"from_email"}),
    ),
    Check(
        "reply_address",
        "The reply address works",
        "Write to the Reply-To address from a private account, once with +test before its @ (as "
        "letters do, unless the settings say otherwise), and see both arrive with whoever reads "
        "that mailbox.",
        frozenset({"reply_to", "replies_carry_reference"}),
    ),
    Check(
        "privacy_line",
        "The privacy line is present",
        "Preview a letter. It must say where we got the person’s details and link to our privacy "
        "notice.",
        frozenset({"privacy_notice", "privacy_url"}),
    ),
    Check(
        "postal_address",
        "Our postal address is right",
        "The sender of a letter has to give an address. Read the one under “Set up” once more.",
        frozenset({"postal_address"}),
    ),
    Check(
        "test_mail",
        "A test mail to me arrived",
        "Send yourself a test mail from the Mail page, and see it arrive in your inbox, not in "
        "the junk folder.",
        frozenset({"from_email", "from_name"}),
    ),
)
BY_NAME = {check.name: check for check in CHECKS}


def checks_undone_by(changed: Collection[str]) -> list[str]:
    """Names of the checks whose ground has moved when these settings change."""
    return [check.name for check in CHECKS if check.depends_on & set(changed)]


_TO_FILL_IN = re.compile(r"\[([^\[\]\n]{1,80})\](?!\()")


def to_fill_in(notice: str) -> list[str]:
    """What is to be filled in before anybody reads it: whatever is in square brackets, as our
    starter text marks it (links are not), and the gaps of other tools."""
    bracketed = [f"[{words}]" for words in _TO_FILL_IN.findall(notice)]
    return list(dict.fromkeys((*bracketed, *(gap for _, gap in gaps(notice)))))


def why_not_published(notice: str) -> str:
    """Why a privacy notice cannot be shown yet; empty if it can."""
    left = to_fill_in(notice)
    if not left:
        return ""
    return (
        f"The privacy notice is not published yet. Still to be filled in: {', '.join(left)}. Put "
        "your own words there, without the brackets."
    )


def published_notice(notice: str, elsewhere: str) -> bool:
    """Whether people can read a notice: here with nothing left to fill in, or elsewhere."""
    return bool(elsewhere) or bool(notice.strip() and not to_fill_in(notice))


def filled_in(notice: str) -> str:
    """A starter text with what stands in brackets taken for right; for made-up data only."""
    kept = notice.replace(f" {ADD_TO_THIS}", "")
    return _TO_FILL_IN.sub(r"\1", kept)


def address_below(group_name: str, postal_address: str) -> list[str]:
    """The lines of our address as they follow our name: many people begin the address with it."""
    lines = [line.strip() for line in postal_address.splitlines() if line.strip()]
    name = group_name.split()
    if not lines or not name:
        return lines
    spaced = r"\s+".join(re.escape(word) for word in name)
    again = re.match(rf"(?:the\s+)?{spaced}\s*(?:[,.;:]\s*|$)", lines[0], re.IGNORECASE)
    rest = lines[0][again.end() :] if again else lines[0]
    return [line for line in (rest, *lines[1:]) if line]


ADD_TO_THIS = "[Put right or add to this.]"


def starter_privacy_notice(group_name: str, postal_address: str, reply_to: str) -> str:
    """A first text to put right; square brackets mark what only the group can know."""
    name = group_name or "[the name of the group]"
    address = (
        ", ".join(line.rstrip(",") for line in address_below(group_name, postal_address))
        or "[postal address]"
    )
    mail = reply_to or "[email address]"
    return f"""\
{name} is a working group of organisations that care about the health of children and young \
people. We write to the people who lead on children in England’s integrated care systems and in \
government. This notice says what we keep about you, why, and what you can ask of us.

# What we keep, and where we got it

- Your name, post, employer, and work address, email and telephone number.
- The letters we sent you, what you answered, and notes of meetings and calls.

We take contact details from the public pages of your organisation, from you, or from a list our \
group keeps. Every letter says which, and when.

# Why we may

We have a legitimate interest in speaking with public bodies about the health of children, and we \
have weighed it against yours. We use work details only. {ADD_TO_THIS}

# Who sees it

The members of the group’s working party. We do not sell it, and we do not pass it on outside the \
group. We do not track whether you open our emails.

# How long

As long as you hold the post and for [six] years after it, so that the history of our work stays \
readable. If you ask us not to write, we keep only what we need to respect that.

# What you can ask

You can ask for a copy of what we hold about you, have it put right or erased, object to our use \
of it, or complain. **If you ask us not to write to you, we stop, without a question.** Write to \
{mail}, or to {name}, {address}. We answer within one month.

If you are not content with our answer you can complain to the Information Commissioner’s Office, \
at [ico.org.uk](https://ico.org.uk/make-a-complaint/).
"""
