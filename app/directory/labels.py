"""What the directory's kinds and states are called on screen."""

from app.core.web.filters import on_day
from app.directory.models import OrganisationKind, PostState, SubscriberType, SuccessionKind
from app.directory.rules import AnyStateOnDay

KIND_WORDS = {
    OrganisationKind.ICS: "Integrated care system",
    OrganisationKind.ICB: "Integrated care board",
    OrganisationKind.ICP: "Integrated care partnership",
    OrganisationKind.PLACE: "Place",
    OrganisationKind.LOCAL_AUTHORITY: "Council",
    OrganisationKind.NHS_ENGLAND: "NHS England",
    OrganisationKind.HEALTH_AND_WELLBEING_BOARD: "Health and wellbeing board",
    OrganisationKind.GOVERNMENT_DEPARTMENT: "Government department",
    OrganisationKind.REGULATOR: "Regulator",
    OrganisationKind.PROVIDER: "NHS provider",
    OrganisationKind.VCSE: "Voluntary or community organisation",
    OrganisationKind.PARLIAMENT: "Parliament",
    OrganisationKind.OTHER: "Other",
}

STATE_WORDS = {
    PostState.NAMED: "Named",
    PostState.SHARED: "Shared",
    PostState.ACTING: "Acting",
    PostState.VACANT: "Vacant",
    PostState.NOT_PUBLISHED: "Not published",
    PostState.UNKNOWN: "Not known",
}

STATE_PILLS = {
    PostState.NAMED: "good",
    PostState.SHARED: "good",
    PostState.ACTING: "warn",
    PostState.VACANT: "bad",
    PostState.NOT_PUBLISHED: "warn",
    PostState.UNKNOWN: "none",
}

SUCCESSION_WORDS = {
    SuccessionKind.MERGER: "Merger: all of it went there",
    SuccessionKind.SPLIT: "Split: a part of it went there",
    SuccessionKind.RENAME: "New name: the same body",
    SuccessionKind.ACQUISITION: "Acquisition: another body took on an area",
}

SUBSCRIBER_WORDS = {
    SubscriberType.CORPORATE: "Their organisation’s",
    SubscriberType.INDIVIDUAL: "Their own",
    SubscriberType.CHECK: "Not checked yet",
}

FIELD_WORDS = {
    "name": "Official name",
    "short_name": "Short name",
    "ods_code": "ODS code",
    "ons_code": "ONS code",
    "website": "Website",
    "office_email": "Office of the chair or chief executive",
    "postal_address": "Postal address",
    "population": "Population",
    "population_0_24": "Population aged 0 to 24",
    "established_on": "Began on",
    "dissolved_on": "No longer existed on",
    "note": "Note",
}


def recorded(known: AnyStateOnDay) -> str:
    """What somebody saw where no name was to be had, such as "recorded as vacant (seen on
    3 March 2026, source: board papers)"; empty where nobody looked, or found nothing either."""
    seen = known.observation
    if seen is None or known.state not in (PostState.VACANT, PostState.NOT_PUBLISHED):
        return ""
    source = f", source: {seen.source}" if seen.source else ""
    return f"recorded as {known.state.value} (seen on {on_day(seen.observed_on)}{source})"
