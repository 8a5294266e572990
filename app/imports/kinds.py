"""The kinds of file that can be imported."""

from app.imports.leads.kind import LEADS
from app.imports.letters.kind import LETTERS
from app.imports.models import FileSubject
from app.imports.planning.kind import ImportKind

KINDS: dict[FileSubject, ImportKind] = {one.kind: one for one in (LEADS, LETTERS)}
