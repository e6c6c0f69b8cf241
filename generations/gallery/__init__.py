"""Looking at finished pictures."""
