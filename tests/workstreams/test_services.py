"""What belongs to a workstream, and how exactly its dates are known."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.core.errors import NameTaken
from app.interactions.models import Outcome
from app.workstreams import queries, services
from app.workstreams.labels import date_words
from app.workstreams.models import DatePrecision, Workstream, WorkstreamDate
from app.workstreams.services import WorkstreamDetails, first_day
from tests.factories import TODAY, make_organisation, make_user
from tests.overview.briefed import make_contact, make_promise


def begin(session: Session, name: str = "Consistent identifier") -> Workstream:
    return services.add(session, WorkstreamDetails(name))


@pytest.mark.parametrize(
    ("day", "precision", "first", "words"),
    [
        (date(2027, 3, 31), DatePrecision.DAY, date(2027, 3, 31), "31 March 2027"),
        (date(2027, 3, 31), DatePrecision.MONTH, date(2027, 3, 1), "March 2027"),
        (date(2027, 5, 9), DatePrecision.SEASON, date(2027, 3, 1), "Spring 2027"),
        (date(2027, 8, 31), DatePrecision.SEASON, date(2027, 6, 1), "Summer 2027"),
        (date(2026, 11, 22), DatePrecision.SEASON, date(2026, 9, 1), "Autumn 2026"),
        (date(2026, 12, 24), DatePrecision.SEASON, date(2026, 12, 1), "Winter 2026-27"),
        (date(2027, 2, 28), DatePrecision.SEASON, date(2026, 12, 1), "Winter 2026-27"),
    ],
)
def test_a_date_says_no_more_than_is_known(
    day: date, precision: DatePrecision, first: date, words: str
) -> None:
    assert first_day(day, precision) == first
    kept = WorkstreamDate(what="Report", falls_on=first, precision=precision)
    assert date_words(kept) == words


def test_two_workstreams_of_one_name_could_not_be_told_apart(session: Session) -> None:
    begin(session)
    with pytest.raises(NameTaken):
        begin(session, "CONSISTENT Identifier")


def test_promises_of_its_meetings_are_its_own_and_others_can_be_added(session: Session) -> None:
    by, body, strand = make_user(session), make_organisation(session), begin(session)
    meeting = make_contact(session, body, by)
    with_it = make_promise(session, body, by, "Said there", interaction=meeting)
    added = make_promise(session, body, by, "Said elsewhere")
    make_promise(session, body, by, "Nothing to do with it")
    for _ in range(2):  # a double click puts it there once
        services.put_meeting(session, strand, meeting)
        services.put_promise(session, strand, added)

    def promises() -> dict[Outcome, bool]:
        rows = session.execute(queries.promises_of(strand.id, by))
        return {row.Outcome: row.is_added for row in rows}

    assert promises() == {with_it: False, added: True}
    services.take_promise(session, strand, added)
    services.take_meeting(session, strand, meeting)
    services.take_meeting(session, strand, meeting)
    assert promises() == {}


def test_its_bodies_are_those_that_were_chosen_last(session: Session) -> None:
    strand = begin(session)
    one, two = make_organisation(session, "DfE"), make_organisation(session, "DHSC")
    services.set_bodies(session, strand, [one.id])
    services.set_bodies(session, strand, [two.id, two.id])
    assert list(queries.bodies_of(session, strand.id)) == [two]


def test_it_is_closed_once_and_can_be_opened_again(session: Session) -> None:
    strand = begin(session)
    services.close(strand, on=date(2026, 11, 1))
    services.close(strand, on=TODAY)
    assert strand.closed_on == date(2026, 11, 1)
    assert list(queries.open_workstreams(session)) == []
    services.reopen(strand)
    assert list(queries.open_workstreams(session)) == [strand]
