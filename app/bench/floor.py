"""The floor a page is measured against: its rows by plain SQL, through a ten-line template.

It is served by the same app to the same signed-in user, so what a page takes beyond it is what our
own queries, objects and templates take.
"""

from collections.abc import Mapping, Sequence

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import TextClause, text

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db

bp = Blueprint("bench", __name__, url_prefix="/bench")

Statements = Sequence[tuple[str, TextClause]]

_SYSTEMS = text("""
SELECT s.short_name, r.name, p.title, p.given_name, p.family_name, a.is_acting, a.checked_on,
  (SELECT min(a.started_on) FROM appointment a JOIN post o ON o.id = a.post_id
    WHERE o.organisation_id = b.id),
  (SELECT min(l.sent_on) FROM letter l JOIN letter_board n ON n.letter_id = l.id
    WHERE n.organisation_id = b.id AND l.state = 'sent'),
  (SELECT max(x.answered_on) FROM letter_answer x JOIN letter_board n ON n.letter_id = x.letter_id
    WHERE n.organisation_id = b.id),
  (SELECT max(i.happened_on) FROM interaction i
    JOIN interaction_organisation n ON n.interaction_id = i.id
    WHERE n.organisation_id = b.id AND i.kind = 'call'),
  u.name
FROM organisation b
JOIN organisation s ON s.id = b.part_of_id
LEFT JOIN region r ON r.id = b.region_id
LEFT JOIN post o ON o.organisation_id = b.id
  AND o.post_type_id = (SELECT id FROM post_type WHERE code = 'children')
LEFT JOIN appointment a ON a.post_id = o.id AND (a.ended_on IS NULL OR a.ended_on >= :day)
LEFT JOIN person p ON p.id = a.person_id
LEFT JOIN ownership w ON w.organisation_id = b.id AND (w.ended_on IS NULL OR w.ended_on >= :day)
LEFT JOIN "user" u ON u.id = w.user_id
WHERE b.kind = 'icb' AND (b.established_on IS NULL OR b.established_on <= :day)
  AND (b.dissolved_on IS NULL OR b.dissolved_on > :day)
ORDER BY s.short_name
""")

_TILES = text("""
SELECT t.abbreviation, b.short_name, t.x_centre, t.y_centre_down, t.holder_2026_id
FROM tile t JOIN organisation b ON b.id = t.board_id ORDER BY t.row, t."column"
""")

_WAITING = text("""
SELECT m.name, m.state, m.letter_count, m.hold_until FROM mailing m
WHERE m.state IN ('awaiting approval', 'holding', 'paused', 'expired') ORDER BY m.id
""")

_UNANSWERED = text("""
SELECT m.name, count(*) FROM mailing m JOIN letter l ON l.mailing_id = m.id
WHERE l.state = 'unknown' OR (l.state = 'sent'
  AND l.id NOT IN (SELECT letter_id FROM letter_answer))
GROUP BY m.id, m.name
""")

_BODIES = text("""
SELECT b.name, b.ods_code, b.website, b.population_0_24 FROM organisation b
WHERE b.id = :record OR b.part_of_id = :record ORDER BY b.kind
""")

_POSTS = text("""
SELECT t.name, b.short_name, p.title, p.given_name, p.family_name, a.job_title, a.is_acting,
  a.started_on, a.checked_on, a.source, v.state, v.observed_on
FROM post o
JOIN organisation b ON b.id = o.organisation_id
JOIN post_type t ON t.id = o.post_type_id
LEFT JOIN appointment a ON a.post_id = o.id AND (a.ended_on IS NULL OR a.ended_on >= :day)
LEFT JOIN person p ON p.id = a.person_id
LEFT JOIN post_observation v ON v.post_id = o.id
WHERE b.id = :record OR b.part_of_id = :record
ORDER BY t.position, t.name
""")

# The system's bodies, and whoever they took over from, with theirs.
_PARTS = """
WITH RECURSIVE step AS (
  SELECT part_of_id AS a, id AS b FROM organisation WHERE part_of_id IS NOT NULL
  UNION ALL SELECT successor_id, predecessor_id FROM succession),
part(id) AS (
  SELECT id FROM organisation WHERE id = :record OR part_of_id = :record
  UNION SELECT step.b FROM step JOIN part ON part.id = step.a)
"""

_LADDER_OF_PARTS = f"""{_PARTS}
SELECT
  (SELECT min(coalesce(a.started_on, a.known_since)) FROM appointment a
    JOIN post o ON o.id = a.post_id JOIN post_type t ON t.id = o.post_type_id
    WHERE t.code = 'children' AND o.organisation_id IN (SELECT id FROM part)),
  (SELECT min(l.sent_on) FROM letter l JOIN letter_board n ON n.letter_id = l.id
    WHERE l.state = 'sent' AND n.organisation_id IN (SELECT id FROM part)),
  (SELECT min(x.answered_on) FROM letter_answer x JOIN letter_board n ON n.letter_id = x.letter_id
    WHERE n.organisation_id IN (SELECT id FROM part)),
  (SELECT min(u.name) FROM ownership w JOIN organisation b ON b.id = w.organisation_id
    JOIN "user" u ON u.id = w.user_id
    WHERE b.part_of_id = :record AND (w.ended_on IS NULL OR w.ended_on >= :day))
"""

_STORY_OF_PARTS = f"""{_PARTS},
  named AS (SELECT letter_id FROM letter_board WHERE organisation_id IN (SELECT id FROM part)),
  held AS (SELECT id FROM post WHERE organisation_id IN (SELECT id FROM part))
SELECT story.*, count(*) OVER () FROM (
SELECT l.subject, l.sent_on AS happened, l.channel, l.to_name, l.state FROM letter l
  WHERE l.id IN (SELECT letter_id FROM named) AND l.state IN ('sent', 'refused', 'unknown')
UNION ALL SELECT l.subject, x.answered_on, x.answered_by, x.said, u.name FROM letter_answer x
  JOIN letter l ON l.id = x.letter_id JOIN "user" u ON u.id = x.recorded_by_id
  WHERE x.letter_id IN (SELECT letter_id FROM named)
UNION ALL SELECT i.subject, i.happened_on, i.kind, i.body, u.name FROM interaction i
  JOIN "user" u ON u.id = i.author_id
  WHERE i.id IN (SELECT interaction_id FROM interaction_organisation
    WHERE organisation_id IN (SELECT id FROM part))
UNION ALL SELECT t.name, a.started_on, p.given_name, p.family_name, a.source FROM appointment a
  JOIN post o ON o.id = a.post_id JOIN post_type t ON t.id = o.post_type_id
  JOIN person p ON p.id = a.person_id
  WHERE a.post_id IN (SELECT id FROM held) AND a.started_on IS NOT NULL
UNION ALL SELECT t.name, a.ended_on, p.given_name, p.family_name, a.source FROM appointment a
  JOIN post o ON o.id = a.post_id JOIN post_type t ON t.id = o.post_type_id
  JOIN person p ON p.id = a.person_id
  WHERE a.post_id IN (SELECT id FROM held) AND a.ended_on IS NOT NULL
UNION ALL SELECT t.name, v.observed_on, v.state, v.note, v.source FROM post_observation v
  JOIN post o ON o.id = v.post_id JOIN post_type t ON t.id = o.post_type_id
  WHERE v.post_id IN (SELECT id FROM held)
UNION ALL SELECT s.kind, s.effective_on, b.name, a.name, s.note FROM succession s
  JOIN organisation b ON b.id = s.predecessor_id JOIN organisation a ON a.id = s.successor_id
  WHERE s.predecessor_id IN (SELECT id FROM part) OR s.successor_id IN (SELECT id FROM part)
) AS story ORDER BY happened DESC LIMIT 25
"""

_NAMED_OF_PARTS = f"""{_PARTS}
SELECT p.title, p.given_name, p.family_name, n.interaction_id FROM interaction_person n
  JOIN person p ON p.id = n.person_id
  WHERE n.interaction_id IN (SELECT interaction_id FROM interaction_organisation
    WHERE organisation_id IN (SELECT id FROM part))
UNION ALL SELECT b.short_name, '', '', n.letter_id FROM letter_board n
  JOIN organisation b ON b.id = n.organisation_id
  WHERE n.letter_id IN (SELECT letter_id FROM letter_board
    WHERE organisation_id IN (SELECT id FROM part))
"""

_OUTCOMES_OF_PARTS = f"""{_PARTS}
SELECT p.kind, p.promised_by, p.state, p.due_on, p.text FROM point p
  WHERE p.interaction_id IN (SELECT interaction_id FROM interaction_organisation
    WHERE organisation_id IN (SELECT id FROM part))
"""

_MILESTONES = text("""
SELECT m.title, m.due_on, m.precision, b.short_name, s.state, s.met_on, d.title
FROM milestone m
JOIN organisation b ON b.id = :record OR b.part_of_id = :record
LEFT JOIN milestone_standing s ON s.milestone_id = m.id AND s.organisation_id = b.id
LEFT JOIN document d ON d.id = s.document_id
WHERE m.asks_each AND m.cancelled_on IS NULL ORDER BY m.due_on
""")

_DOCUMENTS = text("""
SELECT t.name, d.title, d.cycle, d.stage, d.published_on, d.link FROM document d
JOIN document_type t ON t.id = d.document_type_id
JOIN organisation b ON b.id = d.organisation_id
WHERE b.id = :record OR b.part_of_id = :record ORDER BY d.published_on DESC
""")

_COUNCILS = text("""
SELECT c.short_name, s.percent_of_council FROM council_share s
JOIN organisation c ON c.id = s.council_id JOIN organisation b ON b.id = s.board_id
WHERE b.part_of_id = :record AND s.role <> 'fringe' ORDER BY s.percent_of_council DESC
""")

_SUCCESSIONS = text("""
SELECT b.short_name, a.short_name, s.effective_on, s.kind, s.note FROM succession s
JOIN organisation b ON b.id = s.predecessor_id JOIN organisation a ON a.id = s.successor_id
WHERE b.part_of_id = :record OR a.part_of_id = :record ORDER BY s.effective_on
""")

_MAILING = text("""
SELECT m.name, m.state, t.name, v.subject, v.body, g.name, u.name FROM mailing m
JOIN template_version v ON v.id = m.template_version_id
JOIN letter_template t ON t.id = v.template_id
JOIN "user" u ON u.id = m.created_by_id
LEFT JOIN signatory g ON g.id = m.signatory_id
WHERE m.id = :record
""")

_LETTERS = text("""
SELECT l.to_name, l.to_email, l.salutation, l.state, l.state_reason, l.stands_in_as, l.findings,
  (SELECT min(b.short_name) FROM organisation b JOIN letter_board n ON n.organisation_id = b.id
    WHERE n.letter_id = l.id)
FROM letter l WHERE l.mailing_id = :record ORDER BY l.id
""")

_FIRST_LETTER = text("""
SELECT l.subject, l.text FROM letter l
WHERE l.mailing_id = :record AND l.state = 'ready' ORDER BY l.id LIMIT 1
""")

_RECIPIENTS = text("""
SELECT c.name, c.address, c.capacity FROM letter_recipient c
WHERE c.letter_id = (SELECT min(id) FROM letter WHERE mailing_id = :record AND state = 'ready')
""")

_HOUSE = text("""
SELECT s.group_name, s.postal_address, s.from_name, s.from_email, s.reply_to, s.hold_minutes
FROM settings s
""")

_FILES = text("""
SELECT f.file_name, f.media_type, f.size FROM attachment f WHERE f.mailing_id = :record
ORDER BY f.id
""")

FLOORS: Mapping[str, Statements] = {
    "home": (
        ("Systems", _SYSTEMS),
        ("Tiles", _TILES),
        ("Waiting", _WAITING),
        ("Unanswered", _UNANSWERED),
    ),
    "systems": (("Systems", _SYSTEMS),),
    "system": (
        ("Bodies", _BODIES),
        ("How far we have come", text(_LADDER_OF_PARTS)),
        ("Posts", _POSTS),
        ("Timeline", text(_STORY_OF_PARTS)),
        ("Named in it", text(_NAMED_OF_PARTS)),
        ("What came out of it", text(_OUTCOMES_OF_PARTS)),
        ("Milestones", _MILESTONES),
        ("Documents", _DOCUMENTS),
        ("Councils", _COUNCILS),
        ("Before and after", _SUCCESSIONS),
    ),
    "check": (
        ("Mailing", _MAILING),
        ("Letters", _LETTERS),
        ("The first letter", _FIRST_LETTER),
        ("Recipients", _RECIPIENTS),
        ("Whom it is from", _HOUSE),
        ("Files", _FILES),
    ),
}


@bp.get("/floor/<page>/<int:record_id>")
@requires(Permission.VIEW)
def floor(page: str, record_id: int) -> ResponseReturnValue:
    asked = {"day": clock.today(), "record": record_id}
    tables = [
        (heading, db.session.execute(statement, asked).all()) for heading, statement in FLOORS[page]
    ]
    return render_template("bench/floor.html", title=page, tables=tables)
