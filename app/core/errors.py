"""Errors the domain may raise. Each becomes a sentence on the page, never a 500."""


class DomainError(Exception):
    """A rule of the field refused the request; str() is fit to show to a user."""
