"""What came out of an entry: decisions, promises, questions, and the register of commitments."""
