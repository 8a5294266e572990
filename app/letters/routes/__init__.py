from app.letters.routes import (  # noqa: F401  each adds its pages to the blueprint
    approval,
    chasing,
    check,
    choose,
    mailings,
    paper,
    posting,
    printing,
    recording,
    signatories,
    templates,
    truth,
    ways,
)
from app.letters.routes.blueprint import bp

__all__ = ["bp"]
