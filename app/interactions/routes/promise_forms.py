"""What people fill in about points and offers; what is possible is for the services to say."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Optional

from app.core.web.form_fields import Day, Text, Words, choices, number_or_none, on_the_web
from app.editing.one_fact import changeable
from app.followups.forms import PRIORITIES, BodyForm, DueForm
from app.followups.models import Priority
from app.interactions.models import OfferState

KINDS = [
    ("commitment", "A promise"),
    ("decision", "A decision"),
    ("follow-up", "Something to follow up"),
    ("question", "An open question"),
]
SIDES = [("us", "We did"), ("them", "They did")]


class PointForm(BodyForm, DueForm):
    facts = changeable(
        promised_by="who promised",
        text="what it says",
        organisation_id=("organisation", "organisation_q"),
        person_id="who on their side",
        owner_id="owner",
        due_on="by when",
        priority="priority",
    )
    kind = RadioField(
        "What is it?",
        choices=choices(KINDS),
        default="commitment",
        validators=[InputRequired("Choose what it is.")],
    )
    promised_by = RadioField("Who promised?", choices=choices(SIDES), validators=[Optional()])
    text = Text(
        "What",
        [DataRequired("Say it in a line or two.")],
        description="As it was said, such as “Share the draft co-production chapter”.",
        render_kw={"rows": 2},
    )
    organisation_id = SelectField(
        "Which organisation",
        coerce=number_or_none,
        validators=[Optional()],
        description="Whose promise it is, or to whom we made ours.",
    )
    person_id = SelectField("Who on their side", coerce=number_or_none, validators=[Optional()])
    owner_id = SelectField(
        "Owner",
        coerce=number_or_none,
        validators=[Optional()],
        description="Who of us does it; if they promised it, who asks about it.",
    )
    priority = RadioField("Priority", choices=choices(PRIORITIES), default=Priority.NORMAL.value)
    form_token = HiddenField()


class CommitmentForm(PointForm):
    """A promise made without a meeting."""

    made_on = Day("Promised on", [InputRequired("Give the day it was promised.")])


class SettleForm(FlaskForm):
    state = RadioField("What became of it", validators=[InputRequired("Say what became of it.")])
    settled_on = Day("On", [InputRequired("Give the day.")])
    evidence = Text(
        "How we know",
        description="A few words; needed where a promise was broken.",
        render_kw={"rows": 2},
    )
    link = Words("Link to what shows it", [on_the_web], limit=1000)


class OfferForm(BodyForm):
    facts = changeable(
        what="what we offered",
        organisation_id=("to whom", "organisation_q"),
        offered_on="the day it was offered",
        owner_id="owner",
        theme_id="theme",
        details="details",
    )
    what = Words(
        "What we offered",
        [DataRequired("Say what we offered, in a line.")],
        description="Such as “A session with young people on the plan refresh”.",
    )
    organisation_id = SelectField(
        "To whom", coerce=number_or_none, validators=[DataRequired("Choose an organisation.")]
    )
    offered_on = Day("Offered on", [InputRequired("Give the day it was offered.")])
    owner_id = SelectField(
        "Owner", coerce=number_or_none, validators=[InputRequired("Choose who of us sees to it.")]
    )
    theme_id = SelectField("Theme", coerce=number_or_none, validators=[Optional()])
    details = Text("Details", description="Plain words or Markdown.")
    form_token = HiddenField()


class StepForm(FlaskForm):
    state = RadioField(
        "It is now",
        choices=choices((one.value, one.value.capitalize()) for one in OfferState),
        validators=[InputRequired("Choose what became of it.")],
    )
    reached_on = Day("Since", [InputRequired("Give the day.")])
    note = Words("Note", limit=500)


def offer_states(form: SettleForm, words: dict[str, str]) -> None:
    form.state.choices = choices(words.items())


def offer_themes(field: Any, themes: Any) -> None:
    field.choices = choices([("", "None"), *((theme.id, theme.name) for theme in themes)])
