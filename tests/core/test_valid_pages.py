"""A page is only taken for one that was found good if nothing differs that a check could mind."""

import pytest

from tests.valid_pages import key_of

PAGE = """<!doctype html>
<html lang="en-GB"><head><title>A body – Liaise</title>
<meta name="htmx-config" content='{"allowEval":false}'></head>
<body><h1>A body</h1><h2 id="part-1">Words</h2>
<form action="/bodies/12"><label for="name-12">Name</label><input id="name-12" value="Some words">
<label for="name-13">Other</label><input id="name-13"></form>
<p aria-describedby="part-1">It was &amp; is <a href="/people/3">Dr Sample</a>.</p></body></html>
"""


def changed(*pairs: tuple[str, str]) -> str:
    page = PAGE
    for old, new in pairs:
        assert old in page
        page = page.replace(old, new)
    return page


@pytest.mark.parametrize(
    "same",
    [
        changed(("Words", "Other “words”, isn’t it")),
        changed(("name-12", "name-77"), ("/bodies/12", "/bodies/77")),
        changed(("/people/3", "/people/4?a=1&amp;b=2"), ("Dr Sample", "Ms O&#39;Sample")),
        changed(('value="Some words"', 'value="77"')),
        changed(("A body", "Another body")),
    ],
)
def test_other_words_addresses_and_numbers_make_no_other_page(same: str) -> None:
    assert key_of(same) == key_of(PAGE) is not None


@pytest.mark.parametrize(
    "other",
    [
        changed(("name-13", "name-12")),
        changed(('for="name-13"', 'for="name-14"')),
        changed(('="part-1">It', '="part-2">It')),
        changed(("<h2", "<h3"), ("</h2", "</h3")),
        changed(("<h2", "<h1"), ("</h2", "</h1")),
        changed(('href="/people/3"', 'href="javascript:alert(1)"')),
        changed(('href="/people/3"', 'href="java&#115;cript:alert(1)"')),
        changed(('href="/people/3"', 'href="/people/3" onclick="go()"')),
        changed(('href="/people/3"', 'href="/people/3" style="color: red"')),
        changed(("<p ", "<p><p ")),
        changed(("Words", "Wor<b>ds")),
        changed(("Words", "Wor\x00ds")),
        changed(("Words", "Wor\x08ds")),
        changed(("Words", "Wor\ufdd0ds")),
        changed(("Words", "a &#0; b")),
        changed(("Words", "a & b")),
        changed(("Words", "a < b")),
        changed(("Words", "")),
        changed(("<h1>A body", "<h1>Another body")),
        changed(('lang="en-GB"', 'lang=""')),
        changed(('value="Some words"', 'value="Some" value="words"')),
        changed(('value="Some words"', 'value="Some words')),
        changed(("</body>", "<script>alert(1)</script></body>")),
        changed(("</body>", "<img src='/logo'></body>")),
    ],
)
def test_whatever_a_check_could_mind_makes_another_page_or_one_without_a_key(other: str) -> None:
    assert key_of(other) != key_of(PAGE) or key_of(other) is None
