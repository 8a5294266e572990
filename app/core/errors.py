"""Errors the domain may raise. Each becomes a sentence on the page, never a 500."""


class DomainError(Exception):
    """A rule of the field refused the request; str() is fit to show to a user."""


class NoReason(DomainError):
    """Something was to be explained in a few words, and was not."""


class NameTaken(DomainError):
    """Two of one name could not be told apart."""


class NoTitle(DomainError):
    """It has no name by which anybody would know it."""


class NothingTicked(DomainError):
    """It was not said of which records."""
