"""The app factory: the one module that knows every feature."""

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from app.accounts import access
from app.accounts import routes as accounts
from app.administration import banners
from app.administration.routes import BLUEPRINTS as ADMINISTRATION
from app.administration.routes.bin import page_of_what_was_deleted
from app.audit import recorder
from app.audit.services import record_export
from app.calendars import routes as calendars
from app.core import logs, loopback
from app.core.db import db, prepare
from app.core.web import (
    assets,
    error_pages,
    filters,
    headers,
    html_fragments,
    input_cleaning,
    pages,
    request_size,
    storage_trouble,
    url_converters,
)
from app.core.web.pages import NavEntry, Shell
from app.core.web.trusted_hosts import KnownHostsOnly
from app.demo import routes as demo
from app.directory import routes as directory
from app.documents import routes as documents
from app.editing import one_fact
from app.imports import routes as imports
from app.interactions import routes as interactions
from app.interactions.routes import promising
from app.letters import routes as letters
from app.merging import routes as merging
from app.milestones import routes as milestones
from app.notifications import routes as notifications
from app.overview import briefing_pages, health, milestone_map  # noqa: F401 (a part of a page)
from app.overview import routes as overview
from app.reminders import routes as reminders
from app.settings import models as _settings  # noqa: F401
from app.workstreams import routes as workstreams
from config import Config

recorder.listen(Session)

SHELL = Shell(
    # An entry shows to those who may open its page.
    navigation=(
        NavEntry("Home", "overview.home", "house"),
        NavEntry("Systems", "overview.systems", "hexagon", ("overview.system",)),
        NavEntry("Organisations", "directory.organisations", "building", ("directory.org",)),
        NavEntry("People", "directory.people", "people", ("directory.person",)),
        NavEntry(
            "Letters",
            "letters.mailings",
            "envelope-paper",
            ("letters.mailing", "letters.truth", "letters.letter"),
        ),
        NavEntry("Meetings", "interactions.meetings", "calendar-event", ("interactions.",)),
        NavEntry(
            "Follow-ups",
            "promises.follow_ups",
            "check2-square",
            ("promises.",),
            waiting=interactions.my_follow_ups_due,
        ),
        NavEntry(
            "Milestones",
            "milestones.listing",
            "flag",
            ("milestones.", "reminders.move", "reminders.tell_again"),
        ),
        NavEntry("Documents", "documents.listing", "journal-text", ("documents.",)),
        NavEntry("Workstreams", "workstreams.workstreams", "bezier2", ("workstreams.",)),
        NavEntry(
            "Reminders", "reminders.rules", "alarm", ("reminders.rule", "reminders.occurrences")
        ),
        NavEntry("Templates", "letters.templates", "file-earmark-text", ("letters.template",)),
        NavEntry("Posts", "directory.post_types", "diagram-3", below_line=True),
        NavEntry("Imports", "imports.imports", "upload", ("imports.",), below_line=True),
        NavEntry("Bin", "bin.listing", "trash", ("bin.",), below_line=True),
        NavEntry("Caught mail", "outbox.caught", "inbox", ("outbox.",), below_line=True),
        NavEntry("Users", "accounts.users", "person-gear", ("accounts.user",), below_line=True),
        NavEntry("Settings", "settings.settings", "gear", ("settings.",), below_line=True),
        NavEntry("History", "audit.history", "clock-history", ("audit.",), below_line=True),
    ),
    signed_in=access.is_signed_in,
    may_open=access.may_open,
    banners=(
        demo.banner,
        banners.jobs_stopped,
        banners.pieces_failing,
        banners.outward_mail,
        banners.set_up,
    ),
    on_export=record_export,
    account_endpoint="accounts.my_account",
    sign_out_endpoint="accounts.sign_out",
    help_endpoint="help.show",
    bell=NavEntry(
        "Notifications", "notifications.notifications", "bell", waiting=notifications.waiting
    ),
    page_of_what_was_deleted=page_of_what_was_deleted,
)


def create_app(config: Config) -> Flask:
    app = Flask(__name__, template_folder="../templates", static_folder=None)
    app.config.from_object(config)
    if config.LOOPBACK_ONLY:
        loopback.stay_on_loopback()
    if config.PROXY_HOPS:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.PROXY_HOPS, x_proto=config.PROXY_HOPS
        )
    app.wsgi_app = KnownHostsOnly(app.wsgi_app, config.TRUSTED_HOSTS)  # type: ignore[method-assign]
    logs.init_app(app)
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    url_converters.init_app(app)
    request_size.init_app(app)
    input_cleaning.init_app(app)
    headers.init_app(app)
    assets.init_app(app)
    storage_trouble.init_app(app)
    error_pages.init_app(app)
    filters.init_app(app)
    html_fragments.init_app(app)
    pages.init_app(app, SHELL)
    one_fact.init_app(app)
    accounts.init_app(app)
    access.make_public(app, "static", "pages.choose_theme")
    for blueprint in ADMINISTRATION:
        app.register_blueprint(blueprint)
    app.register_blueprint(briefing_pages.bp)
    app.register_blueprint(calendars.bp)
    app.register_blueprint(demo.bp)
    app.register_blueprint(directory.bp)
    app.register_blueprint(documents.bp)
    app.register_blueprint(health.bp)
    app.register_blueprint(imports.bp)
    app.register_blueprint(interactions.bp)
    app.register_blueprint(promising.bp)
    app.register_blueprint(letters.bp)
    app.register_blueprint(merging.bp)
    app.register_blueprint(milestones.bp)
    app.register_blueprint(notifications.bp)
    app.register_blueprint(overview.bp)
    app.register_blueprint(reminders.bp)
    app.register_blueprint(workstreams.bp)
    return app
