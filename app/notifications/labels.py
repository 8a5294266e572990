"""What each kind of event is called where one chooses how to be told of it."""

from dataclasses import dataclass

from app.notifications.models import Event, MailedBy

MAIL_WORDS = {
    MailedBy.DIGEST: "In the morning",
    MailedBy.AT_ONCE: "Straight away",
    MailedBy.OFF: "No email",
}


@dataclass(frozen=True)
class EventKind:
    """`mails` are the ways it can be mailed; some things happen only in the morning."""

    event: Event
    what: str
    note: str
    has_bell: bool = True
    mails: tuple[MailedBy, ...] = (MailedBy.DIGEST, MailedBy.AT_ONCE, MailedBy.OFF)

    @property
    def bell_field(self) -> str:
        return f"bell_{self.event.name.lower()}"

    @property
    def mail_field(self) -> str:
        return f"mail_{self.event.name.lower()}"


IN_THE_MORNING = (MailedBy.DIGEST, MailedBy.OFF)

KINDS = (
    EventKind(
        Event.MENTION, "A colleague mentions you", "With @ and your name, where you may read it"
    ),
    EventKind(Event.FOLLOW_UP, "A colleague gives you a follow-up", "With its day"),
    EventKind(
        Event.DUE,
        "Something of yours is due",
        "Follow-ups, promises and meetings of the day, chasers to check, what is overdue",
        mails=IN_THE_MORNING,
    ),
    EventKind(Event.REMINDER, "A milestone’s date is near", "As its reminder rules say, until met"),
    EventKind(Event.APPROVAL, "A mailing needs your approval", "Only those you had no hand in"),
    EventKind(
        Event.MAILING,
        "A mailing of yours is paused, or has finished",
        "Also letters that may or may not have arrived",
    ),
    EventKind(
        Event.REPLY,
        "A reply is recorded, or a letter comes back",
        "Of a mailing of yours, or from a body you look after",
    ),
    EventKind(
        Event.DIGEST,
        "Morning email",
        "All of this in one email, on working mornings when there is something to tell you",
        has_bell=False,
        mails=IN_THE_MORNING,
    ),
)
