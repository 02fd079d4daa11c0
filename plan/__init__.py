"""A question becomes SQL, in pure steps. Knows the model only: no clock, no socket, no randomness."""
