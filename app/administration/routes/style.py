"""The style page: every part pages are made of, in each state, in light and dark."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.administration import style_guide_data
from app.administration.routes.help import bp
from app.core import clock

THEMES = ("light", "dark")


@bp.get("/style")
@requires()
def style() -> ResponseReturnValue:
    asked = {f"{theme}-region": "North" for theme in THEMES}
    nothing = {f"{theme}-q": "nothing like it" for theme in THEMES}
    return render_template(
        "style/show.html",
        forms={theme: style_guide_data.form(f"{theme}-") for theme in THEMES},
        listings={theme: style_guide_data.listing(theme, {}) for theme in THEMES},
        narrowed={theme: style_guide_data.listing(theme, asked) for theme in THEMES},
        empty={theme: style_guide_data.listing(theme, nothing) for theme in THEMES},
        now=clock.now(),
    )
