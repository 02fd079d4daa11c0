"""Redis is mistreated while users ask: what do they get, how long do they wait, when is all well again?"""
