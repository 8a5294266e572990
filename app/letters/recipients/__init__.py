"""To whom a mailing goes, by which channel, and whether they may still be written to."""
