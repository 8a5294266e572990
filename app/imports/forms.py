"""The shape of what the steps of an import ask for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Optional

from app.core.web.form_fields import Whole, Words
from app.directory.models import PostType
from app.imports.planning.fields import FieldSet, FileColumn
from app.imports.planning.kind import ImportKind
from app.imports.planning.plan import Question
from app.imports.planning.preparing import PreparedFile
from app.imports.planning.whole_names import RULES
from app.letters.tracking.external_letters import CHANNELS


def meanings(fields: FieldSet) -> list[SelectChoice]:
    """What a column may be said to hold."""
    return [
        SelectChoice("", "Not used"),
        *(
            SelectChoice(field.key, f"{field.label} ({field.help})" if field.help else field.label)
            for field in fields
        ),
    ]


class UploadForm(FlaskForm):
    file = FileField(
        "File",
        [FileRequired("Choose the file to import.")],
        description="An Excel workbook (.xlsx) or CSV, up to 15 MB and 10,000 rows.",
    )


class ColumnsForm(FlaskForm):
    """Besides these it has a select for each column of the file, added by `columns_form`.

    Of the questions after the columns only those are asked that the kind of file gives rise to.
    """

    sheet = SelectField("Sheet", validators=[Optional()])
    heading_row = Whole(
        "Row with the headings",
        least=1,
        most=1_048_576,
        wanted="Give the number of a row.",
        description="The number in the margin of the spreadsheet. What is above it is not read.",
    )
    name_rule = RadioField(
        "Where the whole name is in one cell",
        choices=[
            SelectChoice("", "The file has given and family names in columns of their own."),
            *(SelectChoice(rule.value, words) for rule, words in RULES.items()),
        ],
        description="Liaise splits a name only by the rule you choose. A row that the rule"
        " does not settle becomes a problem to fix.",
        default="",
    )
    post = SelectField(
        "Post, where the file names none", description="Most sheets are about one kind of post."
    )
    replacing = RadioField(
        "When the file names somebody new for a post",
        choices=[
            SelectChoice(
                "replace",
                "They take the place of whoever the register names, who leaves the day before the"
                " new one started – or was checked, where the file gives no start.",
            ),
            SelectChoice("share", "They share the post with whoever the register names."),
        ],
    )
    source = Words(
        "Where do these details come from?",
        [Optional()],
        limit=1000,
        description="A web address, or words such as “the boards’ public websites”. It is used for"
        " the rows that do not say it themselves. Letters print a web address; for words they say"
        " “a list kept by our group”. If you leave it empty, letters will ask you person by"
        " person.",
    )
    channel = RadioField(
        "How the letters went, where the file does not say",
        choices=[SelectChoice(value, words) for value, words in CHANNELS.items()],
    )


QUESTIONS = ("name_rule", "post", "replacing", "source", "channel")


def columns_form(prepared: PreparedFile, post_types: Sequence[PostType]) -> ColumnsForm:
    """The form for one file, with everything said or suggested so far filled in."""
    meaning = {index: key for key, index in prepared.mapped.items()}
    fields = {
        field_name(column): SelectField(
            f"What column {column.letters} holds",
            choices=meanings(prepared.kind.fields),
            default="",
        )
        for column in prepared.table.columns
    }
    unasked = dict.fromkeys(set(QUESTIONS) - prepared.kind.questions)
    form_class = type("ColumnsOfFile", (ColumnsForm,), {**fields, **unasked})
    choices = prepared.choices
    form: ColumnsForm = form_class(
        data={
            "sheet": prepared.table.sheet.name,
            "heading_row": prepared.table.heading_row,
            "name_rule": choices.name_rule.value if choices.name_rule else "",
            "post": choices.post,
            "channel": choices.channel,
            "source": choices.source,
            "replacing": "replace" if choices.replacing else "share",
            **{field_name(c): meaning.get(c.index, "") for c in prepared.table.columns},
        }
    )
    form.sheet.choices = [SelectChoice(name, name or "The file") for name in prepared.names]
    if "post" in prepared.kind.questions:
        form.post.choices = [SelectChoice(kind.code, kind.name) for kind in post_types]
    return form


def field_name(column: FileColumn) -> str:
    return f"column_{column.index}"


def chosen_columns(form: ColumnsForm, columns: Iterable[FileColumn]) -> dict[str, int] | None:
    """Which column holds what; None when two columns are said to hold the same."""
    chosen: dict[str, FileColumn] = {}
    for column in columns:
        field = form[field_name(column)]
        if not field.data:
            continue
        if field.data in chosen:
            other = chosen[field.data]
            field.errors = [
                f"Column {column.letters} and column {other.letters} cannot both be this: choose"
                " one of them."
            ]
            return None
        chosen[field.data] = column
    return {key: column.index for key, column in chosen.items()}


def columns_as_chosen(form: ColumnsForm, columns: Iterable[FileColumn]) -> dict[str, int]:
    """The same, whether or not two are said to hold the same."""
    return {key: c.index for c in columns if (key := form[field_name(c)].data)}


def answers(form: ColumnsForm, kind: ImportKind) -> dict[str, Any]:
    """What was said besides what the columns are, as a file remembers it."""
    said: dict[str, Any] = {key: form[key].data for key in kind.questions}
    if "name_rule" in said:
        said["name_rule"] = said["name_rule"] or None
    if "source" in said:
        said["source"] = said["source"] or ""
    if "replacing" in said:
        said["replacing"] = said["replacing"] == "replace"
    return said


class BoardsForm(FlaskForm):
    """A select for each name that means no board of today, added by `boards_form`."""


def boards_form(questions: Sequence[Question], answers: dict[str, int]) -> BoardsForm:
    fields = {
        f"board_{place}": SelectField(
            f"“{question.text}” is",
            choices=_board_choices(question),
            default=str(answers.get(question.key, "")),
            validators=[Optional()],
        )
        for place, question in enumerate(questions)
    }
    form: BoardsForm = type("BoardsOfFile", (BoardsForm,), fields)()
    return form


def _board_choices(question: Question) -> list[SelectChoice]:
    """The likely boards first, then all of them: a successor is proposed, never followed."""
    likely = {board.id for board in question.choices}
    others = [board for board in question.all_choices if board.id not in likely]
    return [
        SelectChoice("", "Leave as a problem"),
        *(SelectChoice(str(board.id), f"Perhaps {board.name}") for board in question.choices),
        *(SelectChoice(str(board.id), board.name) for board in others),
    ]


class ImportForm(FlaskForm):
    fingerprint = HiddenField()
    leave_problems = BooleanField("Leave the rows with problems out")


class CorrectionsForm(FlaskForm):
    """The cells of rows to put right; their fields are made and read with the rows."""


_CELL = re.compile(r"cell_(\d{1,7})_(\d{1,5})")


def cell_name(row_number: int, column: FileColumn) -> str:
    return f"cell_{row_number}_{column.index}"


def typed_cells(said: Mapping[str, str]) -> dict[tuple[int, int], str]:
    """What was typed, by row and column."""
    return {
        (int(found[1]), int(found[2])): text
        for name, text in said.items()
        if (found := _CELL.fullmatch(name))
    }
