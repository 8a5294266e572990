"""Words on their way: kept every few seconds for whoever types them, and for nobody else."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import DomainError
from app.core.from_outside import record_number_or_none
from app.interactions.models import Draft, Interaction
from app.interactions.rules import refuse_too_long

DISCARDED_KEPT = timedelta(days=30)
ENTRY = "interaction:"
OF_A_TAB = "~"
OF_ITS_ENTRY = ""  # a path
A_KEY = re.compile(rf"(?:{ENTRY}[1-9]\d{{0,9}}|[\w-]{{16,64}})(?:{OF_A_TAB}[a-z0-9]{{8,32}})?")
MOST_OTHER_FIELDS = 100_000


class ChangedElsewhere(DomainError):
    """Another tab or device of the same person kept other words meanwhile."""

    def __init__(self, draft: Draft) -> None:
        super().__init__("You have other words here, from another tab or device.")
        self.draft = draft


class AlreadyWritten(DomainError):
    """The entry these words were for has been made."""

    def __init__(self, interaction_id: int) -> None:
        super().__init__("This has been saved already.")
        self.interaction_id = interaction_id


class NotADraft(DomainError):
    """What was sent is not what our pages send."""


@dataclass(frozen=True)
class TypedWords:
    """What a tab asks to be kept.

    `revision` is the last the tab knows of, 0 for none; `save` is its own count, which tells a
    request that comes late from one that is news. `set_aside` says that its user has seen what was
    there and wants this instead: what was there is then kept among the discarded.
    """

    key: str
    path: str
    body: str
    fields: dict[str, Any] = field(default_factory=dict)
    base_version: int | None = None
    revision: int = 0
    tab: str = ""
    save: int = 0
    set_aside: bool = False


def key_of(interaction_id: int) -> str:
    return f"{ENTRY}{interaction_id}"


def entry_of(key: str) -> int | None:
    """The entry whose notes these are; None when it has not been made."""
    base = base_of(key)
    return record_number_or_none(base.removeprefix(ENTRY)) if base.startswith(ENTRY) else None


def base_of(key: str) -> str:
    """What all tabs write for: "interaction:12", or the form token of a new entry."""
    return key.partition(OF_A_TAB)[0]


def of_entry(session: Session, interaction: Interaction) -> Sequence[Draft]:
    """What anybody is still typing into its notes, in however many tabs."""
    key = key_of(interaction.id)
    return session.scalars(select(Draft).where(_in_any_tab(key)).order_by(Draft.id)).all()


def keep(session: Session, typed: TypedWords, *, by: User, at: datetime) -> int:
    """Keep these words; returns the new revision. Usually this is one statement."""
    refuse_too_long(typed.body)
    is_key = A_KEY.fullmatch(typed.key) and (entry_of(typed.key) or ENTRY not in typed.key)
    if not is_key or len(str(typed.fields)) > MOST_OTHER_FIELDS:
        raise NotADraft("These words could not be kept. Copy them, and reload the page.")
    if typed.set_aside:
        _set_aside(session, typed, by=by, at=at)
    return _replace(session, typed, by, at) or _begin(session, typed, by, at)


def _replace(session: Session, typed: TypedWords, by: User, at: datetime) -> int | None:
    """Over words which this tab knows, or which it kept itself."""
    return session.scalar(
        update(Draft)
        .where(
            _is_open(by, typed.key),
            or_(
                Draft.revision == typed.revision,
                (Draft.tab == typed.tab) & (Draft.tab_save < typed.save) & (Draft.tab != ""),
            ),
        )
        .values(
            body=typed.body,
            fields=typed.fields,
            path=typed.path,
            base_version=typed.base_version,
            revision=Draft.revision + 1,
            tab=typed.tab,
            tab_save=typed.save,
            saved_at=at,
        )
        .returning(Draft.revision)
        .execution_options(synchronize_session=False)
    )


def _begin(session: Session, typed: TypedWords, by: User, at: datetime) -> int:
    if found := open_draft(session, by=by, key=typed.key):
        return _same_or_refused(session, found, typed, by, at)
    _refuse_if_written(session, typed.key)
    draft = Draft(
        author_id=by.id,
        key=typed.key,
        path=typed.path,
        body=typed.body,
        fields=typed.fields,
        base_version=typed.base_version,
        tab=typed.tab,
        tab_save=typed.save,
        started_at=at,
        saved_at=at,
    )
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError:  # another request began in the same moment
        found = open_draft(session, by=by, key=typed.key)
        if found is None:
            raise
        return _same_or_refused(session, found, typed, by, at)
    return draft.revision


def _same_or_refused(
    session: Session, found: Draft, typed: TypedWords, by: User, at: datetime
) -> int:
    """Over the same tab's words, unless these come late; over another's only if they are alike."""
    if typed.tab != "" and found.tab == typed.tab:
        return _replace(session, typed, by, at) or found.revision
    if found.body == typed.body:
        return found.revision
    raise ChangedElsewhere(found)


def _refuse_if_written(session: Session, key: str) -> None:
    """A tab left open, or gone back to, must not bring back words that have become an entry."""
    if entry_of(key) is not None:
        return
    written = select(Interaction.id).where(Interaction.form_token == base_of(key))
    if found := session.scalar(written):
        raise AlreadyWritten(found)


def _set_aside(session: Session, typed: TypedWords, *, by: User, at: datetime) -> None:
    """What stands there goes among the discarded, as does what this tab kept beside it."""
    found = open_draft(session, by=by, key=typed.key)
    if found and found.body.strip() and found.body not in typed.body:
        session.add(_copy(found, discarded_at=at))
    session.execute(
        delete(Draft).where(_is_open(by, f"{base_of(typed.key)}{OF_A_TAB}{typed.tab}")),
        execution_options={"synchronize_session": False},
    )
    session.flush()


def _copy(draft: Draft, *, discarded_at: datetime) -> Draft:
    return Draft(
        author_id=draft.author_id,
        key=draft.key,
        path=draft.path,
        body=draft.body,
        fields=draft.fields,
        base_version=draft.base_version,
        started_at=draft.started_at,
        saved_at=draft.saved_at,
        discarded_at=discarded_at,
    )


def open_draft(session: Session, *, by: User, key: str) -> Draft | None:
    return session.scalar(
        select(Draft).where(_is_open(by, key)).execution_options(populate_existing=True)
    )


def mine(session: Session, *, by: User, draft_id: int) -> Draft | None:
    """The draft with this number; what another typed does not exist."""
    return session.scalar(select(Draft).where(Draft.id == draft_id, Draft.author_id == by.id))


def waiting(session: Session, *, by: User, key: str = "", path: str = "") -> Sequence[Draft]:
    """What this person typed and has not saved, newest first: all of it, or of one entry or page.

    Words that were all deleted again are nothing to offer.
    """
    wanted = select(Draft).where(
        Draft.author_id == by.id, Draft.discarded_at.is_(None), Draft.body != ""
    )
    if key:
        wanted = wanted.where(_in_any_tab(key))
    if path:
        wanted = wanted.where(Draft.path == path)
    return session.scalars(wanted.order_by(Draft.saved_at.desc(), Draft.id.desc())).all()


def discarded(session: Session, *, by: User) -> Sequence[Draft]:
    return session.scalars(
        select(Draft)
        .where(Draft.author_id == by.id, Draft.discarded_at.is_not(None))
        .order_by(Draft.discarded_at.desc(), Draft.id.desc())
    ).all()


def discard(draft: Draft, *, at: datetime) -> None:
    """Out of the way, and kept for a month."""
    draft.discarded_at = at


def take_back(session: Session, draft: Draft) -> None:
    """As if it had not been discarded; beside other words for the same entry it stands alone."""
    if draft.discarded_at is None:
        return
    by = User.id == draft.author_id
    user = session.scalars(select(User).where(by)).one()
    if open_draft(session, by=user, key=draft.key):
        draft.key = _beside(draft, base_of(draft.key))
    draft.discarded_at = None
    session.flush()


def finish(
    session: Session,
    *,
    by: User,
    key: str,
    body: str,
    draft_key: str = "",
    tab: str = "",
    revision: int = 0,
) -> None:
    """The words have become an entry, or part of one. Those of another tab stay, if they differ.

    `draft_key` is where the form kept them, at this revision: a draft that was gone on with may be
    one of another tab, long closed.
    """
    is_mine = (Draft.author_id == by.id) & Draft.discarded_at.is_(None) & _in_any_tab(key)
    is_this = (Draft.key == (draft_key or key)) & (Draft.revision == revision)
    is_of_tab = (Draft.tab == tab) & (Draft.tab != "")
    session.execute(
        delete(Draft).where(is_mine, or_(is_this, is_of_tab, Draft.body == body)),
        execution_options={"synchronize_session": False},
    )


def hand_over(session: Session, interaction: Interaction) -> None:
    """Other words that were typed for an entry which has been made since are words for its notes.

    Gone on with on the form for logging, they could only make it a second time. What is the same
    has done its work.
    """
    if not interaction.form_token:
        return
    rows = session.scalars(
        select(Draft).where(
            Draft.author_id == interaction.author_id,
            Draft.discarded_at.is_(None),
            _in_any_tab(interaction.form_token),
        )
    )
    for draft in rows:
        if draft.body.strip() in ("", interaction.body):
            session.delete(draft)
        else:
            draft.key, draft.path = _beside(draft, key_of(interaction.id)), OF_ITS_ENTRY
            draft.base_version, draft.fields = interaction.version, {}
    session.flush()


def keep_beside(
    session: Session, interaction: Interaction, body: str, *, by: User, at: datetime
) -> None:
    """Words for the notes of an entry, beside whatever its writer is typing there already."""
    draft = Draft(
        author_id=by.id,
        key=f"{key_of(interaction.id)}{OF_A_TAB}{secrets.token_hex(10)}",
        path=OF_ITS_ENTRY,
        body=body,
        base_version=interaction.version,
        started_at=at,
        saved_at=at,
    )
    session.add(draft)
    session.flush()


def made_meanwhile(session: Session) -> Sequence[Interaction]:
    """Entries of which some words are still offered as those of a new one."""
    keys = session.scalars(
        select(Draft.key).where(
            Draft.discarded_at.is_(None), ~Draft.key.startswith(ENTRY, autoescape=True)
        )
    )
    tokens = {base_of(key) for key in keys}
    return session.scalars(select(Interaction).where(Interaction.form_token.in_(tokens))).all()


def _beside(draft: Draft, base: str) -> str:
    """A key of its own among those of one entry."""
    return f"{base}{OF_A_TAB}{draft.id:08}"


def _in_any_tab(key: str) -> ColumnElement[bool]:
    return or_(Draft.key == key, Draft.key.startswith(f"{key}{OF_A_TAB}", autoescape=True))


def forget_discarded(session: Session, *, at: datetime) -> None:
    session.execute(delete(Draft).where(Draft.discarded_at < at - DISCARDED_KEPT))


def _is_open(by: User, key: str) -> Any:
    return (Draft.author_id == by.id) & (Draft.key == key) & Draft.discarded_at.is_(None)
