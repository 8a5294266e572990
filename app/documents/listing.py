"""The list of documents: its columns and filters."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.directory.models import Organisation, Region
from app.directory.queries.name_search import contains, where_named
from app.documents.models import Document, DocumentStage, DocumentType


def documents_view(types: Sequence[DocumentType], regions: Sequence[Region]) -> ListView:
    body = (
        select(func.lower(Organisation.name))
        .where(Organisation.id == Document.organisation_id)
        .scalar_subquery()
    )
    kind = (
        select(DocumentType.position)
        .where(DocumentType.id == Document.document_type_id)
        .scalar_subquery()
    )
    return ListView(
        name="Documents",
        columns=(
            Column("title", "Title", lambda row: row.title, func.lower(Document.title)),
            Column("body", "Body", lambda row: row.organisation.name, body),
            Column("kind", "Kind", lambda row: row.document_type.name, kind),
            Column("cycle", "For", lambda row: row.cycle, Document.cycle),
            Column("stage", "Stage", lambda row: row.stage.value.capitalize(), Document.stage),
            Column("on", "Published", lambda row: row.published_on, Document.published_on),
            Column("link", "Link", lambda row: row.link, on_page=False),
            Column("source", "Source", lambda row: row.source, on_page=False),
            Column("note", "Note", lambda row: row.note, on_page=False),
        ),
        filters=(
            Filter("q", "Title", FilterKind.TEXT, lambda words: contains(Document.title, words)),
            Filter(
                "about",
                "Body",
                FilterKind.TEXT,
                lambda words: Document.organisation.has(where_named(words)),
            ),
            Filter(
                "kind",
                "Kind",
                FilterKind.CHOICE,
                lambda value: Document.document_type_id == int(value),
                [(str(one.id), one.name) for one in types],
            ),
            Filter(
                "stage",
                "Stage",
                FilterKind.CHOICE,
                lambda value: Document.stage == DocumentStage(value),
                [(one.value, one.value.capitalize()) for one in DocumentStage],
            ),
            Filter(
                "region",
                "Region",
                FilterKind.CHOICE,
                lambda value: Document.organisation.has(Organisation.region_id == int(value)),
                [(str(region.id), region.name) for region in regions],
            ),
            Filter(
                "since", "Published from", FilterKind.DATE, lambda day: Document.published_on >= day
            ),
            Filter(
                "until",
                "Published until",
                FilterKind.DATE,
                lambda day: Document.published_on <= day,
            ),
        ),
        tie_break=Document.id.desc(),
        default_sort="-on",
    )
