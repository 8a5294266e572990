"""Drafts: kept for their writer alone, and never one over another unseen."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.visibility import Visibility
from app.interactions.drafts import autosave, jobs
from app.interactions.drafts.autosave import AlreadyWritten, ChangedElsewhere, NotADraft, TypedWords
from app.interactions.entries import notes, services, versions
from app.interactions.entries.notes import WordsClash
from app.interactions.models import Draft, Interaction, InteractionKind, InteractionUser
from app.interactions.rules import TooLong
from tests.factories import NOON, TODAY, make_draft, make_organisation, make_user

TOKEN = "a-form-token-of-an-entry"
ONE, TWO = "a" * 20, "b" * 20


def write(session: Session, by: User, body: str = "First.\n\nLast.") -> Interaction:
    return services.write_down(
        session,
        kind=InteractionKind.MEETING,
        happened_on=TODAY,
        body=body,
        organisations=[make_organisation(session)],
        by=by,
        at=NOON,
        today=TODAY,
        form_token=TOKEN,
    )


def keep(
    session: Session, by: User, body: str, *, revision: int = 0, tab: str = ONE, save: int = 1
) -> int:
    typed = TypedWords(
        key="interaction:1", path="/", body=body, revision=revision, tab=tab, save=save
    )
    return autosave.keep(session, typed, by=by, at=NOON)


def bodies(session: Session, user: User) -> list[str]:
    session.expire_all()
    return [draft.body for draft in autosave.waiting(session, by=user)]


def test_a_tab_goes_on_with_its_own_words(session: Session) -> None:
    user = make_user(session)
    first = keep(session, user, "One")
    second = keep(session, user, "One two", revision=first, save=2)

    assert (first, second) == (1, 2)
    assert bodies(session, user) == ["One two"]


def test_an_answer_that_was_lost_on_the_way_does_not_stop_a_tab(session: Session) -> None:
    user = make_user(session)
    keep(session, user, "One")
    keep(session, user, "One two", revision=0, save=2)

    assert bodies(session, user) == ["One two"]


def test_a_request_that_comes_late_does_not_bring_back_old_words(session: Session) -> None:
    user = make_user(session)
    keep(session, user, "One two", save=2)
    keep(session, user, "One", save=1)

    assert bodies(session, user) == ["One two"]


def test_another_tab_is_told_and_both_texts_are_there(session: Session) -> None:
    user = make_user(session)
    keep(session, user, "From one", tab=ONE)
    with pytest.raises(ChangedElsewhere) as told:
        keep(session, user, "From two", tab=TWO)

    assert told.value.draft.body == "From one"
    assert bodies(session, user) == ["From one"]


def test_what_is_set_aside_can_be_found_among_the_discarded(session: Session) -> None:
    user = make_user(session)
    revision = keep(session, user, "From one", tab=ONE)
    typed = TypedWords(
        key="interaction:1", path="/", body="From two", revision=revision, tab=TWO, set_aside=True
    )
    autosave.keep(session, typed, by=user, at=NOON)

    assert bodies(session, user) == ["From two"]
    assert [draft.body for draft in autosave.discarded(session, by=user)] == ["From one"]


def test_two_people_have_drafts_of_their_own_for_one_entry(session: Session) -> None:
    anna, ben = make_user(session), make_user(session, "Ben Sample")
    keep(session, anna, "Hers")
    keep(session, ben, "His", tab=TWO)

    assert (bodies(session, anna), bodies(session, ben)) == (["Hers"], ["His"])


def test_a_tab_left_open_does_not_bring_back_what_has_been_written_down(session: Session) -> None:
    user = make_user(session)
    entry = write(session, user)
    with pytest.raises(AlreadyWritten) as done:
        autosave.keep(session, TypedWords(key=TOKEN, path="/log", body="More"), by=user, at=NOON)

    assert done.value.interaction_id == entry.id


@pytest.mark.parametrize(
    ("key", "body", "refusal"),
    [("interaction:1", "x" * 500_001, TooLong), ("person:1", "x", NotADraft)],
)
def test_what_no_page_of_ours_sends_is_refused(
    session: Session, key: str, body: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        autosave.keep(
            session, TypedWords(key=key, path="/", body=body), by=make_user(session), at=NOON
        )


def test_the_discarded_are_kept_for_a_month_and_not_longer(session: Session) -> None:
    user = make_user(session)
    draft = make_draft(session, user, write(session, user))
    autosave.discard(draft, at=NOON)
    session.commit()

    jobs.tidy(session, NOON + timedelta(days=29))
    assert len(autosave.discarded(session, by=user)) == 1
    jobs.tidy(session, NOON + timedelta(days=31))
    assert session.scalars(select(Draft)).all() == []


def test_words_taken_back_stand_beside_newer_ones(session: Session) -> None:
    user = make_user(session)
    entry = write(session, user)
    draft = make_draft(session, user, entry, "Old")
    autosave.discard(draft, at=NOON)
    make_draft(session, user, entry, "New")
    autosave.take_back(session, draft)

    waiting = autosave.waiting(session, by=user, key=f"interaction:{entry.id}")
    assert {one.body for one in waiting} == {"Old", "New"}


def test_nobody_sees_keeps_or_discards_the_words_of_another(
    session: Session, sign_in: Callable[[User], FlaskClient]
) -> None:
    anna, ben = make_user(session), make_user(session, "Ben Sample")
    entry = write(session, anna)
    draft = make_draft(session, anna, entry, "Words of hers")
    session.commit()
    browser = sign_in(ben)

    assert browser.post(f"/drafts/{draft.id}/discard").status_code == 404
    assert browser.post(f"/drafts/{draft.id}/take-back").status_code == 404
    for address in ("/drafts", f"/interactions/{entry.id}?keep={draft.id}"):
        assert "Words of hers" not in browser.get(address).text
    sent = {"key": draft.key, "body": "Mine", "as": anna.id, "path": "/"}
    assert browser.post("/drafts", data=sent).status_code == 403


def test_notes_that_two_wrote_in_different_places_go_together(session: Session) -> None:
    anna, ben = make_user(session, "Anna Sample"), make_user(session, "Ben Sample")
    entry = write(session, anna)
    began = entry.version
    notes.save(session, entry, body="First, hers.\n\nLast.", base_version=began, by=anna)
    saved = notes.save(session, entry, body="First.\n\nLast.\nHis.", base_version=began, by=ben)

    assert entry.body == "First, hers.\n\nLast.\nHis."
    assert saved.together_with is not None


def test_notes_that_clash_are_not_saved(session: Session) -> None:
    anna = make_user(session)
    entry = write(session, anna)
    began = entry.version
    notes.save(session, entry, body="Hers.\n\nLast.", base_version=began, by=anna)
    with pytest.raises(WordsClash) as clash:
        notes.save(session, entry, body="His.\n\nLast.", base_version=began, by=anna)

    assert entry.body == "Hers.\n\nLast."
    assert clash.value.merge.text == "Hers.\nHis.\n\nLast."


def test_every_version_of_the_notes_can_be_told_from_the_history(session: Session) -> None:
    anna = make_user(session)
    entry = write(session, anna, "One")
    for number, words in enumerate(("Two", "Three", "Four"), 1):
        notes.save(session, entry, body=words, base_version=number, by=anna)

    told = [versions.text_at(session, entry, number, reader=anna) for number in range(1, 5)]
    assert told == ["One", "Two", "Three", "Four"]


def test_what_was_written_while_it_was_private_is_told_to_nobody_else(session: Session) -> None:
    anna, ben = make_user(session), make_user(session, "Ben Sample")
    entry = write(session, anna, "Open")
    entry.visible_to = Visibility.AUTHOR
    session.flush()
    notes.save(session, entry, body="Private", base_version=1, by=anna)
    notes.save(session, entry, body="Without it", base_version=2, by=anna)

    assert versions.text_at(session, entry, 2, reader=anna) == "Private"
    assert versions.text_at(session, entry, 2, reader=ben) is None


def test_notes_that_were_said_to_be_saved_are_saved(
    session: Session, sign_in: Callable[[User], FlaskClient]
) -> None:
    """Read by another browser, for which only what was committed exists."""
    anna, ben = make_user(session), make_user(session, "Ben Sample")
    entry = write(session, anna)
    session.commit()
    sent = {"body": "What she really said.", "base_version": str(entry.version)}
    answer = sign_in(anna).post(f"/interactions/{entry.id}/notes", data=sent, follow_redirects=True)

    assert "The notes are saved." in answer.text
    assert "What she really said." in sign_in(ben).get(f"/interactions/{entry.id}").text
    session.expire_all()
    assert session.get_one(Interaction, entry.id).body == "What she really said."


def test_notes_that_clashed_are_kept_as_a_draft_whatever_their_writer_does_next(
    session: Session, sign_in: Callable[[User], FlaskClient]
) -> None:
    anna, ben = make_user(session), make_user(session, "Ben Sample")
    entry = write(session, anna, "First.\n\nLast.")
    began = entry.version
    notes.save(session, entry, body="Hers.\n\nLast.", base_version=began, by=anna)
    session.add(InteractionUser(interaction_id=entry.id, user_id=ben.id))
    session.commit()
    sent = {"body": "His.\n\nLast.", "base_version": str(began)}
    answer = sign_in(ben).post(f"/interactions/{entry.id}/notes", data=sent)

    assert answer.status_code == 409
    session.expire_all()
    assert [one.body for one in autosave.waiting(session, by=ben)] == ["His.\n\nLast."]
    assert session.get_one(Interaction, entry.id).body == "Hers.\n\nLast."


def test_notes_that_are_refused_are_still_in_the_box_with_their_draft(
    session: Session, sign_in: Callable[[User], FlaskClient]
) -> None:
    anna = make_user(session)
    entry = write(session, anna)
    session.commit()
    words = "x" * 500_001
    sent = {"body": words, "base_version": entry.version, "draft_revision": "7"}
    page = sign_in(anna).post(f"/interactions/{entry.id}/notes", data=sent)

    assert page.status_code == 200
    assert "the most is 500 kB" in page.text
    assert 'data-revision="7"' in page.text
    assert words in page.text


def test_a_new_entry_that_is_refused_keeps_its_words_and_its_draft(
    session: Session, sign_in: Callable[[User], FlaskClient]
) -> None:
    browser = sign_in(make_user(session))
    sent = {"kind": "call", "body": "What was said", "form_token": TOKEN, "draft_revision": "3"}
    page = browser.post("/log", data=sent).text

    assert "What was said" in page
    assert f'data-key="{TOKEN}" data-revision="3"' in page
