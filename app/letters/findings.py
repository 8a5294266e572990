"""What the check of a mailing finds: one problem or remark."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """Something to put right, and the record it is put right on."""

    words: str
    kind: str = ""  # person, person_source, organisation, the two “by post”, template, …
    record_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {"words": self.words, "kind": self.kind, "id": self.record_id}
