"""Drills: what the books look like after machines fail under load. `./dev drill` runs them longer than the suite does."""
