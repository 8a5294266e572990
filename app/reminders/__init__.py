"""Telling our own people, in time and once, what a milestone still asks of a body."""
