"""Saving the notes of an entry, whoever else was writing them meanwhile."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import DomainError
from app.core.text.three_way_merge import TextClash, TextMerge, merge_texts, plain_lines
from app.interactions.entries import versions
from app.interactions.entries.versions import NotesVersion
from app.interactions.models import Interaction
from app.interactions.rules import refuse_no_words, refuse_too_long


@dataclass(frozen=True)
class Saved:
    """`together_with` names who else had written, when both texts were put together."""

    together_with: NotesVersion | None = None


class WordsClash(DomainError):
    """Somebody else changed the same lines; nothing was saved, and nothing is lost."""

    def __init__(
        self, merge: TextMerge, *, mine: str, theirs: str, change: NotesVersion | None
    ) -> None:
        super().__init__("Somebody else changed the same lines meanwhile.")
        self.merge = merge
        self.mine = mine
        self.theirs = theirs
        self.change = change


def save(
    session: Session, interaction: Interaction, *, body: str, base_version: int, by: User
) -> Saved:
    """These are the notes now; or these and what was saved since the version they began from."""
    session.refresh(interaction, with_for_update={"of": Interaction})  # not the author read with it
    mine, together_with = plain_lines(body).strip(), None
    refuse_no_words(interaction.kind, mine)
    refuse_too_long(mine)
    theirs = plain_lines(interaction.body)
    if mine == theirs:
        return Saved()
    if base_version != interaction.version:
        was = versions.text_at(session, interaction, base_version, reader=by)
        merge = _merged(was, mine, theirs)
        change = versions.last_change(session, interaction.id)
        if merge.clashes:
            raise WordsClash(merge, mine=mine, theirs=theirs, change=change)
        if merge.text == theirs:
            return Saved()
        together_with = change if merge.text != mine else None
        mine = merge.text
        refuse_too_long(mine)
    interaction.body = mine
    interaction.version += 1
    session.flush()
    return Saved(together_with)


def _merged(was: str | None, mine: str, theirs: str) -> TextMerge:
    """Without the text that both began from, whatever differs has to be settled by a person."""
    if was is not None:
        return merge_texts(was.strip(), mine, theirs)
    return TextMerge((TextClash((), tuple(mine.split("\n")), tuple(theirs.split("\n"))),))
