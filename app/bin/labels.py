"""How the bin speaks of records: what stands in the way of deleting one, and what to do instead."""

from collections.abc import Sequence

from app.audit.rules import kind_words
from app.bin.dependencies import Obstacle
from app.core.web.filters import plural

# By table and column: what there is of it, in one and in several.
SAID = {
    ("appointment", "post_id"): ("person recorded in its posts", "people recorded in its posts"),
    ("council_share", "board_id"): ("council in its area", "councils in its area"),
    ("council_share", "council_id"): ("system it lies in", "systems it lies in"),
    ("document", "organisation_id"): ("document of it", "documents of it"),
    ("follow_up", "organisation_id"): ("follow-up about it", "follow-ups about it"),
    ("interaction_organisation", "organisation_id"): (
        "meeting, call or note with it",
        "meetings, calls and notes with it",
    ),
    ("interaction_person", "person_id"): (
        "meeting, call or note they were part of",
        "meetings, calls and notes they were part of",
    ),
    ("interaction_theme", "theme_id"): (
        "meeting, call or note with it",
        "meetings, calls and notes with it",
    ),
    ("letter", "person_id"): ("letter to them", "letters to them"),
    ("letter_recipient", "person_id"): (
        "letter with them among its addressees",
        "letters with them among their addressees",
    ),
    ("letter_board", "organisation_id"): ("letter about it", "letters about it"),
    ("letter_board", "post_id"): ("letter to a post of it", "letters to a post of it"),
    ("letter_board", "appointment_id"): ("letter to them in it", "letters to them in it"),
    ("mailing", "template_version_id"): ("mailing in its words", "mailings in its words"),
    ("mailing", "chaser_template_id"): (
        "mailing that chases with it",
        "mailings that chase with it",
    ),
    ("milestone_standing", "organisation_id"): (
        "milestone it is marked for",
        "milestones it is marked for",
    ),
    ("offer", "organisation_id"): ("offer to it", "offers to it"),
    ("offer", "theme_id"): ("offer with it", "offers with it"),
    ("organisation", "part_of_id"): (
        "organisation that is part of it",
        "organisations that are part of it",
    ),
    ("point", "organisation_id"): ("promise or point about it", "promises and points about it"),
    ("point", "follow_up_id"): ("promise that depends on it", "promises that depend on it"),
    ("succession", "predecessor_id"): ("successor of it", "successors of it"),
    ("succession", "successor_id"): ("predecessor of it", "predecessors of it"),
    ("theme", "parent_id"): ("theme below it", "themes below it"),
    ("workstream_organisation", "organisation_id"): ("workstream about it", "workstreams about it"),
    ("workstream_paper", "publisher_id"): ("paper it published", "papers it published"),
}

# By the table that points: what to do instead of deleting.
INSTEAD = {
    "appointment": "Delete the wrong appointments first, or end the organisation instead",
    "interaction_person": "Take them out of those entries first, end their post, or merge them",
    "interaction_theme": "Retire the theme instead: it stays where it is and is no longer offered",
    "letter": "Letters never lose whom they went to: end their post instead, or merge them",
    "letter_recipient": "Letters never lose whom they went to: end their post instead",
    "letter_board": "Letters never lose what they were about: record its end instead",
    "mailing": "Put the template away instead",
    "offer": "Delete or change those first",
    "point": "Delete the promise instead: its follow-up goes with it",
    "theme": "Move or delete those first, or retire this one",
}


def in_the_way(name: str, obstacles: Sequence[Obstacle]) -> str:
    """One sentence that says what needs it, and one that says what can be done."""
    obstacles = _once(obstacles)
    needed = [_counted(one) for one in obstacles]
    together = needed[0] if len(needed) == 1 else f"{', '.join(needed[:-1])} and {needed[-1]}"
    verb = "is" if sum(one.count for one in obstacles) == 1 else "are"
    first = next((INSTEAD[one.table] for one in obstacles if one.table in INSTEAD), "")
    instead = first or "Change or delete those first"
    return f"“{name}” cannot be deleted: there {verb} {together}. {instead}."


def _once(obstacles: Sequence[Obstacle]) -> Sequence[Obstacle]:
    """Letters to a person count once, not again in each of their posts."""
    if not any(one.table == "letter" for one in obstacles):
        return obstacles
    again = ("letter_board", "letter_recipient")
    return [one for one in obstacles if one.table not in again]


def _counted(obstacle: Obstacle) -> str:
    one, several = SAID.get(
        (obstacle.table, obstacle.column),
        (kind_words(obstacle.table), f"{kind_words(obstacle.table)}s"),
    )
    return plural(obstacle.count, one, several)
