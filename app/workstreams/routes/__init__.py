"""The pages of workstreams."""

from app.workstreams.routes import gathering, keeping, linking, papers_and_dates
from app.workstreams.routes.blueprint import bp

__all__ = ["bp", "gathering", "keeping", "linking", "papers_and_dates"]
