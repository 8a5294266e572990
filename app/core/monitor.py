"""Telling a watchman outside that all is well: when he hears nothing more, he calls somebody.

Liaise cannot say that it has stopped; only somebody else can notice that.
"""

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from app.core.logs import log
from app.core.loopback import is_loopback

SECONDS = 5


def call(url: str, *, only_here: bool = False) -> None:
    """Ask for this address once, following nothing. What goes wrong is logged and stops nothing.

    Whoever calls holds no transaction: the other side may take its time.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if only_here and not is_loopback(host):
        return
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(host, parts.port, timeout=SECONDS)
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        status = connection.getresponse().status
        if status >= 300:
            log.warning("the monitor did not take the sign of life", status=status)
    except (OSError, HTTPException) as error:
        # Never the address: whoever knows it can speak for us.
        log.warning("the monitor could not be reached", error=type(error).__name__)
    finally:
        connection.close()
