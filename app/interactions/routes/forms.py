"""The shape of what people fill in about meetings, calls and notes."""

from datetime import date, time
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from app.accounts.models import User
from app.accounts.visibility import Visibility
from app.core.from_outside import DAY_WANTED, record_number, record_numbers
from app.core.web.form_fields import Day, TimeOfDay, Whole
from app.editing.one_fact import changeable
from app.interactions.entries.details import Details
from app.interactions.models import InteractionKind, InteractionState, OutcomeKind, PromisedBy
from app.interactions.outcomes.outcomes import OutcomeDetails

KINDS = {
    InteractionKind.MEETING: "A meeting",
    InteractionKind.CALL: "A call",
    InteractionKind.EMAIL: "An email",
    InteractionKind.NOTE: "A note",
    InteractionKind.EVENT: "An event",
}
STATES = {
    InteractionState.HELD: "It took place",
    InteractionState.PLANNED: "It is planned",
    InteractionState.CANCELLED: "It was cancelled",
}
# What can come out of it, as the log form asks; its page asks the same in more words.
OUTCOMES = {
    "follow-up": ("Something to do", OutcomeKind.FOLLOW_UP, None),
    "us": ("We promised", OutcomeKind.COMMITMENT, PromisedBy.US),
    "them": ("They promised", OutcomeKind.COMMITMENT, PromisedBy.THEM),
    "decision": ("A decision", OutcomeKind.DECISION, None),
    "question": ("An open question", OutcomeKind.QUESTION, None),
}
READERS = {
    Visibility.GROUP: "Everyone in the group",
    Visibility.MEMBER: "Only my member organisation",
    Visibility.AUTHOR: "Only me",
}


def strip(value: str | None) -> str:
    return (value or "").strip()


def at_most(characters: int) -> Length:
    return Length(max=characters, message=f"Keep this to {characters} characters.")


class Line(StringField):
    """One line, trimmed."""

    data: Any
    trouble = ""  # why what was typed leads to nobody, once it was looked up

    def __init__(self, label: str, *, most: int = 200, **kwargs: Any) -> None:
        super().__init__(label, [at_most(most)], filters=[strip], **kwargs)


class Pasted(TextAreaField):
    """A list as it was pasted."""

    data: Any
    trouble = ""  # as in Line


class Picks(SelectMultipleField):
    """Records chosen by their numbers. Its choices are those already ticked and those offered."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
    data: Any

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, coerce=record_number, validate_choice=False, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = record_numbers(valuelist)

    def offer(self, choices: dict[int, str]) -> None:
        self.choices = [SelectChoice(id_, words) for id_, words in choices.items()]
        self.data = [id_ for id_ in dict.fromkeys(self.data or []) if id_ in choices]


def _readers(validator: Any) -> RadioField:
    return RadioField(
        "Who can read it",
        choices=[SelectChoice(one.value, words) for one, words in READERS.items()],
        default=Visibility.GROUP.value,
        validators=[validator],
    )


class DetailsForm(FlaskForm):
    """Everything about an entry besides its notes."""

    kind = RadioField(
        "What was it?",
        choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()],
        validators=[
            InputRequired("Choose what it was: a meeting, a call, an email, a note or an event.")
        ],
    )
    state = SelectField(
        "Planned or held",
        choices=[SelectChoice(state.value, words) for state, words in STATES.items()],
        default=InteractionState.HELD.value,
        validators=[Optional()],
    )
    happened_on = Day(
        "When",
        validators=[InputRequired(DAY_WANTED)],
    )
    starts = TimeOfDay("From", validators=[Optional()])
    ends = TimeOfDay("To", validators=[Optional()])
    subject = Line("Summary", description="In a few words: what a colleague should see first.")
    place = Line("Place", description="A room, a town, or “video”.")
    link = Line("Link of the call", most=2000)
    agenda = TextAreaField("Agenda", filters=[strip])
    organisations = Picks("With which organisations")
    organisation_q = Line("Add an organisation by its name")
    people = Picks("From their side")
    person_q = Line("Add a person by their name")
    others = TextAreaField(
        "Others present",
        description="One to a line, in any words. They are shown on this page only.",
        filters=[strip],
    )
    ours = Picks("From our side")
    themes = Picks("Themes")
    visible_to = _readers(InputRequired("Choose who can read it."))
    # What was said to look like patient data, and is meant; the button that says so carries it.
    anyway = StringField()

    def details(self) -> Details:
        kind = InteractionKind(self.kind.data)
        arranged = kind in (InteractionKind.MEETING, InteractionKind.EVENT)
        state = InteractionState(self.state.data or "held") if arranged else InteractionState.HELD
        return Details(
            kind=kind,
            state=state,
            happened_on=self.happened_on.data or date.min,
            starts=_minutes(self.starts.data),
            ends=_minutes(self.ends.data),
            subject=self.subject.data or "",
            place=self.place.data or "",
            link=self.link.data or "",
            agenda=self.agenda.data or "",
            others=self.others.data or "",
            visible_to=Visibility(self.visible_to.data or "group"),
            organisations=frozenset(self.organisations.data or []),
            people=frozenset(self.people.data or []),
            ours=frozenset(self.ours.data or []),
            themes=frozenset(self.themes.data or []),
        )


class LogForm(DetailsForm):
    """Logging a meeting, call or note, with its words and what came out of it."""

    pasted = Pasted(
        "List of attendees",
        description="Names and addresses as they are in the invitation or the minutes: one to a "
        "line, or with semicolons between them.",
        filters=[strip],
    )
    listed = HiddenField()  # the list that the choices shown below it are about
    body = TextAreaField(
        "What happened",
        description="No details of patients or children. Markdown works.",
    )
    visible_to = _readers(Optional())
    follow_kind = RadioField(
        "What is it?",
        choices=[SelectChoice(value, words) for value, (words, _, _) in OUTCOMES.items()],
        default="follow-up",
        validators=[Optional()],
    )
    follow_what = Line("What", most=500)
    follow_due = Day("By when", validators=[Optional()])
    follow_owner = SelectField(
        "Owner", coerce=record_number, description="Who of us does it, or asks about it."
    )
    form_token = HiddenField()

    def said(self, owner: User) -> OutcomeDetails | None:
        """What came out of it, if anything was filled in; on which of the bodies, its page asks."""
        if not (self.follow_what.data or self.follow_due.data):
            return None
        _, kind, promised_by = OUTCOMES[self.follow_kind.data or "follow-up"]
        due_on = None if kind is OutcomeKind.DECISION else self.follow_due.data
        return OutcomeDetails(
            kind=kind,
            text=self.follow_what.data or "",
            promised_by=promised_by,
            owner=owner if due_on else None,
            due_on=due_on,
        )


class ChangeForm(DetailsForm):
    facts = changeable(
        subject="the summary",
        kind=("what it was", "state"),
        happened_on=("when it was", "starts", "ends"),
        place="place",
        link="link of the call",
        agenda="agenda",
        organisations=("the organisations", "organisation_q"),
        people=("who was there from their side", "person_q"),
        ours="who was there from our side",
        others="who else was present",
        themes="themes",
        visible_to="who can read it",
    )


class CancelMeetingForm(FlaskForm):
    reason = Line("Why", most=500, description="It is put at the top of the notes.")
    anyway = StringField()  # as in DetailsForm


def _minutes(at: time | None) -> time | None:
    return at.replace(second=0, microsecond=0) if at else None


class ThemeForm(FlaskForm):
    facts = changeable(name=("name", "parent"))

    name = Line("Name", most=80)
    parent = SelectField("Under", coerce=record_number, default=0)


class AttendeesForm(FlaskForm):
    pasted = TextAreaField(
        "List of attendees",
        description="Names and addresses as they are in the invitation or the minutes: one to a "
        "line, or with semicolons between them. For example: Jane Example, Chief Nurse; "
        "A Sample <a@example.org>",
        validators=[InputRequired("Paste the names, one to a line or with semicolons.")],
    )


class NotesForm(FlaskForm):
    """The notes alone; `base_version` is that of the entry when its writer began."""

    body = TextAreaField("Notes")
    base_version = Whole(widget=HiddenInput())
    anyway = StringField()  # as in DetailsForm
