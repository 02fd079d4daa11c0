"""`servery cache ...`: what operators do with the cache from the command line."""
