"""Who was there: choosing them by name, and pasting a list."""
