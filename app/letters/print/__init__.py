"""Letters on paper: as PDF and Word, as files for the printer, and in the post."""
