"""From the release to the mail server and its answer."""
