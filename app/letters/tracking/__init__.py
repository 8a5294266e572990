"""What became of letters: results, replies, and letters sent outside Liaise."""
