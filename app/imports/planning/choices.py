"""What the user decided for a file, besides what each column is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.imports.planning.bodies import DEFAULT_POST
from app.imports.planning.whole_names import NameRule


@dataclass(frozen=True)
class Choices:
    name_rule: NameRule | None = None
    post: str = DEFAULT_POST  # where the file names none
    replacing: bool = True  # a new name takes the place of the one in the register
    channel: str = "post"  # how letters went, where the file does not say
    source: str = ""  # where the details come from, where a row does not say
    boards: Mapping[str, int] = field(default_factory=dict)  # what a board's name means
