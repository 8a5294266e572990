"""What is a gap somebody forgot to fill in, and what is ordinary English."""

import time

from app.core.text.placeholders import gaps

LEFT_OVER = (
    # merge fields of other tools
    *("«First_Name»", "« Name »", "<<First Name>>", "{{surname}}", "{{ contact.first_name }}"),
    *("{First Name}", "${name}", "{% if name %}", "*|FNAME|*", "%%name%%", "%FIRSTNAME%"),
    *("##Name##", "[[name]]", "<%= name %>", "MERGEFIELD"),
    # brackets
    *("[INSERT BOARD]", "[Insert board]", "[insert name here]", "<INSERT DATE>", "[NAME OF BOARD]"),
    *("[Name]", "[First Name]", "[Board’s name]", "[Your name]", "[DATE]", "[BOARD]", "[TBC]"),
    *("<Name>", "[ADD FIGURE]", "[ENTER NAME]", "[TO BE CONFIRMED]"),
    # days, figures and words not known yet
    *("XX/XX/2026", "xx.xx.2026", "12/XX/2026", "__/__/2026", "DD/MM/YYYY", "XX November 2026"),
    *("XXth November", "£XX", "TBC", "TBD", "xxx", "XXXX", "???", "lorem ipsum"),
    # what a spreadsheet says in place of a value
    *("#N/A", "#REF!", "#VALUE!"),
)
ENGLISH = (
    *("[sic]", "[the board]", "[and adults]", "[emphasis added]", "[Translated]", "[They] agreed"),
    *("[Our] plan", "[Board] members", "[select committee]", "[add a]", "[…]", "[1]", "[12]"),
    *(
        "[NHS]",
        "we [ICB] will",
        "[COVID-19]",
        "[2026-27]",
        "[NHS England]",
        "[a link](https://x.org)",
    ),
    *(
        "[Name](https://x.org)",
        "<https://x.org>",
        "<a.b@example.org>",
        "https://x.org/%E2%80%99%EF",
    ),
    *("((salutation)),", "((if lead is unknown))", "((today’s date))", "[ref AAAAA-BBBBB]"),
    *("5 x 3 x 2", "100% of 50% done", "2026/27", "Elizabeth II", "Louis XX", "what??", "X-ray"),
    *("Title: Chair", "**bold**", "***", "---", "snake___case", "#1 priority", "# Heading"),
    *("1. To be confirmed by the board", "a) one", "TBCs", "{", "}", "< 5 and > 3", "a | b"),
)


def test_a_gap_is_found_whatever_tool_it_was_made_for() -> None:
    missed = [words for words in LEFT_OVER if not gaps(f"We met {words} about it.")]
    assert not missed
    said = "Dear «Title»,\n\nWe met on XX/XX/2026 about [INSERT BOARD]."
    assert gaps(said) == [(1, "«Title»"), (3, "XX/XX/2026"), (3, "[INSERT BOARD]")]


def test_ordinary_english_markdown_and_our_own_fields_are_no_gaps() -> None:
    found = [gaps(f"We say {words} to it.") or gaps(words) for words in ENGLISH]
    assert [gap for gap in found if gap] == []
    assert gaps("One part\n\n___\n\nthe other") == [], "a rule across the page"


def test_looking_for_gaps_takes_no_time_whatever_the_words() -> None:
    began = time.process_time()
    for sign in ("[", "<", "{", "«", "%%a", "*|", "[A ", "[NAME ", "_", "X/", "[A_", "<%"):
        gaps(sign * 50_000)
    assert time.process_time() - began < 5
