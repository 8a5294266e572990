"""A process for one foreign file, which may die of it."""
