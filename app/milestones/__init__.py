"""The dates that bind the bodies, and how each of them stands to each."""
