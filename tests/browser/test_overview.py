"""The map and the systems, as people meet them."""

from app.core import clock
from app.directory import reference
from tests.browser.conftest import PHONE, Site, Visit, check_no_sideways_scroll, check_with_axe
from tests.factories import make_user


def test_home_shows_england_on_a_map(site: Site, visit: Visit) -> None:
    with site.session() as session:
        reference.load(session, on=clock.today())
        user = make_user(session)
        session.commit()
    for size, dark in ((None, False), (PHONE, True)):
        page = visit(user, dark=dark, **({"size": size} if size else {}))
        page.goto("/")
        assert page.locator(".tiles a").count() == 38
        check_with_axe(page)
        check_no_sideways_scroll(page)
        page.goto("/systems")
        check_with_axe(page)
        check_no_sideways_scroll(page)
