"""What every response tells the browser about itself, and which requests are not listened to."""

import secrets

from flask import Flask, Response, abort, current_app, g, request

PAGE_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; "
    "frame-ancestors 'self'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
    ),
}
TWO_YEARS = "max-age=63072000"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})


def nonce() -> str:
    """The word that lets our own scripts run in this one response."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    return str(g.csp_nonce)


def as_mail_preview(response: Response) -> Response:
    """Show a letter in a frame of our own pages: its own styles, no scripts, nothing fetched."""
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def turn_away_other_sites() -> None:
    """A browser says when another site made it send a form; such forms are refused."""
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_SITES:
        abort(403, "This form came from another website. Open the page in Liaise and try again.")


def add_headers(response: Response) -> Response:
    if response.headers.get("Content-Security-Policy") != MAIL_POLICY:
        response.headers["Content-Security-Policy"] = PAGE_POLICY.format(nonce=nonce())
    for name, value in ALWAYS.items():
        response.headers[name] = value
    if current_app.config["BASE_URL"].startswith("https://"):
        response.headers["Strict-Transport-Security"] = TWO_YEARS
    if request.endpoint != "static" or response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response


def init_app(app: Flask) -> None:
    app.before_request(turn_away_other_sites)
    app.after_request(add_headers)
    app.add_template_global(nonce, "csp_nonce")
