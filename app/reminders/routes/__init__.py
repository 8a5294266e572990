"""The pages of reminder rules, and of dates that move."""

from app.reminders.routes import moving, rules
from app.reminders.routes.blueprint import bp

__all__ = ["bp", "moving", "rules"]
