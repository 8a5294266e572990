"""From the cells of a file to a plan of what an import would do."""
