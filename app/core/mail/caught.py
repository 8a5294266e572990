"""What the built-in mail catcher answers: by these words a letter shows that it went nowhere."""

WORDS = "Caught here, not sent"
REPLY = f"250 {WORDS}"
