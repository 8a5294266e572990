import pytest

from app.notifications.rules import Mentions, mentions_in

NAMES = {
    "Nina Sample": [1],
    "Ann Lee": [2],
    "Ann Lee-Jones": [3],
    "Siân O’Neill": [4],
    "Sam Sample": [5, 6],
    "Sam Sample (Sample Charity)": [5],
}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("@Nina Sample will send it.", (1,)),
        ("Ask @nina  sample.", (1,)),
        ("(@Nina Sample)", (1,)),
        ("**@Nina Sample**, @Ann Lee and @Nina Sample", (1, 2)),
        ("@Ann Lee-Jones", (3,)),
        ("@Ann Lee’s draft", (2,)),
        ("@Siân O'Neill", (4,)),
        ("@Sam Sample (Sample Charity) knows", (5,)),
        ("@Nina", ()),
        ("@Nina Samples", ()),
        ("nina@Nina Sample", ()),
        ("Write to lead@example.org", ()),
        ("@ Nina Sample", ()),
        ("", ()),
    ],
)
def test_a_full_name_after_an_at_sign_mentions_a_colleague(text: str, ids: tuple[int, ...]) -> None:
    assert mentions_in(text, NAMES) == Mentions(ids)


def test_a_name_of_two_colleagues_mentions_neither() -> None:
    assert mentions_in("@Sam Sample, please", NAMES).unclear == ("Sam Sample",)
