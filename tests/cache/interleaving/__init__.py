"""Plays seeded schedules on a real server: who goes on next is drawn by lot, down to each piece on the wire.

Three caches, each with a store, connections and a memory of its own, five readers, two who invalidate, and a
gremlin that deletes any key and cuts any connection. Commands, replies, messages about changes, and the
beginnings and ends of loads are held back until they are drawn. The clock stands still until time is drawn.

What is held: a read that starts after an invalidation returned is shown no data from before that was called.

* In the cache that was given the order: always.
* In the others, STRICT: always. So it is where the server may not tell of changes, and tokens are asked for.
* In the others, TOLD: as soon as the message about the change has arrived. Until then they trust what they
  know, for a lease at most: `tests/cache/test_coherence.py` measures how long that is.
* A cache whose look has failed cannot ask: it shares a load that runs, which may have begun before another's
  order, but at most a lease ago; what is older is flagged.
* An answer that is flagged as stale may be from before an EXPIRE, but not from before a PURGE that the cache
  has heard of.
"""
