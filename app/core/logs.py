"""One line per event on standard error: JSON for machines, colours for a terminal.

A line may carry the ids of records, never what is in them: no names, addresses, or search words.
"""

import logging
import sys
import time
from secrets import token_hex

import structlog
from flask import Flask, Response, g, request
from sqlalchemy import inspect
from structlog.types import Processor

log = structlog.stdlib.get_logger("liaise")

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: int = logging.INFO) -> None:
    """Send our own lines and those of every library the same way."""
    pretty = sys.stderr.isatty()
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if pretty
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*SHARED, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("alembic", "waitress.queue", "mail.log", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It warns whenever a job is left out because its last call still runs, as it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def init_app(app: Flask) -> None:
    """Give each request an id, in every line of its log and in the answer."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """What a person can quote from an error page, to find the lines about it."""
    return str(g.get("request_id", ""))


def _begin() -> None:
    g.request_id = token_hex(8)
    g.began = time.monotonic()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id)


def _end(response: Response) -> Response:
    if "request_id" not in g:
        return response  # refused before it began: a host we do not know
    response.headers["X-Request-Id"] = g.request_id
    if request.endpoint != "static":
        log.info(
            "request",
            method=request.method,
            # The rule, not the path: paths may carry the secret of an invitation.
            rule=request.url_rule.rule if request.url_rule else None,
            ids={k: v for k, v in (request.view_args or {}).items() if isinstance(v, int)},
            status=response.status_code,
            ms=round((time.monotonic() - g.began) * 1000),
            user=_user_id(),
        )
    return response


def _user_id() -> int | None:
    """Only if somebody asked who it is already: a log line is no reason to read the database."""
    state = inspect(g.get("_login_user"), raiseerr=False)
    # Not by its attribute: after a rollback that would ask the database, which may be gone.
    return state.identity[0] if state is not None and state.identity else None
