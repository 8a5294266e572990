"""How an event is told: kinds, fields and values in the words of the field."""

from datetime import date, datetime

from app.core.clock import LONDON

MASKED = "[not shown]"
ERASED = "[erased]"

KIND_WORDS = {
    "council_share": "council’s share",
    "follow_up": "follow-up",
    "interaction": "meeting, call or note",
    "interaction_organisation": "organisation at a meeting or call",
    "interaction_person": "person at a meeting or call",
    "interaction_theme": "theme of a meeting or call",
    "interaction_user": "one of us at a meeting or call",
    "lead_import": "import of leads",
    "letter_answer": "answer to a letter",
    "letter_file": "file of a letter",
    "letter_template": "template",
    "mail_check": "check before mail goes out",
    "offer_step": "step of an offer",
    "organisation_code": "code of an organisation",
    "organisation_name": "name of an organisation",
    "ownership": "owner",
    "person_email": "email address",
    "post_observation": "state of a post",
    "tile": "place on the map",
    "template_version": "version of a template",
}

FIELD_WORDS = {
    "agent": "browser",
    "approval_hours": "approval lapses after (hours)",
    "body": "text",
    "checked_on": "checked on",
    "from_email": "From address",
    "from_name": "From name",
    "hold_minutes": "hold (minutes)",
    "letters_a_minute": "letters a minute",
    "live_at": "external email on since",
    "live_server": "mail server switched on",
    "max_attachment_kb": "largest total of attachments (kB)",
    "mime": "finished bytes",
    "ods_code": "ODS code",
    "ons_code": "ONS code",
    "due_on": "due",
    "at_time": "time of the day",
    "catch_up_days": "working days for which late reminders are sent",
    "in_force_from": "in force since",
    "look_first": "why no letter leaves before somebody has looked",
    "look_first_at": "asked to look",
    "made_on": "promised on",
    "opt_out_line": "opt-out line",
    "password_hash": "password",
    "password_version": "count of passwords set",
    "privacy_url": "address of the privacy notice",
    "quiet_reason": "reason for holding mail",
    "recent_days": "recent letter (days)",
    "replies_carry_reference": "replies carry the letter’s reference",
    "reply_to": "Reply-To address",
    "sha256": "fingerprint",
    "single_letter_by_author": "author may release a single letter",
    "unchecked_warning_days": "warn when not checked for (days)",
    "url": "web address",
}


def kind_words(kind: str) -> str:
    return KIND_WORDS.get(kind, kind.replace("_", " "))


def field_words(field: str) -> str:
    """ "started_on" is "started on", "is_acting" is "acting", "part_of_id" is "part of"."""
    if field in FIELD_WORDS:
        return FIELD_WORDS[field]
    plain = field.removesuffix("_id").removesuffix("_key").removeprefix("is_")
    return plain.removesuffix("_at").replace("_", " ") or field


def value_words(value: str | None) -> str:
    """A recorded value as a person reads it; an empty one is the empty string."""
    if value is None:
        return ""
    if value in ("True", "False"):
        return "yes" if value == "True" else "no"
    if value == ERASED:
        return "erased"
    return _moment(value) or value


def _moment(value: str) -> str:
    """Dates and times were written as ISO, which nothing else a person types looks like."""
    if len(value) < 10 or value[4] != "-":
        return ""
    try:
        if len(value) == 10:
            day = date.fromisoformat(value)
            return f"{day.day} {day:%B %Y}"
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            return ""
        at = at.astimezone(LONDON)
    except (ValueError, OverflowError):  # a person may have typed what only looks like one
        return ""
    return f"{at.day} {at:%B %Y}, {at:%H:%M}"
