"""Strategies, plans and reports of the bodies: what there is, and where it can be read."""
