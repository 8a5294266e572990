"""The pages of reminder rules, and what the page of a milestone shows of them."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number_or_none
from app.core.web.filters import on_day
from app.core.web.form_fields import choices
from app.core.web.pages import show_list
from app.directory.queries.owners import possible_owners
from app.editing.forms import edits, hold, said
from app.milestones import queries as milestones
from app.milestones.labels import date_words, day_words
from app.milestones.models import DateKind, Milestone, MilestoneSeries
from app.reminders import planning, queries, services
from app.reminders.forms import RuleForm, typed
from app.reminders.labels import (
    STATE_PILLS,
    STATE_WORDS,
    audience_words,
    pattern_words,
    steps_words,
)
from app.reminders.listing import RULES, occurrences_view
from app.reminders.models import OccurrenceState, ReminderRule
from app.reminders.planning import pattern_of
from app.reminders.previewing import OnDay, RulePreview, preview
from app.reminders.queries import ReminderTally
from app.reminders.routes.blueprint import bp
from app.reminders.rules import moment
from app.reminders.services import RuleDetails
from app.reminders.suggestions import FOR_EACH_BODY, suggested_for, without_rule
from app.settings import pieces

# Beside which field of the form a refusal is shown.
WHERE = {
    services.NoSuchDays: "before",
    services.NoSuchRepeat: "repeat_every",
    services.NoSuchTime: "at_time",
    services.NoSuchPatience: "catch_up_days",
    services.NobodyToTell: "user_id",
}
SHOWN_DAYS = 40


@bp.app_template_global()
def rule_words(rule: ReminderRule) -> str:
    return pattern_words(pattern_of(rule))


def described_words(described: RuleDetails) -> str:
    return pattern_words(services.pattern_described(described))


bp.add_app_template_global(audience_words, "rule_audience")
bp.add_app_template_global(steps_words)


@bp.app_template_global()
def reminder_pill(state: OccurrenceState) -> tuple[str, str]:
    return STATE_PILLS[state], STATE_WORDS[state]


@bp.get("/reminders")
@requires(Permission.VIEW)
def rules() -> ResponseReturnValue:
    duties = without_rule(db.session) if me().may(Permission.COORDINATE) else []
    return show_list(
        "reminders/rules.html",
        RULES,
        queries.all_rules(),
        suggested=[(duty, described_words(suggested_for(duty))) for duty in duties],
    )


@bp.route("/reminders/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def rule_new() -> ResponseReturnValue:
    """For a duty of each year or a single milestone, begun with what suits it."""
    asked = request.args.get("about", "")
    about = _about(asked)
    if asked and about is None:
        abort(404)
    start = suggested_for(about) if about else FOR_EACH_BODY
    form = RuleForm(about=asked, form_token=secrets.token_urlsafe(18), **typed(start))
    _offer_abouts(form, about)
    return _ask(form, None)


@bp.get("/reminders/<int:rule_id>")
@requires(Permission.VIEW)
def rule(rule_id: int) -> ResponseReturnValue:
    found = _wanted(rule_id)
    coming = None if found.stopped_at else preview(db.session, found, at=clock.now())
    return render_template(
        "reminders/rule.html",
        rule=found,
        coming=coming,
        settled=queries.settled(db.session, found),
        failing=pieces.failing(db.session, at=clock.now(), prefix=queries.pieces_of(rule_id)),
        shown=SHOWN_DAYS,
    )


@bp.get("/reminders/<int:rule_id>/each")
@requires(Permission.VIEW)
def occurrences(rule_id: int) -> ResponseReturnValue:
    found = _wanted(rule_id)
    return show_list(
        "reminders/occurrences.html",
        occurrences_view(found),
        queries.occurrences_of(found),
        rule=found,
    )


@bp.route("/reminders/<int:rule_id>/edit", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def rule_edit(rule_id: int) -> ResponseReturnValue:
    hold(ReminderRule, rule_id)
    found = _wanted(rule_id)
    form = edits(RuleForm(**typed(services.described_by(found))), found)
    del form.about
    return _ask(form, found)


@bp.route("/reminders/<int:rule_id>/stop", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def rule_stop(rule_id: int) -> ResponseReturnValue:
    found = _wanted(rule_id)
    if request.method == "GET":
        return render_template("reminders/rule_stop.html", rule=found)
    services.stop(db.session, planning.locked(db.session, rule_id), at=clock.now())
    db.session.commit()
    flash("The rule is stopped and sends no more reminders. What it has sent stays here.")
    return redirect(url_for("reminders.rule", rule_id=rule_id))


def _ask(form: RuleForm, kept: ReminderRule | None) -> ResponseReturnValue:
    """The form; then what it would do, and the form again; then, unchanged, it is kept."""
    _offer_people(form, kept)
    seen: RulePreview | None = None
    if form.validate_on_submit() and (about := _target(form, kept)):
        described = form.described()
        print_ = _fingerprint(form, described)
        try:
            services.check(db.session, described)
            if "save" in request.form and form.previewed.data == print_:
                return _keep(form, kept, described, about)
        except DomainError as refusal:
            _refuse(form, refusal)
        else:
            draft = services.drafted(described, about, by=me(), at=clock.now(), kept=kept)
            seen = preview(db.session, draft, at=clock.now())
            form.previewed.data = print_
    return render_template(
        "reminders/rule_edit.html", form=form, rule=kept, seen=seen, shown=SHOWN_DAYS
    )


def _keep(
    form: RuleForm,
    kept: ReminderRule | None,
    described: RuleDetails,
    about: Milestone | MilestoneSeries,
) -> ResponseReturnValue:
    now = clock.now()
    if kept:
        kept = planning.locked(db.session, kept.id)
        services.change(db.session, kept, described, at=now)
        done = "Saved. It applies from now on; reminders already sent stay as they are."
        flash(said(form, done), "success")
    else:
        kept = services.make(
            db.session, described, about, by=me(), at=now, form_token=form.form_token.data
        )
        flash("Saved. The first reminder is sent on the first day in the preview.", "success")
    db.session.commit()
    return redirect(url_for("reminders.rule", rule_id=kept.id))


def _target(form: RuleForm, kept: ReminderRule | None) -> Milestone | MilestoneSeries | None:
    if kept:
        return kept.series or kept.milestone
    found = _about(form.about.data or "")
    if found is None:
        form.about.errors = ["Choose a milestone or a yearly duty."]
    return found


def _about(value: str) -> Milestone | MilestoneSeries | None:
    """ "series-3" or "milestone-12", as the form and the addresses that lead to it say."""
    kind, _, number = value.partition("-")
    id_ = record_number_or_none(number)
    if id_ is None or kind not in ("series", "milestone"):
        return None
    if kind == "series":
        return db.session.get(MilestoneSeries, id_)
    return db.session.get(Milestone, id_)


def _offer_abouts(form: RuleForm, asked: Milestone | MilestoneSeries | None) -> None:
    series, alone = queries.to_remind_of(db.session, clock.today())
    offered = [("", "Choose")]
    offered += [(f"series-{one.id}", f"Every year: {one.title}") for one in series]
    offered += [
        (f"milestone-{one.id}", f"{day_words(one.due_on, one.precision)}: {one.title}")
        for one in alone
    ]
    if isinstance(asked, Milestone) and asked not in alone:
        offered.append((f"milestone-{asked.id}", asked.title))
    form.about.choices = choices(offered)


def _offer_people(form: RuleForm, kept: ReminderRule | None) -> None:
    people = list(possible_owners(db.session))
    if kept and kept.user and kept.user not in people:
        people.append(kept.user)
    form.user_id.choices = choices([("", "Choose"), *((one.id, one.name) for one in people)])


def _fingerprint(form: RuleForm, described: RuleDetails) -> str:
    about = form.about.data if form.about else ""
    return hashlib.sha256(f"{about} {described}".encode()).hexdigest()[:20]


def _refuse(form: RuleForm, refusal: DomainError) -> None:
    name = WHERE.get(type(refusal))
    if name:
        form[name].errors = [*form[name].errors, str(refusal)]
    else:
        form.form_errors.append(str(refusal))


def _wanted(rule_id: int) -> ReminderRule:
    return queries.rule_of(db.session, rule_id) or abort(404)


@dataclass(frozen=True)
class OneRule:
    """What one rule did and will do for one milestone."""

    rule: ReminderRule
    coming: Sequence[OnDay]
    settled: Sequence[ReminderTally]

    @property
    def has_told(self) -> bool:
        return any(one.state is OccurrenceState.FIRED for one in self.settled)


@bp.app_template_global()
def moved_words(milestone: Milestone) -> str:
    """From which day it moved last; empty when it never did."""
    was = [
        (one.replaced_at, date_words(one))
        for one in milestones.dates_of(db.session, milestone.id)
        if one.replaced_at and one.kind is not DateKind.ACTUAL and one.falls_on != milestone.due_on
    ]
    if not was:
        return ""
    replaced_at, words = max(was)
    return f"It moved from {words} on {on_day(moment(replaced_at)[0])}."


@bp.app_template_global()
def reminders_of(milestone: Milestone) -> list[OneRule]:
    """For the page of a milestone. What is to come is worked out from its date as it is now."""
    now = clock.now()
    return [
        OneRule(
            one,
            () if one.stopped_at else preview(db.session, one, at=now, of=milestone).days,
            queries.settled(db.session, one, of=milestone),
        )
        for one in queries.rules_about(db.session, milestone)
    ]
