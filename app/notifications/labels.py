"""What each kind of event is called where one chooses how to be told of it."""

from dataclasses import dataclass

from app.notifications.models import By, Event

MAIL_WORDS = {By.DIGEST: "In the morning", By.AT_ONCE: "At once", By.OFF: "No mail"}


@dataclass(frozen=True)
class Kind:
    """`mails` are the ways it can be mailed; some things happen only in the morning."""

    event: Event
    what: str
    note: str
    has_bell: bool = True
    mails: tuple[By, ...] = (By.DIGEST, By.AT_ONCE, By.OFF)

    @property
    def bell_field(self) -> str:
        return f"bell_{self.event.name.lower()}"

    @property
    def mail_field(self) -> str:
        return f"mail_{self.event.name.lower()}"


IN_THE_MORNING = (By.DIGEST, By.OFF)

KINDS = (
    Kind(Event.MENTION, "A colleague mentions you", "With @ and your name, where you may read it"),
    Kind(Event.FOLLOW_UP, "A colleague gives you a follow-up", "With its day"),
    Kind(
        Event.DUE,
        "Something of yours is due",
        "Follow-ups, promises and meetings of the day, chasers to check, what is overdue",
        mails=IN_THE_MORNING,
    ),
    Kind(Event.REMINDER, "A milestone’s date comes near", "As its reminder rules say, until met"),
    Kind(Event.APPROVAL, "A mailing wants your approval", "Only those you had no hand in"),
    Kind(
        Event.MAILING,
        "A mailing of yours is paused, or has finished",
        "Also letters whose fate only a person can find out",
    ),
    Kind(
        Event.REPLY,
        "A reply is recorded, or a letter comes back",
        "Of a mailing of yours, or from a body you look after",
    ),
    Kind(
        Event.DIGEST,
        "Your morning mail",
        "All of this in one mail, on working mornings with something to say",
        has_bell=False,
        mails=IN_THE_MORNING,
    ),
)
