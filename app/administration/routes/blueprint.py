"""The blueprint shared by the pages of settings."""

from flask import Blueprint

bp = Blueprint("settings", __name__)
