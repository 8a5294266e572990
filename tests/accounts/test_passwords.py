"""Which passwords are good enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.authentication.passwords import WeakPassword, check

NAMES = ("Morwenna Tregarthen", "m.tregarthen@kitesforall.example.org", "Kites for All")


@pytest.mark.parametrize(
    "password",
    [
        "purple tandem walrus kettle",
        "a brisk walk to Ambleside",
        "xkq9 vw2p zzt4 mmnb",
        "gïlfach-wen, dwy waith yr haf",
        "8362 0175 9948 2261 x",
        "wir fahren übers Land",
        "🐢🐇 the tortoise was never hurried",
    ],
)
def test_words_that_have_nothing_to_do_with_each_other_are_welcome(password: str) -> None:
    check(password, names=NAMES)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("tandem walrus!", "at least 15"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats"),
        ("abababababababab", "repeats"),
        ("walruswalruswalruswalrus", "repeats"),
        ("passwordpassword1", "easily guessed"),
        ("P@ssw0rd!P@ssw0rd!2026", "easily guessed"),
        ("Welcome2Liaise2026!", "easily guessed"),
        ("qwertyuiop123456", "easily guessed"),
        ("1qaz2wsx3edc4rfv", "easily guessed"),
        ("correct horse battery staple", "easily guessed"),
        ("CorrectHorseBatteryStaple1!", "easily guessed"),
        ("abcdefghijklmnopqrstuvwxyz", "easily guessed"),
        ("98765432109876543210x", "easily guessed"),
        ("NHS England children 2026", "easily guessed"),
        ("Liaise HPIG coalition ICS", "easily guessed"),
        ("Children's Health Policy", "easily guessed"),
        ("Morwenna Tregarthen 1987", "easily guessed"),
        ("kitesforall-kites-2025", "easily guessed"),
        ("summer2026summer2025", "easily guessed"),
        ("letmeinletmeinplease", "easily guessed"),
        ("x" * 1025, "too long"),
        ("ł" * 600, "too long"),
    ],
)
def test_what_would_be_guessed_is_refused_with_what_to_do(password: str, reason: str) -> None:
    with pytest.raises(WeakPassword, match=reason):
        check(password, names=NAMES)


@pytest.mark.slow("tries hundreds of made-up texts")
@given(st.text(max_size=80))
def test_any_text_is_either_taken_or_refused_with_a_sentence(password: str) -> None:
    try:
        check(password, names=NAMES)
    except WeakPassword as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017 - taken is fine too
