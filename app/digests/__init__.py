"""One mail in the morning, and the same list on Home."""
