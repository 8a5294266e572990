"""Meetings, calls, emails, notes and events: writing, reading and listing them."""
