"""Reading what the built-in catcher caught, while there is no mail server and nobody outside."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core.mail.catcher import Caught, Folder
from app.core.web.headers import as_mail_preview
from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.core.web.pages import show_list

bp = Blueprint("outbox", __name__)

HEADERS = ("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted")

LISTING = ListView(
    name="Caught mail",
    columns=(
        Column("at", "Caught", lambda caught: caught.at, sort=lambda caught: caught.at),
        Column("subject", "Subject", lambda caught: caught.subject),
        Column("to", "To", lambda caught: ", ".join(caught.recipients)),
        Column("from", "From", lambda caught: caught.sender),
    ),
    filters=(
        Filter(
            "to",
            "To",
            FilterKind.TEXT,
            lambda wanted: lambda caught: wanted.lower() in ", ".join(caught.recipients).lower(),
        ),
    ),
    default_sort="-at",
)


def _folder() -> Folder:
    """The catcher's page exists only where everybody who can open it sits at this machine."""
    if current_app.config["MAIL_SERVER"] or not _is_loopback(current_app.config["BASE_URL"]):
        abort(404)
    return Folder(current_app.config["DATA_DIR"])


def _is_loopback(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _message(name: str) -> tuple[Caught, bytes]:
    folder = _folder()
    caught = folder.find(name)
    if caught is None:
        abort(404)
    return caught, folder.content(caught)


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


@bp.get("/caught-mail")
@requires(Permission.ADMINISTER)
def caught() -> ResponseReturnValue:
    return show_list("outbox/caught.html", LISTING, _folder().newest_first())


@bp.get("/caught-mail/<name>")
@requires(Permission.ADMINISTER)
def caught_message(name: str) -> ResponseReturnValue:
    caught, content = _message(name)
    mail = _parsed(content)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    return render_template(
        "outbox/caught_message.html",
        caught=caught,
        subject=str(mail["Subject"] or "(no subject)"),
        headers=[(header, str(mail[header])) for header in HEADERS if mail[header]],
        text=None if text is None else text.get_content(),
        has_html=html is not None,
        attachments=[
            (part.get_filename() or "(no name)", part.get_content_type(), _size(part))
            for part in mail.iter_attachments()
        ],
        size=len(content),
    )


def _size(part: EmailMessage) -> int:
    payload = part.get_payload(decode=True)
    return len(payload) if isinstance(payload, bytes) else len(part.as_bytes())


@bp.get("/caught-mail/<name>/html")
@requires(Permission.ADMINISTER)
def caught_html(name: str) -> ResponseReturnValue:
    """The HTML part alone, for the frame on the message's page."""
    _, content = _message(name)
    html = _parsed(content).get_body(("html",))
    if html is None:
        abort(404)
    return as_mail_preview(Response(html.get_content(), content_type="text/html; charset=utf-8"))


@bp.get("/caught-mail/<name>/raw")
@requires(Permission.ADMINISTER)
def caught_raw(name: str) -> ResponseReturnValue:
    caught, content = _message(name)
    response = Response(content, content_type="message/rfc822")
    response.headers.set("Content-Disposition", "attachment", filename=f"{caught.name}.eml")
    return response
