"""Writing down notes and calls."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.interactions import queries, rules
from app.interactions.entries import services
from app.interactions.models import Interaction, InteractionKind
from tests.factories import NOON, TODAY, make_organisation, make_person, make_user

CALL = InteractionKind.CALL


def test_a_call_of_last_week_stands_on_its_own_day_with_who_was_in_it(session: Session) -> None:
    board, person = make_organisation(session), make_person(session)
    call = services.write_down(
        session,
        kind=CALL,
        happened_on=TODAY - timedelta(days=7),
        body="  They will send the draft.  ",
        organisations=[board],
        people=[person],
        by=make_user(session),
        at=NOON,
        today=TODAY,
    )

    assert (call.happened_on, call.body) == (TODAY - timedelta(days=7), "They will send the draft.")
    assert queries.organisations_of(session, call.id) == [board]
    assert queries.people_of(session, [call.id]) == {call.id: [person]}


def test_the_same_form_sent_twice_writes_one_entry(session: Session) -> None:
    board, user = make_organisation(session), make_user(session)
    for _ in range(2):
        services.write_down(
            session,
            kind=CALL,
            happened_on=TODAY,
            body="Once.",
            organisations=[board],
            by=user,
            at=NOON,
            today=TODAY,
            form_token="one-form",
        )

    assert session.scalar(select(func.count()).select_from(Interaction)) == 1


@pytest.mark.parametrize(
    ("body", "days", "sentence"),
    [
        ("   ", 0, "Write what happened"),
        ("Fine.", 1, "today’s date or an earlier one"),
        ("x" * 500_001, 0, "takes 501 kB; the most is 500 kB"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(
    session: Session, body: str, days: int, sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence):
        services.write_down(
            session,
            kind=CALL,
            happened_on=TODAY + timedelta(days=days),
            body=body,
            organisations=[make_organisation(session)],
            by=make_user(session),
            at=NOON,
            today=TODAY,
        )


def test_only_its_author_and_those_of_ours_who_were_there_change_a_note(session: Session) -> None:
    author, other = make_user(session), make_user(session, "Other Sample")
    board, person = make_organisation(session), make_person(session)
    entry = services.write_down(
        session,
        kind=CALL,
        happened_on=TODAY,
        body="First words.",
        organisations=[board],
        people=[person],
        by=author,
        at=NOON,
        today=TODAY,
    )
    shown = services.details_of(session, entry)
    better = replace(shown, subject="A better line", people=frozenset())

    with pytest.raises(services.NotYours):
        services.rewrite(session, entry, better, by=other, today=TODAY)
    services.rewrite(
        session, entry, replace(shown, ours=shown.ours | {other.id}), by=author, today=TODAY
    )
    services.rewrite(session, entry, better, by=other, today=TODAY)

    assert entry.subject == "A better line"
    assert queries.people_of(session, [entry.id]) == {}


def test_an_hour_that_the_clocks_leave_out_is_refused() -> None:
    forward, back = date(2027, 3, 28), date(2027, 10, 31)
    with pytest.raises(rules.NoSuchTime, match="There is no 01:30 on that day"):
        rules.moments(forward, time(1, 30), time(2, 30))
    with pytest.raises(rules.NoSuchTime, match="from 02:00"):
        rules.moments(forward, time(0, 30), time(1))
    for day, starts in ((forward, time(0, 59)), (forward, time(2)), (back, time(1, 30))):
        moment, _ = rules.moments(day, starts, None)
        assert moment is not None
        assert moment.time() == starts
