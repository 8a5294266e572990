"""What people fill in about a document; what is possible is for the services to say."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Optional

from app.core.web.form_fields import Day, Text, Words, choices, number_or_none, on_the_web
from app.documents.models import DocumentStage
from app.editing.one_fact import changeable


class DocumentForm(FlaskForm):
    facts = changeable(
        organisation_id="body",
        document_type_id="kind",
        title="title",
        cycle="the years it is for",
        stage="stage",
        published_on="the day it was published",
        link="link",
        source="where it was found",
        supersedes_id="which one it takes the place of",
        note="note",
    )
    organisation_id = SelectField(
        "Body", coerce=number_or_none, validators=[InputRequired("Choose whose document it is.")]
    )
    document_type_id = SelectField(
        "Kind",
        coerce=number_or_none,
        validators=[InputRequired("Choose what kind of document it is.")],
    )
    title = Words("Title", [DataRequired("Enter the title, as the document has it.")], limit=300)
    cycle = Words("For the years", description="Such as 2023–28, or 2027/28.", limit=60)
    stage = RadioField(
        "Stage",
        choices=choices(
            [
                (DocumentStage.DRAFT.value, "A draft"),
                (DocumentStage.FINAL.value, "Final"),
                (DocumentStage.REFRESH.value, "A refresh of one before"),
            ]
        ),
        default=DocumentStage.FINAL.value,
        validators=[InputRequired("Choose whether it is a draft, final, or a refresh.")],
    )
    published_on = Day("Published on", description="Empty where the day is not known.")
    link = Words("Link", [on_the_web], limit=1000, description="Where it can be read.")
    source = Words(
        "Where it was found", limit=300, description="If not at the link: board papers, a letter …"
    )
    supersedes_id = SelectField(
        "Takes the place of", coerce=number_or_none, validators=[Optional()]
    )
    note = Text("Note", description="Plain words or Markdown.")
    form_token = HiddenField()
