"""Icons, drawn inline: only those a page uses are sent, and no style or script is needed."""

import re
from collections.abc import Mapping
from functools import cache

from markupsafe import Markup

from app.core.web.assets import ICON_SPRITE, wheel_file

SYMBOL = re.compile(r'<symbol[^>]* id="([a-z0-9-]+)">(.*?)</symbol>', re.DOTALL)


@cache
def drawings() -> Mapping[str, str]:
    return dict(SYMBOL.findall(wheel_file(*ICON_SPRITE).read_text("utf-8")))


@cache
def icon(name: str) -> Markup:
    """A Bootstrap icon by its name. Decoration only: the words beside it carry the meaning."""
    # The drawing comes from a pinned package and never from a user.
    return Markup(
        '<svg class="ico" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        f"{drawings()[name]}</svg>"
    )
