"""The shape of what people fill in; what is possible is for the services to say."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import DataRequired, InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.web.form_fields import (
    Day,
    PostalAddressField,
    Text,
    Whole,
    Words,
    choices,
    on_the_web,
)
from app.directory.labels import KIND_WORDS, STATE_WORDS, SUBSCRIBER_WORDS, SUCCESSION_WORDS
from app.directory.models import (
    OrganisationKind,
    PostState,
    SubscriberType,
    SuccessionKind,
)
from app.editing.one_fact import changeable

POSTAL = "Without the name: up to six lines, the last a UK postcode such as EX1 1QT."


MOST_PEOPLE = 2_000_000_000


class OrganisationForm(FlaskForm):
    facts = changeable(
        name="official name",
        short_name="short name",
        ods_code="ODS code",
        ons_code="ONS code",
        region_id="region",
        part_of_id="what it is part of",
        website="website",
        office_email="office of the chair or chief executive",
        postal_address="postal address",
        population="population",
        population_0_24="population aged 0 to 24",
        established_on="began on",
        note="note",
    )
    name = Words("Official name", [DataRequired("Enter the official name.")])
    short_name = Words(
        "Short name", description="As lists and the map show it. Empty: the official name."
    )
    ods_code = Words("ODS code", description="As NHS England gives it; any form is accepted.")
    ons_code = Words("ONS code", description="As the ONS gives it; it changes when areas do.")
    region_id = SelectField("Region")
    part_of_id = SelectField("Part of", description="A board or partnership is part of its system.")
    website = Words("Website", [on_the_web])
    office_email = Words(
        "Email of the office of the chair or chief executive",
        description="Used when no lead is known.",
    )
    postal_address = PostalAddressField("Postal address", description=POSTAL)
    population = Whole("Population", most=MOST_PEOPLE)
    population_0_24 = Whole("Population aged 0 to 24", most=MOST_PEOPLE)
    established_on = Day("Began on", description="The first day it existed.")
    note = Text("Note")


class NewOrganisationForm(OrganisationForm):
    kind = SelectField("Kind", [DataRequired("Choose a kind.")])


class NameForm(FlaskForm):
    name = Words("Another name", [DataRequired("Enter the name.")])
    source = Words("Where you found it")


class EndForm(FlaskForm):
    dissolved_on = Day(
        "First day it no longer exists", [InputRequired("Enter the first day it no longer exists.")]
    )


class SuccessionForm(FlaskForm):
    successor_id = SelectField("Taken over by", [DataRequired("Choose the body that took over.")])
    effective_on = Day("From", [InputRequired("Enter the day it takes effect.")])
    kind = SelectField(
        "How",
        [DataRequired("Choose how it was taken over.")],
        choices=choices((kind.value, SUCCESSION_WORDS[kind]) for kind in SuccessionKind),
    )
    note = Words("Which part of its area, or what else matters")
    source = Words("Source", [DataRequired("Say where you found this.")])
    ends_predecessor = BooleanField("It ends that day", default=True)


class OwnerForm(FlaskForm):
    facts = changeable(user_id="owner")

    user_id = SelectField("Owner", description="Who looks after this body for us.")


class OwnersForm(FlaskForm):
    user_id = SelectField("New owner", [DataRequired("Choose the new owner.")])
    confirmed = HiddenField()


class PersonForm(FlaskForm):
    facts = changeable(
        title="title",
        given_name="first name",
        family_name="family name",
        known_as="known as",
        post_nominals="letters after the name",
        salutation_override="greeting",
        phone="phone",
        postal_address="postal address",
        subscriber_type="whose mailbox",
        lawful_basis="lawful basis",
        details_source=("where these details came from", "details_obtained_on"),
        note="note",
    )
    title = Words(
        "Title", description="As they use it: Dr, Professor, Cllr, Dame. Leave empty if not known."
    )
    given_name = Words("First name")
    family_name = Words("Family name")
    known_as = Words("Known as", description="If they go by another first name.")
    post_nominals = Words("Letters after the name", description="Such as OBE. Never in a greeting.")
    salutation_override = Words(
        "Dear …", description="Only if the greeting worked out from the name is not right."
    )
    phone = Words("Phone")
    postal_address = PostalAddressField("Postal address", description=POSTAL)
    subscriber_type = SelectField(
        "Whose mailbox",
        choices=choices((kind.value, SUBSCRIBER_WORDS[kind]) for kind in SubscriberType),
        default=SubscriberType.CHECK.value,
    )
    lawful_basis = Words("Lawful basis", default="legitimate interests")
    details_source = Words("Where these details came from")
    details_obtained_on = Day("When")
    note = Text("Note")

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if not (self.given_name.data or self.family_name.data or self.known_as.data):
            self.family_name.errors = [*self.family_name.errors, "Enter at least one name."]
            return False
        return bool(valid)


class NewPersonForm(PersonForm):
    email = Words("Email")


class EmailForm(FlaskForm):
    address = Words(
        "Email address", [DataRequired("Enter an email address.")], render_kw={"type": "email"}
    )
    preferred = BooleanField("Write to this one from now on", default=True)


class FailedForm(FlaskForm):
    failed_on = Day("When it bounced", [DataRequired("Enter the day it bounced.")])
    why = Words(
        "Why",
        [DataRequired("Say why it bounced, as the message that came back says.")],
        description="As the message that came back says: no such mailbox, mailbox full.",
    )


class ObjectionForm(FlaskForm):
    objected_on = Day("Objected on", [InputRequired("Enter the day they objected.")])
    note = Text("What they said, and how it reached us")


class WithdrawForm(FlaskForm):
    reason = Text(
        "Why it no longer holds", [DataRequired("Say why the objection no longer holds.")]
    )


class AppointForm(FlaskForm):
    person_id = RadioField("Who", default="new")
    title = Words("Title")
    given_name = Words("First name")
    family_name = Words("Family name")
    email = Words("Email")
    job_title = Words(
        "Job title", description="If it is another than the post’s, such as Chief Nurse."
    )
    started_on = Day("First day", description="Leave empty if it is not known.")
    is_acting = BooleanField("Acting or interim")
    shared = BooleanField("Shared: whoever holds it now goes on holding it too")
    source = Words(
        "Source",
        [DataRequired("Say where you found this: a link, or in words.")],
        limit=1000,
        description="A link to the page, or words such as “email from the chair’s office”.",
    )
    checked_on = Day("Checked on", [InputRequired("Enter the day you looked.")])

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.person_id.data == "new" and not (self.given_name.data or self.family_name.data):
            self.family_name.errors = [
                *self.family_name.errors,
                "Choose somebody, or enter a name for somebody new.",
            ]
            return False
        return bool(valid)


class AppointmentForm(FlaskForm):
    facts = changeable(
        job_title=("job title", "is_acting"),
        started_on="first day",
        ended_on="last day",
        source="source",
    )
    job_title = Words("Job title")
    started_on = Day("First day", description="Leave empty if it is not known.")
    ended_on = Day("Last day", description="Leave empty while it goes on.")
    is_acting = BooleanField("Acting or interim")
    source = Words("Source", limit=1000)


class EndAppointmentForm(FlaskForm):
    ended_on = Day("Last day", [InputRequired("Enter the last day.")])
    state = SelectField(
        "After that the post is",
        choices=choices(
            [
                ("", "Not known, or somebody follows"),
                (PostState.VACANT.value, STATE_WORDS[PostState.VACANT]),
                (PostState.NOT_PUBLISHED.value, STATE_WORDS[PostState.NOT_PUBLISHED]),
            ]
        ),
    )
    source = Words("Source", limit=1000)


class CheckForm(FlaskForm):
    checked_on = Day("Checked on", [InputRequired("Enter the day you looked.")])
    source = Words(
        "Source", limit=1000, description="Leave as it is if you found it in the same place."
    )


class StateForm(FlaskForm):
    state = RadioField(
        "The post is",
        [DataRequired("Choose what you found.")],
        choices=choices(
            (state.value, STATE_WORDS[state])
            for state in (PostState.VACANT, PostState.NOT_PUBLISHED, PostState.UNKNOWN)
        ),
    )
    observed_on = Day("Seen on", [InputRequired("Enter the day you looked.")])
    source = Words("Source", [DataRequired("Say where you looked.")], limit=1000)
    note = Words("Note", limit=1000)


class PostTypeForm(FlaskForm):
    facts = changeable(
        name=("name", "addressed_as", "position"),
        organisation_kinds="kinds of body that should have it",
        duty=("duty", "source"),
    )
    name = Words("Name", [DataRequired("Enter the name of the post.")])
    addressed_as = Words(
        "Addressed as",
        [DataRequired("Enter how a letter addresses it.")],
        description="On a letter to a post whose holder is unknown.",
    )
    organisation_kinds = SelectMultipleField(
        "Kinds of body that should have it",
        choices=choices((kind.value, KIND_WORDS[kind]) for kind in OrganisationKind),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[DataRequired("Choose at least one kind of body.")],
    )
    duty = Text("Duty that asks for it")
    source = Words("Source of the duty", limit=1000)
    position = Whole(
        "Place in lists",
        least=1,
        most=10_000,
        wanted="Enter a number from 1 to 10,000.",
        needed="Enter a number.",
        default=500,
        description="Lower numbers come first.",
    )


class NewPostTypeForm(PostTypeForm):
    code = Words(
        "Code",
        [DataRequired("Enter a short code.")],
        limit=40,
        description="Short and fixed, such as children; imports and letters refer to it.",
    )
