"""The list of mailings: its columns, its filters, and the next step of each."""

from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.letters.models import LetterTemplate, Mailing, MailingState

NEXT_STEPS = {
    MailingState.AWAITING_APPROVAL: "A second person reads and approves it",
    MailingState.HOLDING: "Leaves when the hold is over; Stop is still possible",
    MailingState.SENDING: "Letters are leaving",
    MailingState.PAUSED: "See why it paused",
    MailingState.STOPPED: "See what had gone",
    MailingState.EXPIRED: "Needs approval again",
    MailingState.FINISHED: "See what happened to each letter",
}


WAITS_ON_PAPER = "Print and post what is left"


def next_step(mailing: Mailing, *, waits_on_paper: bool = False) -> str:
    if mailing.state is MailingState.SENDING and waits_on_paper:
        return WAITS_ON_PAPER
    if mailing.state is not MailingState.DRAFT:
        return NEXT_STEPS[mailing.state]
    return "Check the letters" if mailing.frozen_at is None else "Ask for approval"


MAILINGS = ListView(
    name="Mailings",
    columns=(
        Column("name", "Mailing", lambda row: row.Mailing.name, Mailing.name),
        Column("state", "State", lambda row: row.Mailing.state.value, Mailing.state),
        Column(
            "caught",
            "Caught here, not sent",
            lambda row: "yes" if row.was_caught else "",
            on_page=False,
        ),
        Column(
            "letters",
            "Letters",
            lambda row: row.Mailing.letter_count,
            Mailing.letter_count,
            numeric=True,
        ),
        Column("template", "Template", lambda row: row.template, LetterTemplate.name),
        Column("author", "Author", lambda row: row.author),
        Column("released", "Released", lambda row: row.Mailing.released_at, Mailing.released_at),
        Column(
            "next",
            "Next step",
            lambda row: next_step(row.Mailing, waits_on_paper=row.waits_on_paper),
        ),
    ),
    filters=(
        Filter(
            "state",
            "State",
            FilterKind.CHOICE,
            lambda value: Mailing.state == MailingState(value),
            choices=[(state.value, state.value.capitalize()) for state in MailingState],
        ),
        Filter(
            "q",
            "Name contains",
            FilterKind.TEXT,
            lambda value: Mailing.name.icontains(value, autoescape=True),
        ),
    ),
    tie_break=Mailing.id.desc(),
)
