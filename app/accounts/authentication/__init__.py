"""Passwords, sessions, secret links, and slowing down whoever guesses."""
