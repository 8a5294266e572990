from app.letters.routes import (  # noqa: F401  each adds its pages to the blueprint
    approval,
    channels,
    chasers,
    check,
    choose,
    document,
    looking,
    mailings,
    posting,
    printing,
    recording,
    results,
    signatories,
    templates,
)
from app.letters.routes.blueprint import bp

__all__ = ["bp"]
