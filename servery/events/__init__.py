"""Change events: the database tells what changed, and the cache forgets what it knew of that."""
