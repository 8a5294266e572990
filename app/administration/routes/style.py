"""The style page: every part pages are made of, in each state, in light and dark."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.administration import samples
from app.administration.routes.explaining import bp
from app.core import clock

THEMES = ("light", "dark")


@bp.get("/style")
@requires()
def style() -> ResponseReturnValue:
    asked = {f"{theme}-region": "North" for theme in THEMES}
    nothing = {f"{theme}-q": "nothing like it" for theme in THEMES}
    return render_template(
        "style/show.html",
        forms={theme: samples.form(f"{theme}-") for theme in THEMES},
        listings={theme: samples.listing(theme, {}) for theme in THEMES},
        narrowed={theme: samples.listing(theme, asked) for theme in THEMES},
        empty={theme: samples.listing(theme, nothing) for theme in THEMES},
        now=clock.now(),
    )
