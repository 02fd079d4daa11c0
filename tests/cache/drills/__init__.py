"""Redis is mistreated while users ask: what do they get, how long do they wait, and when is all well again?"""
