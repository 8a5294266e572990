"""What the people of one page hold, and how to reach them: two statements for a whole page."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, contains_eager

from app.core.text.alphabet import alphabetical
from app.directory.models import Appointment, Organisation, Person, PersonEmail, Post
from app.directory.queries.posts import emails_of
from app.directory.rules import Freshness, freshness


def is_within(body: Organisation, bodies: Collection[int]) -> bool:
    """Whether it is one of these, or a part of one of them."""
    return body.id in bodies or body.part_of_id in bodies


def _in_words(one: Appointment) -> str:
    return f"{one.post.post_type.name}, {one.post.organisation.short_name}"


class Holdings:
    """Looks people up: `look_up` those of a page, `look_up_everybody` those of a CSV."""

    def __init__(self, session: Session, day: date) -> None:
        self.session = session
        self.day = day
        self.held: dict[int, list[Appointment]] = {}
        self.emails: dict[int, list[PersonEmail]] = {}

    def look_up(self, people: Sequence[Person]) -> "Holdings":
        ids = [person.id for person in people]
        self.held = {person_id: [] for person_id in ids}
        self._read(Appointment.person_id.in_(ids))
        self.emails = emails_of(self.session, ids)
        return self

    def look_up_everybody(self) -> "Holdings":
        everybody = select(Person.id)
        self.held = {person_id: [] for person_id in self.session.scalars(everybody)}
        self._read(true())
        self.emails = emails_of(self.session, everybody)
        return self

    def _read(self, whose: ColumnElement[bool]) -> None:
        for one in self.session.scalars(
            select(Appointment)
            .join(Appointment.post)
            .join(Post.organisation)
            .where(
                whose, Appointment.where_held_on(self.day), Organisation.where_exists_on(self.day)
            )
            .options(
                contains_eager(Appointment.post).contains_eager(Post.organisation),
                contains_eager(Appointment.post).joinedload(Post.post_type),
            )
            .order_by(alphabetical(Organisation.short_name), Appointment.id)
        ):
            self.held[one.person_id].append(one)

    def of(self, person: Person) -> list[Appointment]:
        return self.held[person.id]

    def words(self, person: Person) -> str:
        return "; ".join(_in_words(one) for one in self.of(person))

    def words_at(self, person: Person, bodies: Collection[int]) -> str:
        """What somebody holds at these bodies and their systems' parts; the rest as a number."""
        held = self.of(person)
        here = [one for one in held if is_within(one.post.organisation, bodies)]
        named = here or held[:1]
        more = len(held) - len(named)
        if more:
            return f"{'; '.join(map(_in_words, named))}; and {more} more post{'s' * (more > 1)}"
        return "; ".join(map(_in_words, named))

    def bodies_at(self, person: Person, bodies: Collection[int]) -> set[int]:
        """Which of these bodies somebody holds a post at, or at a part of."""
        held = [one.post.organisation for one in self.of(person)]
        return {id_ for id_ in bodies if any(is_within(body, [id_]) for body in held)}

    def email(self, person: Person) -> PersonEmail | None:
        self.of(person)
        return next(iter(self.emails.get(person.id, [])), None)

    def address(self, person: Person) -> str:
        email = self.email(person)
        return email.address if email else ""

    def checked_on(self, person: Person) -> date | None:
        """The longest ago of what they hold; empty when one was never checked."""
        days = [one.checked_on for one in self.of(person)]
        return None if None in days else min((day for day in days if day), default=None)

    def freshness(self, person: Person) -> Freshness | None:
        return freshness(self.checked_on(person), self.day) if self.of(person) else None
