import pytest

from app.directory.addresses import BadAddress, address_key, checked_address, without_tag


@pytest.mark.parametrize(
    "written",
    [
        "lead@board.example.org",
        " Lead@Board.Example.ORG ",
        "lead@board.example.org\u200b",
        "lead @board.example.org",
        "\ufefflead@board.example.org",
        "\uff4c\uff45\uff41\uff44@board.example.org",
        "lead\u00a0@board.example.org",
    ],
)
def test_one_mailbox_has_one_key_however_it_was_typed(written: str) -> None:
    assert address_key(written) == "lead@board.example.org"


def test_an_international_domain_is_the_same_in_both_of_its_spellings() -> None:
    assert address_key("a@bücher.example") == address_key("A@xn--bcher-kva.example")


def test_plus_tags_are_other_addresses_that_can_still_be_compared() -> None:
    tagged = address_key("Lead+children@board.example.org")

    assert tagged != address_key("lead@board.example.org")
    assert without_tag(tagged) == address_key("lead@board.example.org")


@pytest.mark.parametrize(
    "written",
    [
        "siân@board.example.org",
        "nobody",
        "a@b",
        "a b@board.example.org",
        "a@board.example.org, b@c.test",
        "",
    ],
)
def test_what_cannot_be_delivered_is_refused_in_a_sentence(written: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        checked_address(written)

    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("nobody", "there is no @ in it"),
        ("a@b", "there is no dot after the @"),
        ("a b@board.example.org", "there is a space in it"),
        ("a@board.example.org, b@c.test", "give one address here"),
        ("a@@board.example.org", "there is more than one @ in it"),
        ("a..b@board.example.org", "there is a dot too many in it"),
        ("@board.example.org", "there is nothing before the @"),
        ("a(b@board.example.org", "check it for a sign that does not belong there"),
    ],
)
def test_a_bad_address_is_told_in_words_for_people(written: str, why: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        checked_address(written)
    assert str(refusal.value) == f"“{written}” is not an email address: {why}."


def test_an_accented_name_before_the_at_is_refused_with_the_reason() -> None:
    with pytest.raises(BadAddress, match="accented"):
        checked_address("siân@board.example.org")


def test_a_good_address_is_kept_as_it_was_given() -> None:
    assert checked_address("  Lead.Name@Board.example.org ") == "Lead.Name@board.example.org"
    assert checked_address("made-up@board.test") == "made-up@board.test"
