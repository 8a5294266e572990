"""What people fill in about milestones; what is possible is for the services to say."""

from calendar import month_name

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import DataRequired, InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.from_outside import DAY_WANTED, record_number
from app.core.web.form_fields import Day, Whole, Words, choices, number_or_none
from app.directory.labels import KIND_WORDS
from app.directory.models import OrganisationKind
from app.editing.one_fact import changeable
from app.milestones.labels import COMES_WORDS, PRECISION_WORDS
from app.milestones.labels import KIND_WORDS as DATE_WORDS
from app.milestones.models import Comes, ComplianceState, DateKind, Precision
from app.milestones.services import GivenDate

OUTSTANDING = "outstanding"
DEADLINES = (DateKind.STATUTORY, DateKind.ANNOUNCED, DateKind.ENTERED)


def date_kinds(kinds: tuple[DateKind, ...]) -> list[tuple[str, str]]:
    return [(kind.value, DATE_WORDS[kind]) for kind in kinds]


class MilestoneDateForm(FlaskForm):
    """A date, how exactly it is known, and who says so."""

    kind = RadioField(
        "What kind of date it is",
        choices=choices(date_kinds(tuple(DateKind))),
        validators=[InputRequired("Choose what kind of date it is.")],
    )
    falls_on = Day(
        "When",
        [InputRequired(DAY_WANTED)],
        description="Of a month or season, any day in it.",
    )
    until = Day("Until", description="The last day, where it went on for several.")
    precision = RadioField(
        "How exactly it is known",
        choices=choices((one.value, PRECISION_WORDS[one]) for one in Precision),
        default=Precision.DAY.value,
        validators=[InputRequired("Choose how exactly the date is known.")],
    )
    date_source = Words("Who says so", limit=500, description="The law, a letter, or a link.")

    def given(self, *, why: str = "") -> GivenDate:
        return GivenDate(
            kind=DateKind(self.kind.data),
            falls_on=self.falls_on.data,
            until=self.until.data,
            precision=Precision(self.precision.data),
            source=self.date_source.data,
            why=why,
        )


class MoveForm(MilestoneDateForm):
    why = Words("Why it moved", limit=500, description="It is kept beside the date it had.")


class BindingForm(FlaskForm):
    """Whom something binds, and what fulfils it."""

    facts = changeable(
        title="what is due",
        basis="what it rests on",
        binds_kinds=("the kinds of body it binds", "binds_only"),
        binds="whom it binds",
        document_type_id=("what meets it", "asks_each"),
        status="as last seen",
        source="source",
    )

    title = Words("What is due", [DataRequired("Say what is due, in a line.")], limit=300)
    basis = Words("The law or guidance it rests on", limit=500)
    binds_kinds = SelectMultipleField(
        "Kinds of body it binds",
        choices=choices((kind.value, KIND_WORDS[kind]) for kind in OrganisationKind),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    binds_only = SelectMultipleField(
        "Only these of them",
        coerce=record_number,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description="Where it names single bodies. None ticked: all of these kinds.",
    )
    binds = Words("Whom it binds, in its own words", limit=300)
    asks_each = BooleanField(
        "Each of them has to meet it",
        default=True,
        description="Untick for an event that happens once, for all together.",
    )
    document_type_id = SelectField("Met by", coerce=number_or_none, validators=[Optional()])
    status = Words("As last seen", limit=500, description="Such as “in force”, “under review”.")
    source = Words("Source", limit=500)


class MilestoneForm(BindingForm, MilestoneDateForm):
    form_token = HiddenField()


class DutyForm(BindingForm):
    """Something that comes back."""

    facts = BindingForm.facts | changeable(
        title="what is to be done",
        comes=("how it comes back", "month", "day"),
        date_kind="who sets the day",
        ended_on="the last day it is in force",
    )

    title = Words("What is to be done", [DataRequired("Say what is to be done.")], limit=300)
    comes = RadioField(
        "How it comes back",
        choices=choices((one.value, COMES_WORDS[one]) for one in Comes),
        default=Comes.YEARLY.value,
        validators=[InputRequired("Choose how it comes back.")],
    )
    month = SelectField(
        "Month",
        choices=choices([("", "No day of its own"), *((n, month_name[n]) for n in range(1, 13))]),
        coerce=number_or_none,
        validators=[Optional()],
    )
    day = Whole(
        "Day",
        least=1,
        most=31,
        wanted="Give a day of the month, 1 to 31.",
        description="The 31st of a shorter month is its last day.",
    )
    date_kind = RadioField(
        "Who sets the day",
        choices=choices(date_kinds(DEADLINES)),
        default=DateKind.STATUTORY.value,
        validators=[InputRequired("Choose who sets the day.")],
    )
    ended_on = Day("Last day it is in force", description="No milestone is made after it.")


class CancelMilestoneForm(FlaskForm):
    why = Words(
        "Why it will not come",
        [DataRequired("Say why it will not come, in a few words.")],
        limit=500,
        description="Such as “the Health Act removed the duty”.",
    )


class MarkForm(FlaskForm):
    """What to record of those that were ticked."""

    state = RadioField(
        "What to record",
        choices=choices(
            [
                (ComplianceState.MET.value, "They have met it"),
                (ComplianceState.NOT_APPLICABLE.value, "It does not apply to them"),
                (OUTSTANDING, "Take back: outstanding again"),
            ]
        ),
        default=ComplianceState.MET.value,
        validators=[InputRequired("Choose what to record.")],
    )
    met_on = Day("Met on", description="The day it was published or done.")
    note = Words(
        "Note",
        limit=500,
        description="What says so: a web page, board papers. Or why it does not apply.",
    )
    which = RadioField(
        "Which",
        choices=choices([("ticked", "Those ticked"), ("all", "All that match")]),
        default="ticked",
    )
    confirmed = HiddenField()
    form_token = HiddenField()


class RecordForm(FlaskForm):
    """The same for one body, which can have a document to show."""

    state = RadioField(
        "How it stands",
        choices=choices(
            [
                (ComplianceState.MET.value, "It has met it"),
                (ComplianceState.NOT_APPLICABLE.value, "It does not apply to it"),
                (OUTSTANDING, "Outstanding"),
            ]
        ),
        default=ComplianceState.MET.value,
        validators=[InputRequired("Choose how it stands.")],
    )
    met_on = Day(
        "Met on", description="With a document, leave it empty for the day that was published."
    )
    document_id = SelectField("Document", coerce=number_or_none, validators=[Optional()])
    note = Words("Note", limit=500, description="Where there is no document: what says so.")
    form_token = HiddenField()
