"""Words as people write them: order, Markdown, gaps, and two versions of one text."""
