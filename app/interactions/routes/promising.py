"""What the pages of follow-ups, promises and offers share: an entry of the menu of their own."""

from flask import Blueprint, flash

bp = Blueprint("promises", __name__)


def say_with_undo(words: str, undo: str) -> None:
    """Tell what was done on the next page, beside a button that takes it back."""
    flash({"words": words, "undo": undo}, "success")  # type: ignore[arg-type]  # kept as JSON
