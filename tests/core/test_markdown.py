import pytest

from app.core.markdown import safe_html


def test_plain_markdown_reads_as_written() -> None:
    assert (
        safe_html("One *two*\n\n- three")
        == "<p>One <em>two</em></p>\n<ul>\n<li>three</li>\n</ul>\n"
    )


def test_headings_stand_below_those_of_the_page() -> None:
    assert safe_html("# Plan") == "<h3>Plan</h3>\n"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,boo)",
        '<a href="#" hx-get="/users">x</a>',
        "![x](http://evil.test/pixel.png)",
    ],
)
def test_nothing_a_person_writes_can_act(hostile: str) -> None:
    html = safe_html(hostile)

    for live in ("<script", "<img", 'javascript:alert(1)"', 'href="data', '<a href="#" hx'):
        assert live not in html
