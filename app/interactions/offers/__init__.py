"""What we offered to a body, step by step."""
