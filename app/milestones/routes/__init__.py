"""The pages of milestones."""

from app.milestones.routes import bulk_status, detail, duties, edit, listing
from app.milestones.routes.blueprint import bp

__all__ = ["bp", "bulk_status", "detail", "duties", "edit", "listing"]
