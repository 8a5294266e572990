"""Forms that edit a record which somebody else may be editing too.

A route that edits takes three lines for it:

    hold(Person, person_id)                            # before anything of it is read
    person = db.session.get(Person, person_id) or abort(404)
    form = edits(PersonForm(obj=person), person)       # a form filled from the record, as ever
    if form.validate_on_submit():                      # False while something clashes
        ...
        flash(said(form, "Saved."))                    # "Saved. Ann Example changed “Phone” …"

and its template none if it uses `post_form` (else `{{ clashes(form) }}` inside the form).

`hold` locks the row until the request ends (PostgreSQL; on SQLite whoever writes is alone already),
so that what is read next is what is so. `edits` puts the hidden field `shown` into the form: what
it showed. When the form comes back, each field then holds both people's changes; where they clash
nothing is saved and `form["shown"].clashes` says what the page shows. What a form shows of the
record must be given when it is made (`obj=` or keywords): that is what is compared. Choices may be
offered later. `anew` names what a form asks anew instead of showing it (what a post was found to
be): `edits(form, post, anew={"state": post.state})`; an answer given meanwhile is told.

A form of one fact: with `only=phone` (in the address or the form) every other field says what the
record says now, whatever the submission holds or lacks, and is not checked. Which facts there are
the form itself says (`facts`, see one_fact); `show_form` shows the one, or the whole form.

A record that has gone meanwhile: `hold` raises Gone, and
app/administration/routes/deleted_meanwhile.py shows who took it away and all that was typed
(`typed`), to restore it and save.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any, TypeVar

from flask import g, request
from flask_wtf import FlaskForm
from sqlalchemy import inspect, select
from sqlalchemy.orm.util import identity_key
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from wtforms import (
    BooleanField,
    Field,
    FileField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from app.core import clock
from app.core.db import db
from app.core.from_outside import a_day_or_none
from app.core.text.three_way_merge import differences, plain_lines, shortened
from app.core.web.filters import at_time, clock_time, london, on_day
from app.editing import rules
from app.editing.one_fact import Fact, asked, leave
from app.editing.queries import NOT_KNOWN, LastSave, last_changes
from app.editing.rules import ClashChoice, FieldKind, Value

Form = TypeVar("Form", bound=FlaskForm)
TICKED = "y"


class Gone(NotFound):
    """Somebody took the record away while its form was open."""

    def __init__(self, kind: str, record_id: int) -> None:
        super().__init__()
        self.kind = kind
        self.record_id = record_id


class TypedInstead(Exception):
    """What a form holds, where only that was asked, in place of saving it."""

    def __init__(self, form: FlaskForm) -> None:
        super().__init__()
        self.form = form


def hold(model: type[Any], record_id: int) -> None:
    """Nobody else saves this record until the request is done: what is read next is what is so."""
    if request.method != "POST":
        return
    row = select(model.id).where(model.id == record_id).with_for_update()
    if db.session.scalar(row) is None:
        raise Gone(getattr(model, "__audit__", ""), record_id)
    read_before = db.session.identity_map.get(identity_key(model, record_id))
    if read_before is not None:
        db.session.expire(read_before, [one.key for one in inspect(model).column_attrs])


def edits(
    form: Form, record: Any, *, also: Any = None, anew: Mapping[str, Any] | None = None
) -> Form:
    """Let the form remember what it showed, and take up what others saved since.

    `also` is a second record that it is about, such as the body of which a milestone was recorded.
    """
    fields = {one.short_name: one for one in form if _is_said(one)}
    said_anew = anew or {}
    now = {name: plain(said_anew.get(name, one.object_data)) for name, one in fields.items()}
    fact = asked(form)
    is_submitted = any(one.raw_data is not None for one in fields.values())
    shown = _remembering(form)
    shown.process(None)
    shown.fact = fact
    if is_submitted:
        for name, one in fields.items():
            if fact and name not in fact.fields:
                _put(one, now[name])
                leave(one)
        shown.about = [(type(one).__audit__, one.id) for one in (record, also) if one is not None]
        _put_together(shown, fields, now, said_anew)
    else:
        for one in fields.values():
            _read_codes(one)
        shown.data = rules.to_text(rules.ShownForm(was=now))
    return form


def _remembering(form: FlaskForm) -> "ShownField":
    """The hidden field; a form has it from here on, as forms that add a record need none."""
    BaseForm.__setitem__(form, "shown", ShownField())  # type: ignore[assignment]  # as declared
    shown: ShownField = form["shown"]
    return shown


def said(form: FlaskForm, words: str) -> str:
    """`words`, and what somebody else had saved meanwhile that was kept too."""
    told = form["shown"].kept_too if "shown" in form else ""
    return f"{words} {told}".strip()


def in_question(form: FlaskForm, name: str) -> list[str]:
    """What somebody has to choose between in this field, for a route that says it in words."""
    found = form["shown"].found if "shown" in form else ()
    return [
        str(value) for one in found if one.name == name for value in (one.was, one.theirs) if value
    ]


def typed(form: FlaskForm) -> list[tuple[str, str]]:
    """What a form holds, in words: the name of each field that says something, and what."""
    held = [(one, plain(one.data) or _raw(one)) for one in form if _is_said(one)]
    return [(one.label.text, say(one, value)) for one, value in held if value]


@dataclass(frozen=True)
class ClashOnPage:
    """One field that two people changed differently, as its page shows it."""

    name: str
    label: str
    was: str
    is_long: bool
    change: LastSave
    theirs: str
    mine: str
    is_changed_again: bool
    chosen: ClashChoice

    @property
    def saved_at(self) -> str:
        at = self.change.at
        if at is None:
            return ""
        return clock_time(at) if london(at).date() == clock.today() else at_time(at)

    @property
    def radio(self) -> str:
        return _radio(self.name)

    @property
    def theirs_in_pieces(self) -> list[tuple[str, bool | None]]:
        return shortened(differences(self.theirs, self.mine))

    @property
    def mine_in_pieces(self) -> list[tuple[str, bool | None]]:
        return shortened(differences(self.mine, self.theirs))

    @property
    def was_in_pieces(self) -> list[tuple[str, bool | None]]:
        return shortened(differences(self.was, self.mine))


class ShownField(HiddenField):
    """What the form showed; and, once it came back, how that goes with what others saved."""

    fact: Fact | None = None  # the one that is being changed, where it is one
    kept_too = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields: Mapping[str, Field] = {}
        self.found: tuple[rules.FieldClash, ...] = ()
        self.changes: Mapping[str, LastSave] = {}
        self.before: Mapping[str, rules.ClashAsShown] = {}
        self.about: list[tuple[str, int]] = []

    def pre_validate(self, form: Any) -> None:
        if g.get("only_what_was_typed"):
            raise TypedInstead(form)
        if self.found:
            raise ValidationError("Somebody else changed the same. Choose what it should be.")

    @property
    def clashes(self) -> list[ClashOnPage]:
        return [self._in_words(one) for one in self.found]

    def _in_words(self, clash: rules.FieldClash) -> ClashOnPage:
        one = self.fields[clash.name]
        return ClashOnPage(
            name=clash.name,
            label=one.label.text,
            was=say(one, clash.was),
            is_long=clash.kind is FieldKind.LINES,
            change=self.changes.get(clash.name, NOT_KNOWN),
            theirs=say(one, clash.theirs),
            mine=say(one, clash.mine),
            is_changed_again=clash.name in self.before,
            chosen=_choices([clash.name]).get(clash.name, ClashChoice.MINE),
        )


def _put_together(
    shown: ShownField, fields: Mapping[str, Field], now: rules.Values, anew: Collection[str]
) -> None:
    mine = {name: plain(one.data) or _raw(one) for name, one in fields.items()}
    remembered = rules.from_text(request.form.get("shown", ""), now)
    result = rules.together(
        remembered,
        now,
        mine,
        {name: FieldKind.ANEW if name in anew else _kind(one) for name, one in fields.items()},
        _choices(fields),
    )
    clashing = {one.name for one in result.clashes}
    for name, one in fields.items():
        if name not in clashing and result.values[name] != mine[name]:
            _put(one, result.values[name])
    shown.data = rules.to_text(result.shown)
    shown.fields, shown.found, shown.before = fields, result.clashes, remembered.told
    if clashing or result.theirs_too:
        names = [*clashing, *result.theirs_too]
        shown.changes = last_changes(db.session, shown.about, names)
        shown.kept_too = _kept_too(shown, result.theirs_too)


def _kept_too(shown: ShownField, names: Iterable[str]) -> str:
    """ "Ann Example changed Phone and Note meanwhile; that is kept too." """
    by: dict[str, list[str]] = {}
    for name in names:
        who = shown.changes.get(name, NOT_KNOWN).who
        by.setdefault(who, []).append(f"“{shown.fields[name].label.text}”")
    return " ".join(
        f"{who} changed {_listed(labels)} meanwhile; that is kept too."
        for who, labels in by.items()
    )


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _is_said(field: Field) -> bool:
    """Whether it says something of the record, as tokens, files and passwords do not."""
    return not isinstance(field, HiddenField | FileField | PasswordField)


def _kind(field: Field) -> FieldKind:
    if isinstance(field, SelectMultipleField):
        return FieldKind.SET
    is_long = isinstance(field, TextAreaField) and not getattr(field, "is_one_thing", False)
    return FieldKind.LINES if is_long else FieldKind.WHOLE


def plain(value: Any) -> Value:
    """A value as a form sends it: what can be compared, whoever typed it in whatever way."""
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(sorted(_text(one) for one in value))
    return _text(value)


def _text(value: Any) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return TICKED
        case Enum():
            return str(value.value)
        case time() | datetime():
            return value.isoformat(timespec="minutes")
        case date():
            return value.isoformat()
    return plain_lines(str(value)).strip()


def _raw(field: Field) -> Value:
    """What was typed and could not be read."""
    if not field.process_errors:
        return () if isinstance(field, SelectMultipleField) else ""
    return " ".join(str(one) for one in field.raw_data or []).strip()


def _put(field: Field, value: Value) -> None:
    """Let the field say this, as if it had been sent."""
    sent = list(value) if isinstance(value, tuple) else [value]
    is_ticked = value or not isinstance(field, BooleanField)
    said_so = MultiDict([(field.name, one) for one in sent] if is_ticked else [])
    field.process(said_so, data=field.object_data)


def _read_codes(field: Field) -> None:
    """What a record says by a code of ours is chosen in the form by that code's text."""
    held = field.object_data
    if isinstance(field, SelectMultipleField):
        if any(isinstance(one, Enum) for one in held or ()):
            field.data = [field.coerce(one) for one in plain(held)]
    elif isinstance(field, SelectField):
        if isinstance(held, Enum):
            field.data = field.coerce(plain(held))
        elif held is None and field.data == "None":
            field.data = ""


def _choices(names: Iterable[str]) -> dict[str, ClashChoice]:
    said_of = {name: request.form.get(_radio(name), "") for name in names}
    known = {one.value: one for one in ClashChoice}
    return {name: known[choice] for name, choice in said_of.items() if choice in known}


def _radio(name: str) -> str:
    return f"keep-{name}"


def say(field: Field, value: Value) -> str:
    """A field's value as a person reads it."""
    if isinstance(value, tuple):
        return ", ".join(say(field, one) for one in value)
    if isinstance(field, SelectField | SelectMultipleField):
        words = {str(one[0]): str(one[1]) for one in field.iter_choices()} if field.choices else {}
        return words.get(value, "What is no longer offered here") if value else ""
    if isinstance(field, BooleanField):
        return "Yes" if value else "No"
    day = a_day_or_none(value) if len(value) == 10 else None
    return on_day(day) if day else value
