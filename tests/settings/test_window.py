"""The window of the envelopes: set within sense, drawn, and tried out on a page of its own."""

import io

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.orm import Session

from app.settings.window import C5, Window, WindowDoesNotFit, refuse_what_does_not_fit, window_of


def test_the_usual_window_is_that_of_c5_envelopes(session: Session) -> None:
    assert window_of(session) == C5
    refuse_what_does_not_fit(C5)


@pytest.mark.parametrize(
    ("window", "field", "said"),
    [
        (Window(10, 40, 95, 27), "left", "at least 15 mm"),
        (Window(24, 10, 95, 27), "top", "at least 18 mm"),
        (Window(24, 40, 60, 27), "width", "at least 75 mm wide"),
        (Window(24, 40, 95, 20), "height", "at least 24 mm high"),
        (Window(110, 40, 95, 27), "width", "205 mm from the left edge"),
        (Window(24, 90, 95, 30), "height", "120 mm below the upper edge"),
        (Window(24, 40, 130, 27), "width", "The letterhead is beside the window"),
        (Window(60, 40, 90, 27), "width", "needs 45 mm; this leaves 34"),
    ],
)
def test_a_window_that_leaves_no_room_is_refused(window: Window, field: str, said: str) -> None:
    with pytest.raises(WindowDoesNotFit, match=said) as refused:
        refuse_what_does_not_fit(window)
    assert refused.value.field == field


def test_an_administrator_sets_it_sees_it_and_goes_back(
    client: FlaskClient, session: Session
) -> None:
    page = client.get("/settings/window").text
    assert "95.4 mm wide and 26.8 mm high" in page
    wrong = {"left": "24.6", "top": "39.5", "width": "60", "height": "26.8"}
    page = client.post("/settings/window", data=wrong).text
    assert "at least 75 mm wide" in page
    assert 'value="60' in page
    page = client.post(
        "/settings/window", data=wrong | {"width": "90", "height": "35"}, follow_redirects=True
    ).text
    assert "90.0 mm wide and 35.0 mm high" in page
    session.expire_all()
    assert window_of(session) == Window(24.6, 39.5, 90, 35)
    test_page = client.get("/settings/window/test-page.pdf")
    words = PdfReader(io.BytesIO(test_page.data)).pages[0].extract_text()
    assert "90 by 35 mm" in words
    assert "EX1 1EX" in words
    client.post("/settings/window/usual")
    session.expire_all()
    assert window_of(session) == C5
