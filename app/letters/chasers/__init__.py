"""Drafts of chasers to whoever has not answered."""
