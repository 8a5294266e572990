"""Writing and checking a mailing, until approval may be asked for."""
