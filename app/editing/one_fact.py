"""Changing one fact of a record: its edit page, asked with `?only=phone`, shows that field alone.

The same address serves people without scripts, as a small page, and app/static/inline.js, which
puts the form where the fact stands.
"""

from typing import Any, NamedTuple

from flask import Flask, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import Field

from app.core.web.form_parts import messages_of
from app.core.web.pages import offered

ONLY = "only"
BOXES = frozenset({"organisation_q", "person_q"})  # to find what is then ticked; drawn with it
PART = "X-Part"  # a script of ours asks for the form without the page around it


class Fact(NamedTuple):
    """Something a record's page says, and the fields of the form that say it."""

    words: str  # as in "Change the phone number"
    fields: tuple[str, ...]


Facts = dict[str, Fact]


def changeable(**said: str | tuple[str, ...]) -> Facts:
    """By the first field of each: its words, or its words and the further fields it takes."""
    return {
        name: Fact(of, (name,)) if isinstance(of, str) else Fact(of[0], (name, *of[1:]))
        for name, of in said.items()
    }


class FactLink(NamedTuple):
    """Where one fact of one record is changed."""

    url: str
    record: str


class Changing:
    """Where the facts of one record are changed; nowhere for people who may not change them."""

    def __init__(self, endpoint: str, record: str, may: object = True, **values: Any) -> None:
        self.record = record
        self.url = url_for(endpoint, **values) if may and offered(endpoint) else ""

    def __bool__(self) -> bool:
        return bool(self.url)

    def __call__(self, only: str) -> FactLink | None:
        return FactLink(f"{self.url}?{ONLY}={only}", self.record) if self.url else None


def asked(form: FlaskForm) -> Fact | None:
    """The one fact of the form's that the address asks for, if it asks for one."""
    key = request.values.get(ONLY)
    if key is None:
        return None
    known: Facts = getattr(type(form), "facts", {})
    return known.get(key) or abort(404)


def leave(field: Field) -> None:
    """What is so, and is not being changed, is not checked again."""
    setattr(field, "validate", _as_it_is)  # noqa: B010  # a field has no other switch


def _as_it_is(*_: Any) -> bool:
    return True


def show_form(
    template: str, form: Any, *, record: str, back: str, **more: Any
) -> ResponseReturnValue:
    """The whole form, or, when one fact is asked for, its field: as a page, or as a part of one."""
    fact = asked(form)
    if fact is None:
        return render_template(template, form=form, **more)
    part = {
        "form": form,
        "fact": fact,
        "fields": [form[name] for name in fact.fields if name in form and name not in BOXES],
        "elsewhere": _said_elsewhere(form, fact),
        "record": record,
        "back": back,
        "here": request.full_path,
    }
    name = "_one_fact.html" if PART in request.headers else "_one_fact_page.html"
    return render_template(name, **part, **more)


def _said_elsewhere(form: FlaskForm, fact: Fact) -> list[str]:
    """What is wrong, and is said of the form or of a field that is not shown."""
    others = {name: said for name, said in form.errors.items() if name not in fact.fields}
    others.pop("shown", None)
    return messages_of(others)


def init_app(app: Flask) -> None:
    app.add_template_global(Changing, "changing")
