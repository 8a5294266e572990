import time

import pytest

from app.core.text.markdown import AS_TYPED, safe_html


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


def long_minutes() -> str:
    """A day's meeting: forty subjects, each with words, a list and a small table."""
    subject = (
        "## Subject\n\n" + "What was said, at some length, and by whom. " * 30 + "\n\n"
        "- a point\n- another\n- a [paper](https://example.org/paper)\n\n"
        "| Who | What | By when |\n|---|---|---|\n" + "| Sam | asks the board | 1 May |\n" * 8
    )
    return "\n\n".join([subject] * 40)


def test_long_minutes_are_laid_out() -> None:
    html = safe_html(long_minutes())

    assert (html.count("<table>"), html.count("<h4>"), html.count("<li>")) == (40, 40, 120)
    assert AS_TYPED not in html


def test_no_text_takes_long_to_lay_out_and_none_is_lost() -> None:
    wide = "|" + "a|" * 500 + "\n|" + "-|" * 500 + "\n"
    heavy = {
        "a table": "|a|b|\n|-|-|\n" + "|a|b|\n" * 75_000,
        "a wide table of short rows": wide + "|a\n" * 150_000,
        "a wide table of few rows": wide + "|a\n" * 131,
        "a list": "- a\n" * 110_000,
        "brackets": "[" * 450_000,
        "signs": "!" * 450_000,
        "many links to one long address": f"[a]: http://{'b' * 400_000}\n\n" + "[a] " * 1_000,
    }
    slow, lost = {}, []
    for name, text in heavy.items():
        began = time.process_time()
        html = safe_html(text)
        took = time.process_time() - began
        if took > 0.5 or len(html) > 3 * len(text) + 1_000:
            slow[name] = (took, len(html))
        if AS_TYPED not in html or text.split("\n")[0] not in html:
            lost.append(name)
    assert (slow, lost) == ({}, [])


def test_what_is_shown_as_typed_can_do_no_harm_either() -> None:
    html = safe_html("<script>alert(1)</script>\nsecond line\n\n" + "[" * 20_000)

    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt;<br>\nsecond line</p>" in html


def test_the_same_long_text_is_laid_out_once() -> None:
    text = long_minutes()
    assert len(text) > 5_000
    safe_html(text)
    began = time.process_time()
    for _ in range(50):
        safe_html(text)
    assert time.process_time() - began < 0.1
