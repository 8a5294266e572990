"""Gaps that somebody meant to fill in and did not: “«First_Name»”, “[INSERT BOARD]”, “XX/XX/2026”.

Words for letters come from other tools, and each marks its gaps in a way of its own. Ordinary
English is let alone: “[sic]”, “[the board]”, “[1]”, a link, “5 x 3”.
"""

import re

# What a gap in brackets names. Weak words count beside a strong one: “[Our] plan” is English.
_STRONG = (
    *(
        "name",
        "names",
        "surname",
        "forename",
        "title",
        "salutation",
        "date",
        "day",
        "month",
        "year",
    ),
    *("time", "venue", "address", "email", "telephone", "phone", "number", "link", "url", "amount"),
    *("signature", "signatory", "recipient", "organisation", "organization", "company", "here"),
    *("tbc", "tba", "tbd", "xx", "xxx", "placeholder"),
)
_WEAK = (
    *("first", "last", "full", "given", "family", "middle", "preferred", "job", "role", "position"),
    *("post", "board", "icb", "ics", "system", "trust", "region", "your", "our", "their"),
    *("of", "the", "a", "an", "and", "or"),
)
_NAME = rf"(?:{'|'.join((*_STRONG, *_WEAK))})(?:[’']s)?"
_NAMES = (
    rf"(?=[^\[\]<>\n]{{0,80}}\b(?i:{'|'.join(_STRONG)})\b)(?=[A-Z])"
    rf"(?i:{_NAME}(?:[ \t_/-]+{_NAME})*)"
)
# Orders to whoever writes. In small letters most of them are English, as in “[add a]”.
_ORDER = (
    r"(?:[Ii]nsert|INSERT|[Ee]nter|ENTER|[Ff]ill in|FILL IN|Add|ADD|Choose|CHOOSE|Select|SELECT)"
)

_GAP = re.compile(
    "|".join(
        (
            # Word, Mailchimp, Salesforce, Handlebars, Outlook and others
            r"«[^«»\n]{1,60}»",
            r"<<[^<>\n]{1,60}>>",
            r"<%[^\n]{1,60}?%>",
            r"\[\[[^\[\]\n]{1,60}\]\]",
            r"\$?\{{1,3}[^{}\n]{1,60}\}{1,3}",
            r"\*\|[^|\n]{1,40}\|\*",
            r"%%[A-Za-z][^%\n]{0,40}%%",
            r"(?<![\w%])%[A-Za-z_]{4,40}%(?![\w%])",
            r"(?<!\S)##[A-Za-z]\w{0,40}##",
            r"(?<!\S)@@[A-Za-z]\w{0,40}@@",
            r"\b(?:MERGE|FILL)(?:FIELD|IN)\b",
            # brackets: an order to the writer, a shout, or the name of something alone
            rf"\[\s*{_ORDER}\b[^\[\]\n]{{0,80}}\](?!\()",
            rf"<\s*{_ORDER}\b[^<>\n]{{0,80}}>",
            r"\[(?=[^\[\]\n]{0,80}[A-Z]{3})[A-Z][^\[\]a-z\n]{0,80}[ _][^\[\]a-z\n]{1,80}\](?!\()",
            r"\[(?:BOARD|SYSTEM|REGION|TRUST|POST|ROLE|POSITION)\](?!\()",
            rf"\[{_NAMES}\](?!\()",
            rf"<{_NAMES}>",
            # days and figures that were not known yet
            r"\b(?:[Xx]{1,2}|_{1,2})[/.-](?:[Xx]{1,2}|_{1,2})[/.-](?:[Xx]{2,4}|_{2,4}|\d{2,4})\b",
            r"\b\d{1,2}[/.-][Xx]{2}[/.-](?:[Xx]{2,4}|\d{2,4})\b",
            r"\b(?i:dd[/. -]mm[/. -]yy(?:yy)?)\b",
            r"\b[Xx]{2}(?:st|nd|rd|th)?\s+(?:[A-Z][a-z]{2,8}\s+)?(?:20\d\d|20[Xx]{2})\b",
            r"\b[Xx]{2}(?:st|nd|rd|th)?\s+(?:January|February|March|April|May|June|July|August"
            r"|September|October|November|December)\b",
            r"£\s?[Xx]+\b",
            r"\b[Xx]{3,}\b",
            r"\bTB[ACD]\b",
            r"\?{3,}",
            r"(?<=[A-Za-z:] )_{3,}|(?<!_)_{3,}(?= [A-Za-z])",
            r"\b[Ll]orem ipsum\b",
            # what a spreadsheet says instead of a value
            r"#(?:REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|N/A)",
        )
    )
)


def gaps(text: str) -> list[tuple[int, str]]:
    """Each gap with its line, counted from 1."""
    return [
        (number, found[0])
        for number, line in enumerate(text.split("\n"), start=1)
        for found in _GAP.finditer(line)
    ]


def first_gap(text: str) -> str:
    return next((gap for _, gap in gaps(text)), "")
