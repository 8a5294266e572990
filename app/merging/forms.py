"""The form of the side-by-side page: one choice for each fact on which the two records differ."""

from collections.abc import Iterator
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than stubs

from app.merging.rules import FactChoice, Side
from app.merging.view_models import TwoShown, words_of

NOTHING = "Nothing"
BOTH = "Both, one below the other"


def merge_form(two: TwoShown) -> Any:
    fields: dict[str, Any] = {"mark": HiddenField(default=two.mark)}
    for choice in two.choices:
        fields[choice.fact.key] = RadioField(
            choice.fact.label,
            choices=[SelectChoice(value=side, label=words) for side, words in _sides(choice, two)],
            default=choice.proposed.value,
        )
    if len(two.emails) > 1:
        fields["preferred"] = RadioField(
            "Letters go to",
            choices=[
                SelectChoice(value=one.address_key, label=_address(one)) for one in two.emails
            ],
            default=two.preferred,
        )
    return type("MergeForm", (FlaskForm,), fields)()


def picked(form: Any, two: TwoShown) -> dict[str, Side]:
    return {one.fact.key: Side(form[one.fact.key].data) for one in two.choices}


def preferred(form: Any) -> str:
    return form.preferred.data if "preferred" in form else ""


def _sides(choice: FactChoice, two: TwoShown) -> Iterator[tuple[str, str]]:
    for side in choice.sides:
        if side is Side.BOTH:
            yield side.value, BOTH
        else:
            person = two.stays.person if side is Side.STAYS else two.goes.person
            yield side.value, words_of(choice.fact, person) or NOTHING


def _address(email: Any) -> str:
    return f"{email.address} (failed)" if email.failed_on else str(email.address)
