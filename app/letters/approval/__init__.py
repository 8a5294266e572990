"""What was seen is what goes: asking for approval, sealing, releasing."""
