"""What the check finds, what it leaves out and why, and what it notices afterwards."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from app.core.clock import LONDON
from app.core.errors import NoReason
from app.core.mail import caught
from app.core.web.filters import on_day, short_day
from app.letters.approval import submitting
from app.letters.drafting import checking, letter_rows, row_decisions, staleness, templates
from app.letters.models import (
    CcRule,
    Channel,
    Letter,
    LetterAnswer,
    LetterOrigin,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
    Signatory,
    TemplateVersion,
)
from app.letters.recipients import choosing
from app.letters.recipients.audience import Audience, LeadState
from app.settings.services import settings_of
from tests.factories import NOON, TODAY, make_appointment, make_person, make_user
from tests.letters.conftest import BASE_URL, board, lead, letters_of, unknown_lead

Begin = Callable[..., Mailing]
Check = Callable[[Mailing], list[Letter]]


Desk = tuple[Begin, Check]


@pytest.fixture
def desk(begin: Begin, check: Check) -> Desk:
    return begin, check


def words_of(letter: Letter) -> list[str]:
    return [problem["words"] for problem in letter.findings["problems"]]


@pytest.mark.parametrize(
    ("name", "override", "opening"),
    [
        (("Dr", "Sample"), "", "Dear Dr Sample"),
        (("Professor", "Sample"), "", "Dear Professor Sample"),
        (("Cllr", "Sample"), "", "Dear Councillor Sample"),
        (("Dame", "Sample"), "", "Dear Dame Alex"),
        (("Sir", "Sample"), "", "Dear Sir Alex"),
        (("Baroness", "Sample"), "", "Dear Lady Sample"),
        (("Lord", "Sample"), "", "Dear Lord Sample"),
        (("", "Sample"), "", "Dear Alex Sample"),
        (("Ms", "Ó Brádaigh-Łuczak"), "", "Dear Ms Ó Brádaigh-Łuczak"),
        (("Professor Dame", "Sample"), "Dame Alex", "Dear Dame Alex"),
    ],
)
def test_a_letter_greets_as_the_record_says(
    session: Session, desk: Desk, name: tuple[str, str], override: str, opening: str
) -> None:
    begin, check = desk
    title, family = name
    person = make_person(session, family, title=title)
    person.salutation_override = override
    lead(session, board(session), person)
    (letter,) = check(begin())
    assert (letter.state, letter.salutation) == (LetterState.READY, opening)
    assert f"\n{opening},\n" in letter.text
    assert f'<p style="margin: 0 0 16px;">{opening},</p>' in letter.html


def test_a_title_without_a_rule_is_asked_about(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, board(session), make_person(session, "Sample", title="Professor Dame"))
    (letter,) = check(begin())
    assert letter.state is LetterState.DRAFT
    assert "can be addressed in more than one way" in words_of(letter)[0]


def test_problems_are_named_row_by_row(session: Session, begin: Begin, check: Check) -> None:
    lead(session, board(session, "A"), make_person(session, "", title="Dr"))
    lead(session, board(session, "B"), make_person(session, "Noaddress", email=None))
    lead(session, board(session, "C"), make_person(session, "Badaddress", email="siân@exämple"))
    lead(session, board(session, "D"), make_person(session, "Nosource"), source="")
    unknown_lead(session, "E")
    lead(session, board(session, "F"), make_person(session, "Right"))
    letters = check(begin())
    assert [letter.state for letter in letters] == [*[LetterState.DRAFT] * 5, LetterState.READY]
    assert words_of(letters[0]) == ["The family name is blank."]
    assert words_of(letters[1]) == ["No email address is recorded."]
    assert "is not an address mail can be sent to" in words_of(letters[2])[0]
    assert "Where we got this person’s details" in words_of(letters[3])[0]
    assert "No Executive Lead for Children and Young People is known" in words_of(letters[4])[0]


def test_a_value_that_is_blank_is_a_problem_of_that_row_only(
    session: Session, begin: Begin, check: Check
) -> None:
    first = lead(session, board(session, "A"), make_person(session, "Titled", title="Dr"))
    lead(session, board(session, "B"), make_person(session, "Plain"))
    letters = check(begin(body="((salutation)),\n\nYour title is ((title)).\n"))
    assert letters[0].person_id == first.id
    assert letters[0].state is LetterState.READY
    assert words_of(letters[1]) == ["“title” is blank for this reader."]


def test_a_greeting_of_somebody_else_is_flagged_until_a_person_says_it_is_right(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, board(session), make_person(session, "Sample", title="Dr"))
    mailing = begin(body="Dear Dr Other,\n\nHello.\n")
    (letter,) = check(mailing)
    assert words_of(letter) == [
        "The letter begins “Dear Dr Other”, but this record is greeted “Dear Dr Sample”."
    ]
    row_decisions.decide(session, mailing, letter, "greeting is right", "", by=make_user(session))
    (letter,) = check(mailing)
    assert letter.state is LetterState.READY


def test_an_override_that_names_nobody_on_the_record_is_flagged(
    session: Session, begin: Begin, check: Check
) -> None:
    person = make_person(session, "Sample", title="Dr")
    person.salutation_override = "Chris"
    lead(session, board(session), person)
    (letter,) = check(begin())
    assert words_of(letter) == ["“Dear Chris” holds no word of this person’s name, Dr Alex Sample."]


def sent_before(
    session: Session,
    mailing: Mailing,
    email: str,
    days: int,
    *,
    same_words: bool = False,
    person_id: int | None = None,
) -> Letter:
    at = NOON - timedelta(days=days)
    earlier = Mailing(
        name="Autumn letter",
        template_version_id=mailing.template_version_id if same_words else other_version(session),
        created_at=at,
        created_by_id=mailing.created_by_id,
    )
    session.add(earlier)
    session.flush()
    letter = Letter(mailing_id=earlier.id, person_id=person_id, state=LetterState.SENT, sent_at=at)
    session.add(letter)
    session.flush()
    session.add(
        LetterRecipient(letter_id=letter.id, address=email, address_key=email, name="Somebody")
    )
    session.flush()
    return letter


def other_version(session: Session) -> int:
    name = f"Other {session.query(Mailing).count()}"
    template = templates.write_template(
        session, name=name, purpose="", subject="x", body="y", by=None, at=NOON
    )
    return templates.latest_version(session, template).id


def test_a_reader_written_to_lately_is_left_out_until_included_with_a_reason(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, board(session), make_person(session, "Sample", email="lead@example.org"))
    mailing = begin()
    sent_before(session, mailing, "lead@example.org", 9)
    (letter,) = check(mailing)
    assert letter.state is LetterState.EXCLUDED
    assert letter.state_reason == "Wrote to this reader 9 days ago: “Autumn letter”."

    by = make_user(session, "Ada")
    with pytest.raises(NoReason):
        row_decisions.decide(session, mailing, letter, "include anyway", " ", by=by)
    row_decisions.decide(session, mailing, letter, "include anyway", "she asked us to", by=by)
    (letter,) = check(mailing)
    assert letter.state is LetterState.READY
    assert letter.include_anyway == "she asked us to (Ada)"


@pytest.mark.parametrize("days", [27, 28, 29])
@pytest.mark.parametrize("how", ["by mail after midnight", "by mail before it", "outside", "post"])
def test_a_letter_is_recent_for_as_many_days_as_the_group_set_and_no_more(
    session: Session, begin: Begin, check: Check, how: str, days: int
) -> None:
    """However it went. Of mail the day counts that it was in London."""
    settings_of(session).recent_days = 28
    is_recent = days < 28
    person = lead(session, board(session), make_person(session, "Sample"))
    mailing = begin()
    went = TODAY - timedelta(days=days)
    earlier = sent_before(session, mailing, "x@example.org", days, person_id=person.id)
    if how.startswith("by mail"):
        clock = time(0, 0) if how.endswith("after midnight") else time(23, 59)
        earlier.sent_at = datetime.combine(went, clock, LONDON)
    else:
        earlier.sent_at, earlier.sent_on = None, went
    if how == "outside":
        earlier.mailing_id, earlier.origin, earlier.subject = None, LetterOrigin.OUTSIDE, "By hand"
    elif how == "post":
        earlier.state, earlier.post_state = LetterState.BY_POST, PostalState.POSTED
        earlier.channel, earlier.posted_on = Channel.POST.value, went

    (letter,) = check(mailing)

    assert letter.state is (LetterState.EXCLUDED if is_recent else LetterState.READY)
    assert (f"Wrote to this reader {days} days ago" in letter.state_reason) is is_recent


def test_a_letter_that_waits_for_approval_is_on_its_way(
    session: Session, begin: Begin, check: Check
) -> None:
    """Of a mailing in any other state, what is ready is not yet put before anybody, or no more."""
    lead(session, board(session), make_person(session, "Sample", email="lead@example.org"))
    mailing = begin()
    ready = sent_before(session, mailing, "lead@example.org", 1)
    ready.state, ready.sent_at = LetterState.READY, None
    waits = set()

    for state in MailingState:
        session.get_one(Mailing, ready.mailing_id).state = state
        (letter,) = check(mailing)
        if "Another letter is on its way" in letter.state_reason:
            waits.add(state)

    assert waits == {MailingState.AWAITING_APPROVAL}


@pytest.mark.parametrize(("days", "is_recent"), [(6, True), (7, False)])
def test_a_shorter_spell_is_kept_to_as_well(
    session: Session, begin: Begin, check: Check, days: int, is_recent: bool
) -> None:
    settings_of(session).recent_days = 7
    lead(session, board(session), make_person(session, "Sample", email="lead@example.org"))
    mailing = begin()
    sent_before(session, mailing, "lead@example.org", days)

    (letter,) = check(mailing)

    assert letter.state is (LetterState.EXCLUDED if is_recent else LetterState.READY)


def test_a_letter_of_long_ago_is_no_reason_but_the_same_words_are(
    session: Session, begin: Begin, check: Check
) -> None:
    person = lead(session, board(session), make_person(session, "Sample"))
    mailing = begin()
    sent_before(session, mailing, "x@example.org", 40, person_id=person.id)
    assert check(mailing)[0].state is LetterState.READY
    sent_before(session, mailing, "x@example.org", 400, person_id=person.id, same_words=True)
    assert (
        check(mailing)[0].state_reason == "Had these very words 400 days ago, in “Autumn letter”."
    )


def test_a_letter_that_only_the_catcher_has_is_no_reason_to_leave_its_reader_out(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, board(session), make_person(session, "Sample", email="lead@example.org"))
    mailing = begin()
    rehearsed = sent_before(session, mailing, "lead@example.org", 9, same_words=True)
    rehearsed.server_reply = caught.REPLY
    session.flush()
    assert check(mailing)[0].state is LetterState.READY

    settings_of(session).is_demo = True
    session.flush()
    assert check(mailing)[0].state is LetterState.EXCLUDED, "in demo data it counts"


def test_a_letter_recorded_from_outside_counts_as_written(
    session: Session, begin: Begin, check: Check
) -> None:
    person = lead(session, board(session), make_person(session, "Sample"))
    session.add(
        Letter(
            origin=LetterOrigin.OUTSIDE,
            person_id=person.id,
            subject="By hand",
            state=LetterState.SENT,
            sent_on=TODAY,
        )
    )
    assert check(begin())[0].state_reason == "Wrote to this reader today: “By hand”."


def test_who_answered_is_left_out_with_that_reason(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, board(session), make_person(session, "Sample", email="lead@example.org"))
    mailing = begin()
    earlier = sent_before(session, mailing, "lead@example.org", 9)
    session.add(
        LetterAnswer(
            letter_id=earlier.id,
            answered_on=TODAY,
            answered_by="her office",
            recorded_at=NOON,
            recorded_by_id=mailing.created_by_id,
        )
    )
    (letter,) = check(mailing)
    assert letter.state_reason == f"Answered “Autumn letter” on {short_day(TODAY)} (her office)."


def test_a_row_can_be_left_out_with_a_reason_and_taken_back(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, board(session), make_person(session, "Sample"))
    mailing, by = begin(), make_user(session, "Ada")
    (letter,) = check(mailing)
    row_decisions.decide(session, mailing, letter, "leave out", "met her today", by=by)
    (letter,) = check(mailing)
    assert letter.state_reason == "Left out: met her today (Ada)"
    row_decisions.decide(session, mailing, letter, "take back", "", by=by)
    assert check(mailing)[0].state is LetterState.READY


def test_two_records_with_one_address_are_warned_about(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, board(session, "A"), make_person(session, "One", email="office@example.org"))
    lead(session, board(session, "B"), make_person(session, "Two", email="Office@example.org"))
    letters = check(begin())
    assert all("Another letter of this mailing" in one.findings["warnings"][0] for one in letters)


def test_facts_not_checked_for_half_a_year_are_a_warning(
    session: Session, begin: Begin, check: Check
) -> None:
    stale = TODAY - timedelta(days=200)
    lead(session, board(session, "A"), make_person(session, "Old"), checked_on=stale)
    lead(session, board(session, "B"), make_person(session, "Never"), checked_on=None)
    letters = check(begin())
    assert letters[0].findings["warnings"] == ["The lead at A was last checked 200 days ago."]
    assert letters[1].findings["warnings"] == ["The lead at B has never been checked."]


def test_awkward_names_survive_in_text_and_html(
    session: Session, begin: Begin, check: Check
) -> None:
    here = board(session)
    here.name = "A & B <C>"
    person = make_person(session, "Ó Brádaigh-Łuczak", given_name="Siân")
    lead(session, here, person)
    (letter,) = check(begin())
    assert "Dear Siân Ó Brádaigh-Łuczak," in letter.text
    assert "at A & B <C>." in letter.text
    assert "at A &amp; B &lt;C&gt;." in letter.html
    assert "&#" not in letter.html


def test_editing_a_contact_changes_nothing_checked_and_is_shown(
    session: Session, begin: Begin, check: Check
) -> None:
    person = lead(session, board(session), make_person(session, "Before", title="Dr"))
    mailing = begin()
    check(mailing)
    assert changes(session, mailing) == []

    person = session.merge(person)
    person.phone = "01234"
    session.flush()
    assert changes(session, mailing) == [], "a telephone number changes no letter"

    person.family_name = "After"
    session.flush()
    assert changes(session, mailing) == ["Dr Alex After: the letter would say something else now."]
    assert "Dear Dr Before" in letters_of(session, mailing)[0].text

    make_appointment(session, person=make_person(session, "New"), organisation=board(session, "Z"))
    assert "Alex New would be among the readers now." in changes(session, mailing)


def test_a_lead_lost_or_found_since_is_shown_where_unknown_leads_are_passed_over(
    session: Session, begin: Begin, check: Check
) -> None:
    here, there = board(session, "Ashire"), board(session, "Bshire")
    lead(session, here, make_person(session, "Stays"))
    mailing = begin(audience=Audience(lead_state=LeadState.KNOWN))
    check(mailing)
    assert changes(session, mailing) == []

    make_appointment(session, person=make_person(session, "New"), organisation=there)
    assert changes(session, mailing) == ["Alex New would be among the readers now."]

    check(mailing)
    board(session, "Cshire")
    (said,) = changes(session, mailing)
    assert said.endswith(f"would be left out now. {choosing.NOBODY_KNOWN}")


def changes(session: Session, mailing: Mailing) -> list[str]:
    mailing = session.merge(mailing)
    return staleness.changed_since(session, mailing, on=TODAY, base_url=BASE_URL)


def test_a_mailing_without_privacy_notice_or_sender_is_stopped(
    session: Session, begin: Begin
) -> None:
    settings = settings_of(session)
    settings.privacy_notice, settings.from_email = "", ""
    mailing = begin()
    found = checking.obstacles(session, mailing, attached=[], base_url=BASE_URL, on=TODAY)
    assert [one.words for one in found] == [
        "The From address is not set.",
        "No privacy notice is published, and a letter has to point to one.",
    ]


def test_every_letter_says_where_details_came_from_how_to_stop_and_its_reference(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, board(session), make_person(session, "Sample"))
    (letter,) = check(begin(cc_rule=CcRule.NOBODY))
    for form in (letter.text, re.sub("<[^>]*>", "", letter.html)):
        assert f"Where we got them: https://example.org/board-page, {on_day(TODAY)}." in form
        assert f"{BASE_URL}/privacy" in form
        assert "Reply “no more letters” and we stop." in form
        assert f"[ref {letter.reference}]" in form


GAP = "“{}” is still to be filled in. Write the words themselves, or"


def test_words_with_a_gap_left_in_them_stop_the_check(session: Session, begin: Begin) -> None:
    """Also those that were saved when nobody looked for gaps, those of a chaser, and whatever else
    the letter says of us."""
    mailing = begin()
    version = session.get_one(TemplateVersion, mailing.template_version_id)
    version.subject, version.body = "For «Title»", "((salutation)),\n\nOn XX/XX/2026\n"
    signatory = session.get_one(Signatory, mailing.signatory_id)
    signatory.job_title = "[JOB TITLE]"
    settings_of(session).opt_out_line = "Write to {{email}} and we stop."
    session.flush()
    found = checking.obstacles(session, mailing, attached=[], base_url=BASE_URL, on=TODAY)
    assert [(one.words, one.kind) for one in found] == [
        (
            "The line on how to opt out says “{{email}}”, which is still to be filled in.",
            "settings",
        ),
        ("The signature says “[JOB TITLE]”, which is still to be filled in.", "signatory"),
        (f"The subject of the template: {GAP.format('«Title»')} use ((title)).", "template"),
        (f"The template: Line 3: {GAP.format('XX/XX/2026')} take it out.", "template"),
    ]
    standing = submitting.standing(session, mailing, base_url=BASE_URL, on=TODAY)
    assert not standing.may_ask


def test_a_gap_in_a_record_is_a_problem_of_that_letter_only(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, board(session, "A"), make_person(session, "Sample", title="Dr"))
    first = lead(session, board(session, "B"), make_person(session, "«Surname»", title="Dr"))
    letters = check(begin(cc_rule=CcRule.NOBODY))
    assert letters[0].state is LetterState.READY
    assert words_of(letters[1]) == [
        "“salutation” would print “«Surname»”: it is still to be filled in."
    ]
    assert letters[1].findings["problems"][0]["id"] == first.id


def test_a_letter_never_prints_a_source_that_is_no_public_page(
    session: Session, begin: Begin, check: Check
) -> None:
    """What imports used to write, what people type, and links that open our own files."""
    ours = (
        *("leads.xlsx, row 29, 5 November 2026", "row 29", "website", "board papers July"),
        *("https://group.sharepoint.com/leads.xlsx", "http://localhost:8000/people", "x@nhs.uk"),
    )
    public = {
        "https://board.example.org/people": "https://board.example.org/people",
        "Board page: https://board.example.org/a.pdf, p. 3": "https://board.example.org/a.pdf",
        "www.sampleshire.nhs.uk/board.": "www.sampleshire.nhs.uk/board",
        "the site (sampleshire.nhs.uk)": "sampleshire.nhs.uk",
    }
    for number, source in enumerate((*ours, *public)):
        person = make_person(session, f"Sample{number}")
        person.details_source, person.details_obtained_on = source, TODAY
        lead(session, board(session, f"{number:02}shire"), person)
    letters = check(begin(cc_rule=CcRule.NOBODY))
    assert all(letter.state is LetterState.READY for letter in letters)
    for letter, source in zip(letters, ours, strict=False):
        for form in (letter.text, letter.html):
            assert source not in form
            assert (
                "Where we got them: a list kept by our group, "
                f"{on_day(TODAY)}. Ask us, and we will tell you more." in form
            )
        assert letter.findings["warnings"] == [
            f"Where these details came from is recorded as “{source}”, which is not a public page. "
            "The letter says “a list kept by our group” instead."
        ]
    for letter, said in zip(letters[len(ours) :], public.values(), strict=True):
        assert f"Where we got them: {said}, {on_day(TODAY)}." in letter.text
        assert letter.findings["warnings"] == []


def test_choosing_again_throws_the_checked_letters_away(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, board(session), make_person(session, "Sample"))
    mailing = begin()
    check(mailing)
    mailing = session.merge(mailing)
    letter_rows.unfreeze(session, mailing)
    assert letters_of(session, mailing) == []
    assert mailing.frozen_at is None


def test_checking_costs_the_same_number_of_statements_for_two_boards_and_for_twenty(
    session: Session,
    begin: Begin,
    count_statements: Callable[[], object],
) -> None:
    by = make_user(session, "Ada")

    def cost(boards: int) -> int:
        for number in range(boards):
            here = board(session, f"Shire{boards}-{number}")
            lead(session, here, make_person(session, f"Lead{number}"))
            lead(session, here, make_person(session, f"Chair{number}"), code="chair")
        mailing = begin()
        session.flush()
        session.expire_all()
        with count_statements() as statements:  # type: ignore[attr-defined]
            checking.check(session, mailing, by=by, at=NOON, base_url=BASE_URL)
        # Rows are written in bulk; the driver may split a bulk into pages.
        return sum(not one.startswith("INSERT") for one in statements)

    assert cost(2) == cost(20)
