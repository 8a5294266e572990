"""The pages of workstreams."""

from app.workstreams.routes import linking, meetings_and_promises, papers_and_dates, workstreams
from app.workstreams.routes.blueprint import bp

__all__ = ["bp", "linking", "meetings_and_promises", "papers_and_dates", "workstreams"]
