"""The lists of users and of member organisations: their columns and filters."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, cast

from app.accounts.models import MemberOrganisation, Permission, User
from app.accounts.queries import last_seen
from app.core.web.lists import Column, Filter, FilterKind, ListView

STATES = (("active", "Active"), ("invited", "Invited"), ("disabled", "Disabled"))


def state(user: User) -> str:
    if not user.is_active:
        return "Disabled"
    return "Active" if user.password_hash else "Invited"


def may(user: User) -> str:
    return ", ".join(permission.value for permission in Permission if user.may(permission))


def user_list(members: Sequence[MemberOrganisation]) -> ListView:
    return ListView(
        name="Users",
        columns=(
            Column("name", "Name", lambda row: row.User.name, User.name),
            Column("email", "Email address", lambda row: row.User.email, User.email),
            Column(
                "member", "Member organisation", lambda row: row.member, MemberOrganisation.name
            ),
            Column("may", "Permissions", lambda row: may(row.User)),
            Column("state", "State", lambda row: state(row.User)),
            Column("seen", "Last seen", lambda row: row.seen_at, last_seen()),
        ),
        filters=(
            Filter("q", "Name or address contains", FilterKind.TEXT, _called),
            Filter(
                "member",
                "Member organisation",
                FilterKind.CHOICE,
                lambda value: User.member_organisation_id == int(value),
                choices=[(str(member.id), member.name) for member in members],
            ),
            Filter(
                "may",
                "Permission",
                FilterKind.CHOICE,
                lambda value: cast(User.permissions, String).contains(f'"{value}"'),
                choices=[(permission.value, permission.value) for permission in Permission],
            ),
            Filter("state", "State", FilterKind.CHOICE, _in_state, choices=STATES),
        ),
        tie_break=User.id,
        default_sort="name",
    )


MEMBERS = ListView(
    name="Member organisations",
    columns=(
        Column("name", "Name", lambda row: row.MemberOrganisation.name, MemberOrganisation.name),
        Column("people", "People", lambda row: row.people, numeric=True),
    ),
    tie_break=MemberOrganisation.id,
    default_sort="name",
)


def _called(text: str) -> ColumnElement[bool]:
    return User.name.icontains(text, autoescape=True) | User.email.icontains(text, autoescape=True)


def _in_state(value: str) -> ColumnElement[bool]:
    if value == "disabled":
        return User.disabled_at.is_not(None)
    has_password = User.password_hash.is_not(None)
    return User.disabled_at.is_(None) & (has_password if value == "active" else ~has_password)
