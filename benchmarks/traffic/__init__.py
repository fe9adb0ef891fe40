"""Many clients at the same time, what they do, and what is counted."""
