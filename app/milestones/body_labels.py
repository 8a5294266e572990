"""What the bodies of a kind are called, one of them and several."""

from collections.abc import Collection

from app.directory.models import OrganisationKind

ANY = ("body", "bodies")
OF_A_KIND = {
    OrganisationKind.ICB: ("board", "boards"),
    OrganisationKind.ICP: ("partnership", "partnerships"),
    OrganisationKind.ICS: ("system", "systems"),
    OrganisationKind.LOCAL_AUTHORITY: ("council", "councils"),
    OrganisationKind.GOVERNMENT_DEPARTMENT: ("department", "departments"),
}


def nouns(kinds: Collection[OrganisationKind]) -> tuple[str, str]:
    """Board and boards where all are boards; body and bodies where they are of several kinds."""
    return OF_A_KIND.get(next(iter(kinds)), ANY) if len(set(kinds)) == 1 else ANY


def counted(count: int, noun: tuple[str, str]) -> str:
    return f"{count} {noun[count != 1]}"
