"""A letter as a file: PDF for reading and printing, Word for the file."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, abort, request

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.from_outside import record_number
from app.core.web.pages import note_export
from app.letters import queries
from app.letters.content.attachments import safe_name
from app.letters.content.document import Document, NotALetter, paper_of
from app.letters.content.images import Stationery, stationery_of
from app.letters.drafting import previewing
from app.letters.models import Letter
from app.letters.print import pdf, word
from app.letters.print.pdf_of_run import Cover, print_run
from app.letters.print.printable import mark_of, sheets_of
from app.letters.routes.blueprint import bp
from app.letters.routes.lookups import base_url, mailing_or_404, template_or_404
from app.letters.tracking import results

PREVIEW = "Preview of a template"


@dataclass(frozen=True)
class OutgoingFile:
    """What is about to leave as a file."""

    paper: Document
    stationery: Stationery
    mark: str
    name: str  # of the file, without its ending
    about: str  # for the record of exports
    in_window: Sequence[str] = ()  # as approved, of a letter that goes by post


@bp.get("/letters/<int:letter_id>/letter.pdf")
@requires(Permission.VIEW)
def letter_pdf(letter_id: int) -> Response:
    return _as_pdf(_sheet_of(letter_id))


@bp.get("/letters/<int:letter_id>/letter.docx")
@requires(Permission.VIEW)
def letter_word(letter_id: int) -> Response:
    return _as_word(_sheet_of(letter_id))


@bp.get("/templates/<int:template_id>/preview.pdf")
@requires(Permission.VIEW)
def template_pdf(template_id: int) -> Response:
    return _as_pdf(_sheet_of_template(template_id))


@bp.get("/templates/<int:template_id>/preview.docx")
@requires(Permission.VIEW)
def template_word(template_id: int) -> Response:
    return _as_word(_sheet_of_template(template_id))


@bp.get("/mailings/<int:mailing_id>/print.pdf")
@requires(Permission.VIEW)
def mailing_print_file(mailing_id: int) -> Response:
    mailing = mailing_or_404(mailing_id)
    sheets = sheets_of(db.session, mailing)
    letters = [one.to_print() for one in sheets if not one.left_out]
    if not letters:
        abort(404)
    printed = print_run(
        letters,
        stationery_of(db.session, mailing),
        cover=Cover(
            f"Copies: {mailing.name}",
            ["Addresses are those that were approved, and of other letters those recorded now."],
            [f"{one.to}: {one.left_out}" for one in sheets if one.left_out],
        ),
        both_sides=request.args.get("sides") != "one",
        at=clock.now(),
    )
    note_export(f"Print file of “{mailing.name}”", [], len(letters))
    return _file(printed.content, "application/pdf", f"print-mailing-{mailing.id}.pdf")


def pdf_of_words(subject: str, body: str, reader: str) -> Response | None:
    """Words still being written, for the reader chosen beside them; None while they are wrong."""
    sheet = _sheet_of_words(subject, body, reader)
    return _as_pdf(sheet) if sheet else None


def _sheet_of(letter_id: int) -> OutgoingFile:
    """A letter of ours; one that was sent outside Liaise is among its own files instead."""
    letter = results.letter(db.session, letter_id) or abort(404)
    mailing = letter.mailing
    if mailing is None or not letter.html:
        abort(404)
    try:
        paper = paper_of(subject=letter.subject, html=letter.html)
    except NotALetter:
        abort(404)
    return OutgoingFile(
        paper=paper,
        stationery=stationery_of(db.session, mailing),
        mark=mark_of(letter),
        name=f"letter-{letter.reference or letter.id}",
        about=f"Letter to {_who(letter)}",
        in_window=letter.envelope.split("\n") if letter.is_posted and letter.envelope else (),
    )


def _who(letter: Letter) -> str:
    return letter.to_name or letter.stands_in_as or letter.to_email


def _sheet_of_template(template_id: int) -> OutgoingFile:
    template = template_or_404(template_id)
    versions = queries.versions_of(db.session, template)
    asked = request.args.get("version", type=record_number)
    shown = next((one for one in versions if one.number == asked), versions[0])
    return _sheet_of_words(shown.subject, shown.body, "sample") or abort(404)


def _sheet_of_words(subject: str, body: str, reader: str) -> OutgoingFile | None:
    made = previewing.on_paper(
        db.session,
        subject=subject,
        body=body,
        reader_key=reader,
        on=clock.today(),
        base_url=base_url(),
    )
    if made is None:
        return None
    paper, stationery = made
    return OutgoingFile(paper, stationery, PREVIEW, "preview", f"Preview of “{paper.subject}”")


def _as_pdf(sheet: OutgoingFile) -> Response:
    with pdf.press(sheet.stationery) as press:
        content = press.pdf_of(
            sheet.paper, at=clock.now(), mark=sheet.mark, in_window=sheet.in_window
        )
    note_export(f"{sheet.about}, PDF", [], 1)
    return _file(content, "application/pdf", f"{sheet.name}.pdf")


def _as_word(sheet: OutgoingFile) -> Response:
    content = word.docx_of(sheet.paper, sheet.stationery, mark=sheet.mark)
    note_export(f"{sheet.about}, Word", [], 1)
    return _file(content, word.MEDIA_TYPE, f"{sheet.name}.docx")


def _file(content: bytes, media_type: str, name: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=safe_name(name))
    return response
