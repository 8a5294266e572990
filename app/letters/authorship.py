"""Who works on a mailing, and while it may be worked on."""

from app.accounts.models import User
from app.core.errors import DomainError
from app.letters.models import Mailing, MailingState


class NotInDraft(DomainError):
    """The mailing has been put before somebody else, so it stays as it is."""


def must_be_draft(mailing: Mailing) -> None:
    if mailing.state is not MailingState.DRAFT:
        raise NotInDraft(
            f"This mailing is {mailing.state.value}. Return it to draft before changing it."
        )


def had_a_hand(mailing: Mailing, by: User) -> None:
    """Remember everybody who worked on it: none of them may release it.

    Whoever wrote only the template is not among them: the one who made a mailing of it has read
    its words, so that a release by its writer still takes two.
    """
    if str(by.id) not in mailing.author_ids:
        mailing.author_ids = [*mailing.author_ids, str(by.id)]


def is_author(mailing: Mailing, user: User) -> bool:
    """Whether this person had a hand in it, or put it forward."""
    hands = {*mailing.author_ids, str(mailing.created_by_id), str(mailing.asked_by_id)}
    return str(user.id) in hands
