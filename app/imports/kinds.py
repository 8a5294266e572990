"""The kinds of file that can be imported."""

from app.imports.kind import ImportKind
from app.imports.leads.kind import LEADS
from app.imports.letters.kind import LETTERS
from app.imports.models import Kind

KINDS: dict[Kind, ImportKind] = {one.kind: one for one in (LEADS, LETTERS)}
