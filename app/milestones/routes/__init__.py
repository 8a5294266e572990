"""The pages of milestones."""

from app.milestones.routes import duties, keeping, listing, marking, reading
from app.milestones.routes.blueprint import bp

__all__ = ["bp", "duties", "keeping", "listing", "marking", "reading"]
