"""Change events: what `servery events install` makes in a database, how it is removed, and how it fares."""
