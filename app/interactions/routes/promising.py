"""What the pages of follow-ups, promises and offers share: an entry of the menu of their own."""

from flask import Blueprint

bp = Blueprint("promises", __name__)
