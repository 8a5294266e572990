"""What the pages of reminders share."""

from flask import Blueprint

bp = Blueprint("reminders", __name__)
