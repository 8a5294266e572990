"""Refuses a request that takes us for somebody else, before anything looks at it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADERS = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}


class KnownHostsOnly:
    def __init__(self, app: "WSGIApplication", hosts: list[str]) -> None:
        self.app = app
        self.hosts = hosts

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "")
        if host_is_trusted(host, self.hosts):
            return self.app(environ, start_response)
        refusal = Response("Liaise is not at this address.\n", status=400, headers=HEADERS)
        return refusal(environ, start_response)
