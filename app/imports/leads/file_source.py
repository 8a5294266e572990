"""Where the details in a file come from, said once for the rows that do not say it."""

from app.imports.planning.values import BadValue, not_too_long, read_source
from app.letters.content.sources import why_unfit


def read_file_source(text: str) -> str:
    """By the rule for what a letter may print. Nothing is an answer, too."""
    said = read_source(not_too_long("source", "The source", text))
    if said and (why := why_unfit(said)):
        raise BadValue(why)
    return said
