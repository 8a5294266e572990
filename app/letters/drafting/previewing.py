"""A template as somebody would read it, while it is still being written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.from_outside import record_number_or_none
from app.letters.content.document import Document, paper_of
from app.letters.content.fields import SAMPLE, SAMPLE_EARLIER, SAMPLE_OFFICE, Addressee, Writing
from app.letters.content.images import Stationery, stationery
from app.letters.content.rendering import Renderer, renderer_for
from app.letters.drafting.letterhead import house_of
from app.letters.models import CcRule, Signatory, TemplateVersion
from app.letters.recipients import choosing
from app.letters.recipients.audience import Audience, How
from app.letters.recipients.recipient import Recipient

SAMPLES = {"sample": SAMPLE, "sample-office": SAMPLE_OFFICE}
MOST_READERS = 60


@dataclass(frozen=True)
class LetterPreview:
    """The letter to one reader, or why there is none."""

    problems: Sequence[str]
    subject: str | Markup = ""
    body: str | Markup = ""
    reader: str = ""
    blanks: Sequence[str] = ()
    new_fields: Sequence[str] = ()
    without_greeting: bool = False
    without_unknown_lead: bool = False


def readers(session: Session, on: date) -> list[Recipient]:
    """Real readers to choose from: the children's leads of the day."""
    found = choosing.readers(session, audience=Audience(), cc_rule=CcRule.NOBODY, on=on)
    return [one for one in found if not one.problem and not one.excluded][:MOST_READERS]


def _reader(session: Session, key: str, on: date) -> Addressee:
    if key in SAMPLES:
        return SAMPLES[key]
    kind, _, given = key.partition(":")
    number = record_number_or_none(given)
    if kind == "person" and number is not None:
        audience = Audience(how=How.PEOPLE, person_ids=(number,))
    elif kind == "office" and number is not None:
        audience = Audience(how=How.BODIES, organisation_ids=(number,))
    else:
        return SAMPLE
    found = choosing.readers(session, audience=audience, cc_rule=CcRule.NOBODY, on=on)
    return found[0].addressee if found else SAMPLE


def preview(
    session: Session, *, subject: str, body: str, reader_key: str, on: date, base_url: str
) -> LetterPreview:
    """Both the page without script and the live preview are made of this."""
    renderer = Renderer(subject, body)
    if problems := [words for found in renderer.problems().values() for words in found]:
        return LetterPreview(problems=problems)
    writing = _writing(session, reader_key, on, base_url)
    rendered = renderer.render(writing)
    shown_subject, shown_body = renderer.shaded(
        rendered.values, rendered.truths, set(rendered.values)
    )
    return LetterPreview(
        problems=(),
        subject=shown_subject,
        body=shown_body,
        reader=writing.addressee.to_name,
        blanks=rendered.blanks,
        without_greeting=not rendered.greeting,
        without_unknown_lead=not renderer.knows_unknown_leads(),
    )


def on_paper(
    session: Session, *, subject: str, body: str, reader_key: str, on: date, base_url: str
) -> tuple[Document, Stationery] | None:
    """The same letter as it would be printed; None while its words have problems."""
    renderer = Renderer(subject, body)
    if renderer.problems():
        return None
    rendered = renderer.render(_writing(session, reader_key, on, base_url))
    own = stationery(session, signatory=_signatory(session))
    return paper_of(subject=rendered.subject, html=rendered.html), own


def _writing(session: Session, reader_key: str, on: date, base_url: str) -> Writing:
    house = house_of(
        session, signatory=_signatory(session), reply_to="", base_url=base_url, written_on=on
    )
    house = replace(house, signatory_name=house.signatory_name or "Name of the signatory")
    earlier = SAMPLE_EARLIER if reader_key in SAMPLES else None
    return Writing(_reader(session, reader_key, on), house, "7K3M9-QX2PV", earlier=earlier)


def _signatory(session: Session) -> Signatory | None:
    return session.scalar(
        select(Signatory).where(Signatory.archived_at.is_(None)).order_by(Signatory.id).limit(1)
    )


def words_to_choose(
    session: Session, versions: Mapping[int, TemplateVersion], *, on: date, base_url: str
) -> dict[int, LetterPreview]:
    """Each template as a made-up lead would read it, for whoever chooses one of them."""
    house = house_of(session, signatory=None, reply_to="", base_url=base_url, written_on=on)
    house = replace(house, signatory_name="Name of the signatory")
    writing = Writing(SAMPLE, house, "7K3M9-QX2PV", earlier=SAMPLE_EARLIER)
    found = {}
    for template_id, version in versions.items():
        renderer = renderer_for(version.subject, version.body)
        rendered = renderer.render(writing)
        subject, body = renderer.shaded(rendered.values, rendered.truths, set(rendered.values))
        found[template_id] = LetterPreview(
            problems=(), subject=subject, body=body, reader=SAMPLE.to_name
        )
    return found
