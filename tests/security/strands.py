"""What came out of a meeting, the strands of work it belongs to, and what somebody is typing."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.directory.models import Organisation
from app.interactions.models import (
    Interaction,
    Offer,
    OfferState,
    OfferStep,
    OutcomeKind,
    PromisedBy,
)
from app.interactions.outcomes import outcomes
from app.workstreams.models import (
    Workstream,
    WorkstreamDate,
    WorkstreamInteraction,
    WorkstreamOrganisation,
    WorkstreamPaper,
    WorkstreamPoint,
)
from tests.factories import NOON, TODAY, make_draft


def make_strands(session: Session, names: dict[str, Any], *, by: User) -> dict[str, Any]:
    """Rows about the body and the entry named here."""
    board = session.get_one(Organisation, names["organisation_id"])
    entry = session.get_one(Interaction, names["interaction_id"])
    names["draft_id"] = make_draft(session, by, entry, "Words not yet saved.").id
    _offer(session, board, by)
    promise = outcomes.add(
        session,
        outcomes.OutcomeDetails(
            kind=OutcomeKind.COMMITMENT,
            text="Send the plan",
            promised_by=PromisedBy.THEM,
            organisation=board,
            owner=by,
            due_on=TODAY + timedelta(days=7),
        ),
        interaction=entry,
        by=by,
        at=NOON,
        on=TODAY,
    )
    strand = Workstream(name="One identifier", purpose="What **it** is for.", owner_id=by.id)
    session.add(strand)
    session.flush()
    paper = WorkstreamPaper(workstream_id=strand.id, title="A report", link="https://example.org/")
    one = WorkstreamDate(
        workstream_id=strand.id, what="A decision", falls_on=TODAY, source="A report"
    )
    session.add_all(
        (
            WorkstreamOrganisation(workstream_id=strand.id, organisation_id=board.id),
            WorkstreamInteraction(workstream_id=strand.id, interaction_id=entry.id),
            WorkstreamPoint(workstream_id=strand.id, point_id=promise.id),
            paper,
            one,
        )
    )
    session.flush()
    return {
        "workstream_id": strand.id,
        "paper_id": paper.id,
        "date_id": one.id,
    }


def _offer(session: Session, board: Organisation, by: User) -> None:
    offer = Offer(organisation_id=board.id, what="A session", offered_on=TODAY, owner_id=by.id)
    session.add(offer)
    session.flush()
    session.add(
        OfferStep(
            offer_id=offer.id,
            state=OfferState.OFFERED,
            reached_on=TODAY,
            note="By mail",
            by_id=by.id,
        )
    )
