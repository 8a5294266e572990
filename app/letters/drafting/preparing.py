"""One reader and one template become one letter, with what is wrong about it said in sentences."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.core.mail import mime_message
from app.core.text.placeholders import first_gap
from app.core.typesetting import without_shape
from app.directory.salutation import salutation_of
from app.letters.content.fields import (
    BY_KEY,
    US,
    Addressee,
    House,
    Writing,
    listed,
    name_lines,
    name_of,
    unique,
)
from app.letters.content.references import reference_for
from app.letters.content.rendering import (
    MAX_SUBJECT,
    Rendered,
    Renderer,
    address_lines,
    closing_lines,
)
from app.letters.content.sources import OUR_LIST, public_page
from app.letters.findings import Finding
from app.letters.models import Channel, LetterState
from app.letters.recipients.envelopes import NO_ENVELOPE, PostalEnvelope, envelope_of
from app.letters.recipients.recipient import Recipient

MOST_BOXES = 5
NO_SOURCE = "Where we got this person’s details is not recorded, and the letter has to say it."


@dataclass(frozen=True)
class PreparedLetter:
    """A letter as the check found it."""

    reader: Recipient
    reference: str
    rendered: Rendered | None
    excluded: str = ""
    problems: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    include_anyway: str = ""
    head: tuple[str, ...] = ()  # whom it is to, as the letter says it
    foot: tuple[str, ...] = ()  # copies, and what we owe the reader
    envelope: PostalEnvelope = NO_ENVELOPE  # of a letter that goes by post

    @property
    def is_posted(self) -> bool:
        return not self.excluded and self.reader.channel is not Channel.EMAIL

    @property
    def state(self) -> LetterState:
        if self.excluded:
            return LetterState.EXCLUDED
        return LetterState.DRAFT if self.problems else LetterState.READY

    def findings(self) -> dict[str, Any]:
        rendered = self.rendered
        return {
            "problems": [problem.as_json() for problem in self.problems],
            "warnings": list(self.warnings),
            "by_way": self.reader.by_way,
            "why_post": self.reader.why_post,
            "only_by_mail": self.reader.only_by_mail,
            "copies": len(self.reader.copies),
            "no_copies": list(self.reader.no_copies),
            "instead": list(self.reader.instead),
            "nobody_named": bool(self.reader.addressee.unnamed),
            "vacant": [seat.organisation_id for seat in self.reader.addressee.vacant],
            "head": list(self.head),
            "foot": list(self.foot),
            "values": dict(rendered.values) if rendered else {},
            "truths": dict(rendered.truths) if rendered else {},
        }


@dataclass(frozen=True)
class Desk:
    """All that the letters of one mailing have in common while they are being prepared."""

    renderer: Renderer
    house: House
    installation: str
    mailing_id: int
    today: date
    unchecked_days: int
    greeting_is_right: Mapping[str, str]
    to_vacant: Mapping[str, str]

    def prepare(
        self, reader: Recipient, *, excluded: str = "", include_anyway: str = ""
    ) -> PreparedLetter:
        addressee = reader.addressee
        reference = reference_for(self.installation, self.mailing_id, addressee.key, 1)
        writing = Writing(
            addressee,
            self.house,
            reference,
            tuple(copy.line for copy in reader.copies),
            reader.earlier,
        )
        rendered = self.renderer.render(writing)
        excluded = excluded or reader.excluded
        posted = reader.channel is not Channel.EMAIL
        envelope = envelope_of(reader.addressee) if posted else NO_ENVELOPE
        return PreparedLetter(
            reader=reader,
            reference=reference,
            rendered=rendered,
            excluded=excluded,
            problems=() if excluded else tuple(self._problems(reader, rendered, envelope)),
            warnings=() if excluded else tuple(self._warnings(reader, rendered)),
            include_anyway=include_anyway,
            head=tuple(address_lines(writing)),
            foot=tuple(closing_lines(writing)),
            envelope=envelope,
        )

    def _problems(
        self, reader: Recipient, rendered: Rendered, envelope: PostalEnvelope
    ) -> list[Finding]:
        addressee = reader.addressee
        kind, record_id = _record(addressee)
        found = [reader.problem] if reader.problem else _address_problems(reader)
        if not addressee.is_office:
            if not addressee.family_name.strip():
                found.append("The family name is blank.")
            elif problem := salutation_of(addressee).problem:
                found.append(problem)
            if not addressee.source:
                found.append(NO_SOURCE)
        found += [
            f"“{blank}” is blank for this reader."
            for blank in rendered.blanks
            # The sentence about the name says it already.
            if not (found and blank in ("salutation", "close", "family name", "full name"))
        ]
        found += _gaps(reader, rendered)
        if not rendered.subject:
            found.append("The subject would be empty.")
        if len(rendered.subject) > MAX_SUBJECT:
            found.append(f"The subject would be longer than {MAX_SUBJECT} characters.")
        findings = [
            Finding(words, "person_source" if words == NO_SOURCE else kind, record_id)
            for words in found
        ]
        if envelope.problem:
            findings.append(Finding(envelope.problem, envelope.kind, envelope.record_id))
        if reader.channel is not Channel.EMAIL and (boxes := _boxes(rendered, envelope.lines)):
            facts = {*"".join((*rendered.values.values(), *envelope.lines))}
            words = f"{_as_boxes(boxes)} Write it in other letters."
            findings.append(Finding(words, kind if facts & {*boxes} else "template", record_id))
        findings += self._problems_of_unnamed_posts(addressee, rendered)
        if not found and (doubt := self._doubt_about_greeting(addressee, rendered)):
            findings.append(Finding(doubt, "greeting", record_id))
        return findings

    def _problems_of_unnamed_posts(
        self, addressee: Addressee, rendered: Rendered
    ) -> Iterator[Finding]:
        if claim := _claims_to_know(addressee, rendered):
            words = (
                f"The letter says “{claim}”, but nobody is named in that post. Put those words "
                "between ((if lead is known)) and ((end))."
            )
            yield Finding(words, "template")
        for seat in addressee.vacant:
            if str(seat.organisation_id) not in self.to_vacant:
                yield Finding(
                    f"The post of {seat.in_place_of} at {seat.short_name} is recorded as vacant. "
                    "Leave this letter out, or write to the office anyway and say why.",
                    "vacant",
                )

    def _doubt_about_greeting(self, addressee: Addressee, rendered: Rendered) -> str:
        """Greeting, address and record have to be one person's."""
        greeting = rendered.greeting.rstrip(" ,:")
        expected = addressee.greeting.opening
        if not greeting or self.greeting_is_right.get(addressee.key) == greeting:
            return ""
        if greeting != expected:
            return f"The letter begins “{greeting}”, but this record is greeted “{expected}”."
        if addressee.is_office or _names(greeting, addressee):
            return ""
        return f"“{greeting}” holds no word of this person’s name, {addressee.full_name}."

    def _warnings(self, reader: Recipient, rendered: Rendered) -> list[str]:
        warnings = list(dict.fromkeys(reader.notes))
        if reader.channel is Channel.EMAIL and (boxes := _boxes(rendered, ())):
            warnings.append(_as_boxes(boxes))
        for seat in reader.addressee.vacant:
            if why := self.to_vacant.get(str(seat.organisation_id)):
                warnings.append(
                    f"The post at {seat.short_name} is vacant. Written to anyway: {why}"
                )
        if doubt := _doubt_about_source(reader.addressee):
            warnings.append(doubt)
        for seat in reader.addressee.seats:
            if seat.appointment_id is None:
                continue
            if seat.checked_on is None:
                warnings.append(f"The lead at {seat.short_name} has never been checked.")
            elif (days := (self.today - seat.checked_on).days) > self.unchecked_days:
                warnings.append(f"The lead at {seat.short_name} was last checked {days} days ago.")
        return warnings


def _gaps(reader: Recipient, rendered: Rendered) -> list[str]:
    """Of the record: “TBC” for a job title. What is ours to fill in is said of the mailing."""
    said = {f"“{name_of(k)}”": v for k, v in rendered.values.items() if BY_KEY[k].group != US}
    said["The reader’s name or post"] = " ".join(
        (*name_lines(reader.addressee), *reader.addressee.roles)
    )
    said["The name of somebody who gets a copy"] = " ".join(copy.line for copy in reader.copies)
    found = {gap: what for what, words in reversed(said.items()) if (gap := first_gap(words))}
    return [
        f"{what} would print “{gap}”: it is still to be filled in." for gap, what in found.items()
    ]


def _claims_to_know(addressee: Addressee, rendered: Rendered) -> str:
    """“… to you as Executive Lead”, where that is what the reader is not. In “as the Executive Lead
    is not known”, “as” means because."""
    said = " ".join(f"{rendered.subject}. {rendered.text}".split())
    for seat in addressee.unnamed:
        if not seat.in_place_of:
            continue
        post = re.escape(seat.in_place_of.partition(" for ")[0])
        because = r"(?![^,.;:]{0,200}\b(?:is|are|was|has|have)\b)"
        claims = (
            rf"\b(?:you|your \w+),? as (?:{post}\b|(?:the|an?|its) {post}\b{because})",
            rf"\bas (?:the |an? )?{post}\b[^.;:]{{0,200}}, you\b",
        )
        for claim in claims:
            if found := re.search(claim, said, re.IGNORECASE):
                return found[0]
    return ""


def _doubt_about_source(addressee: Addressee) -> str:
    if addressee.is_office or not addressee.source or public_page(addressee.source):
        return ""
    return (
        f"Where these details came from is recorded as “{addressee.source}”, which is not a public "
        f"page. The letter says “{OUR_LIST}” instead."
    )


def _boxes(rendered: Rendered, envelope: Sequence[str]) -> list[str]:
    """What the fonts of our PDFs have no shape for, each once."""
    return without_shape("\n".join((rendered.subject, rendered.text, *envelope)))


def _as_boxes(signs: Sequence[str]) -> str:
    said = listed([f"“{sign}”" for sign in signs[:MOST_BOXES]])
    more = f" and {len(signs) - MOST_BOXES} more" if len(signs) > MOST_BOXES else ""
    return f"On paper and in the PDF, {said}{more} would be an empty box: there is no shape for it."


def _record(addressee: Addressee) -> tuple[str, int | None]:
    if addressee.person_id:
        return "person", addressee.person_id
    return "organisation", addressee.seats[0].organisation_id if addressee.seats else None


def _address_problems(reader: Recipient) -> list[str]:
    found = []
    addresses = (reader.addressee.email, *(copy.address for copy in reader.copies))
    for email in unique(addresses):
        try:
            mime_message.address(email)
        except mime_message.UnfitForMail as refusal:
            found.append(str(refusal))
    return found


def _names(greeting: str, addressee: Addressee) -> bool:
    said = _words(greeting)
    names = (addressee.given_name, addressee.known_as, addressee.family_name)
    return any(said & _words(name) for name in names)


def _words(text: str) -> set[str]:
    return {word.strip(".,;:!").casefold() for word in text.replace("-", " ").split()}
