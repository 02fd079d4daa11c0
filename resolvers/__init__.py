"""From a question to its answer, through the cache; and what administrators do to it."""
